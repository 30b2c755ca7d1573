"""An opaque background of a widget, so that nothing behind it is painted when it changes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from convviz.gui.theme import current_theme


class Ground(QObject):
    """Fills the background of a widget with a colour of the palette, and follows the theme.

    Most widgets are transparent: to repaint one, Qt also paints the card behind it, the page behind that and everything
    between. With an opaque background, a widget that changes many times a second is painted alone.

    Parameters
    ----------
    widget : QWidget
        Owner of the background.
    token : str
        Colour of the surface behind the widget.
    """

    def __init__(self, widget: QWidget, token: str = "panel") -> None:
        super().__init__(widget)
        self._widget = widget
        self._token = token
        self._theme = current_theme()
        self._theme.follow(self._recolour)
        self._recolour()
        widget.setAutoFillBackground(True)

    @Slot()
    def _recolour(self) -> None:
        palette = self._widget.palette()
        palette.setColor(self._widget.backgroundRole(), self._theme.colour(self._token))
        self._widget.setPalette(palette)
