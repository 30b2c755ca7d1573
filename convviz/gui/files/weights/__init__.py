"""Weights of other programs in the window: a file is matched with the design, shown as a table, and taken or not."""
