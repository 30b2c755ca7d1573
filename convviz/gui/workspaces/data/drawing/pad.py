"""The drawing pad: strokes of mouse, pen or finger become an image of the network's size."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QTabletEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.core.arrays import Array
from convviz.data.drawing.strokes import Segment, add_segment
from convviz.gui.theme import current_theme
from convviz.gui.widgets.thumbnail import image_of

SIDE = 364
MOST_UNDO = 100


class DrawingPad(QWidget):
    """Pixels to draw on.

    Attributes
    ----------
    inkChanged : Signal()
        :attr:`image` has changed.
    stackChanged : Signal()
        What can be undone or redone has changed.
    brush : float
        Width of the brush in pixels of the image.
    erases : bool
    """

    inkChanged = Signal()
    stackChanged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.brush, self.erases = 2.0, False
        self._image: Array = np.zeros((1, 28, 28), np.float32)
        self._undo: list[Array] = []
        self._redo: list[Array] = []
        self._last: tuple[float, float, float] | None = None
        self._pointer: QPointF | None = None
        self._by_pen = False
        self.setAccessibleName("Drawing pad")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(SIDE, SIDE)
        self._theme.changed.connect(self.update)

    @property
    def image(self) -> Array:
        """The drawing, ``(C, H, W)`` in 0…1; not to be changed."""
        return self._image

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of the drawing."""
        channels, height, width = self._image.shape
        return channels, height, width

    @property
    def is_empty(self) -> bool:
        """Whether nothing is drawn."""
        return not self._image.any()

    @property
    def can_undo(self) -> bool:
        """Whether there is something to undo."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is something to redo."""
        return bool(self._redo)

    def set_shape(self, shape: tuple[int, int, int]) -> None:
        """Draw images of another size (C, H, W); the drawing is discarded."""
        if shape != self._image.shape:
            self._image = np.zeros(shape, np.float32)
            self._undo, self._redo = [], []
            self._changed(stack=True)

    def show_picture(self, image: Array) -> None:
        """Replace the drawing with a picture ``(C, H, W)``."""
        self._remember()
        self._image = image.astype(np.float32)
        self._changed(stack=True)

    def clear(self) -> None:
        """Erase everything."""
        if not self.is_empty:
            self.show_picture(np.zeros_like(self._image))

    def start_over(self) -> None:
        """An empty pad, with nothing to undo."""
        self._image = np.zeros_like(self._image)
        self._undo, self._redo = [], []
        self._changed(stack=True)

    def undo(self) -> None:
        """Take back the last stroke."""
        self._step(self._undo, self._redo)

    def redo(self) -> None:
        """Redo what was undone last."""
        self._step(self._redo, self._undo)

    # --- Qt ------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._by_pen:
            self._begin(event.position(), 1.0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        if event.buttons() & Qt.MouseButton.LeftButton and not self._by_pen:
            self._go_on(event.position(), 1.0)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._last = None

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen: the harder it is pressed, the wider the stroke."""
        self._pointer = event.position()
        width = 0.4 + 1.2 * event.pressure()
        if event.type() == QTabletEvent.Type.TabletPress:
            self._by_pen = True
            self._begin(event.position(), width)
        elif event.type() == QTabletEvent.Type.TabletMove and self._last is not None:
            self._go_on(event.position(), width)
        elif event.type() == QTabletEvent.Type.TabletRelease:
            self._last, self._by_pen = None, False
        event.accept()
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._pointer = event.position()
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._pointer = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.drawImage(self._frame(), image_of(self._image, theme.dark))
        frame, scale = self._frame(), self._scale
        painter.setPen(QPen(theme.colour("line", 0.6), 1))
        if scale >= 7:
            for at in range(1, self._image.shape[2]):
                painter.drawLine(
                    QPointF(frame.left() + at * scale, frame.top()), QPointF(frame.left() + at * scale, frame.bottom())
                )
            for at in range(1, self._image.shape[1]):
                painter.drawLine(
                    QPointF(frame.left(), frame.top() + at * scale), QPointF(frame.right(), frame.top() + at * scale)
                )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("focus" if self.hasFocus() else "line"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(frame.adjusted(0.5, 0.5, -0.5, -0.5))
        if self._pointer is not None and self.isEnabled():
            radius = self.brush / 2 * scale
            painter.setPen(
                QPen(theme.colour("accent"), 1.5, Qt.PenStyle.DashLine if self.erases else Qt.PenStyle.SolidLine)
            )
            painter.drawEllipse(self._pointer, radius, radius)

    # --- how -----------------------------------------------------------------------------------------------------

    @property
    def _scale(self) -> float:
        return min(self.width() / self._image.shape[2], self.height() / self._image.shape[1])

    def _frame(self) -> QRectF:
        width, height = self._scale * self._image.shape[2], self._scale * self._image.shape[1]
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def _begin(self, point: QPointF, pressure: float) -> None:
        self._remember()
        self._image = self._image.copy()
        self._last = None
        self._go_on(point, pressure)
        self.stackChanged.emit()

    def _go_on(self, point: QPointF, pressure: float) -> None:
        frame, scale = self._frame(), self._scale
        here = ((point.x() - frame.left()) / scale, (point.y() - frame.top()) / scale, self.brush / 2 * pressure)
        before = self._last or here
        segment = Segment(before[:2], here[:2], before[2], here[2], self.erases)
        for channel in self._image:
            add_segment(channel, segment)
        self._last = here
        self._changed()

    def _remember(self) -> None:
        self._undo = [*self._undo[-MOST_UNDO:], self._image]
        self._redo = []

    def _step(self, source: list[Array], target: list[Array]) -> None:
        if source and self._last is None:
            target.append(self._image)
            self._image = source.pop()
            self._changed(stack=True)

    def _changed(self, *, stack: bool = False) -> None:
        self.update()
        self.inkChanged.emit()
        if stack:
            self.stackChanged.emit()
