"""Images on their way to the workers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convviz.data.dataset import Dataset

__all__ = ["SentImages"]


class SentImages:
    """Images that are sent to a worker, where they arrive as a :class:`Dataset`.

    What comes over a connection lies in the middle of a message, at any address. NumPy and the compiled kernels take a
    tenth longer to read numbers that begin between two words of memory, so the arrays are copied once on arrival.

    Parameters
    ----------
    data : Dataset
    """

    def __init__(self, data: Dataset) -> None:
        self.data = data

    def __reduce__(self) -> tuple[Callable[..., Dataset], tuple[Any, ...]]:
        one = self.data
        arrays = one.x_train, one.y_train, one.x_test, one.y_test
        return arrived, (one.name, *arrays, one.classes, one.source, one.class_names)


def arrived(
    name: str, x_train: Any, y_train: Any, x_test: Any, y_test: Any, classes: int, source: str, names: tuple[str, ...]
) -> Dataset:
    """The images on arrival."""
    return Dataset(name, x_train.copy(), y_train.copy(), x_test.copy(), y_test.copy(), classes, source, names)
