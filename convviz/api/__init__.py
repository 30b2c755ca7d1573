"""The Python interface: the names of ``import convviz``, which the command line uses too.

Nothing is imported here, so that ``import convviz`` stays fast: each name imports its module of this package when it is
first used.
"""
