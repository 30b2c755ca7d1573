"""Every op in a few lines of plain NumPy, on arrays in their logical shapes.

The program runs the kernels in :mod:`convviz.core.ops`; these functions compute the same, written to be read. Tests run
them on the arrays of real passes. The arguments before the ``*`` are the step's inputs, those after it its settings.
"""
