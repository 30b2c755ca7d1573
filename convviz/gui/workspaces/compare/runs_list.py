"""The list of runs: only visible rows are painted, so that a thousand cost no more than ten."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.elided import CutTexts
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.workspaces.compare.chips import paint_chips
from convviz.gui.workspaces.compare.names import shortened
from convviz.present.compare.curves import colour_of
from convviz.present.compare.runs import RunRow
from convviz.present.words import duration

ROW, HEAD = 40, 28
EYE, DOT, STAR, BADGE = 30, 18, 22, 22
NAME_FONTS = ((13, QFont.Weight.DemiBold), (11, QFont.Weight.Normal))
MOST_MEASURED = 100
"""Rows whose names decide the width of their column."""
NUMBERS = (("test acc.", 2, 74), ("best", 3, 62), ("epochs", 5, 58), ("time", 6, 58))
"""Columns at the right: title, number of the order, width."""


class RunsList(QAbstractScrollArea):
    """Rows of runs with the colour of their curve, what differs from A, and their numbers.

    Attributes
    ----------
    chosen : Signal(object)
        Path of the run that the cursor is on now.
    pairAsked : Signal(str, object)
        ``A`` or ``B``, and the path of a run.
    eyeToggled, starToggled, opened, removeAsked, renameAsked : Signal(object)
        Path of a run.
    orderAsked : Signal(int)
        Number of a column that was clicked.
    """

    KEYS = FocusKeys(
        "the list of runs",
        {
            "Another run": ("Up", "Down", "Home", "End", "PgUp", "PgDown"),
            "Make it A, or B": ("A", "B"),
            "Show or hide its curves": ("Space",),
            "Star it": ("S",),
            "Rename it": ("F2",),
            "Delete it": ("Del",),
            "Open it in Watch": ("Return", "Enter"),
        },
    )

    chosen = Signal(object)
    pairAsked = Signal(str, object)
    eyeToggled = Signal(object)
    starToggled = Signal(object)
    opened = Signal(object)
    removeAsked = Signal(object)
    renameAsked = Signal(object)
    orderAsked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._cuts = current_theme(), CutTexts()
        self.rows: Sequence[RunRow] = ()
        self.current: Path | None = None
        self.a: Path | None = None
        self.b: Path | None = None
        self._colours: dict[Path, int] = {}
        self._hidden: set[Path] = set()
        self._order = (2, True)
        self._wanted = 0.0
        """Width of the longest name."""
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Runs")
        self.viewport().setMouseTracking(True)
        self._theme.changed.connect(self.viewport().update)

    def minimumSizeHint(self) -> QSize:
        return QSize(330, 140)

    def show_rows(self, rows: Sequence[RunRow], colours: dict[Path, int], hidden: set[Path]) -> None:
        """Show other rows; the scroll position stays."""
        self.rows, self._colours, self._hidden = rows, colours, hidden
        names, parents = (QFontMetrics(self._theme.font(size, weight)) for size, weight in NAME_FONTS)
        self._wanted = max(
            (
                max(names.horizontalAdvance(row.name) + BADGE, parents.horizontalAdvance(row.parent)) + DOT + 12.0
                for row in rows[:MOST_MEASURED]
            ),
            default=0.0,
        )
        self._lay_out()

    def show_pair(self, a: Path | None, b: Path | None) -> None:
        """Mark the runs that are compared."""
        self.a, self.b = a, b
        self.viewport().update()

    def show_order(self, column: int, descending: bool) -> None:
        """Mark the column that the rows are sorted by."""
        self._order = column, descending
        self.viewport().update()

    def choose(self, path: Path | None) -> None:
        """Put the cursor on a run, and scroll to it."""
        self.current = path
        at = self._index(path)
        if at is not None:
            bar, top, height = self.verticalScrollBar(), at * ROW, self.viewport().height() - HEAD
            if top < bar.value():
                bar.setValue(top)
            elif top + ROW > bar.value() + height:
                bar.setValue(top + ROW - height)
            row = self.rows[at]
            accuracy = "no epoch yet" if row.accuracy is None else f"test accuracy {row.accuracy:.2%}"
            self.setAccessibleDescription(f"{row.name}, {accuracy}, {', '.join(chip.words for chip in row.chips)}")
        self.viewport().update()

    # --- painting ----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.viewport().rect(), self._theme.colour("panel"))
        first = max(0, self.verticalScrollBar().value() // ROW)
        last = first + self.viewport().height() // ROW + 2
        painter.setClipRect(QRectF(0, HEAD, self.viewport().width(), self.viewport().height()))
        for at in range(first, min(last, len(self.rows))):
            self._paint_row(painter, self._rect(at), self.rows[at])
        painter.setClipping(False)
        self._paint_head(painter)

    def _paint_head(self, painter: QPainter) -> None:
        width = self.viewport().width()
        painter.setFont(self._theme.font(11))
        painter.setPen(QPen(self._theme.colour("line"), 1))
        painter.drawLine(QPointF(0, HEAD - 0.5), QPointF(width, HEAD - 0.5))
        name, chips = self._name_width(), "differs from A in"
        columns = [("name", 0, QRectF(EYE + DOT, 0, name - DOT, HEAD)), (chips, 1, self._chips_rect(0, HEAD))]
        right = width - 10.0
        for title, number, size in reversed(self._numbers()):
            columns.append((title, number, QRectF(right - size, 0, size, HEAD)))
            right -= size
        for title, number, place in columns:
            here = number == self._order[0]
            arrow = (" ↓" if self._order[1] else " ↑") if here else ""
            painter.setPen(self._theme.colour("accent_text" if here else "muted"))
            side = Qt.AlignmentFlag.AlignLeft if number < 2 else Qt.AlignmentFlag.AlignRight
            painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, title + arrow)

    def _paint_row(self, painter: QPainter, place: QRectF, row: RunRow) -> None:
        theme = self._theme
        pair = row.path in (self.a, self.b)
        if pair:
            painter.fillRect(place, theme.colour("accent_wash"))
        elif row.path == self.current:
            painter.fillRect(place, theme.colour("hover"))
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawLine(place.bottomLeft() + QPointF(0, -0.5), place.bottomRight() + QPointF(0, -0.5))
        shown = row.path not in self._hidden
        middle = place.center().y()
        self._paint_eye(painter, QPointF(place.left() + 16, middle), shown and not row.problem)
        colour = QColor(colour_of(self._colours.get(row.path, 0), theme.dark)) if shown else theme.colour("faint")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(place.left() + EYE + 6, middle), 5, 5)
        self._paint_name(painter, place, row, pair)
        if row.problem:
            painter.setFont(theme.font(12))
            painter.setPen(theme.colour("danger"))
            rest = place.adjusted(EYE + self._name_width(), 0, -10, 0)
            text = self._cuts.cut(row.problem, painter.font(), painter.fontMetrics(), rest.width())
            painter.drawText(rest, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        else:
            self._paint_chips(painter, self._chips_rect(place.top(), ROW), row)
            self._paint_numbers(painter, place, row)
        if row.path == self.current and self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("focus"), 1.5))
            painter.drawRoundedRect(place.adjusted(1, 1, -2, -2), 4, 4)

    def _paint_eye(self, painter: QPainter, middle: QPointF, shown: bool) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.colour("muted" if shown else "faint"), 1.3))
        painter.drawEllipse(middle, 6.5, 4.2)
        if shown:
            painter.drawEllipse(middle, 1.8, 1.8)
        else:
            painter.drawLine(middle + QPointF(-6, 5), middle + QPointF(6, -5))

    def _paint_name(self, painter: QPainter, place: QRectF, row: RunRow, pair: bool) -> None:
        theme = self._theme
        left, room = place.left() + EYE + DOT, self._name_width() - DOT - 8
        badge = "A" if row.path == self.a else "B" if row.path == self.b else ""
        room -= (BADGE if badge else 0) + (STAR if row.starred else 0)
        painter.setFont(theme.font(13, QFont.Weight.DemiBold if pair else QFont.Weight.Normal))
        painter.setPen(theme.colour("ink"))
        text = shortened(row.name, painter.fontMetrics(), room)
        two = bool(row.parent or row.note)
        line = QRectF(left, place.top() + (3 if two else 0), room, 20 if two else ROW)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        end = left + painter.fontMetrics().horizontalAdvance(text) + 6
        if row.starred:
            painter.setPen(theme.colour("accent_text"))
            painter.drawText(QRectF(end, line.top(), STAR, line.height()), Qt.AlignmentFlag.AlignVCenter, "★")
            end += STAR - 4
        if badge:
            box = QRectF(end, line.center().y() - 8, 16, 16)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("primary"))
            painter.drawRoundedRect(box, 4, 4)
            painter.setFont(theme.font(11, QFont.Weight.DemiBold))
            painter.setPen(theme.colour("on_primary"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, badge)
        if two:
            painter.setFont(theme.font(11))
            painter.setPen(theme.colour("muted"))
            rest = QRectF(left, place.top() + 21, self._name_width() - DOT - 8, 16)
            said = self._cuts.cut(row.note or row.parent, painter.font(), painter.fontMetrics(), rest.width())
            painter.drawText(rest, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, said)

    def _paint_chips(self, painter: QPainter, place: QRectF, row: RunRow) -> None:
        if row.path == self.a:
            design = row.design
            words = "" if design is None else f"lr {design.training.optimiser.lr:g} · seed {row.seed}"
            self._say(painter, place, words)
        elif not row.chips:
            self._say(painter, place, "" if self.a is None else "the same design")
        else:
            paint_chips(painter, place, row.chips, self._theme)

    def _say(self, painter: QPainter, place: QRectF, words: str) -> None:
        painter.setFont(self._theme.font(12))
        painter.setPen(self._theme.colour("muted"))
        text = self._cuts.cut(words, painter.font(), painter.fontMetrics(), place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_numbers(self, painter: QPainter, place: QRectF, row: RunRow) -> None:
        theme = self._theme
        texts = {
            2: "–" if row.accuracy is None else f"{row.accuracy:.2%}".replace("%", " %"),
            3: "–" if row.best is None else f"{100 * row.best:.2f}",
            5: f"{row.epoch}/{row.epochs}",
            6: duration(row.seconds) if row.seconds else "–",
        }
        right = place.right() - 10
        for _, number, size in reversed(self._numbers()):
            box = QRectF(right - size, place.top(), size, ROW)
            right -= size
            painter.setFont(theme.mono(12))
            painter.setPen(theme.colour("ink" if number == 2 else "muted"))
            side = Qt.AlignmentFlag.AlignRight
            if number == 2 and row.gain is not None:
                painter.drawText(box.adjusted(0, 4, 0, -18), side | Qt.AlignmentFlag.AlignVCenter, texts[number])
                painter.setFont(theme.mono(11))
                painter.setPen(theme.colour("success" if row.gain > 0 else "danger" if row.gain < 0 else "muted"))
                gain = f"{100 * row.gain:+.2f}".replace("-", "−")
                painter.drawText(box.adjusted(0, 20, 0, -3), side | Qt.AlignmentFlag.AlignVCenter, gain)
            else:
                painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, texts[number])

    # --- hands -------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if point.y() < HEAD:
            column = self._column_at(point.x())
            if column is not None:
                self.orderAsked.emit(column)
            return
        row = self._at(point)
        if row is None:
            return
        if point.x() < EYE:
            self.eyeToggled.emit(row.path)
        self._go_to(row.path)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self._at(event.position())
        if row is not None and event.position().x() >= EYE:
            self.opened.emit(row.path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, path = Qt.Key(event.key()), self.current
        page = max(1, (self.viewport().height() - HEAD) // ROW - 1)
        moves = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -len(self.rows),
            Qt.Key.Key_End: len(self.rows),
        }
        signals = {
            Qt.Key.Key_Space: self.eyeToggled,
            Qt.Key.Key_S: self.starToggled,
            Qt.Key.Key_F2: self.renameAsked,
            Qt.Key.Key_Delete: self.removeAsked,
            Qt.Key.Key_Return: self.opened,
            Qt.Key.Key_Enter: self.opened,
        }
        if key in moves and self.rows:
            at = self._index(path)
            at = 0 if at is None else min(max(at + moves[key], 0), len(self.rows) - 1)
            self._go_to(self.rows[at].path)
        elif key in (Qt.Key.Key_A, Qt.Key.Key_B) and path is not None and not event.modifiers():
            self.pairAsked.emit("A" if key == Qt.Key.Key_A else "B", path)
        elif key in signals and path is not None and not event.modifiers():
            signals[key].emit(path)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            row = self._at(QPointF(event.pos()))
            if row is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), row.tip, self)
            return True
        return super().viewportEvent(event)

    # --- how ---------------------------------------------------------------------------------------------------

    def _go_to(self, path: Path) -> None:
        self.choose(path)
        self.chosen.emit(path)

    def _numbers(self) -> tuple[tuple[str, int, int], ...]:
        """The columns that there is room for."""
        width = self.viewport().width()
        count = 4 if width >= 640 else 3 if width >= 560 else 2 if width >= 470 else 1
        keep = {1: (2,), 2: (2, 6), 3: (2, 5, 6), 4: (2, 3, 5, 6)}[count]
        return tuple(one for one in NUMBERS if one[1] in keep)

    def _name_width(self) -> float:
        width = self.viewport().width()
        return min(max(120.0, self._wanted, 0.2 * width), max(120.0, 0.4 * width))

    def _chips_rect(self, top: float, height: float) -> QRectF:
        left = EYE + self._name_width()
        right = self.viewport().width() - 16 - sum(size for _, _, size in self._numbers())
        return QRectF(left, top, max(0.0, right - left), height)

    def _column_at(self, x: float) -> int | None:
        right = self.viewport().width() - 10.0
        for _, number, size in reversed(self._numbers()):
            if right - size <= x < right:
                return number
            right -= size
        return 0 if x < EYE + self._name_width() else 1

    def _rect(self, at: int) -> QRectF:
        return QRectF(0, HEAD + at * ROW - self.verticalScrollBar().value(), self.viewport().width(), ROW)

    def _at(self, point: QPointF) -> RunRow | None:
        if point.y() < HEAD:
            return None
        at = int((point.y() - HEAD + self.verticalScrollBar().value()) // ROW)
        return self.rows[at] if 0 <= at < len(self.rows) else None

    def _index(self, path: Path | None) -> int | None:
        return next((at for at, row in enumerate(self.rows) if row.path == path), None)

    def _lay_out(self) -> None:
        bar = self.verticalScrollBar()
        bar.setSingleStep(ROW // 2)
        bar.setPageStep(max(ROW, self.viewport().height() - HEAD))
        bar.setRange(0, max(0, len(self.rows) * ROW - (self.viewport().height() - HEAD)))
        self.viewport().update()
