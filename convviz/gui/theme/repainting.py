"""Holds back the painting of windows while they change, then paints them in several turns of the event loop."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

TURN = 0.02
"""Processor seconds of a turn: a window is painted in full within two or three frames of the screen."""
AT_A_TIME = 100
"""Number of widgets released between two looks at the clock."""
MOST = 16
"""Number of widgets above which a piece is divided; the clock is looked at after each piece is painted."""

NOT_NOW, NOT_BY_ITSELF = Qt.WidgetAttribute.WA_UpdatesDisabled, Qt.WidgetAttribute.WA_ForceUpdatesDisabled


class Repainting:
    """Keeps windows as they are on the screen, and later paints them piece by piece.

    Qt itself would paint the whole window in one turn once updates are enabled again: 50 ms with 700 widgets in sight.
    """

    def __init__(self) -> None:
        self._held: list[QWidget] = []
        self._left: Iterator[None] | None = None
        """The rest of the painting, while it is under way."""

    def hold(self, windows: Iterable[QWidget]) -> None:
        """Stop painting these windows, those that are visible, until :meth:`paint`."""
        self._left = None
        for one in windows:
            if one.isVisible() and one.updatesEnabled():
                one.setUpdatesEnabled(False)
                self._held.append(one)

    def paint(self, seconds: float = TURN) -> bool:
        """Paint the held windows for this many processor seconds, at least one piece; return whether all is painted."""
        end = time.thread_time() + seconds
        left = self._left = self._painting() if self._left is None else self._left
        for _ in left:
            if time.thread_time() >= end:
                return False
        self._left = None
        return True

    def _painting(self) -> Iterator[None]:
        """Release the windows and paint them, a little before each yield."""
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
    """Allow windows to be painted again without requesting it, as ``setUpdatesEnabled`` would for all of them.

    The widgets in sight are released last and all at once, so that none of them is painted before.
    """
    inside = [one for window in windows for one in window.findChildren(QWidget)]
    yield
    for first in range(0, len(inside), AT_A_TIME):
        for one in inside[first : first + AT_A_TIME]:
            if isValid(one) and not (one.isVisible() or one.testAttribute(NOT_BY_ITSELF)):
                one.setAttribute(NOT_NOW, False)
        yield
    # Widgets made meanwhile are held back like their parents.
    made = [one for window in windows if isValid(window) for one in window.findChildren(QWidget)]
    for one in (*made, *windows):
        if not isValid(one) or one.updatesEnabled():
            continue  # nearly all of thousands: they were hidden
        if one.isWindow() or not one.testAttribute(NOT_BY_ITSELF):
            one.setAttribute(NOT_NOW, False)
    for window in windows:
        if isValid(window):
            window.setAttribute(NOT_BY_ITSELF, False)


def pieces(window: QWidget) -> list[tuple[list[QWidget], QRegion | None]]:
    """Divide the visible part of a window into pieces, each with the region to paint (None for all of it).

    The first piece is the ground between the others, unless the whole window is one piece.
    """
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
    """Divide the visible part of a widget into pieces.

    Parameters
    ----------
    widget : QWidget
    found : list
        The pieces are appended here, each with its widgets from the outermost inwards.
    around : list
        The widgets that contain pieces are appended here, from the innermost outwards.

    Returns
    -------
    list of QWidget
        All visible widgets in ``widget``, if they are too few for a piece of their own; otherwise empty.
    """
    inside = [one for one in widget.children() if isinstance(one, QWidget) and one.isVisible() and not one.isWindow()]
    parts = [collect(one, found, around) for one in inside]
    if all(parts) and sum(map(len, parts)) < MOST:
        return [widget, *(one for part in parts for one in part)]
    found += [part for part in parts if part]
    around.append(widget)
    return []


def paint_now(widgets: list[QWidget], region: QRegion | None) -> None:
    """Paint widgets, all of which lie in the first one, in a region of that or (None) all over."""
    there = [one for one in widgets if isValid(one)]
    for one in there:  # opaque widgets are not painted along with their parents
        if region is None:
            one.update()
        else:
            one.update(region.translated(-one.mapTo(there[0], QPoint())))
    for one in there[:1]:
        one.repaint(QRegion(one.rect()) if region is None else region)
