"""A layout that wraps widgets into lines, like text."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Widgets side by side, and in another line where there is no room for more.

    Qt asks a layout many times which height a width needs, so the sizes of the widgets are kept until something
    changes.

    Parameters
    ----------
    gap, line_gap : int
        Pixels between widgets, and between lines.
    parent : QWidget, optional
    """

    def __init__(self, gap: int, line_gap: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gap, self._line_gap = gap, line_gap
        self._items: list[QLayoutItem] = []
        self._wanted: list[QSize] | None = None
        """Size that each widget wants."""
        self._least: QSize | None = None
        self._heights: dict[int, int] = {}
        """Width → the height that it needs."""
        self.setContentsMargins(0, 0, 0, 0)

    def fill(self, widgets: Iterable[QWidget]) -> None:
        """Lay out exactly these widgets; they must be visible, because a hidden one would leave a gap.

        Removed widgets keep their parent.
        """
        new = list(widgets)
        if [item.widget() for item in self._items] != new:
            self._items.clear()
            for widget in new:
                self.addWidget(widget)
        self.invalidate()

    # --- for Qt --------------------------------------------------------------------------------------------------

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)
        self.invalidate()

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        if not 0 <= index < len(self._items):
            return None
        taken = self._items.pop(index)
        self.invalidate()
        return taken

    def invalidate(self) -> None:
        self._wanted = self._least = None
        self._heights.clear()
        super().invalidate()

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if width not in self._heights:
            edge = self.contentsMargins()
            places = self._places(width - edge.left() - edge.right())
            lines = max((place.bottom() + 1 for place in places), default=0)
            self._heights[width] = lines + edge.top() + edge.bottom()
        return self._heights[width]

    def minimumSize(self) -> QSize:
        if self._least is None:
            self._least = QSize(0, 0)
            for item in self._items:
                self._least = self._least.expandedTo(item.minimumSize())
            self._least = self._least.grownBy(self.contentsMargins())
        return self._least

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        inside = rect.marginsRemoved(self.contentsMargins())
        for item, place in zip(self._items, self._places(inside.width()), strict=True):
            item.setGeometry(place.translated(inside.topLeft()))

    # --- the lines -------------------------------------------------------------------------------------------------

    def _sizes(self) -> list[QSize]:
        if self._wanted is None:
            self._wanted = [item.sizeHint() for item in self._items]
        return self._wanted

    def _places(self, width: int) -> list[QRect]:
        """Where each widget goes, from the corner within the margins."""
        places: list[QRect] = []
        left = top = height = 0
        for size in self._sizes():
            if left and left + size.width() > width:
                left, top, height = 0, top + height + self._line_gap, 0
            places.append(QRect(QPoint(left, top), size))
            left += size.width() + self._gap
            height = max(height, size.height())
        return places
