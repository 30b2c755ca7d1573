"""The page of Data: the open data set, its classes and its images."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.labels import ElidedLabel, Heading
from convviz.gui.workspaces.data.class_strip import ClassStrip
from convviz.gui.workspaces.data.image_grid import ImageGrid
from convviz.gui.workspaces.data.image_panel import ImagePanel
from convviz.present.data_set import class_facts, of_classes
from convviz.present.words import counted
from convviz.training.images import Split

SPLITS = ("training", "test")


class DataPage(QWidget):
    """The open data set: its classes, all its images, and one of them in detail.

    Parameters
    ----------
    views : sequence of (str, str)
        Titles of the workspaces that show the watched image, and the texts of their buttons.

    Attributes
    ----------
    imageChosen : Signal(str, int)
        Split and row of an image: watch it.
    viewAsked : Signal(str)
        Title of the workspace to go to.
    openRequested, builtinRequested : Signal()
        The user wants another data file, or the built-in digits.
    """

    imageChosen = Signal(str, int)
    viewAsked = Signal(str)
    openRequested = Signal()
    builtinRequested = Signal()

    def __init__(self, views: Sequence[tuple[str, str]] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._views = tuple(views)
        self._splits: dict[str, Split] = {}
        self._names: tuple[str, ...] = ()
        self._image = ("", -1)
        self.name = Heading("No data set is open", level=1)
        self.about = ElidedLabel(token="muted", size=12)
        open_file = Button("Open file…", tip="Open another data set (Ctrl+Shift+O); or drop a file on the window")
        builtin = Button("Built-in digits", tip="Use the digits that convviz draws itself")
        self.classes = ClassStrip()
        self.split = SegmentedControl(
            ["training", "test"],
            small=True,
            name="Images",
            tips=["Images that the network is trained on", "Images that it is not trained on"],
        )
        self.split.set_index(1)
        self.grid = ImageGrid()
        self.panel = ImagePanel(self._views)
        self.images = Card("Images")
        self.images.add_action(self.split)
        self.images.add(self.grid, 1)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.name)
        head.addWidget(self.about, 1)
        head.addWidget(open_file)
        head.addWidget(builtin)
        middle = QVBoxLayout()
        middle.setContentsMargins(14, 14, 14, 14)
        middle.setSpacing(12)
        middle.addLayout(head)
        middle.addWidget(self.classes)
        middle.addWidget(self.images, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(middle, 1)
        row.addWidget(self.panel)
        self.panel.hide()
        self.classes.hide()
        open_file.clicked.connect(self.openRequested)
        builtin.clicked.connect(self.builtinRequested)
        self.classes.chosenChanged.connect(self._show_images)
        self.split.selected.connect(self._split_chosen)
        self.grid.chosen.connect(self._image_chosen)
        self.grid.opened.connect(self._image_opened)
        self.panel.viewAsked.connect(self.viewAsked)

    def set_data(self, name: str, train: Split, test: Split, class_names: tuple[str, ...]) -> None:
        """Show another data set, or another share of it."""
        self._splits = {"training": train, "test": test}
        facts = class_facts(train.images, train.labels, test.labels, class_names)
        self._names = tuple(one.name for one in facts)
        channels, height, width = train.images.shape[1:]
        self.name.setText(name)
        self.about.set_text(
            f"{len(train):,} training and {counted(len(test), 'test image')} · "
            f"{channels}×{height}×{width} · {counted(len(facts), 'class', 'classes')}"
        )
        self.classes.show_classes(facts)
        self.classes.show()
        self.panel.show()
        self._image = ("", -1)
        self._show_images()

    def choose(self, split: str, row: int) -> None:
        """Mark the watched image, and show it in detail."""
        if (split, row) == self._image or split not in self._splits or row >= len(self._splits[split]):
            return
        if split != self.shown_split:
            self.split.set_index(SPLITS.index(split))
            self._show_images()
        self._image = (split, row)
        chosen = self._splits[split]
        self.grid.choose(row)
        label = self._names[int(chosen.labels[row])]
        self.panel.show_image(chosen.images[row], f"{split.capitalize()} image {row:,}", label)

    @property
    def shown_split(self) -> str:
        """Which images the grid shows: ``training`` or ``test``."""
        return SPLITS[self.split.index]

    def status(self) -> tuple[str, ...]:
        """The chosen image and classes, as parts of the status line."""
        split, row = self._image
        if not split:
            return ()
        array = "x_train" if split == "training" else "x_test"
        label = self._names[int(self._splits[split].labels[row])]
        return f"{array}[{row}]", f"label {label}", self.name.text()

    def _show_images(self) -> None:
        split = self._splits.get(self.shown_split)
        if split is None:
            return
        rows = of_classes(split.labels, self.classes.chosen)
        chosen = [self._names[label] for label in sorted(self.classes.chosen)]
        which = f"of class {', '.join(chosen)} · Esc shows all" if chosen else "in the order of the file"
        self.images.set_caption(f"{len(rows):,} {self.shown_split} images {which}")
        self.grid.set_images(split, rows, self._names)
        if self._image[0] == self.shown_split:
            self.grid.choose(self._image[1])

    def _split_chosen(self, _index: int) -> None:
        self._show_images()
        self.grid.choose(-1)
        if len(self._splits.get(self.shown_split, ())):
            self._image_chosen(0)

    def _image_chosen(self, row: int) -> None:
        self.imageChosen.emit(self.shown_split, row)

    def _image_opened(self, row: int) -> None:
        self._image_chosen(row)
        if self._views:
            self.viewAsked.emit(self._views[0][0])
