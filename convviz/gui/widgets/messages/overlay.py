"""Where a message lies: over the line at the bottom, or the foot of a page, so that nothing moves when it comes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect
from PySide6.QtWidgets import QWidget

from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.gui.widgets.status_line import StatusLine

MARGIN = 12
"""Distance from the edges of the widget that it lies over, in pixels."""
LEFTWARDS = 0.4
"""Share of the free width that is left of it on a page: at the right, pages have panels with buttons at their foot."""


class MessageOverlay(QObject):
    """Keeps a message over the foot of a widget, as wide as its sentence where there is room.

    A message of one line lies within the right end of the status line ``below`` instead, if that is given: it
    covers nothing of the page, and the status line still tells where one is.

    Parameters
    ----------
    message : InlineMessage
    over : QWidget
        What it lies over.
    host : QWidget
        Parent of the message: ``over`` or one of its ancestors.
    foot : callable, optional
        Returns what stands at the foot of ``over`` and must stay visible, or None; the message lies above it.
    below : StatusLine, optional
        The line below ``over``.
    """

    def __init__(
        self,
        message: InlineMessage,
        over: QWidget,
        host: QWidget,
        foot: Callable[[], QWidget | None] = lambda: None,
        below: StatusLine | None = None,
    ) -> None:
        super().__init__(host)
        self._message, self._over, self._host, self._foot, self._below = message, over, host, foot, below
        self._above: QWidget | None = None
        """The foot that it was last placed above."""
        message.setParent(host)
        message.installEventFilter(self)
        over.installEventFilter(self)
        if below is not None:
            below.installEventFilter(self)  # a layout moves it after what the message lies over

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._message:
            if event.type() in (QEvent.Type.Show, QEvent.Type.LayoutRequest, QEvent.Type.FontChange):
                self.place()
            elif event.type() is QEvent.Type.Hide and self._below is not None:
                self._below.set_covered(0)
        elif event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide):
            self.place()
        return False

    def place(self) -> None:
        """Put the message where it belongs; to be called when the foot may have changed."""
        message = self._message
        if message.isHidden():
            return
        room = QRect(self._over.mapTo(self._host, QPoint(0, 0)), self._over.size())
        foot = self._foot()
        if foot is not self._above:
            if self._above is not None:
                self._above.removeEventFilter(self)
            self._above = foot
            if foot is not None:
                foot.installEventFilter(self)
        if foot is not None and foot.isVisible() and self._over.isAncestorOf(foot):
            room.setBottom(foot.mapTo(self._host, QPoint(0, 0)).y() - 1)
        room.adjust(MARGIN, MARGIN, -MARGIN, -MARGIN)
        width = min(message.line_width(), room.width())
        below, covered = self._below, 0
        is_line = below is not None and width == message.line_width()
        message.set_compact(is_line)
        height = message.heightForWidth(width)
        left = room.left() + round(LEFTWARDS * (room.width() - width))
        if below is not None and is_line:
            height = min(height, below.height() - 1)
            end = below.mapTo(self._host, QPoint(below.width(), below.height()))
            room.setBottom(end.y() - 1 - (below.height() - 1 - height) // 2)
            left = end.x() - MARGIN - width
            covered = width + MARGIN
        if below is not None:
            below.set_covered(covered)
        message.setGeometry(left, room.bottom() + 1 - height, width, height)
        message.raise_()
