"""Images on their way to the workers, and what a worker keeps with them from run to run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from convviz.data.dataset import Dataset
from convviz.training.workbench import Workbench

__all__ = ["ArrivedImages", "SentImages"]


class SentImages:
    """Images that are sent to a worker, where they arrive as :class:`ArrivedImages`.

    What comes over a connection lies in the middle of a message, at any address. NumPy and the compiled kernels take a
    tenth longer to read numbers that begin between two words of memory, so the arrays are copied once on arrival.

    Parameters
    ----------
    data : Dataset
    """

    def __init__(self, data: Dataset) -> None:
        self.data = data

    def __reduce__(self) -> tuple[Callable[..., ArrivedImages], tuple[Any, ...]]:
        one = self.data
        arrays = one.x_train, one.y_train, one.x_test, one.y_test
        return arrived, (one.name, *arrays, one.classes, one.source, one.class_names)


class ArrivedImages:
    """The images in a worker, with the workbenches of the runs that it has trained on them.

    Parameters
    ----------
    data : Dataset
    """

    def __init__(self, data: Dataset) -> None:
        self.data = data
        self._benches: list[tuple[int, Workbench]] = []

    @contextlib.contextmanager
    def bench(self, threads: int) -> Iterator[Workbench]:
        """A workbench that no other run of this worker works at meanwhile."""
        try:
            found = self._benches.pop()  # one call, so that two threads never take the same
        except IndexError:
            found = threads, Workbench(threads)
        if found[0] != threads:
            found[1].close()
            found = threads, Workbench(threads)
        yield found[1]
        self._benches.append(found)  # after an error nobody knows what state it is in


def arrived(
    name: str, x_train: Any, y_train: Any, x_test: Any, y_test: Any, classes: int, source: str, names: tuple[str, ...]
) -> ArrivedImages:
    """The images on arrival."""
    arrays = x_train.copy(), y_train.copy(), x_test.copy(), y_test.copy()
    return ArrivedImages(Dataset(name, *arrays, classes, source, names))
