"""Compare: rows of runs, curves over each other, two runs filter by filter, and sweeps as tables and pictures."""
