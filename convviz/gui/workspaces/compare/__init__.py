"""Compare: recorded runs in a list, their curves over each other, two of them filter by filter, and sweeps."""
