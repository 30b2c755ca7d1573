"""Where a message lies: over the foot of a page, so that nothing moves when it comes or goes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect
from PySide6.QtWidgets import QWidget

from convviz.gui.widgets.messages.inline_message import InlineMessage

MARGIN = 12
"""Distance from the edges of what it lies over."""
LEFTWARDS = 0.4
"""Share of the free width that is left of it: pages have their side panels, with buttons at the foot, at the right."""


class MessageOverlay(QObject):
    """Keeps a message over the foot of a widget, as wide as its sentence where there is room.

    Parameters
    ----------
    message : InlineMessage
    over : QWidget
        What it lies over.
    host : QWidget
        Parent of the message: ``over`` or one of its ancestors.
    """

    def __init__(self, message: InlineMessage, over: QWidget, host: QWidget) -> None:
        super().__init__(host)
        self._message, self._over, self._host = message, over, host
        message.setParent(host)
        message.installEventFilter(self)
        over.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._message:
            if event.type() in (QEvent.Type.Show, QEvent.Type.LayoutRequest, QEvent.Type.FontChange):
                self._place()
        elif event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show):
            self._place()
        return False

    def _place(self) -> None:
        message = self._message
        if message.isHidden():
            return
        room = QRect(self._over.mapTo(self._host, QPoint(0, 0)), self._over.size())
        room.adjust(MARGIN, MARGIN, -MARGIN, -MARGIN)
        width = min(message.line_width(), room.width())
        height = message.heightForWidth(width)
        left = room.left() + round(LEFTWARDS * (room.width() - width))
        message.setGeometry(left, room.bottom() + 1 - height, width, height)
        message.raise_()
