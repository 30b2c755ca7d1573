"""The current theme: palette and fonts, applied to the whole application."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from convviz.gui.theme.fonts import Fonts, choose_fonts
from convviz.gui.theme.held_painting import TURN as PAINTING
from convviz.gui.theme.palette import DARK, LIGHT, Palette
from convviz.gui.theme.repainting import Repainting
from convviz.gui.theme.restyling import TURN, Listener, Restyling
from convviz.gui.theme.stylesheet import stylesheet


class ThemeMode(StrEnum):
    """How the light or the dark palette is chosen."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


HIDDEN = 0.004
"""Processor seconds of a turn for hidden widgets, short because the user may be doing something else."""
PAUSE = 4
"""Milliseconds between two such turns."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a change of the look; its turns take ``seconds`` of processor time, ``pause`` milliseconds apart."""

    do: Callable[[float], bool]
    """Works for the given processor seconds; returns whether the stage is done."""
    seconds: float = TURN
    pause: int = 0


class Theme(QObject):
    """The current colours and fonts, applied to the application.

    The application has one, as its child; :func:`current_theme` finds it. Widgets that paint themselves keep a
    reference, read ``theme.palette`` when they paint, and connect :attr:`changed` to ``update``. Widgets that have more
    to do than that use :meth:`follow`.

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
        self._restyling = Restyling(app)
        self._stages: list[Stage] = []
        """The stages still to be done of a change of the look."""
        self._repainting = Repainting()
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._do_next)
        self.fonts: Fonts = choose_fonts()
        self.palette: Palette = self._wanted()
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setFont(self.font())
        app.setPalette(qt_palette(self.palette))
        app.setStyleSheet(stylesheet(self.palette, self.fonts))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    @property
    def mode(self) -> ThemeMode:
        """How the light or the dark palette is chosen."""
        return self._mode

    @property
    def dark(self) -> bool:
        """Whether the dark palette is used."""
        return self.palette.dark

    def set_mode(self, mode: ThemeMode | str) -> None:
        """Follow the system, or use the light or the dark palette from now on; the look changes before this returns."""
        self._mode = ThemeMode(mode)
        self._finish()
        if self._wanted() is not self.palette:
            self._turn(self._wanted())
            self._finish()

    def turn_to(self, mode: ThemeMode | str) -> None:
        """Do the same as :meth:`set_mode` in several turns of the event loop, so that the window stays responsive.

        Nothing is painted before everything in sight has the new look; hidden widgets get it afterwards.
        """
        self._mode = ThemeMode(mode)
        self._follow_system()

    @property
    def is_turning(self) -> bool:
        """Whether the look is being changed."""
        return bool(self._stages)

    def follow(self, slot: Listener) -> None:
        """Call a widget's method after every change, as :attr:`changed` does, but a hidden widget's in a later turn.

        Use it for things that are made again for every theme (icons, palettes), so that hidden pages don't delay a
        change. The widget is not kept alive.
        """
        self._restyling.follow(slot)

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
        if self._wanted() is not self.palette:  # this change includes what is left of the previous one
            self._turn(self._wanted())
            self._repainting.hold(self._app.topLevelWidgets())
            self._next.start(0)

    def _turn(self, palette: Palette) -> None:
        """Begin to change the look: the palette is in force at once, the rest follows stage by stage."""
        self.palette = palette
        self._made_colours.clear()
        restyling = self._restyling
        self._stages = [
            Stage(self._begin_palette),
            Stage(restyling.mark),
            Stage(self._drop_sheet),
            Stage(self._begin_restyling),
            Stage(partial(restyling.polish, hidden=False)),
            Stage(partial(restyling.tell, hidden=False)),
            Stage(self._say_changed),
            Stage(self._repainting.paint, PAINTING, pause=1),
            Stage(partial(restyling.polish, hidden=True), HIDDEN, PAUSE),
            Stage(partial(restyling.tell, hidden=True), HIDDEN, PAUSE),
        ]

    def _begin_palette(self, _seconds: float) -> bool:
        # QStyleHints.setColorScheme would do half of this, but does nothing offscreen and on a bare X server.
        self._app.setPalette(qt_palette(self.palette))
        return True

    def _drop_sheet(self, _seconds: float) -> bool:
        self._restyling.drop()
        return True

    def _begin_restyling(self, _seconds: float) -> bool:
        self._restyling.begin(stylesheet(self.palette, self.fonts))
        return True

    def _say_changed(self, _seconds: float) -> bool:
        self.changed.emit()
        return True

    @Slot()
    def _do_next(self) -> None:
        """Work on the next stage for one turn."""
        self._do_some(self._stages[0].seconds)
        if self._stages:
            self._next.start(self._stages[0].pause)

    def _do_some(self, seconds: float) -> None:
        stage = self._stages[0]
        if stage.do(seconds) and self._stages[:1] == [stage]:
            self._stages.pop(0)

    def _finish(self) -> None:
        """Do all remaining stages at once."""
        self._next.stop()
        while self._stages:
            self._do_some(math.inf)

    def _wanted(self) -> Palette:
        if self._mode is ThemeMode.SYSTEM:
            return DARK if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT
        return DARK if self._mode is ThemeMode.DARK else LIGHT


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
