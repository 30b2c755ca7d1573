"""The arithmetic: layers lowered to a program of steps, and the one executor that runs it. NumPy only."""
