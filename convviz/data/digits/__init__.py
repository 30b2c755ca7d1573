"""The built-in data set was drawn by this: digits that no hand wrote."""
