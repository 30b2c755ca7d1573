"""The built-in data set: digits that convviz drew itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from convviz.data.dataset import Dataset
from convviz.data.errors import DataError
from convviz.data.importing.convert import convert
from convviz.data.importing.recipe import Recipe
from convviz.data.readers.hdf5 import contents
from convviz.paths import builtin_data

#: Its file, in the shipped ``data`` folder.
FILE = "digits.h5"
#: What :attr:`Dataset.source` says.
SOURCE = "built-in"
RECIPE = Recipe(
    "built-in digits", ("x_train", "y_train"), ("x_test", "y_test"), "HW", (1, 28, 28), high=255.0,
    class_names=tuple("0123456789"),
)  # fmt: skip
"""How to read the file: its pixels are bytes, as MNIST's are."""


def load_builtin(
    *, progress: Callable[[float], None] | None = None, cancelled: Callable[[], bool] | None = None
) -> Dataset:
    """Load the built-in digits: 28×28 grey images of ten classes, drawn by :mod:`convviz.data.digits.draw`.

    Parameters
    ----------
    progress, cancelled
        As for :func:`convviz.data.open.open_data`.

    Raises
    ------
    DataError
        If the installation lacks the file or it is damaged.
    LoadCancelledError
        If ``cancelled`` returned True.
    """
    try:
        path = builtin_data(FILE)
    except FileNotFoundError:
        raise DataError(
            f"built-in digits: expected {FILE} in convviz's data folder, found nothing; install convviz again"
        ) from None
    with contents(path, cancelled) as held:
        return replace(convert(path, held, RECIPE, progress, cancelled), source=SOURCE)
