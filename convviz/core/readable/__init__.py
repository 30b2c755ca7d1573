"""What every op does in a few lines of plain NumPy, on the arrays as they are in the formulas and on the screen.

The kernels in :mod:`convviz.core.ops` are what runs; these functions say the same so that it can be read. Tests run
them on the very arrays of passes. What stands before the ``*`` are the step's inputs, what follows are settings of it.
"""
