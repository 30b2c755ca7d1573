"""What convviz is, and what it is made with."""

from __future__ import annotations

import platform
import re
from importlib.metadata import PackageNotFoundError, distribution, metadata, version

from convviz import __version__
from convviz.core.fast.cache import kept
from convviz.data.sources import BuiltinDigits

WORDS = "A debugger for convolutions. Every number on screen comes from an array that its own NumPy trainer computed."
LICENCE = "MIT; the built-in digits too."
DIGITS = (
    "{:,} training and {:,} test images, drawn by convviz itself. The menu opens other data sets, such as MNIST."
).format(*BuiltinDigits.counts)
LIBRARIES = (
    "numpy",
    "numba",
    "h5py",
    "PySide6-Essentials",
    "pyqtgraph",
    "QtAwesome",
    "ziamath",
    "msgspec",
    "threadpoolctl",
    "tqdm",
    "platformdirs",
    "Pillow",
    "Pygments",
    "requests",
)


LINKS = {
    "MIT licence": "https://opensource.org/license/mit",
    "MNIST": "https://github.com/cvdf-datasets/mnist",
    "Fashion-MNIST": "https://github.com/zalandoresearch/fashion-mnist",
    "CIFAR-10": "https://www.cs.toronto.edu/~kriz/cifar.html",
    "NumPy": "https://numpy.org",
    "Qt for Python": "https://doc.qt.io/qtforpython-6/",
}
"""Addresses of further reading, and of data sets that convviz opens."""


def links() -> dict[str, str]:
    """Return addresses by the text of their buttons: first those that the package's metadata names."""
    try:
        named = metadata("convviz").get_all("Project-URL") or []
    except PackageNotFoundError:
        named = []
    own = dict(one.split(", ", 1) for one in named if ", " in one)
    return own | LINKS


def facts() -> dict[str, str]:
    """Return facts about this installation of convviz."""
    return {
        "Version": f"convviz {__version__}, on Python {platform.python_version()}",
        "What it is": WORDS,
        "Licence": LICENCE,
        "Built-in digits": DIGITS,
        "Compiled kernels": kernels(),
        "Libraries": ", ".join(f"{name} {_version(name)}" for name in LIBRARIES),
    }


def kernels() -> str:
    """Return where machine code is kept between starts, or why it is not."""
    try:
        place = kept()
    except PackageNotFoundError:
        return "None: numba is not installed, NumPy alone trains."
    if place.folder is None:
        return f"Compiled anew at every start, because they can't be kept: {place.reason}."
    return f"Kept in {place.folder}."


def _version(name: str) -> str:
    try:
        text = distribution(name).read_text("METADATA") or ""
    except PackageNotFoundError:
        return "(not installed)"
    # importlib.metadata.version would parse the package's whole description.
    found = re.search(r"^Version: (\S+)", text, re.MULTILINE)
    return found[1] if found else version(name)
