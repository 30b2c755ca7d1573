"""A small field in which the user types the name of a cell to go to."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.labels import Caption
from convviz.gui.workspaces.step.debugger import Debugger
from convviz.present.step.go_to import PlaceError, find_cell, words_of_choice
from convviz.present.step.values import short

OFFERED = 4
"""Largest number of names offered."""
WIDTH = 320
TIP = "Go to a cell by its index, such as x_col[:, 100] (Ctrl+G)"


class GoTo(QWidget):
    """Opens over the pictures; Enter goes there, Esc closes it.

    Attributes
    ----------
    picked : Signal(str, tuple)
        Array and index.
    told : Signal(str)
        Which cell was picked, and why, if the typed name left a choice.
    """

    KEYS = FocusKeys(
        "a field",
        {
            "Take it over": ("Return", "Enter"),
            "Take it back, or leave the field": ("Esc",),
            "Complete the name (Go to)": ("Tab",),
        },
    )

    picked = Signal(str, tuple)
    told = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._owner = parent
        self._theme = current_theme()
        self._debugger: Debugger | None = None
        self.field = QLineEdit()
        self.field.setProperty("mono", True)
        self.field.setPlaceholderText("x_col[:, 100]")
        self.field.setAccessibleName("cell to go to")
        self.field.returnPressed.connect(self._go)
        self.field.textEdited.connect(self._offer)
        self.offered = Caption("", wrap=True)
        self.reason = Caption("", wrap=True, token="danger")
        self.reason.hide()
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(6)
        column.addWidget(Caption("Go to a cell, such as z[5, 10, 12]"))
        column.addWidget(self.field)
        column.addWidget(self.offered)
        column.addWidget(self.reason)
        self.hide()

    def set_debugger(self, debugger: Debugger) -> None:
        """Go to cells of another pass."""
        self._debugger = debugger
        self.hide()

    @Slot()
    def open(self) -> None:
        """Ask where to go."""
        if self._debugger is None:
            return
        self.field.selectAll()
        self._offer()
        self.show()
        self.raise_()
        self.field.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Esc belongs to the field while it is open, not to the workspace's shortcuts; Tab completes a name.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Tab:
            self._complete()
            return True
        return super().event(event)

    def focusNextPrevChild(self, forwards: bool) -> bool:
        return False  # the field is the only tab stop

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("accent"), 1))
        painter.setBrush(self._theme.colour("panel"))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 8, 8)

    @Slot()
    def _go(self) -> None:
        debugger = self._debugger
        if debugger is None:
            return
        run, step, near, cell = debugger.run, debugger.step, debugger.scene().arrays, debugger.cell()
        asked = debugger.selection, self.field.text(), (cell.name, cell.index)
        try:
            found = find_cell(run, step, near, *asked)
            words = words_of_choice(run, step, near, *asked)
        except PlaceError as error:
            self.reason.setText(str(error))
            self.reason.show()
            self._fit()
            return
        self._close()
        self.picked.emit(*found)
        if words:
            self.told.emit(words)

    @Slot()
    def _offer(self) -> None:
        """Offer the arrays whose name, or short name, begins with the typed text."""
        names = self._completions()
        more = f" and {len(names) - OFFERED:,} more" if len(names) > OFFERED else ""
        self.offered.setText(f"Tab: {', '.join(names[:OFFERED])}{more}" if names else "")
        self.offered.setVisible(bool(names))
        self.reason.hide()
        self._fit()

    def _completions(self) -> list[str]:
        typed = self.field.text().strip().lower()
        if self._debugger is None or not typed or "[" in typed:
            return []
        near = self._debugger.scene().arrays
        names = sorted(self._debugger.run.program.arrays, key=lambda name: name not in near)
        return [one for one in names if one.lower().startswith(typed) or short(one).lower().startswith(typed)]

    def _complete(self) -> None:
        names = self._completions()
        if names:
            self.field.setText(f"{names[0]}[")
            self._offer()

    def _close(self) -> None:
        self.hide()
        self._owner.setFocus()

    def _fit(self) -> None:
        self.setFixedWidth(min(WIDTH, self._owner.width() - 16))
        column = self._column
        wraps = column.hasHeightForWidth()
        self.setFixedHeight(column.totalHeightForWidth(self.width()) if wraps else column.totalSizeHint().height())
        self.move((self._owner.width() - self.width()) // 2, 64)
