"""An opaque ground below a widget, so that nothing behind it has to be painted when it changes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from convviz.gui.theme import current_theme


class Ground(QObject):
    """Fills a widget with a colour of the palette before it paints itself, and follows the theme.

    Most widgets are transparent: to change one, Qt paints the card below it, the page below that and all between. On a
    ground a widget that changes many times a second is painted alone.

    Parameters
    ----------
    widget : QWidget
        Owns the ground.
    token : str
        Colour of what the widget stands on.
    """

    def __init__(self, widget: QWidget, token: str = "panel") -> None:
        super().__init__(widget)
        self._widget = widget
        self._token = token
        self._theme = current_theme()
        self._theme.changed.connect(self._recolour)
        self._recolour()
        widget.setAutoFillBackground(True)

    @Slot()
    def _recolour(self) -> None:
        palette = self._widget.palette()
        palette.setColor(self._widget.backgroundRole(), self._theme.colour(self._token))
        self._widget.setPalette(palette)
