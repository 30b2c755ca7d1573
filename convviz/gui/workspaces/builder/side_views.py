"""The views at the side of Build: each is brought up to date in a turn after the change that it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from time import monotonic
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication, QWidget

from convviz.gui.widgets.turns import Turns, paint_apart
from convviz.gui.workspaces.builder.registry import Entry, Place
from convviz.gui.workspaces.builder.view import BuildLook, BuildView

Kind = TypeVar("Kind", bound=BuildView)

TURN = 0.004
"""Processor seconds of a turn; a view takes 1 to 8 ms."""
LONGEST = 0.15
"""Seconds after which views are waited for no longer: edits that come faster would keep the screen as it was."""
POINTED = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.Wheel})


class SideViews(QObject):
    """Makes the views, and shows them a look after the layers have it.

    The layers alone take most of the time that the window can be busy at once. The screen stays as it was until all
    is up to date, and so is a view before it is asked for or gets a click or a key.

    Parameters
    ----------
    entries : sequence of Entry
    look : callable
        Returns what there is to be shown.
    page : QWidget
        The page that holds the views.
    """

    def __init__(self, entries: Sequence[Entry], look: Callable[[], BuildLook], page: QWidget) -> None:
        super().__init__(page)
        self._views = {entry: entry.make() for entry in entries}
        self._look, self._page = look, page
        self._turns = Turns(self, TURN)
        self._begun = 0.0
        self._heard: QWindow | None = None
        """The window whose input is listened to, as long as views are not up to date."""

    @property
    def is_waiting(self) -> bool:
        """Whether views are not up to date yet."""
        return self._turns.is_going

    @property
    def all(self) -> Mapping[Entry, BuildView]:
        """All views by entry, up to date."""
        self.finish()
        return self._views

    def of(self, kind: type[Kind]) -> Kind:
        """The view of a class, up to date."""
        return next(view for view in self.all.values() if isinstance(view, kind))

    def at(self, place: Place) -> list[BuildView]:
        """The views of a place, from top to bottom."""
        return [view for entry, view in self._views.items() if entry.place is place]

    def show_look(self) -> None:
        """Show the look, in the next turns if the page is on the screen."""
        now, waits = monotonic(), self._turns.is_going
        if not waits:
            self._begun = now
        self._turns.start(self._shown())
        if not self._page.isVisible() or now - self._begun > LONGEST:
            self.finish()
            return
        paint_apart(self._page, lambda: self._turns.is_going)
        if self._heard is None and (window := self._page.window().windowHandle()) is not None:
            self._heard = window
            window.installEventFilter(self)

    def finish(self) -> None:
        """Bring all views up to date now."""
        self._turns.finish()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Input comes to the window first: it finds the views up to date.
        kind = event.type()
        if kind in POINTED or (kind == QEvent.Type.KeyPress and self._has_focus()):
            self.finish()
        return False

    def _has_focus(self) -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and any(view.isAncestorOf(focus) for view in self._views.values())

    def _shown(self) -> Iterator[None]:
        look = self._look()
        for view in self._views.values():
            view.show_look(look)
            yield
        if self._heard is not None:
            self._heard.removeEventFilter(self)
            self._heard = None
