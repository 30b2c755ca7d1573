"""A card: a panel with rounded corners and a 1 px line, a title, a muted caption, and contents."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.labels import ElidedLabel, Heading

RADIUS = 8
"""Of the corners, in pixels."""


class Card(QWidget):
    """A rounded panel with a title on the left and a caption on the right of its first line.

    ``card.body`` is the layout for the contents: ``card.body.addWidget(view, 1)``, or :meth:`add`.

    Parameters
    ----------
    title : str
        Semibold; empty hides the title.
    caption : str
        Small and muted, at the right; if there is no room, it ends in "…" and gets a tooltip.
    margin : int
        Margin around the contents, in pixels.
    """

    def __init__(self, title: str = "", caption: str = "", parent: QWidget | None = None, *, margin: int = 12) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.title = Heading(title, level=3)
        right = Qt.AlignmentFlag.AlignRight  # the shape comes first, and matters most
        self.caption = ElidedLabel(caption, token="muted", size=12, align=right, parts=True)
        self._head = QHBoxLayout()
        self._head.setSpacing(8)
        self._head.addWidget(self.title)
        self._head.addWidget(self.caption, 1)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        self._margin = margin
        outer = self._outer = QVBoxLayout(self)
        self.set_spacing(8, margin)
        outer.addLayout(self._head)
        outer.addLayout(self.body, 1)
        self._theme.changed.connect(self.update)
        self.set_title(title)
        self.set_caption(caption)

    def set_title(self, title: str) -> None:
        """Change the title."""
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.setAccessibleName(title)

    def set_caption(self, caption: str) -> None:
        """Change the caption."""
        if caption != self.accessibleDescription():
            self.caption.set_text(caption)
            self.setAccessibleDescription(caption)

    def add(self, item: QWidget | QLayout, stretch: int = 0) -> None:
        """Add a widget or a layout at the bottom."""
        if isinstance(item, QWidget):
            self.body.addWidget(item, stretch)
        else:
            self.body.addLayout(item, stretch)

    def set_spacing(self, spacing: int, below: int) -> None:
        """Change the space below the title and below the contents, in pixels."""
        self._outer.setContentsMargins(self._margin, self._margin - 2, self._margin, below)
        self._outer.setSpacing(spacing)

    def add_first(self, widget: QWidget) -> None:
        """Put a widget at the left end of the title's line, in place of a title."""
        self._head.insertWidget(0, widget)

    def add_action(self, widget: QWidget) -> None:
        """Put a button (or any small widget) at the right end of the title's line."""
        self._head.addWidget(widget)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("line"), 1))
        painter.setBrush(self._theme.colour("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
