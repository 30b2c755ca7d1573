"""convviz from Python: what ``import convviz`` offers, and what the command line is made of.

Nothing is imported here, so that ``import convviz`` stays light: its names lead to the modules of this package when
they are first used.
"""
