"""Gives all widgets the look of another theme, a few in each turn of the event loop."""

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
"""Number of widgets marked between two looks at the clock."""

Listener = Callable[[], object]


class Restyling:
    """Replaces the stylesheet of the application, and polishes its widgets bit by bit.

    When one stylesheet replaces another, Qt goes over all widgets twice: 0.4 s with the 3,000 of this window. It skips
    widgets that were never polished, and does not notify those with a style of their own. So all widgets are marked as
    both while the stylesheet is replaced, and polished afterwards, those in sight first.

    Parameters
    ----------
    app : QApplication
    """

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self._followers: list[WeakMethod[Listener]] = []
        self._left: list[WeakMethod[Listener]] = []
        """Followers still to be called after the last change."""
        self._sorted_for: bool | None = None
        """The value of ``hidden`` for which followers in sight were sorted to the front."""
        self._unmarked: list[QWidget] = []
        self._in_sight: list[QWidget] = []
        self._out_of_sight: list[QWidget] = []
        """Widgets marked and not yet polished, by whether they were in sight when marked; polished from the end."""

    def follow(self, slot: Listener) -> None:
        """Call a method of a widget after every change; methods of widgets out of sight are called later."""
        self._followers.append(WeakMethod(slot))

    def mark(self, seconds: float = TURN) -> bool:
        """Mark widgets as never polished for this many processor seconds; return whether all are marked.

        Call it until it returns True, before :meth:`drop`. Qt itself restyles widgets made or polished meanwhile.
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

    def drop(self) -> None:
        """Remove the stylesheet, before :meth:`begin` sets another: nothing is to be painted until then.

        In two steps, as replacing one sheet by another restyles a widget once for each of its ancestors; each takes
        long enough for a turn of its own.
        """
        self._app.setStyleSheet("")

    def begin(self, sheet: str) -> None:
        """Set the new stylesheet; marked widgets have yet to be polished."""
        self._app.setStyleSheet(sheet)
        # Widgets are taken from the end, so reverse the lists: the order decides what widgets inherit from others.
        self._in_sight.reverse()
        self._out_of_sight.reverse()
        self._followers = [one for one in self._followers if one() is not None]
        self._left, self._sorted_for = self._followers[::-1], None

    def polish(self, seconds: float = TURN, *, hidden: bool) -> bool:
        """Polish widgets for this many processor seconds; return whether all are polished.

        Those in sight come first, then, with ``hidden``, the others.
        """
        end = time.thread_time() + seconds
        # Widgets shown meanwhile are polished by Qt, like any that were never polished.
        for left in (self._in_sight, self._out_of_sight) if hidden else (self._in_sight,):
            while left:
                polish(left.pop())
                if time.thread_time() > end:
                    return not (self._in_sight or (hidden and self._out_of_sight))
        return True

    def tell(self, seconds: float = TURN, *, hidden: bool) -> bool:
        """Call followers for this many processor seconds; return whether all have been called.

        Those in sight come first, then, with ``hidden``, the others.
        """
        end = time.thread_time() + seconds
        if self._sorted_for is not hidden:
            self._sorted_for = hidden
            self._left.sort(key=is_in_sight)  # they are called from the end
        left = self._left
        while left and left is self._left and time.thread_time() < end:
            if not hidden and not is_in_sight(left[-1]):
                left.sort(key=is_in_sight)  # widgets shown meanwhile may be anywhere in the list
                if not is_in_sight(left[-1]):
                    break
            slot = left.pop()()
            if slot is not None and isValid(slot.__self__):  # type: ignore[attr-defined]
                slot()
        return not self._left or not (hidden or is_in_sight(self._left[-1]))


def polish(widget: QWidget) -> None:
    """Give a widget the look of the application, unless Qt has polished it meanwhile."""
    if not isValid(widget):
        return
    if not widget.testAttribute(POLISHED):
        widget.style().polish(widget)
        widget.setAttribute(POLISHED, True)
    widget.setAttribute(OWN_STYLE, False)


def is_in_sight(follower: WeakMethod[Listener]) -> bool:
    """Whether a follower's widget is visible; for an object that isn't a widget, the nearest widget it belongs to."""
    slot = follower()
    owner = None if slot is None else slot.__self__  # type: ignore[attr-defined]
    while isinstance(owner, QObject) and isValid(owner) and not isinstance(owner, QWidget):
        owner = owner.parent()
    return isinstance(owner, QWidget) and isValid(owner) and owner.isVisible()
