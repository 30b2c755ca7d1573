"""Push buttons of several kinds, with icons that follow the theme."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QKeySequence
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.theme.icon import icon
from convviz.gui.theme.style_property import set_style_property


class Button(QPushButton):
    """A push button.

    Parameters
    ----------
    text : str
        May be empty if there is an icon; then give a ``tip``, which screen readers use too.
    icon_name : str
        Name of an icon in :mod:`convviz.gui.theme.icon`; drawn in the button's text colour.
    kind : str
        ``secondary`` (outlined), ``primary`` (filled with the accent), ``quiet`` (no outline), ``danger``.
    tip : str
        Tooltip: what it does and when it takes effect.
    shortcut : str
        Such as ``"F10"``; named in the tooltip.
    small : bool
        For use inside a line of text or a card's title.
    on_click : callable, optional
        Called without arguments when it is clicked.
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        icon_name: str = "",
        kind: str = "secondary",
        tip: str = "",
        shortcut: str = "",
        small: bool = False,
        on_click: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._theme = current_theme()
        self._icon_name = icon_name
        self.setProperty("kind", kind)
        self.setProperty("small", small)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._side = 12 if small else 14
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if shortcut:
            self.setShortcut(QKeySequence(shortcut))
            keys = QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            self.setWhatsThis(tip or text)
            tip = f"{tip or text} ({keys})"
        self.setToolTip(tip)
        if not text:
            self.setAccessibleName(tip)
        if on_click is not None:
            self.clicked.connect(lambda: on_click())
        self._theme.follow(self._recolour)
        self._recolour()

    @property
    def kind(self) -> str:
        """The kind of the button."""
        return str(self.property("kind"))

    def set_kind(self, kind: str) -> None:
        """Draw it as another kind."""
        if kind != self.kind:
            set_style_property(self, "kind", kind)
            self._recolour()

    def set_icon(self, icon_name: str) -> None:
        """Show another icon, or none."""
        if icon_name != self._icon_name:
            self._icon_name = icon_name
            self._recolour()

    def setText(self, text: str) -> None:
        bare = bool(text) != bool(self.text())
        super().setText(text)
        if bare:
            self._recolour()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        # Without text, the padding of a text button would make an icon button too wide.
        return QSize(hint.height(), hint.height()) if not self.text() and self._icon_name else hint

    def _recolour(self) -> None:
        colours = self._theme.palette
        if not self._icon_name:
            self.setIcon(QIcon())
            return
        token = {"primary": colours.on_primary, "danger": colours.danger, "quiet": colours.muted}
        gap = 3 if self.text() else 0
        self.setIconSize(QSize(self._side + gap, self._side))
        self.setIcon(icon(self._icon_name, token.get(self.kind, colours.ink), colours.faint, self._side, gap))
