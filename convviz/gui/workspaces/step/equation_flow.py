"""The equation of one number; every number in it is a box that leads to its cell."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.workspaces.step.cell_text import Writer
from convviz.present.step.terms import Part
from convviz.present.step.wording import Piece, Written

LINES = 2
"""Number of lines of a folded equation."""
MOST = 600
"""Largest number of terms that an unfolded equation writes out."""
FOLD_TERMS = 3
"""Number of terms that would fit into the room of the fold and the result."""
LINE = 25
"""Height of a line, in pixels."""
_PAD, _GAP = 6, 7


@dataclass(frozen=True, slots=True)
class _Placed:
    """A piece of an equation, its place, and where its spans end."""

    piece: Piece
    area: QRect
    ends: tuple[int, ...]


class EquationFlow(QWidget):
    """Paints the pieces of an equation in lines; the keyboard moves from number to number.

    Attributes
    ----------
    partPicked, partHovered : Signal(object)
        A number was clicked (Enter), or is under the pointer; carries its :class:`Part`.
    partLeft : Signal()
    unfolded : Signal()
        The fold was clicked.
    laidOut : Signal()
        The equation was laid out: for another cell, or for another width.
    """

    KEYS = FocusKeys(
        "the equation of Step",
        {
            "Another number": ("Left", "Right"),
            "Go to that number, or show the rest of the sum": ("Return", "Enter"),
        },
    )

    partPicked = Signal(object)
    partHovered = Signal(object)
    partLeft = Signal()
    unfolded = Signal()
    laidOut = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._writer: Writer | None = None
        self._largest: Writer | None = None
        """Writes what doesn't fit with its largest terms first; None keeps their order."""
        self._written: Written | None = None
        self._placed: list[_Placed] = []
        self._open = False
        self._lines = LINES
        self._height = LINES * LINE
        self._hovered: tuple[int, int] | None = None
        self._at = -1
        self._measures: dict[bool, QFontMetricsF] = {}
        self._widths: dict[tuple[bool, str], float] = {}
        """Of the texts of this equation: it is laid out for several numbers of terms until they fill the lines."""
        self.setAccessibleName("equation")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self._restyle)

    @property
    def written(self) -> Written | None:
        """What is shown."""
        return self._written

    @property
    def fold_place(self) -> QRect | None:
        """The rectangle of the fold, which stands for the omitted terms; None if all terms are written."""
        return next((placed.area for placed in self._placed if placed.piece.kind == "fold"), None)

    @property
    def is_open(self) -> bool:
        """Whether all terms are written out."""
        return self._open

    def set_equation(
        self, writer: Writer | None, unfold: bool = False, lines: int = LINES, largest: Writer | None = None
    ) -> None:
        """Show another equation, folded to at most ``lines`` lines or, with ``unfold``, in full.

        One that doesn't fit is written by ``largest``, if that is given.
        """
        self._writer, self._written, self._open, self._lines = writer, None, unfold, lines
        self._largest = largest
        self._at = -1
        self._widths.clear()
        self._hover(None)  # other numbers lie there now
        self._write()

    def place_of(self, part: Part) -> QRect | None:
        """Return the rectangle of the first number that stands for a cell; None if there is none."""
        for placed in self._placed:
            left = placed.area.left()
            for span, end in zip(placed.piece.spans, placed.ends, strict=True):
                if span.part is not None and (span.part.name, span.part.index) == (part.name, part.index):
                    return QRect(left, placed.area.top(), end - left, placed.area.height())
                left = end
        return None

    def sizeHint(self) -> QSize:
        return QSize(400, self._height)

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._write()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._theme.colour
        seen = event.rect()
        for number, placed in enumerate(self._placed):
            if not placed.area.intersects(seen):
                continue
            kind = placed.piece.kind
            hovered = self._hovered is not None and self._hovered[0] == number
            painter.setFont(self._font(kind))
            box = QRectF(placed.area).adjusted(0.5, 2.5, -0.5, -2.5)
            if kind in ("term", "fold"):
                lit_up = hovered or placed.piece.pointed
                pen = QPen(colour("accent" if lit_up else "faint" if kind == "fold" else "line"), 1)
                if kind == "fold":
                    pen.setStyle(Qt.PenStyle.DashLine)
                painter.setPen(pen)
                painter.setBrush(colour("field") if kind == "term" else Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box, 4, 4)
            left = float(placed.area.left()) + (_PAD if kind in ("term", "fold") else 0)
            for place, span in enumerate(placed.piece.spans):
                lit = hovered and self._hovered is not None and self._hovered[1] == place and span.part is not None
                token = {"fold": "muted", "sign": "muted", "note": "muted", "result": "accent_text"}.get(kind, "ink")
                painter.setPen(colour("accent_text" if lit else token))
                painter.drawText(
                    QRectF(left, placed.area.top(), 2000, placed.area.height()),
                    Qt.AlignmentFlag.AlignVCenter,
                    span.text,
                )
                left += self._width(kind, span.text)
            if number == self._at and self.hasFocus():
                painter.setPen(QPen(colour("focus"), 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), 5, 5)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._find(int(event.position().x()), int(event.position().y())))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        found = self._find(int(event.position().x()), int(event.position().y()))
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pick(*found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        usable = [i for i, placed in enumerate(self._placed) if placed.piece.kind in ("term", "fold")]
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and usable:
            place = usable.index(self._at) if self._at in usable else -1
            place = place + 1 if key == Qt.Key.Key_Right else max(place, 0) - 1
            self._at = usable[min(max(place, 0), len(usable) - 1)]
            self._hover((self._at, self._first_number(self._at)))
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._at in usable:
            self._pick(self._at, self._first_number(self._at))
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._find(event.pos().x(), event.pos().y())
            hint = self._placed[found[0]].piece.hint if found is not None else ""
            if hint:
                QToolTip.showText(event.globalPos(), hint, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    # How

    def _first_number(self, number: int) -> int:
        spans = self._placed[number].piece.spans
        return next((i for i, span in enumerate(spans) if span.part is not None), 0)

    def _pick(self, number: int, place: int) -> None:
        piece = self._placed[number].piece
        if piece.kind == "fold":
            self.unfolded.emit()
        elif piece.spans[place].part is not None:
            self.partPicked.emit(piece.spans[place].part)

    def _hover(self, found: tuple[int, int] | None) -> None:
        if found == self._hovered:
            return
        self._hovered = found
        part = None if found is None else self._placed[found[0]].piece.spans[found[1]].part
        usable = found is not None and (part is not None or self._placed[found[0]].piece.kind == "fold")
        self.setCursor(Qt.CursorShape.PointingHandCursor if usable else Qt.CursorShape.ArrowCursor)
        self.update()
        if part is None:
            self.partLeft.emit()
        else:
            self.partHovered.emit(part)

    def _find(self, x: int, y: int) -> tuple[int, int] | None:
        for number, placed in enumerate(self._placed):
            if not placed.area.contains(x, y):
                continue
            for place, end in enumerate(placed.ends):
                if x < end or place == len(placed.ends) - 1:
                    span = placed.piece.spans[place]
                    if span.part is None and len(placed.piece.spans) > 1:
                        # The dot between two factors belongs to the nearer one.
                        place = min(place + 1, len(placed.ends) - 1)
                    return number, place
        return None

    def _write(self) -> None:
        if self._writer is None or self.width() < 40:
            self._written, self._placed = None, []
            self.update()
            self.laidOut.emit()
            return
        if self._open:
            self._written = (self._largest or self._writer)(MOST)
            self._placed, lines = self._placed_in_lines(self._written)
        else:
            self._write_folded(self._writer, self._lines * max(1, self.width() // 70))
            lines = self._line_count()
        assert self._written is not None
        self._height = max(self._lines, lines) * LINE
        self.setFixedHeight(self._height)
        self.setAccessibleName(f"{self._written.title}: " + " ".join(piece.text for piece in self._written.pieces[:60]))
        self.update()
        self.laidOut.emit()

    def _write_folded(self, writer: Writer, room: int) -> None:
        """Write all terms in their order if they fit into the lines; otherwise those that matter most, if asked to."""
        self._written = None
        if self._largest is None or not self._has_fold(writer(room)):
            self._fold_by(writer, room)
        if self._largest is not None and (self._written is None or self._has_fold(self._written)):
            self._written = None
            self._fold_by(self._largest, room)

    def _has_fold(self, written: Written) -> bool:
        return any(piece.kind == "fold" for piece in written.pieces)

    def _fold_by(self, writer: Writer, room: int) -> None:
        """Write and place as many terms as fit into the lines."""
        while True:
            before, self._written = self._written, writer(room)
            self._placed, lines = self._placed_in_lines(self._written)
            if (
                lines <= self._lines
                or room <= 1
                or self._written == before  # a function, which is always written in full
                or (not self._has_fold(self._written) and room < 8)
            ):
                break
            # Leave room for the fold and the result; :meth:`_fill` then adds the terms that still fit.
            room = max(1, min(room - 1, self._in_sight() - FOLD_TERMS))
        self._fill(writer, room)

    def _fill(self, writer: Writer, room: int) -> None:
        """Write one more term at a time, as long as they fit."""
        while self._written is not None and self._has_fold(self._written):
            room += 1
            written = writer(room)
            if written == self._written:
                return  # Zeros stay left out even if there is room.
            placed, lines = self._placed_in_lines(written)
            if lines > self._lines:
                return
            self._written, self._placed = written, placed

    def _in_sight(self) -> int:
        """Number of terms within the lines of a folded equation."""
        return sum(one.piece.kind == "term" and one.area.top() < self._lines * LINE for one in self._placed)

    def _line_count(self) -> int:
        return 1 + max((placed.area.top() // LINE for placed in self._placed), default=0)

    def _placed_in_lines(self, written: Written) -> tuple[list[_Placed], int]:
        placed: list[_Placed] = []
        x, line = 0.0, 0
        for number, piece in enumerate(written.pieces):
            boxed = piece.kind in ("term", "fold")
            widths = [self._width(piece.kind, span.text) for span in piece.spans]
            wide = sum(widths) + (2 * _PAD if boxed else 0)
            # A sign stays with what follows it, and "=" with the result.
            ahead = 0.0
            if piece.kind == "sign" and number + 1 < len(written.pieces):
                nearby = written.pieces[number + 1]
                ahead = self._width(nearby.kind, nearby.text) + 2 * _PAD + _GAP
            if x and x + wide + ahead > self.width():
                x, line = 0.0, line + 1
            left = x + (_PAD if boxed else 0)
            ends = []
            for one in widths:
                left += one
                ends.append(round(left))
            placed.append(_Placed(piece, QRect(round(x), line * LINE, round(wide), LINE), tuple(ends)))
            x += wide + _GAP
        return placed, line + 1

    def _font(self, kind: str) -> QFont:
        return self._theme.mono(12, QFont.Weight.DemiBold if kind == "result" else QFont.Weight.Normal)

    def _width(self, kind: str, text: str) -> float:
        key = kind == "result", text
        if key not in self._widths:
            if key[0] not in self._measures:
                self._measures[key[0]] = QFontMetricsF(self._font(kind))
            self._widths[key] = self._measures[key[0]].horizontalAdvance(text)
        return self._widths[key]

    def _restyle(self) -> None:
        self._measures.clear()
        self._widths.clear()
        self.update()
