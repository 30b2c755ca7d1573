"""Plain sentences about one cell of a step's output, with its own numbers: a file for every family of ops."""
