"""A strip above the page during a search back through the run, and for its result."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import ElidedLabel
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.watch.look import Look
from convviz.present.watch.search import SearchLook

HEIGHT = 34


class SearchStrip(WatchView):
    """Shows the progress of a search, or its result.

    Attributes
    ----------
    cancelled : Signal()
        Stop the search, or dismiss its result.
    """

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._theme.changed.connect(self.update)
        self._picture: SearchLook | None = None
        self.text = ElidedLabel("", token="ink", size=13)
        self.stop = Button("Cancel", small=True)
        self.stop.clicked.connect(self.cancelled)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(self.text, 1)
        row.addWidget(self.stop)
        self.setFixedHeight(HEIGHT)

    @staticmethod
    def picture_of(look: Look) -> SearchLook | None:
        """The search; None if there is none."""
        return look.search

    def show_picture(self, picture: SearchLook) -> None:
        """Show the state of the search."""
        self._picture = picture
        self.text.set_text(picture.sentence)
        self.stop.setText("Dismiss" if picture.result else "Cancel")
        self.setAccessibleName(picture.sentence)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colour = QPainter(self), self._theme.colour
        painter.fillRect(self.rect(), colour("panel"))
        line = self.height() - 2
        painter.fillRect(QRectF(0, line, self.width(), 2), colour("line"))
        if self._picture is not None and not self._picture.result:
            painter.fillRect(QRectF(0, line, self._picture.share * self.width(), 2), colour("accent"))


if __name__ == "__main__":
    run_view(SearchStrip)
