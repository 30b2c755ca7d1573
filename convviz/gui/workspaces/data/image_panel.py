"""The chosen image in detail: its pixels and numbers, its class, and buttons that open it in other workspaces."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme
from convviz.gui.widgets.array.scale_bar import ScaleBar
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.augmentation_strip import AugmentationStrip
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.ground import Ground
from convviz.gui.widgets.labels import Caption, ElidedLabel, Heading, ThemedLabel
from convviz.gui.widgets.marks import Mark
from convviz.gui.widgets.scrolled import scrolled
from convviz.gui.widgets.thumbnail import HistogramBars, Thumbnail
from convviz.gui.workspaces.data.lens import ACROSS, Lens
from convviz.present.colour import ColourRole, Levels, image_role
from convviz.present.data_set import image_facts
from convviz.present.numbers import format_value
from convviz.present.words import counted

WIDTH = 312
BINS = 20
THUMB = 84


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
    moved : Signal(int)
        The previous image (−1) or the next one (1) is wanted.
    """

    viewAsked = Signal(str)
    moved = Signal(int)

    def __init__(self, views: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._flat: Array = np.zeros((1, 1), np.float32)
        self.setFixedWidth(WIDTH)
        self.title = Heading(level=2)
        self.earlier = Button(icon_name="left", kind="quiet", small=True, tip="The previous image")
        self.later = Button(icon_name="right", kind="quiet", small=True, tip="The next image")
        self.earlier.clicked.connect(lambda: self.moved.emit(-1))
        self.later.clicked.connect(lambda: self.moved.emit(1))
        self.picture = ArrayView(preferred_cell=9, place=(0.5, 0.0), name="Chosen image")
        self.picture.setFixedHeight(WIDTH - 52)
        self.scale = ScaleBar()
        self.scale.set_scale(ColourRole.INPUT, Levels(0.0, 1.0))
        self.lens = Lens()
        self.facts: dict[str, ThemedLabel] = {}
        self._words: dict[str, Caption] = {}
        self._table = QGridLayout()
        self._table.setHorizontalSpacing(8)
        self._table.setVerticalSpacing(3)
        self._table.setColumnStretch(1, 1)
        self.mean, self.difference = (
            Thumbnail(THUMB, name="mean of its class"),
            Thumbnail(THUMB, name="difference from the mean of its class", role=ColourRole.WEIGHT),
        )
        self.histogram = HistogramBars(THUMB, name="pixel values")
        self.mean_title, self.mean_note = (ElidedLabel(size=12), ElidedLabel(token="muted", size=11))
        self.strip = AugmentationStrip()
        self.apart = ElidedLabel(token="muted", size=11)
        self.buttons: dict[str, Button] = {}
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for title, words in views:
            short = words if len(views) < 3 or len(words) <= len(title) else title
            made = Button(short, tip=f"Go to {title} with this image")
            made.clicked.connect(partial(self.viewAsked.emit, title))
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            buttons.addWidget(made)
            self.buttons[title] = made
        self._lay_out(buttons)
        self.picture.cellHovered.connect(self._point)
        self._theme.changed.connect(self.update)

    def _lay_out(self, buttons: QHBoxLayout) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.earlier)
        head.addWidget(self.later)
        close = QHBoxLayout()
        close.setSpacing(12)
        close.addWidget(self.lens, 0, Qt.AlignmentFlag.AlignTop)
        side = QVBoxLayout()
        side.addLayout(self._table)
        side.addStretch(1)
        close.addLayout(side, 1)
        counted = ElidedLabel("log count", token="muted", size=11)
        three = QGridLayout()
        three.setHorizontalSpacing(10)
        three.setVerticalSpacing(3)
        for place, (title, shown, note) in enumerate(
            (
                (self.mean_title, self.mean, self.mean_note),
                (ElidedLabel("difference", size=12), self.difference, self.apart),
                (ElidedLabel("pixel values", size=12), self.histogram, counted),
            )
        ):
            title.setMaximumWidth(THUMB)
            note.setMaximumWidth(THUMB + 4)
            three.addWidget(title, 0, place)
            three.addWidget(shown, 1, place)
            three.addWidget(note, 2, place)
        inside = QWidget()
        Ground(inside)
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 14, 12, 8)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.picture)
        column.addWidget(self.scale)
        column.addLayout(close)
        column.addLayout(three)
        column.addWidget(self.strip)
        column.addStretch(1)
        scroll = scrolled(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scroll, 1)
        buttons.setContentsMargins(16, 8, 16, 14)
        whole.addLayout(buttons)

    def show_image(self, image: Array, title: str, label: str, *, taken: tuple[str, bool] | None = None) -> None:
        """Show an image, ``(C, H, W)``.

        Parameters
        ----------
        image : ndarray, ``(C, H, W)``
        title, label : str
        taken : (str, bool), optional
            What the network takes it for, and whether that is wrong.
        """
        self.title.setText(title)
        self._flat = image.mean(axis=0)
        role = self.lens.role = image_role(len(image))
        self.picture.set_picture(image, role, 1.0, name=title)
        self.scale.set_scale(role, Levels(0.0, 1.0))
        rows = [("label", label), ("taken for", taken[0] if taken is not None else "–"), *image_facts(image)]
        for word, value in (("pixel", ""), *rows):
            self._set_fact(word, value)
        self.facts["taken for"].set_token("danger" if taken is not None and taken[1] else "ink")
        counts, _ = np.histogram(image, BINS, (0.0, 1.0))
        self.histogram.show_counts(counts.astype(np.int64))
        self._point((self._flat.shape[0] // 2, self._flat.shape[1] // 2))

    def show_class(self, image: Array, mean: Array, over: int, name: str) -> None:
        """Show the mean image of its class, ``(C, H, W)``, and what sets it apart."""
        self.mean_title.set_text(f"mean of {name}")
        self.mean_note.set_text(counted(over, "image"))
        self.mean.show_values(mean)
        apart = image - mean
        self.difference.show_values(apart, 1.0)
        self.apart.set_text(f"L2 {format_value(float(np.sqrt(np.square(apart, dtype=np.float64).sum())))}, ±1")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))
        painter.fillRect(0, 0, 1, self.height(), self._theme.colour("line"))

    def _set_fact(self, word: str, value: str) -> None:
        if word not in self.facts:
            number = len(self.facts)
            self.facts[word] = ThemedLabel(mono=True, size=12)
            self._words[word] = Caption(word)
            self._table.addWidget(self._words[word], number, 0)
            self._table.addWidget(self.facts[word], number, 1, Qt.AlignmentFlag.AlignRight)
        self.facts[word].setText(value)

    def _point(self, index: tuple[int, ...]) -> None:
        """Show the lens at a pixel."""
        row, column = index[-2:] if len(index) > 1 else (0, index[0])
        height, width = self._flat.shape
        self.lens.show_values(self._flat, (row, column))
        half = ACROSS // 2
        top, left = max(0, row - half), max(0, column - half)
        bottom, right = min(height, row + half + 1), min(width, column + half + 1)
        frame = Mark.window(top, left, bottom - top, right - left, tile=-1, kind="linked")
        self.picture.set_marks((frame, Mark.cell(row, column, tile=-1)))
        if "pixel" in self.facts:
            self._words["pixel"].setText(f"[{row}, {column}]")
            self.facts["pixel"].setText(format_value(float(self._flat[row, column])))
