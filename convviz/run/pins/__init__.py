"""Pinned numbers: expressions over the arrays of a pass that are measured all along a run."""
