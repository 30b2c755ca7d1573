"""What is watched: which image, and closely which layer, filter and channel."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched at one time.

    Parameters
    ----------
    split : str
        ``"test"`` or ``"training"``.
    sample : int
        Row of the image.
    layer : str
        Layer whose filter is shown closely.
    filter, channel : int
    """

    split: str = "test"
    sample: int = 0
    layer: str = ""
    filter: int = 0
    channel: int = 0


class WatchedModel(QObject):
    """What is watched now.

    Attributes
    ----------
    changed : Signal(object, object)
        What is watched now, and what was before.
    """

    changed = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._value = Watched()

    @property
    def value(self) -> Watched:
        """What is watched."""
        return self._value

    def select(self, **fields: object) -> None:
        """Change some fields."""
        new = replace(self._value, **fields)  # type: ignore[arg-type]
        if new != self._value:
            before, self._value = self._value, new
            self.changed.emit(new, before)
