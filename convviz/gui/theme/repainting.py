"""Holds back what windows show while it changes, and paints them anew in several turns of the event loop."""

from __future__ import annotations

import time
from collections.abc import Iterable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

TURN = 0.02
"""Processor seconds of a turn: a window is whole again after two or three pictures of a screen."""
MOST = 16
"""Widgets in sight that are painted together: there is a look at the clock after each piece."""

NOT_NOW, NOT_BY_ITSELF = Qt.WidgetAttribute.WA_UpdatesDisabled, Qt.WidgetAttribute.WA_ForceUpdatesDisabled


class Repainting:
    """Keeps windows as they are on the screen, and lets them go piece by piece.

    Qt paints all of a window in one turn when it may paint it again: 50 ms with 700 widgets in sight.
    """

    def __init__(self) -> None:
        self._held: list[QWidget] = []
        self._left: list[tuple[list[QWidget], QRegion | None]] = []
        """What is still to be painted, from the end, and in which part of the first; once the windows are let go."""

    def hold(self, windows: Iterable[QWidget]) -> None:
        """Paint no window that is shown until :meth:`paint`."""
        self._left.clear()
        for one in windows:
            if one.isVisible() and one.updatesEnabled():
                one.setUpdatesEnabled(False)
                self._held.append(one)

    def paint(self, seconds: float = TURN) -> bool:
        """Paint for some time what was held, a piece at least; True if all is. The first turn only lets it go."""
        if self._held:
            held = [one for one in self._held if isValid(one)]
            self._held = []
            for one in held:
                let_go(one)
            for one in held:
                self._left += pieces(one)
            self._left.reverse()
            return not self._left
        end = time.thread_time() + seconds
        while self._left:
            paint_now(*self._left.pop())
            if time.thread_time() >= end:
                break
        return not self._left


def let_go(window: QWidget) -> None:
    """Let a window be painted again, without a request to do so: ``setUpdatesEnabled`` would have all painted."""
    for one in (*window.findChildren(QWidget), window):
        if one is window or not one.testAttribute(NOT_BY_ITSELF):
            one.setAttribute(NOT_NOW, False)
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
