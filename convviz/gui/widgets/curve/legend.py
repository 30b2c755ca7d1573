"""The legend of curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from convviz.gui.theme import Theme
from convviz.gui.widgets.laying_out import lay_out
from convviz.present.series import Series

GAP = 12
LINE = 18
"""Height of a row, in pixels."""
SAMPLE = 22
"""Width of a sample of the line with the space beside it, in pixels."""
LONGEST = "0.00000"
"""Room for a value of this length is reserved in advance, so that nothing moves when it appears."""

Entry = tuple[Series, str]


def entries_of(series: Sequence[Series], at: float | None, short: Callable[[float], str]) -> list[Entry]:
    """The curves that the legend names, each with its value at a moment, or else its latest one."""
    found = []
    for one in series:
        count = len(one.y) if at is None else int(np.searchsorted(one.x, at, side="right"))
        says_value = count > 0 and one.kind not in ("raw", "dots")
        if one.in_legend:
            found.append((one, short(float(one.y[count - 1])) if says_value else ""))
    return found


class CurveLegend(QWidget):
    """Names with samples of their lines and their values, at the right, in as many rows as necessary."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._entries: list[Entry] = []
        self._notes: Sequence[str] = ()
        self._is_brief = False
        self._laid: list[list[Entry]] | None = None
        """The rows; None while they have to be laid out again."""
        self._corner: QWidget | None = None
        self.setFixedHeight(LINE)
        theme.changed.connect(self.update)

    def set_entries(self, entries: list[Entry], notes: Sequence[str] = ()) -> None:
        """Show these curves, each with a value, and a warning: ``notes`` are its texts, the longest first."""
        said = [(one.name, one.token, one.kind, one.dashed, value) for one, value in entries]
        if said != [(one.name, one.token, one.kind, one.dashed, value) for one, value in self._entries] or (
            notes != self._notes
        ):
            self._entries, self._notes = entries, notes
            self.setToolTip(notes[0] if notes else "")
            before = self.height()
            self._keep_height()
            if self.height() != before:
                lay_out(self.parentWidget())  # otherwise the curves would be painted over the last row
            self.update()

    def set_corner(self, widget: QWidget) -> None:
        """Put a widget at the right end, in its own size."""
        self._corner = widget
        widget.setParent(self)
        widget.adjustSize()
        widget.show()
        self._keep_height()

    def set_brief(self, brief: bool) -> None:
        """Leave out curves of single values where the legend would need a second row: their means stay in it."""
        if brief != self._is_brief:
            self._is_brief = brief
            self._keep_height()
            self.update()

    def rows(self) -> list[list[Entry]]:
        """The entries of each row; every curve has its name and its value."""
        if self._laid is None:
            self._laid = self._rows(self._entries)
            means = [entry for entry in self._entries if entry[0].kind != "raw"]
            if self._is_brief and len(self._laid) > 1 and means:
                self._laid = self._rows(means)
        return self._laid

    def _rows(self, entries: Sequence[Entry]) -> list[list[Entry]]:
        found: list[list[Entry]] = []
        room = self._right
        for entry in entries:
            needed = self._width(*entry)
            widths = (sum(self._width(*one) + GAP for one in row) for row in found)
            first = next((number for number, there in enumerate(widths) if there + needed <= room), len(found))
            if first == len(found):
                found.append([])
            found[first].append(entry)
        return found

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._corner is not None:
            self._corner.move(self.width() - self._corner.width(), 0)
        if event.size().width() != event.oldSize().width():
            self._keep_height()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rows = self.rows()
        x = self._right
        for number, row in enumerate(rows):
            x = self._right
            for one, value in reversed(row):
                x -= self._width(one, value)
                self._paint(painter, one, value, x, self._top + number * LINE)
                x -= GAP
        if note := self.note_in(x):
            painter.setFont(self._theme.font(12))
            painter.setPen(self._theme.colour("warning"))
            top = self._top + max(0, len(rows) - 1) * LINE
            painter.drawText(QRectF(0, top, max(0.0, x), LINE), Qt.AlignmentFlag.AlignVCenter, note)

    def note_in(self, room: float) -> str:
        """The longest text of the warning that fits; empty if none does."""
        metrics = QFontMetrics(self._theme.font(12))
        return next((one for one in self._notes if metrics.horizontalAdvance(one) <= room), "")

    def _paint(self, painter: QPainter, one: Series, value: str, left: float, top: int) -> None:
        middle = top + LINE / 2
        centre = Qt.AlignmentFlag.AlignVCenter
        colour = self._theme.colour(one.token)
        if one.kind == "dots":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(left + 13, middle), 3, 3)
        else:
            pen = QPen(colour, 1 if one.kind == "raw" else 2)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if one.dashed:
                pen.setDashPattern([3, 2])
            painter.setPen(pen)
            painter.drawLine(QPointF(left, middle), QPointF(left + 18, middle))
        painter.setFont(self._theme.font(12))
        painter.setPen(self._theme.colour("muted"))
        name = painter.fontMetrics().horizontalAdvance(one.name)
        painter.drawText(QRectF(left + SAMPLE, top, name + 2, LINE), centre, one.name)
        if value:
            painter.setFont(self._theme.mono(11))
            painter.setPen(self._theme.colour("ink"))
            wide = painter.fontMetrics().horizontalAdvance(value)
            painter.drawText(QRectF(left + SAMPLE + name + 6, top, wide + 2, LINE), centre, value)

    def _width(self, one: Series, value: str) -> int:
        name = QFontMetrics(self._theme.font(12)).horizontalAdvance(one.name)
        if one.kind in ("raw", "dots"):
            return SAMPLE + name
        numbers = QFontMetrics(self._theme.mono(11))
        return SAMPLE + name + 6 + max(numbers.horizontalAdvance(value), numbers.horizontalAdvance(LONGEST))

    @property
    def _top(self) -> int:
        """Top of the first row; a single row is centred on what is in the corner."""
        return max(0, (self.height() - LINE * max(1, len(self.rows()))) // 2)

    @property
    def _right(self) -> float:
        """Where the entries end, in pixels."""
        corner = 0 if self._corner is None else self._corner.width() + GAP
        return float(self.width() - 4 - corner)

    def _keep_height(self) -> None:
        self._laid = None
        corner = 0 if self._corner is None else self._corner.height()
        self.setFixedHeight(max(LINE * max(1, len(self.rows())), corner))
