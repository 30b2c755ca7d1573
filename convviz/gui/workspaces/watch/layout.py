"""The views of Watch and their layout on the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from convviz.gui.widgets.tab_card import TabCard
from convviz.gui.workspaces.watch.registry import Entry, Place
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.watch.look import Look

Kind = TypeVar("Kind", bound=WatchView)


class Views:
    """Makes the views and lays them out in a parent.

    Parameters
    ----------
    parent : QWidget
    entries : sequence of Entry
        The views to make.
    """

    def __init__(self, parent: QWidget, entries: Sequence[Entry]) -> None:
        self._entries = tuple(entries)
        self.made = tuple(entry.make() for entry in entries)
        self.tabs = TabCard()
        for entry, view in zip(self._entries, self.made, strict=True):
            if entry.place is Place.TAB:
                self.tabs.add_tab(entry.title, view)
        below = QHBoxLayout()
        below.setSpacing(12)
        for view in self._at(Place.BELOW):
            below.addWidget(view, 2)
        below.addWidget(self.tabs, 1)
        page = QWidget()
        left = QVBoxLayout(page)
        left.setContentsMargins(14, 14, 14, 14)
        left.setSpacing(12)
        for view in self._at(Place.TOP):
            left.addWidget(view)
        left.addLayout(below, 1)
        row = QHBoxLayout(parent)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._stack = QStackedLayout()
        row.addLayout(self._stack, 1)  # first, because widgets added to a stack without a parent would open as windows
        self._stack.addWidget(page)
        for view in self._at(Place.WHOLE):
            self._stack.addWidget(view)
        for view in self._at(Place.SIDE):
            row.addWidget(view)

    def of(self, kind: type[Kind]) -> Kind:
        """The view of a given class."""
        return next(view for view in self.made if isinstance(view, kind))

    def in_sight(self) -> list[WatchView]:
        """Views that are not covered by others."""
        covering = self._stack.currentWidget()
        if covering in self._at(Place.WHOLE):
            return [view for view in self.made if view is covering or view in self._at(Place.SIDE)]
        tab = self.tabs.front
        hidden = (*self._at(Place.WHOLE), *(view for view in self._at(Place.TAB) if view is not tab))
        return [view for view in self.made if view not in hidden]

    def show(self, look: Look, wanted: Callable[[WatchView], bool]) -> None:
        """Show a look in the visible views that are ``wanted``."""
        for view in self.in_sight():
            if not wanted(view):
                continue
            picture = view.picture_of(look)
            if view in self._at(Place.SIDE) and view.isHidden() == (picture is not None):
                view.setVisible(picture is not None)
            if picture is not None:
                view.show_picture(picture)

    def cover(self, view: WatchView | None) -> None:
        """Put a view over the others; None takes it away."""
        if view is None:
            self._stack.setCurrentIndex(0)
        else:
            self._stack.setCurrentWidget(view)

    def _at(self, place: Place) -> tuple[WatchView, ...]:
        return tuple(view for entry, view in zip(self._entries, self.made, strict=True) if entry.place is place)
