"""Images on their way to the workers, and what a worker keeps with them from run to run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from convviz.data.dataset import Dataset
from convviz.training.workbench import Workbench

if TYPE_CHECKING:
    from distributed import Client, Future

__all__ = ["SENDING", "ArrivedImages", "SentImages", "send_images"]

SENDING = 600.0
"""Seconds that images or a recording may be on their way."""
COPYING = 10.0
"""Seconds to wait until all workers have the images."""


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


def send_images(client: Client, data: Dataset) -> Future:
    """Send images to all workers.

    Raises
    ------
    OSError, KeyError
        The worker that was to have them first was lost meanwhile; or there was none.
    """
    send = partial(client.scatter, SentImages(data), hash=False, asynchronous=True)
    images = client.sync(send, callback_timeout=SENDING)
    # Dask tries for ever to copy to a worker that was lost meanwhile. A worker without images takes them from another
    # one before its first run, so nothing depends on this but which run Dask gives to which worker.
    with contextlib.suppress(Exception):
        client.sync(partial(client.replicate, images, asynchronous=True), callback_timeout=COPYING)
    return images


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
    """Rebuilds the images in a worker, from copies of the arrays that came."""
    arrays = x_train.copy(), y_train.copy(), x_test.copy(), y_test.copy()
    return ArrivedImages(Dataset(name, *arrays, classes, source, names))
