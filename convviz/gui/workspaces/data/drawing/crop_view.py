"""A picture on which a piece is chosen by dragging."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys

REACH = 7
"""Pixels around a corner within which it can be grabbed."""
SHADE = 120
"""Opacity of the shade around the piece, of 255."""
LEAST = 4
"""Least width and height of a piece, in pixels of the picture."""


class CropView(QWidget):
    """The picture as large as fits, and the piece that is chosen.

    Dragging chooses a piece, moves it, or moves one of its corners; the arrow keys move it, with Shift its right lower
    corner.

    Parameters
    ----------
    picture : QImage

    Attributes
    ----------
    pieceChanged : Signal()
        :attr:`piece` has changed.
    """

    KEYS = FocusKeys(
        "the picture",
        {
            "Move the piece": ("Left", "Right", "Up", "Down"),
            "Make the piece larger or smaller": ("Shift+Left", "Shift+Right", "Shift+Up", "Shift+Down"),
        },
    )

    pieceChanged = Signal()

    def __init__(self, picture: QImage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.picture = picture
        self._piece = picture.rect()
        self._shown = QPixmap()
        """The picture at its size on the screen, so that it is not scaled again with every move."""
        self._held: QPointF | None = None
        """The fixed corner while the opposite one is dragged, in pixels of the picture."""
        self._moved_from: tuple[QPointF, QRect] | None = None
        self.setAccessibleName("Picture to choose a piece of")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme.changed.connect(self.update)

    @property
    def piece(self) -> QRect:
        """What is chosen, in pixels of the picture."""
        return self._piece

    def set_piece(self, piece: QRect) -> None:
        """Choose a piece; what lies outside the picture is cut off."""
        inside = piece.normalized().intersected(self.picture.rect())
        if inside.width() >= LEAST and inside.height() >= LEAST and inside != self._piece:
            self._piece = inside
            self.setAccessibleDescription(self.words)
            self.pieceChanged.emit()
            self.update()

    @property
    def words(self) -> str:
        """``120 × 90 of 1,920 × 1,080 pixels``."""
        whole, piece = self.picture, self._piece
        return f"{piece.width():,} × {piece.height():,} of {whole.width():,} × {whole.height():,} pixels"

    def at_screen(self, place: QPointF) -> QPointF:
        """Where a place of the picture is drawn."""
        return self._place.topLeft() + place * self._scale

    # --- Qt ------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(640, 420)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 220)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at, corner = event.position(), self._corner_at(event.position())
        if corner is not None:
            self._held = corner
        elif self._is_inside(at) and self._piece != self.picture.rect():
            self._moved_from = self._in_picture(at), self._piece
        else:
            self._held = self._in_picture(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._in_picture(event.position())
        if self._held is not None:
            self.set_piece(QRectF(self._held, at).normalized().toAlignedRect())
        elif self._moved_from is not None:
            start, piece = self._moved_from
            self._shift(piece, (at - start).toPoint())
        else:
            self._show_cursor(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = self._moved_from = None
        self._show_cursor(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {
            Qt.Key.Key_Left: QPoint(-1, 0),
            Qt.Key.Key_Right: QPoint(1, 0),
            Qt.Key.Key_Up: QPoint(0, -1),
            Qt.Key.Key_Down: QPoint(0, 1),
        }
        way = ways.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.set_piece(QRect(self._piece.topLeft(), self._piece.bottomRight() + way))
        else:
            self._shift(self._piece, way)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        place, piece = self._place, self._on_screen(QRectF(self._piece))
        size = place.size().toSize().expandedTo(QSize(1, 1))
        if self._shown.size() != size:
            way = (
                Qt.TransformationMode.SmoothTransformation
                if self._scale < 1
                else Qt.TransformationMode.FastTransformation
            )
            whole = self.picture.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, way)
            self._shown = QPixmap.fromImage(whole)
        painter.drawPixmap(place.topLeft(), self._shown)
        around = QPainterPath()
        around.addRect(place)
        around.addRect(piece)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(around, QColor(0, 0, 0, SHADE))  # odd and even: the piece itself stays as it is
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawRect(place)
        painter.setPen(QPen(theme.colour("accent"), 1.5))
        painter.drawRect(piece)
        painter.setBrush(theme.colour("panel"))
        for corner in _corners(piece):
            painter.drawEllipse(corner, 3.5, 3.5)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("focus"), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    # --- how -----------------------------------------------------------------------------------------------------

    @property
    def _scale(self) -> float:
        room = self.width() - 2 * REACH, self.height() - 2 * REACH
        return max(1e-6, min(room[0] / self.picture.width(), room[1] / self.picture.height()))

    @property
    def _place(self) -> QRectF:
        width, height = self.picture.width() * self._scale, self.picture.height() * self._scale
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def _on_screen(self, part: QRectF) -> QRectF:
        return QRectF(self.at_screen(part.topLeft()), self.at_screen(part.bottomRight()))

    def _in_picture(self, at: QPointF) -> QPointF:
        found = (at - self._place.topLeft()) / self._scale
        return QPointF(min(max(found.x(), 0.0), self.picture.width()), min(max(found.y(), 0.0), self.picture.height()))

    def _corner_at(self, at: QPointF) -> QPointF | None:
        """The corner opposite the grabbed one, in pixels of the picture."""
        piece = QRectF(self._piece)
        opposite = _corners(piece)[::-1]
        for corner, other in zip(_corners(self._on_screen(piece)), opposite, strict=True):
            if (corner - at).manhattanLength() <= 2 * REACH:
                return other
        return None

    def _is_inside(self, at: QPointF) -> bool:
        return self._on_screen(QRectF(self._piece)).contains(at)

    def _shift(self, piece: QRect, way: QPoint) -> None:
        whole = self.picture.rect()
        x = min(max(piece.left() + way.x(), 0), whole.width() - piece.width())
        y = min(max(piece.top() + way.y(), 0), whole.height() - piece.height())
        self.set_piece(QRect(QPoint(x, y), piece.size()))

    def _show_cursor(self, at: QPointF) -> None:
        shape = Qt.CursorShape.CrossCursor
        if self._corner_at(at) is not None:
            shape = Qt.CursorShape.PointingHandCursor
        elif self._is_inside(at) and self._piece != self.picture.rect():
            shape = Qt.CursorShape.SizeAllCursor
        self.setCursor(shape)


def _corners(piece: QRectF) -> list[QPointF]:
    """Upper left, upper right, lower left and lower right; reversed, each is paired with its opposite."""
    return [piece.topLeft(), piece.topRight(), piece.bottomLeft(), piece.bottomRight()]
