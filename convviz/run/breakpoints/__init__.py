"""Breakpoints of a run: conditions that hold training before an update, or only mark where they came true."""
