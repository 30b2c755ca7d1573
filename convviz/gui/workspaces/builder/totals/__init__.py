"""Whether the design can be trained, and its total costs."""
