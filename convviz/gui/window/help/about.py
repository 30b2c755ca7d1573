"""What convviz is, and what it is made with."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from convviz import __version__

WORDS = "A debugger for convolutions. Every number on screen comes from an array that its own NumPy trainer computed."
LICENCE = "MIT; the built-in digits too."
DIGITS = (
    "17,000 training and 2,000 test images, drawn by convviz itself. The menu opens other data sets, such as MNIST."
)
LIBRARIES = (
    "numpy",
    "numba",
    "h5py",
    "PySide6-Essentials",
    "pyqtgraph",
    "superqt",
    "QtAwesome",
    "ziamath",
    "msgspec",
    "threadpoolctl",
    "tqdm",
    "platformdirs",
    "Pygments",
)


def facts() -> dict[str, str]:
    """Return what there is to know about this convviz."""
    return {
        "Version": f"convviz {__version__}, on Python {platform.python_version()}",
        "What it is": WORDS,
        "Licence": LICENCE,
        "Built-in digits": DIGITS,
        "Libraries": ", ".join(f"{name} {_version(name)}" for name in LIBRARIES),
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed)"
