"""The program that drew the built-in data set of handwritten digits."""
