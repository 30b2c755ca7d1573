"""The current theme: palette and fonts, applied to the whole application."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget
from shiboken6 import isValid

from convviz.gui.theme.fonts import Fonts, choose_fonts
from convviz.gui.theme.palette import DARK, LIGHT, Palette
from convviz.gui.theme.stylesheet import stylesheet


class ThemeMode(StrEnum):
    """How light or dark is chosen."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Theme(QObject):
    """The current colours and fonts, applied to the application.

    One lives on the application, as its child; :func:`current_theme` finds it. Widgets that paint themselves keep a
    reference, read ``theme.palette`` when they paint, and connect :attr:`changed` to ``update``.

    Parameters
    ----------
    app : QApplication
        Gets the Fusion style, the palette, the fonts and the stylesheet.
    mode : ThemeMode
        ``system`` follows the desktop's colour scheme, also while the application runs.

    Attributes
    ----------
    changed : Signal()
        The palette has been replaced, and applied to the application.
    """

    changed = Signal()

    def __init__(self, app: QApplication, mode: ThemeMode | str = ThemeMode.SYSTEM) -> None:
        super().__init__(app)
        self.setObjectName("convvizTheme")
        self._app = app
        self._mode = ThemeMode(mode)
        self._made_fonts: dict[tuple[bool, float, QFont.Weight], QFont] = {}
        self._made_colours: dict[tuple[str, float], QColor] = {}
        self._stages: list[Callable[[], object]] = []
        """What is left to do of a change of the look."""
        self._held: list[QWidget] = []
        """Windows that are not painted until it is done."""
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.setInterval(0)
        self._next.timeout.connect(self._do_next)
        self.fonts: Fonts = choose_fonts()
        self.palette: Palette = self._wanted()
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setFont(self.font())
        for apply in self._applying():
            apply()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    @property
    def mode(self) -> ThemeMode:
        """How light or dark is chosen."""
        return self._mode

    @property
    def dark(self) -> bool:
        """Whether the dark palette is used."""
        return self.palette.dark

    def set_mode(self, mode: ThemeMode | str) -> None:
        """Follow the system, or be light or dark from now on, at once."""
        self._mode = ThemeMode(mode)
        self._finish()
        if self._wanted() is not self.palette:
            self._turn(self._wanted())
            self._finish()

    def turn_to(self, mode: ThemeMode | str) -> None:
        """The same in several turns of the event loop, so that the window answers meanwhile.

        Every turn goes over all widgets, and takes as long as may pass between two answers. Nothing is painted before
        the last one is done.
        """
        self._mode = ThemeMode(mode)
        self._follow_system()

    @property
    def is_turning(self) -> bool:
        """Whether the look is being changed."""
        return bool(self._stages)

    def font(self, size: float = 13, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Return the interface font at a size in pixels: 13 text, 15-17 headings, 11-12 captions.

        Fonts are made once and shared, as paint events ask for thousands: copy one before changing it.
        """
        key = (False, size, weight)
        if key not in self._made_fonts:
            self._made_fonts[key] = self.fonts.interface(size, weight)
        return self._made_fonts[key]

    def mono(self, size: float = 12, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Return the font of numbers and code at a size in pixels; shared, as :meth:`font`."""
        key = (True, size, weight)
        if key not in self._made_fonts:
            self._made_fonts[key] = self.fonts.numbers(size, weight)
        return self._made_fonts[key]

    def colour(self, token: str, alpha: float = 1.0) -> QColor:
        """Return a colour of the palette by the name of its token, such as ``"muted"``; shared, as :meth:`font`."""
        key = (token, alpha)
        if key not in self._made_colours:
            colour = self._made_colours[key] = QColor(self.palette.colour(token))
            colour.setAlphaF(alpha)
        return self._made_colours[key]

    @Slot()
    def _follow_system(self) -> None:
        self._finish()
        if self._wanted() is not self.palette:
            self._turn(self._wanted())
            self._hold_painting()
            self._next.start()

    def _turn(self, palette: Palette) -> None:
        """Begin to change the look: the palette counts at once, the rest follows stage by stage."""
        self.palette = palette
        self._made_colours.clear()
        self._stages = [*self._applying(), self.changed.emit]

    @Slot()
    def _do_next(self) -> None:
        """Do one stage; painting goes on after the last."""
        if self._stages:
            self._stages.pop(0)()
        if self._stages:
            self._next.start()
        else:
            self._let_paint()

    def _finish(self) -> None:
        """Do at once what is left."""
        self._next.stop()
        while self._stages:
            self._stages.pop(0)()
        self._let_paint()

    def _hold_painting(self) -> None:
        self._held = [one for one in self._app.topLevelWidgets() if one.isVisible() and one.updatesEnabled()]
        for one in self._held:
            one.setUpdatesEnabled(False)

    def _let_paint(self) -> None:
        held, self._held = self._held, []
        for one in held:
            if isValid(one):
                one.setUpdatesEnabled(True)

    def _wanted(self) -> Palette:
        if self._mode is ThemeMode.SYSTEM:
            return DARK if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT
        return DARK if self._mode is ThemeMode.DARK else LIGHT

    def _applying(self) -> list[Callable[[], object]]:
        """What applies the palette, stage by stage."""
        # QStyleHints.setColorScheme would do half of this, but does nothing offscreen and on a bare X server.
        self._app.setPalette(qt_palette(self.palette))
        # Qt restyles a widget once for each of its ancestors when one sheet takes the place of another (6.11: 0.6 s in
        # this window), and just twice when the old one goes first.
        return [
            partial(self._app.setStyleSheet, ""),
            lambda: self._app.setStyleSheet(stylesheet(self.palette, self.fonts)),
        ]


def current_theme() -> Theme:
    """Return the application's theme; the first call makes one that follows the system."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("theme: expected a running QApplication, found none")
    found = app.findChild(Theme, "convvizTheme", Qt.FindChildOption.FindDirectChildrenOnly)
    return found if found is not None else Theme(app)


def qt_palette(colours: Palette) -> QPalette:
    """Return the Qt palette, for everything that the stylesheet does not cover."""
    roles = QPalette.ColorRole
    palette = QPalette()
    for role, token in (
        (roles.Window, "background"),
        (roles.WindowText, "ink"),
        (roles.Base, "panel"),
        (roles.AlternateBase, "hover"),
        (roles.Text, "ink"),
        (roles.PlaceholderText, "faint"),
        (roles.Button, "panel"),
        (roles.ButtonText, "ink"),
        (roles.BrightText, "danger"),
        (roles.Highlight, "accent_wash"),
        (roles.HighlightedText, "ink"),
        (roles.Link, "accent_text"),
        (roles.LinkVisited, "accent_text"),
        (roles.ToolTipBase, "panel"),
        (roles.ToolTipText, "ink"),
        (roles.Accent, "accent"),
        (roles.Light, "panel"),
        (roles.Midlight, "hover"),
        (roles.Mid, "line"),
        (roles.Dark, "line"),
        (roles.Shadow, "line"),
    ):
        palette.setColor(role, QColor(getattr(colours, token)))
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.faint))
    return palette
