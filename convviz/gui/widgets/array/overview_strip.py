"""A strip below a wide matrix that shows the whole matrix and the visible part."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.array.raster import colour_bank, shrink, shrink_states, to_image
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.focus_keys import FocusKeys


class OverviewStrip(QWidget):
    """The whole of an :class:`ArrayView`'s first tile, with a frame around the view's visible part.

    A click goes there, dragging the frame pans; with the keyboard focus, Left and Right pan by a tenth of the visible
    part, Page Up and Down by all of it, and Home and End go to the ends. The wheel zooms the view.

    Parameters
    ----------
    view : ArrayView
        The view that the strip follows.
    """

    KEYS = FocusKeys(
        "the strip under a long matrix",
        {
            "A little to the side": ("Left", "Right"),
            "One picture to the side": ("PgUp", "PgDown"),
            "The beginning or the end": ("Home", "End"),
        },
    )

    def __init__(
        self,
        view: ArrayView,
        parent: QWidget | None = None,
        *,
        height: int = 28,
    ) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._view = view
        self._image: QImage | None = None
        self._grip: float | None = None
        self.setFixedHeight(height)
        self.setMinimumWidth(40)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("overview")
        view.viewChanged.connect(self._moved)
        view.pictureChanged.connect(self._renewed)
        self._theme.changed.connect(self._renewed)

    def window_rect(self) -> QRectF:
        """Return the frame, in pixels."""
        seen, tiling = self._view.visible_cells(), self._view.tiling
        left = seen.left() / tiling.content_width * self.width()
        right = seen.right() / tiling.content_width * self.width()
        # Always wide enough to be seen and grabbed.
        wider = max(0.0, 10.0 - (right - left)) / 2
        left, right = left - wider, right + wider
        shift = max(0.0, -left) - max(0.0, right - self.width())
        return QRectF(left + shift, 0, right - left, self.height())

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        picture = self._view.picture
        if picture is None:
            return
        painter = QPainter(self)
        wanted = max(1, round(self.width() * self.devicePixelRatioF()))
        if self._image is None or self._image.width() > wanted or self._image.width() < min(wanted, picture.shape[2]):
            bank = colour_bank(picture.role, self._theme.dark, self._theme.palette.panel)
            size = (max(1, round(self.height() * self.devicePixelRatioF())), wanted)
            found = shrink(picture.entries[0], *size, picture.role.diverging)
            states = None if picture.states is None else shrink_states(picture.states[0], *size)
            self._image = to_image(found, states, bank)
        painter.fillRect(self.rect(), self._theme.colour("hover"))
        painter.drawImage(QRectF(self.rect()), self._image)
        frame = self.window_rect()
        veil = self._theme.colour("panel", 0.55)
        painter.fillRect(QRectF(0, 0, frame.left(), self.height()), veil)
        painter.fillRect(QRectF(frame.right(), 0, self.width() - frame.right(), self.height()), veil)
        token = "focus" if self.hasFocus() else "accent"
        painter.setPen(QPen(self._theme.colour(token), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(frame.adjusted(1, 1, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        x, frame = event.position().x(), self.window_rect()
        self._grip = x - frame.center().x() if frame.left() <= x <= frame.right() else 0.0
        self._go(x - self._grip)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self._go(event.position().x() - self._grip)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._view.zoom_by(1.2 ** (event.angleDelta().y() / 120))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        seen, width = self._view.visible_cells(), self._view.tiling.content_width
        steps = {
            Qt.Key.Key_Left: -0.1 * seen.width(),
            Qt.Key.Key_Right: 0.1 * seen.width(),
            Qt.Key.Key_PageUp: -seen.width(),
            Qt.Key.Key_PageDown: seen.width(),
            Qt.Key.Key_Home: -width,
            Qt.Key.Key_End: width,
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._view.centre_on(seen.center().x() + step)

    def _go(self, x: float) -> None:
        self._view.centre_on(x / max(1, self.width()) * self._view.tiling.content_width)

    def _moved(self) -> None:
        seen = self._view.visible_cells()
        self.setAccessibleDescription(
            f"columns {int(seen.left())} to {int(seen.right())} of {int(self._view.tiling.content_width)}"
        )
        self.update()

    def _renewed(self) -> None:
        self._image = None
        self._moved()
