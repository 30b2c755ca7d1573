"""The legend of a colour map: a gradient between the values at its ends."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.pixels import image_of_pixels
from convviz.present.colour import ColourRole, Levels, argb_table, format_full
from convviz.present.scales import end_words

_THICK = 5
_GAP = 8
_SHORT = 40
"""The shortest gradient that has a label at each end, in pixels."""


class ScaleBar(QWidget):
    """The meaning of a picture's colours: low, gradient, high; zero is marked on a diverging scale.

    Parameters
    ----------
    levels : Levels
        The values at the ends.
    length : int
        Greatest length of the gradient, in pixels; it shrinks if there is less room.

    Attributes
    ----------
    clicked : Signal()
        The user wants another scope. Only with ``clickable``.
    """

    clicked = Signal()

    def __init__(
        self,
        role: ColourRole | str = ColourRole.ACTIVATION,
        levels: Levels | None = None,
        parent: QWidget | None = None,
        *,
        length: int = 150,
        clickable: bool = False,
    ) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._role = ColourRole(role)
        self._levels = levels if levels is not None else Levels(0.0, 1.0)
        self._locked = False
        self._news = ""
        self._length = length
        self._strip: tuple[object, QImage] | None = None
        self.setFont(self._theme.mono(12))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if clickable:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._clickable = clickable
        self._theme.changed.connect(self.update)
        self._describe()

    @property
    def levels(self) -> Levels:
        """The values at the ends."""
        return self._levels

    def set_scale(self, role: ColourRole | str, levels: Levels, locked: bool = False, news: str = "") -> None:
        """Show another scale.

        Parameters
        ----------
        role : ColourRole or str
        levels : Levels
        locked : bool
            Whether it is held over time.
        news : str
            A sentence that says how it has changed lately; while there is one, the ends stand out.
        """
        new = (ColourRole(role), levels, locked, news)
        if new != (self._role, self._levels, self._locked, self._news):
            self._role, self._levels, self._locked, self._news = new
            self._describe()
            self.updateGeometry()
            self.update()

    def labels(self) -> tuple[str, str]:
        """Return the labels of the two ends; if there is no room for both, the right one covers both."""
        low, high = end_words(self._levels.low), end_words(self._levels.high)
        if self._role.diverging and self._levels.low == -self._levels.high:
            wide = self.fontMetrics().horizontalAdvance(low + high)
            if self.width() < wide + 2 * _GAP + _SHORT:
                return "", f"±{high}"
        return low, high

    def sizeHint(self) -> QSize:
        low, high = self._widths(end_words(self._levels.low), end_words(self._levels.high))
        return QSize(low + high + 2 * _GAP + self._length, self.fontMetrics().height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(64, self.fontMetrics().height() + 2)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._clickable and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, right = self.labels()
        low, high = self._widths(left, right)
        room = self.width() - low - high - 2 * _GAP
        length = max(8, min(self._length, room))
        middle = self.height() / 2
        bar = QRectF(low + _GAP, middle - _THICK / 2, length, _THICK)
        painter.setPen(self._theme.colour("ink" if self._news else "muted"))
        centre = Qt.AlignmentFlag.AlignVCenter
        if room < 8 and not left:  # the numbers say more than a bar that cuts them off
            painter.drawText(self.rect(), centre | Qt.AlignmentFlag.AlignHCenter, right)
            return
        painter.drawText(QRectF(0, 0, low, self.height()), centre | Qt.AlignmentFlag.AlignRight, left)
        painter.drawText(QRectF(bar.right() + _GAP, 0, high + 1, self.height()), centre, right)
        outline = QPainterPath()
        outline.addRoundedRect(bar, _THICK / 2, _THICK / 2)
        painter.save()
        painter.setClipPath(outline)
        painter.drawImage(bar, self._gradient())
        painter.restore()
        painter.setPen(QPen(self._theme.colour("line"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(bar, _THICK / 2, _THICK / 2)
        if self._role.diverging:
            painter.setPen(QPen(self._theme.colour("muted"), 1))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            x = round(bar.center().x())
            painter.drawLine(x, round(bar.bottom()) + 1, x, round(bar.bottom()) + 3)

    def _gradient(self) -> QImage:
        key = (self._role, self._theme.dark)
        if self._strip is None or self._strip[0] != key:
            row = argb_table(self._role, self._theme.dark)[None, 1:]
            self._strip = (key, image_of_pixels(row, QImage.Format.Format_RGB32))
        return self._strip[1]

    def _widths(self, left: str, right: str) -> tuple[int, int]:
        metrics = self.fontMetrics()
        return metrics.horizontalAdvance(left), metrics.horizontalAdvance(right)

    def _describe(self) -> None:
        levels = self._levels
        held = ", locked over time" if self._locked else ""
        self.setAccessibleName(f"Scale from {end_words(levels.low)} to {end_words(levels.high)}")
        tip = f"{format_full(levels.low)} to {format_full(levels.high)}\nscale: {levels.scope.words}{held}"
        tip += f"\n{self._news}" if self._news else ""
        self.setToolTip(tip + ("\nClick to choose what the scale is taken over" if self._clickable else ""))
