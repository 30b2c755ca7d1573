"""The chosen image in detail: its pixels, its label, and buttons that open it in other workspaces."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme
from convviz.gui.widgets.array.scale_bar import ScaleBar
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Caption, Heading, ThemedLabel
from convviz.present.colour import Levels, Role
from convviz.present.data_set import image_facts

WIDTH = 296


class ImagePanel(QWidget):
    """A column at the right of the page.

    Parameters
    ----------
    views : sequence of (str, str)
        Titles of the workspaces that show the watched image, and the texts of their buttons.

    Attributes
    ----------
    viewAsked : Signal(str)
        Title of the workspace to go to.
    """

    viewAsked = Signal(str)

    def __init__(self, views: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.setFixedWidth(WIDTH)
        self.title = Heading(level=2)
        self.picture = ArrayView(preferred_cell=9, place=(0.5, 0.0), name="Chosen image")
        self.picture.setFixedHeight(WIDTH - 32)
        self.scale = ScaleBar()
        self.scale.set_scale(Role.INPUT, Levels(0.0, 1.0))
        self.facts: dict[str, ThemedLabel] = {}
        self._table = QGridLayout()
        self._table.setHorizontalSpacing(10)
        self._table.setVerticalSpacing(4)
        self._table.setColumnStretch(1, 1)
        self.buttons: dict[str, Button] = {}
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for title, words in views:
            made = Button(words, tip=f"Go to {title} with this image")
            made.clicked.connect(partial(self.viewAsked.emit, title))
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            buttons.addWidget(made)
            self.buttons[title] = made
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(self.title)
        column.addWidget(self.picture)
        column.addWidget(self.scale)
        column.addLayout(self._table)
        column.addStretch(1)
        column.addLayout(buttons)
        self._theme.changed.connect(self.update)

    def show_image(self, image: Array, title: str, label: str) -> None:
        """Show an image, ``(C, H, W)``."""
        self.title.setText(title)
        self.picture.set_picture(image, Role.INPUT, 1.0, name=title)
        for number, (word, value) in enumerate((("label", label), *image_facts(image))):
            if word not in self.facts:
                self.facts[word] = ThemedLabel(mono=True, size=12)
                self._table.addWidget(Caption(word), number, 0)
                self._table.addWidget(self.facts[word], number, 1, Qt.AlignmentFlag.AlignRight)
            self.facts[word].setText(value)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))
        painter.fillRect(0, 0, 1, self.height(), self._theme.colour("line"))
