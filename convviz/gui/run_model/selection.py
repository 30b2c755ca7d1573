"""What is selected in the window: which image, layer, filter, channel."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal


@dataclass(frozen=True, slots=True)
class Selection:
    """One selection.

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


class SelectionModel(QObject):
    """The selection in force.

    Attributes
    ----------
    changed : Signal(object, object)
        The new selection and the one before.
    """

    changed = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._value = Selection()

    @property
    def value(self) -> Selection:
        """The selection."""
        return self._value

    def select(self, **fields: object) -> None:
        """Change some fields."""
        new = replace(self._value, **fields)  # type: ignore[arg-type]
        if new != self._value:
            before, self._value = self._value, new
            self.changed.emit(new, before)
