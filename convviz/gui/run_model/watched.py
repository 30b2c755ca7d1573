"""The image, layer, filter and channel that the window watches at present."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from convviz.gui.run_model.run import RunModel
from convviz.present.watched import Watched
from convviz.run.commands import Watch
from convviz.run.messages import Prepared


class WatchedModel(QObject):
    """Holds the current :class:`Watched`. The session's pictures show its image, which is always one of the data's.

    Parameters
    ----------
    run : RunModel

    Attributes
    ----------
    changed : Signal(object, object)
        The new and the previous value.
    """

    changed = Signal(object, object)

    def __init__(self, run: RunModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._value = Watched()
        run.prepared.connect(self._prepared)

    @property
    def value(self) -> Watched:
        """The current value."""
        return self._value

    def select(self, **fields: object) -> None:
        """Change some fields of the value."""
        new = replace(self._value, **fields)  # type: ignore[arg-type]
        if new != self._value:
            before, self._value = self._value, new
            if (new.image, new.layer, new.others) != (before.image, before.layer, before.others):
                self._run.bridge.send(Watch(new.split, new.sample, new.layer, new.others))
            self.changed.emit(new, before)

    def _prepared(self, _message: Prepared) -> None:
        if not self._run.count(self._value.split):
            self.select(split="test", sample=0)  # the drawings are for another network
        self.select(sample=min(self._value.sample, self._run.count(self._value.split) - 1))
