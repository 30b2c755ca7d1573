"""The version of convviz, which files that it writes name too."""

__version__ = "0.1.0"
