"""The lower edge of what is scrolled: it fades where there is more below, instead of cutting a line of text."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from convviz.gui.theme import current_theme

HIGH = 24
"""Height of the fade, in pixels: a little more than a line."""


class Fade(QWidget):
    """Lies over the lower edge of a scroll area while there is more below.

    Parameters
    ----------
    scroll : QScrollArea
    token : str
        Colour of the ground that the contents lie on.
    """

    def __init__(self, scroll: QScrollArea, token: str = "panel") -> None:
        super().__init__(scroll)
        self._scroll, self._token, self._theme = scroll, token, current_theme()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        bar = scroll.verticalScrollBar()
        bar.valueChanged.connect(self._place)
        bar.rangeChanged.connect(self._place)
        scroll.viewport().installEventFilter(self)
        self._theme.changed.connect(self.update)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        gradient = QLinearGradient(0, 0, 0, self.height())
        gradient.setColorAt(0, self._theme.colour(self._token, 0.0))
        gradient.setColorAt(1, self._theme.colour(self._token))
        QPainter(self).fillRect(self.rect(), gradient)

    def _place(self, *_: int) -> None:
        view, bar = self._scroll.viewport().geometry(), self._scroll.verticalScrollBar()
        self.setGeometry(view.left(), view.bottom() + 1 - HIGH, view.width(), HIGH)
        self.setVisible(bar.value() < bar.maximum())
        self.raise_()
