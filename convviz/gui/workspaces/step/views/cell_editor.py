"""A small field for replacing a number."""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from convviz.core.arrays import Index
from convviz.gui.theme import current_theme
from convviz.gui.theme.style_property import set_style_property
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.labels import Caption
from convviz.present.numbers import format_full
from convviz.present.step.values import label


class CellEditor(QWidget):
    """Opens over a cell; Enter sets the number, Esc discards it, Up and Down change it by a tenth.

    Attributes
    ----------
    committed : Signal(str, tuple, float)
        Array, index and the new number.
    """

    KEYS = FocusKeys(
        "a field",
        {
            "Take it over": ("Return", "Enter"),
            "Take it back, or leave the field": ("Esc",),
            "More or less": ("Up", "Down"),
        },
    )

    committed = Signal(str, tuple, float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._owner = parent
        self._theme = current_theme()
        self._cell: tuple[str, Index] = ("", ())
        self.title = Caption("")
        self.field = QLineEdit()
        self.field.setProperty("mono", True)
        self.field.setAccessibleName("new value")
        self.field.setMinimumWidth(120)
        self.field.returnPressed.connect(self._commit)
        self.field.textEdited.connect(self._check)
        put = Button("Set", kind="primary", small=True, tip="Recompute the pass with this number (Enter)")
        put.clicked.connect(self._commit)
        row = QHBoxLayout()
        row.addWidget(self.field, 1)
        row.addWidget(put)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addLayout(row)
        self.reason = Caption("", token="danger")
        self.reason.hide()
        column.addWidget(self.reason)
        self.hide()

    def open_at(self, at: QPoint, name: str, index: Index, value: float) -> None:
        """Ask for a number to put into a cell; ``at`` is in the parent's coordinates."""
        self._cell = name, tuple(index)
        self.title.setText(f"{label(name, index)}, now {format_full(value)}")
        self.field.setText(f"{value:.6g}")
        self.field.selectAll()
        self._check()
        self.adjustSize()
        x = min(max(8, at.x()), self._owner.width() - self.width() - 8)
        y = at.y() + 6
        if y + self.height() > self._owner.height() - 8:
            y = at.y() - self.height() - 24
        self.move(x, max(8, y))
        self.show()
        self.raise_()
        self.field.setFocus()

    def close_quietly(self) -> None:
        """Close without changing anything."""
        if self.isVisible():
            self.hide()
            self._owner.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        number = self._number()
        if event.key() == Qt.Key.Key_Escape:
            self.close_quietly()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and number is not None:
            by = 0.1 if event.key() == Qt.Key.Key_Up else -0.1
            self.field.setText(f"{number + by:.6g}")
            self._check()
        else:
            super().keyPressEvent(event)

    def event(self, event) -> bool:
        # Esc, Up and Down belong to the field while it is open, not to the workspace's shortcuts.
        if event.type() == event.Type.ShortcutOverride and event.key() in (
            Qt.Key.Key_Escape,
            Qt.Key.Key_Up,
            Qt.Key.Key_Down,
        ):
            event.accept()
            return True
        return super().event(event)

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(220, 70))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("accent"), 1))
        painter.setBrush(self._theme.colour("panel"))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 8, 8)

    def _number(self) -> float | None:
        try:
            found = float(self.field.text().replace(",", ".").replace("−", "-"))
        except ValueError:
            return None
        return found if math.isfinite(found) else None

    def _check(self) -> None:
        bad = self._number() is None
        text = self.field.text().strip()
        if bad != self.reason.isVisibleTo(self) or bad:
            self.reason.setText(f"Expected a finite number such as 0.5, got {text[:16] or 'nothing'}." if bad else "")
            self.reason.setVisible(bad)
            self.adjustSize()
        set_style_property(self.field, "invalid", bad)

    def _commit(self) -> None:
        number = self._number()
        if number is None:
            return
        name, index = self._cell
        self.hide()
        self.committed.emit(name, index, number)
