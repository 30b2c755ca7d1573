"""The layout of the views of Watch on the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QStackedLayout, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.scrolled import scrolled
from convviz.gui.widgets.tab_order import tab_in_order
from convviz.gui.workspaces.watch.aim import Aim
from convviz.gui.workspaces.watch.card_row import GAP, CardRow
from convviz.gui.workspaces.watch.registry import Entry, Place
from convviz.gui.workspaces.watch.side_panel import SidePanel
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.watch.look import Look

Kind = TypeVar("Kind", bound=WatchView)

MARGIN = 14
ALWAYS = (Place.MAP, Place.CARD)
"""Places whose views stay visible even if they have nothing to show."""


class Floor(QWidget):
    """The ground between the cards."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = current_theme()
        self._token = "background"
        self._theme.changed.connect(self.update)

    def set_token(self, token: str) -> None:
        """Fill it with another colour of the palette."""
        if token != self._token:
            self._token = token
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), self._theme.colour(self._token))


class _Row(QHBoxLayout):
    """A page and the panel beside it, whose width depends on that of both.

    It places the two itself: a panel that were given another fixed width would make Qt lay out once more, and within a
    layout that goes on, which can end the process.
    """

    def setGeometry(self, rect: QRect) -> None:
        QLayout.setGeometry(self, rect)
        page, side = (self.itemAt(place) for place in range(2))
        assert page is not None
        assert side is not None
        width = 0 if side.isEmpty() else SidePanel.width_beside(rect.width())
        page.setGeometry(rect.adjusted(0, 0, -width, 0))
        if width:
            side.setGeometry(QRect(rect.right() + 1 - width, rect.top(), width, rect.height()))


class Views(QObject):
    """Makes the views and lays them out in a parent.

    ::

        PAST
        MAP                                 SIDE
        CARD   CARD   CARD   (or WHOLE)
        TIMELINE

    Parameters
    ----------
    parent : QWidget
    entries : sequence of Entry
        The views to make.
    """

    def __init__(self, parent: QWidget, entries: Sequence[Entry]) -> None:
        super().__init__(parent)
        self._page = parent
        self._look: Look | None = None
        self.aim = Aim(parent)
        self.aim.rested.connect(self.let_in)
        self._entries = tuple(entries)
        self.made = tuple(entry.make() for entry in entries)
        self.cards = CardRow(
            [
                (entry.title, view, entry.width)
                for entry, view in zip(self._entries, self.made, strict=True)
                if entry.place is Place.CARD
            ]
        )
        self.side = SidePanel(self._at(Place.SIDE))
        outer = QVBoxLayout(parent)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        for view in self._at(Place.PAST):
            outer.addWidget(view)
        row = _Row()
        row.setSpacing(0)
        outer.addLayout(row, 1)
        for view in self._at(Place.TIMELINE):
            outer.addWidget(view)
        self._stack = QStackedLayout()
        row.addLayout(self._stack, 1)  # first: widgets added to a stack without a parent would open as windows
        row.addWidget(self.side)
        self._stack.addWidget(self._make_left())
        for view in self._at(Place.WHOLE):
            self._stack.addWidget(view)
        for entry, view in zip(self._entries, self.made, strict=True):
            if entry.place not in (*ALWAYS, Place.WHOLE):
                view.hide()
        self.side.keep_shown()
        self._order_tabs()
        self.cards.tabbed.connect(self._order_tabs)

    def _make_left(self) -> QWidget:
        """The map above the cards, in a scroll area in case the window is too low for them."""
        page = self._floor = Floor()
        left = QVBoxLayout(page)
        left.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        left.setSpacing(GAP)
        for view in self._at(Place.MAP):
            left.addWidget(view)
        left.addWidget(self.cards, 1)
        return scrolled(page)

    def set_ground(self, token: str) -> None:
        """Fill the ground between the cards with a colour of the palette."""
        self._floor.set_token(token)

    def of(self, kind: type[Kind]) -> Kind:
        """The view of a given class."""
        return next(view for view in self.made if isinstance(view, kind))

    def in_sight(self) -> list[WatchView]:
        """The views that are neither covered by others nor hidden because they have nothing to show."""
        return [view for view in self.made if self.is_open(view) and not view.isHidden()]

    def show(self, look: Look, wanted: Callable[[WatchView], bool]) -> None:
        """Show a look in the views that are ``wanted`` and not covered by others.

        A view with nothing to show is hidden, except for the map and the cards. A view of ``Place.WHOLE`` covers the
        map and the cards while it has something to show; of several, the last in the registry wins. A view that comes
        unasked waits until the pointer rests.

        The page gets the focus of what is hidden or disabled, where Qt would give it to whatever Tab reaches next.
        """
        self._look = look
        focused = self._focused()
        whole = self._cover(look)
        for entry, view in zip(self._entries, self.made, strict=True):
            if not wanted(view) or not self.is_open(view):
                continue
            picture = whole[view] if view in whole else view.picture_of(look)
            if entry.place not in ALWAYS and view.isHidden() == (picture is not None):
                if view.comes_unasked and not self.aim.is_at(view) and not self.aim.may_move():
                    continue
                view.setVisible(picture is not None)
            if picture is not None:
                view.show_picture(picture)
        self.side.keep_shown()
        if focused is not None and not (focused.isVisible() and focused.isEnabled()):
            self._page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _focused(self) -> QWidget | None:
        """The focused widget of a view, except for the panel's: they choose among their rows themselves."""
        found = self._page.window().focusWidget()
        if found is None or not found.isVisible() or self.side.isAncestorOf(found):
            return None
        return found if any(view.isAncestorOf(found) for view in self.made) else None

    def let_in(self) -> None:
        """Show the views that have waited for the pointer to rest."""
        if self._look is not None:
            self.show(self._look, lambda view: view.comes_unasked)

    def is_open(self, view: WatchView) -> bool:
        """Whether nothing covers a view's place."""
        place = self._entries[self.made.index(view)].place
        if place is Place.WHOLE:
            return self._stack.currentWidget() is view
        if self._stack.currentIndex() > 0 and place in ALWAYS:
            return False
        return place is not Place.CARD or view in self.cards.in_sight

    def _order_tabs(self) -> None:
        """Let Tab go through the views as they are read: strips above, map and cards, the side, the timeline."""
        tabs = [] if self.cards.switch is None else [self.cards.switch]
        above, below = (*self._at(Place.PAST), *self._at(Place.MAP)), self._at(Place.TIMELINE)
        tab_in_order(*above, *tabs, *self.cards.cards, *self._at(Place.SIDE), *below)

    def _cover(self, look: Look) -> dict[WatchView, Any]:
        """Bring to the front the view that covers the others, if there is one; return the pictures of all that can."""
        pictures = {view: view.picture_of(look) for view in self._at(Place.WHOLE)}
        covering = [view for view, picture in pictures.items() if picture is not None]
        wanted = self._stack.indexOf(covering[-1]) if covering else 0
        if wanted != self._stack.currentIndex():
            self._stack.setCurrentIndex(wanted)
        return pictures

    def _at(self, place: Place) -> tuple[WatchView, ...]:
        return tuple(view for entry, view in zip(self._entries, self.made, strict=True) if entry.place is place)
