"""Keeps what a window shows while it changes, and then paints it piece by piece, over several turns."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QRect, Qt, QTimer, Slot
from PySide6.QtGui import QPaintEvent, QRegion
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

TURN = 0.012
"""Processor seconds of a turn: a window is painted in full within a few frames of the screen."""
PAUSE = 1
"""Milliseconds between two turns. Not 0: that would be an event, and the loop handles all of them before it looks for
input again."""
LATEST = 0.15
"""Seconds by the clock after the first piece from which on all that is left is painted at once: where cores are scarce,
the upper half of a page must not stand over the lower half of another for long."""
SMALL = 12
"""A part of a widget that has less than one of so many shares of its area is not divided further."""


class HeldPainting(QObject):
    """Keeps a window from being painted until :meth:`paint`, which paints a piece at a time.

    Qt would paint all that has changed at once, 50 ms of a page with 700 widgets. It paints less while something
    opaque lies on top of the rest: a :class:`_Curtain`, which leaves the screen as it is. It is there only during
    :meth:`paint`, so a picture of the window that is taken between two turns shows everything as it is now.

    Parameters
    ----------
    window : QWidget
        Has at most one of these: use :meth:`of`.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._is_painting = False
        self._to_divide: list[QWidget] = []
        self._left: list[QRegion] = []
        """What is left after each of the next pieces, the last one first; in the coordinates of the window."""
        self._latest = math.inf
        """When all that is left is painted at once; not before the first piece."""
        self._curtain: _Curtain | None = None
        self._changes: list[Callable[[], bool]] = []
        """For each change that takes several turns, whether it is still under way."""
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._go_on)
        window.installEventFilter(self)

    @staticmethod
    def of(window: QWidget) -> HeldPainting:
        """The one that holds a window, which is made if need be."""
        found = window.findChild(HeldPainting, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return HeldPainting(window) if found is None else found

    def divide(self, widget: QWidget) -> None:
        """Paint a widget of the window in pieces, which are worked out before the first is painted."""
        if widget not in self._to_divide:
            self._to_divide.append(widget)

    def wait_for(self, still: Callable[[], bool]) -> None:
        """Begin to paint only when ``still`` returns False: a change that takes several turns is then done."""
        self._changes.append(still)

    def start(self) -> None:
        """Paint in turns of the event loop, from the next one on."""
        if not self._next.isActive():
            self._next.start(PAUSE)

    def paint(self, seconds: float = TURN) -> bool:
        """Paint for this many processor seconds, at least one piece; return whether all is painted.

        The window is then no longer held, and this object is done with.
        """
        end = time.thread_time() + seconds
        if self._latest == math.inf:
            self._latest = time.monotonic() + LATEST
        while True:
            self._divide()
            if time.monotonic() >= self._latest:
                self._left.clear()
            try:
                self._paint(self._left.pop() if self._left else QRegion())
            except BaseException:
                self.start()  # what is left is painted all the same, whoever called this
                raise
            if not (self._left or self._to_divide):  # painting may have held more
                self._let_go()
                return True
            if time.thread_time() >= end:
                return False

    def _divide(self) -> None:
        """Divide what is to be painted in pieces, as it is laid out now."""
        widgets, self._to_divide = self._to_divide, []
        for widget in widgets:
            if isValid(widget) and widget.isVisible():
                self._add(pieces_of(widget))

    def _add(self, pieces: list[QRegion]) -> None:
        """Paint more pieces, after those that are left."""
        left, more = QRegion(), [QRegion()]
        for piece in reversed(pieces):
            left += piece
            more.append(QRegion(left))
        self._left = [*more[:-1], *(one + left for one in self._left)]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Resize:
            # Nothing of what was on the screen can stay there.
            self._left.clear()
            self._to_divide.clear()
        # Qt asks a window once to paint all that has changed, and not again until it has: _paint makes up for it.
        return watched is self._window and event.type() == QEvent.Type.UpdateRequest and not self._is_painting

    @Slot()
    def _go_on(self) -> None:
        # An error, of a widget's own painting or of ``still``, must not leave the window as it is for good.
        changes, self._changes, is_done = self._changes, [], False
        if changes:
            self._latest = math.inf  # the time of a change is not that of painting
        try:
            self._changes += [still for still in changes if still()]
            is_done = not self._changes and self.paint()
        finally:
            if not is_done:
                self._next.start(PAUSE)

    def _paint(self, left: QRegion) -> None:
        """Paint what has changed outside a region; Qt is asked for that region anew."""
        covers = not left.isEmpty()
        if covers:
            if self._curtain is None:
                self._curtain = _Curtain(self._window)
            self._curtain.cover(left)
        self._is_painting = True
        try:
            QCoreApplication.sendEvent(self._window, QEvent(QEvent.Type.UpdateRequest))
        finally:
            self._is_painting = False
            if covers and self._curtain is not None:
                self._curtain.hide()

    def _let_go(self) -> None:
        self._next.stop()
        self._window.removeEventFilter(self)
        if self._curtain is not None:
            self._curtain.deleteLater()
        self.setParent(None)
        self.deleteLater()


class _Curtain(QWidget):
    """Covers parts of a window and paints nothing: what was on the screen stays there, and Qt paints nothing below."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        for attribute in (
            Qt.WidgetAttribute.WA_OpaquePaintEvent,
            Qt.WidgetAttribute.WA_NoSystemBackground,
            Qt.WidgetAttribute.WA_TransparentForMouseEvents,
        ):
            self.setAttribute(attribute)
        self.hide()

    def cover(self, region: QRegion) -> None:
        """Cover a region of the window."""
        around = region.boundingRect()
        self.setGeometry(around)
        self.setMask(region.translated(-around.topLeft()))
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint nothing."""


def pieces_of(widget: QWidget) -> list[QRegion]:
    """Divide what is visible of a widget into parts of some size, in the order in which they are read.

    Returns
    -------
    list of QRegion
        In the coordinates of its window. What lies between them is not among them: it is painted with the first.
    """
    window = widget.window()
    whole = QRect(widget.mapTo(window, QPoint()), widget.size()) & window.rect()
    least = whole.width() * whole.height() / SMALL
    found: list[QRegion] = []
    filled = least
    for part in sorted(_divided(widget, whole.topLeft(), whole, least), key=lambda rect: (rect.top(), rect.left())):
        filled += part.width() * part.height()
        if filled > least:
            found.append(QRegion(part))
            filled = part.width() * part.height()
        else:
            found[-1] += part
    return found


def _divided(widget: QWidget, corner: QPoint, clip: QRect, least: float) -> Iterator[QRect]:
    """The parts of a widget with this corner that are seen in a rectangle; one that is divided is itself among them.

    A widget that takes long to paint can have a method ``painted_parts``, which returns rectangles.
    """
    for part in getattr(widget, "painted_parts", list)():
        if not (seen := part.translated(corner) & clip).isEmpty():
            yield seen
    for one in widget.children():
        if not isinstance(one, QWidget) or one.isWindow() or not one.isVisible():
            continue
        corner_of_one = corner + one.pos()
        seen = QRect(corner_of_one, one.size()) & clip
        if seen.isEmpty():
            continue
        yield seen
        if seen.width() * seen.height() > least:
            yield from _divided(one, corner_of_one, seen, least)
