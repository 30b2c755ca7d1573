"""Holds back what windows show while it changes, and paints them anew in several turns of the event loop."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

TURN = 0.02
"""Processor seconds of a turn: a window is whole again after two or three pictures of a screen."""
AT_A_TIME = 100
"""Widgets that are let go between two looks at the clock."""
MOST = 16
"""Widgets in sight that are painted together: there is a look at the clock after each piece."""

NOT_NOW, NOT_BY_ITSELF = Qt.WidgetAttribute.WA_UpdatesDisabled, Qt.WidgetAttribute.WA_ForceUpdatesDisabled


class Repainting:
    """Keeps windows as they are on the screen, and lets them go piece by piece.

    Qt paints all of a window in one turn when it may paint it again: 50 ms with 700 widgets in sight.
    """

    def __init__(self) -> None:
        self._held: list[QWidget] = []
        self._left: Iterator[None] | None = None
        """What is still to be done to paint them."""

    def hold(self, windows: Iterable[QWidget]) -> None:
        """Paint no window that is shown until :meth:`paint`."""
        self._left = None
        for one in windows:
            if one.isVisible() and one.updatesEnabled():
                one.setUpdatesEnabled(False)
                self._held.append(one)

    def paint(self, seconds: float = TURN) -> bool:
        """Paint for some time what was held, a piece at least; True if all of it is painted."""
        end = time.thread_time() + seconds
        left = self._left = self._painting() if self._left is None else self._left
        for _ in left:
            if time.thread_time() >= end:
                return False
        self._left = None
        return True

    def _painting(self) -> Iterator[None]:
        """Let the windows go and paint them, a little before each yield."""
        yield from let_go([one for one in self._held if isValid(one)])
        held, self._held = self._held, []
        for one in held:
            if isValid(one):
                parts = pieces(one)
                yield
                for part in parts:
                    paint_now(*part)
                    yield


def let_go(windows: Sequence[QWidget]) -> Iterator[None]:
    """Let windows be painted again, without a request to do so: ``setUpdatesEnabled`` would have all painted.

    What is in sight is let go last and all at once, so that nothing is painted before.
    """
    inside = [one for window in windows for one in window.findChildren(QWidget)]
    yield
    in_sight: list[QWidget] = []
    for first in range(0, len(inside), AT_A_TIME):
        for one in inside[first : first + AT_A_TIME]:
            if isValid(one) and not one.testAttribute(NOT_BY_ITSELF):
                if one.isVisible():
                    in_sight.append(one)
                else:
                    one.setAttribute(NOT_NOW, False)
        yield
    # What was made meanwhile is held back like the widget that it was made in.
    made = [one for window in windows if isValid(window) for one in window.findChildren(QWidget)]
    for one in (*made, *windows):
        if isValid(one) and (one.isWindow() or not one.testAttribute(NOT_BY_ITSELF)):
            one.setAttribute(NOT_NOW, False)
    for window in windows:
        if isValid(window):
            window.setAttribute(NOT_BY_ITSELF, False)


def pieces(window: QWidget) -> list[tuple[list[QWidget], QRegion | None]]:
    """What is in sight of a window, in pieces: what lies between them first, with the region where that is."""
    found: list[list[QWidget]] = []
    around: list[QWidget] = []
    whole = collect(window, found, around)
    if whole:
        return [(whole, None)]
    between = window.visibleRegion()
    for first, *_ in found:
        between -= first.visibleRegion().translated(first.mapTo(window, QPoint()))
    return [(around[::-1], between), *((one, None) for one in found)]


def collect(widget: QWidget, found: list[list[QWidget]], around: list[QWidget]) -> list[QWidget]:
    """Divide what is in sight of a widget into pieces; returns all of it if it is less than one.

    Parameters
    ----------
    widget : QWidget
    found : list
        Gets the pieces, in each of them the widgets from the outermost.
    around : list
        Gets the widgets that have pieces in them, from the innermost.
    """
    inside = [one for one in widget.children() if isinstance(one, QWidget) and one.isVisible() and not one.isWindow()]
    parts = [collect(one, found, around) for one in inside]
    if all(parts) and sum(map(len, parts)) < MOST:
        return [widget, *(one for part in parts for one in part)]
    found += [part for part in parts if part]
    around.append(widget)
    return []


def paint_now(widgets: list[QWidget], region: QRegion | None) -> None:
    """Paint widgets that lie in the first of them, in a region of it or all over."""
    there = [one for one in widgets if isValid(one)]
    for one in there:  # those that are opaque are not painted with what they lie in
        if region is None:
            one.update()
        else:
            one.update(region.translated(-one.mapTo(there[0], QPoint())))
    for one in there[:1]:
        one.repaint(QRegion(one.rect()) if region is None else region)
