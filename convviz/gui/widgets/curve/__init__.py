"""Curves over the steps of a run."""
