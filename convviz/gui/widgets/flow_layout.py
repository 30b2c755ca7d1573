"""A layout that fills a line and goes on in the next, like text."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget

from convviz.gui.widgets.badge import Chip
from convviz.gui.widgets.demo import run_demo
from convviz.gui.widgets.labels import ThemedLabel


class FlowLayout(QLayout):
    """Lays widgets out in lines, each as wide as it wants to be; asks for the height that its width needs."""

    def __init__(self, parent: QWidget | None = None, *, gap: int = 8, line_gap: int = 6) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap, self._line_gap = gap, line_gap
        self.setContentsMargins(QMargins(0, 0, 0, 0))

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def clear(self) -> None:
        """Take out and delete all widgets."""
        while self._items:
            widget = self._items.pop().widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _arrange(self, rect: QRect, move: bool) -> int:
        """Place the items in a rectangle; return the height they need."""
        margins = self.contentsMargins()
        area = rect.marginsRemoved(margins)
        x, y, line_height = area.x(), area.y(), 0
        line: list[tuple[QLayoutItem, QPoint]] = []

        def finish() -> None:
            if move:
                for item, corner in line:
                    drop = (line_height - item.sizeHint().height()) // 2
                    item.setGeometry(QRect(corner + QPoint(0, drop), item.sizeHint()))
            line.clear()

        for item in self._items:
            widget = item.widget()
            if widget is not None and widget.isHidden():
                continue
            size = item.sizeHint()
            if line and x + size.width() > area.right() + 1:
                finish()
                x, y, line_height = area.x(), y + line_height + self._line_gap, 0
            line.append((item, QPoint(x, y)))
            x += size.width() + self._gap
            line_height = max(line_height, size.height())
        finish()
        return y + line_height - rect.y() + margins.bottom()


def _demo() -> QWidget:
    page = QWidget()
    policy = page.sizePolicy()
    policy.setHeightForWidth(True)
    policy.setVerticalPolicy(QSizePolicy.Policy.Minimum)
    page.setSizePolicy(policy)
    flow = FlowLayout(page)
    for index, term in enumerate(("-0.3379 · 0.9608", "0.1429 · 0.9569", "-0.0026 · 0.0275", "-0.3199 · 0.9961")):
        if index:
            flow.addWidget(ThemedLabel("+", mono=True))
        flow.addWidget(Chip(term, clickable=True))
    flow.addWidget(ThemedLabel("+", mono=True))
    flow.addWidget(Chip("… 23 more, 20 are zero", clickable=True, state="more"))
    flow.addWidget(ThemedLabel("+ b 0.0188 =", mono=True))
    flow.addWidget(ThemedLabel("-0.5964", mono=True, token="accent_text"))
    return page


if __name__ == "__main__":
    run_demo(_demo, "FlowLayout", (560, 160))
