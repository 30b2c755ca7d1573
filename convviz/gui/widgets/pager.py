"""A pager: two arrows, and the numbers of the visible items."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Caption


class Pager(QWidget):
    """A narrow column beside the paged items.

    Parameters
    ----------
    things : str
        Name of the items: ``pictures``.

    Attributes
    ----------
    moved : Signal(int)
        1 for the next page, −1 for the one before.
    """

    moved = Signal(int)

    def __init__(self, things: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._things = things
        self.later = Button(icon_name="right", small=True, tip=f"The next {things} (or turn the wheel)")
        self.earlier = Button(icon_name="left", small=True, tip=f"The {things} before (or turn the wheel)")
        self.later.clicked.connect(self._later)
        self.earlier.clicked.connect(self._earlier)
        self.place = Caption()
        self.place.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.total = Caption()
        self.total.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addStretch()
        column.addWidget(self.earlier, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.later, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(4)
        column.addWidget(self.place)
        column.addWidget(self.total)
        column.addStretch()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("10–12") + 4)

    def tell(self, start: int, stop: int, count: int) -> None:
        """Show that the items from ``start`` (counted from 0) to before ``stop`` of ``count`` are visible."""
        self.place.setText(f"{start + 1}–{stop}" if stop - start > 1 else f"{stop}")
        self.total.setText(f"of {count}")
        self.earlier.setEnabled(start > 0)
        self.later.setEnabled(stop < count)
        self.setAccessibleName(f"{self._things} {start + 1} to {stop} of {count}")

    def _later(self) -> None:
        self.moved.emit(1)

    def _earlier(self) -> None:
        self.moved.emit(-1)
