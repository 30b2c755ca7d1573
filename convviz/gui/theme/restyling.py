"""Gives all widgets the look of another theme, some of them in each turn of the event loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from weakref import WeakMethod

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

POLISHED, OWN_STYLE = Qt.WidgetAttribute.WA_WState_Polished, Qt.WidgetAttribute.WA_SetStyle
TURN = 0.008
"""Processor seconds of a turn."""
AT_A_TIME = 100
"""Widgets that are marked between two looks at the clock."""

Listener = Callable[[], object]


class Restyling:
    """Replaces the stylesheet of the application, and polishes its widgets bit by bit.

    Qt goes over all widgets twice when a sheet takes the place of another: 0.4 s with the 3,000 of this window. It
    leaves out those that were never polished, and doesn't tell those with a style of their own. So all widgets are
    marked as such while the sheet is replaced, and polished afterwards: those in sight first.

    Parameters
    ----------
    app : QApplication
    """

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self._followers: list[WeakMethod[Listener]] = []
        self._left: list[WeakMethod[Listener]] = []
        """Followers that have not been called since the last change."""
        self._sorted_for: bool | None = None
        """For which of the two calls those in sight were put first."""
        self._unmarked: list[QWidget] = []
        self._in_sight: list[QWidget] = []
        self._out_of_sight: list[QWidget] = []
        """Marked and not polished yet, by whether they were in sight when they were marked; polished from the end."""

    def follow(self, slot: Listener) -> None:
        """Call a method of a widget after every change; of one that is not in sight, later than of others."""
        self._followers.append(WeakMethod(slot))

    def mark(self, seconds: float = TURN) -> bool:
        """Mark widgets for some time as never polished; True if all are. To be called until then, before :meth:`begin`.

        Qt itself restyles those that are made or polished meanwhile.
        """
        end = time.thread_time() + seconds
        if not self._unmarked:
            self._unmarked = self._app.allWidgets()
        while self._unmarked:
            for widget in self._unmarked[-AT_A_TIME:]:
                if isValid(widget) and widget.testAttribute(POLISHED):
                    widget.setAttribute(POLISHED, False)
                    widget.setAttribute(OWN_STYLE, True)
                    (self._in_sight if widget.isVisible() else self._out_of_sight).append(widget)
            del self._unmarked[-AT_A_TIME:]
            if time.thread_time() > end:
                break
        return not self._unmarked

    def begin(self, sheet: str) -> None:
        """Replace the stylesheet; marked widgets have yet to be polished."""
        # In two steps: replacing one sheet by another restyles a widget once for each of its ancestors.
        self._app.setStyleSheet("")
        self._app.setStyleSheet(sheet)
        # Taken from the end, in the order in which they were marked: it decides what a widget hands on to others.
        self._in_sight.reverse()
        self._out_of_sight.reverse()
        self._followers = [one for one in self._followers if one() is not None]
        self._left, self._sorted_for = self._followers[::-1], None

    def polish(self, seconds: float = TURN, *, hidden: bool) -> bool:
        """Polish widgets for some time: those in sight, then the hidden ones if wanted; True if none is left."""
        end = time.thread_time() + seconds
        # What is shown meanwhile Qt polishes by itself, as it does everything that was never polished.
        for left in (self._in_sight, self._out_of_sight) if hidden else (self._in_sight,):
            while left:
                polish(left.pop())
                if time.thread_time() > end:
                    return not (self._in_sight or (hidden and self._out_of_sight))
        return True

    def tell(self, seconds: float = TURN, *, hidden: bool) -> bool:
        """Call followers for some time: those in sight, then the hidden ones if wanted; True if none is left."""
        end = time.thread_time() + seconds
        if self._sorted_for is not hidden:
            self._sorted_for = hidden
            self._left.sort(key=is_in_sight)  # called from the end
        left = self._left
        while left and left is self._left and time.thread_time() < end:
            if not hidden and not is_in_sight(left[-1]):
                left.sort(key=is_in_sight)  # what has been shown meanwhile is not among the last
                if not is_in_sight(left[-1]):
                    break
            slot = left.pop()()
            if slot is not None and isValid(slot.__self__):  # type: ignore[attr-defined]
                slot()
        return not self._left or not (hidden or is_in_sight(self._left[-1]))


def polish(widget: QWidget) -> None:
    """Give a widget the look of the application, unless it was shown for the first time meanwhile."""
    if not isValid(widget):
        return
    if not widget.testAttribute(POLISHED):
        widget.style().polish(widget)
        widget.setAttribute(POLISHED, True)
    widget.setAttribute(OWN_STYLE, False)


def is_in_sight(follower: WeakMethod[Listener]) -> bool:
    """Whether a follower's widget is visible; an object that is none follows for the one that it belongs to."""
    slot = follower()
    owner = None if slot is None else slot.__self__  # type: ignore[attr-defined]
    while isinstance(owner, QObject) and isValid(owner) and not isinstance(owner, QWidget):
        owner = owner.parent()
    return isinstance(owner, QWidget) and isValid(owner) and owner.isVisible()
