"""A line that asks about the arrays of a pass."""
