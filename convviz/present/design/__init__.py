"""A design as it is shown and edited: its fields and their ranges, its costs, edits and repairs."""
