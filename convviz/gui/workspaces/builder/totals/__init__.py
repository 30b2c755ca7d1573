"""Whether the design can be trained, and what it comes to."""
