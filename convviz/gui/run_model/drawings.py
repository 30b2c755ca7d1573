"""The user's own drawings that fit the network: kept in a file, and offered to the session."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from convviz.core.arrays import Array
from convviz.data.drawing.collection import Collection, file_for, load_collection, save_collection
from convviz.data.errors import DataError
from convviz.gui.run_model.run import RunModel
from convviz.run.messages import Prepared
from convviz.training.images import Split


class DrawingsModel(QObject):
    """The drawings that have the size and the classes of the run's network.

    Parameters
    ----------
    run : RunModel
    folder : Path, optional
        Where the drawings are kept; without it, only in memory.

    Attributes
    ----------
    changed : Signal()
        The drawings have changed.
    failed : Signal(str)
        Why they can't be read or kept.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, run: RunModel, folder: Path | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run, self._folder = run, folder
        self._of: tuple[tuple[int, int, int], int] | None = None
        self._all: dict[tuple[tuple[int, int, int], int], Collection] = {}
        self._tried: Collection | None = None
        """A drawing that is watched without being kept: once or twice in turn, so that each new one has another row."""
        self._damaged: set[tuple[tuple[int, int, int], int]] = set()
        """Size and classes of collections whose file can't be read; their drawings are kept in memory."""
        run.prepared.connect(self._prepared)

    @property
    def collection(self) -> Collection:
        """The drawings."""
        return self._all[self._of] if self._of is not None else Collection.empty((1, 28, 28))

    @property
    def kept(self) -> Split | None:
        """The drawings that are kept; None if there are none."""
        held = self.collection
        return Split(held.images, held.labels) if len(held) else None

    def try_out(self, image: Array, label: int) -> int:
        """Offer a drawing ``(C, H, W)`` to be watched and stepped without keeping it; return its (new) row."""
        twice = self._tried is not None and len(self._tried) == 1
        tried = Collection.empty(self.collection.images.shape[1:]).with_one(image, label)
        self._tried = tried.with_one(image, label) if twice else tried
        self._offer()
        return len(self.collection) + len(self._tried) - 1

    def keep(self, image: Array, label: int) -> int:
        """Keep a drawing ``(C, H, W)``; return its row.

        Raises
        ------
        DataError
            The drawing can't be written; it is then not kept.
        """
        self._set(self.collection.with_one(image, label))
        return len(self.collection) - 1

    def remove(self, row: int) -> None:
        """Forget a drawing.

        Raises
        ------
        DataError
        """
        self._set(self.collection.without(row))

    def _set(self, collection: Collection) -> None:
        if self._of is None:
            return
        if self._folder is not None and self._of not in self._damaged:
            save_collection(file_for(self._folder, *self._of), collection)
        self._all[self._of] = collection
        self._tried = None
        self._offer()

    def _prepared(self, message: Prepared) -> None:
        image = message.design.input
        of = (image.channels, image.height, image.width), message.design.classes
        if of != self._of:
            self._of, self._tried = of, None
        if self._of not in self._all:
            found = Collection.empty(self._of[0])
            if self._folder is not None:
                try:
                    found = load_collection(file_for(self._folder, *self._of), *self._of)
                except DataError as error:
                    self._damaged.add(self._of)  # leave the file as it is, so that it can be repaired
                    self.failed.emit(str(error))
            self._all[self._of] = found
        self._offer()

    def _offer(self) -> None:
        held, tried = self.collection, self._tried
        if tried is not None and tried.images.shape[1:] == held.images.shape[1:]:
            held = Collection(np.concatenate([held.images, tried.images]), np.concatenate([held.labels, tried.labels]))
        self._run.set_drawings(Split(held.images, held.labels) if len(held) else None)
        self.changed.emit()
