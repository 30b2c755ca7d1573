"""The window: the only package that imports Qt."""

import sys

if sys.version_info < (3, 12):
    from convviz.gui.overrides import guard_overrides

    guard_overrides()  # before any class is derived from one of Qt's
