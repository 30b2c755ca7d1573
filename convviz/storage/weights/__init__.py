"""Weights of other programs on their way into a design: what a file has, what fits, and how it has to be turned.

``open_file`` lists the arrays of a file, ``matching`` finds the one for each parameter, ``taking`` makes a network of
them.
"""
