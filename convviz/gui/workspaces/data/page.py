"""The Data workspace: where data come from, the open data set, and one of its images in detail."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from convviz.core.augment.settings import Augmentation
from convviz.gui.files.downloads import Downloads
from convviz.gui.files.recent import RecentFiles
from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.labels import ElidedLabel, Heading
from convviz.gui.widgets.tab_order import tab_in_order
from convviz.gui.workspaces.data.class_strip import ClassStrip
from convviz.gui.workspaces.data.drawing.view import DrawView
from convviz.gui.workspaces.data.filters import FilterBar
from convviz.gui.workspaces.data.image_grid import ImageGrid
from convviz.gui.workspaces.data.image_panel import ImagePanel
from convviz.gui.workspaces.data.search_field import SearchField
from convviz.gui.workspaces.data.sources_panel import SourcesPanel
from convviz.present.data_query import Judged, Query, QueryError, listed_words, ordered, parse
from convviz.present.data_set import class_facts, split_facts
from convviz.present.words import counted
from convviz.training.images import Split


class DataPage(QWidget):
    """Sources, classes and all images, and one image in detail.

    Parameters
    ----------
    views : sequence of (str, str)
        Titles of the workspaces that show the watched image, and the texts of their buttons.
    downloads : Downloads, optional
    recent : RecentFiles, optional

    Attributes
    ----------
    imageChosen : Signal(str, int)
        Split and row of an image: watch it.
    viewAsked : Signal(str)
        Title of the workspace to go to.
    drawingChanged : Signal()
        The pad is shown, or hidden: see :attr:`is_drawing`.
    """

    imageChosen = Signal(str, int)
    viewAsked = Signal(str)
    drawingChanged = Signal()

    def __init__(
        self,
        views: Sequence[tuple[str, str]] = (),
        downloads: Downloads | None = None,
        recent: RecentFiles | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._views = tuple(views)
        self._splits: dict[str, Split] = {}
        self._judged: dict[str, Judged] = {}
        self._twice: dict[str, np.ndarray] = {}
        self._names: tuple[str, ...] = ()
        self._image = ("", -1)
        self._query = Query()
        self._why_unjudged = "Train the network first: it has seen nothing yet"
        self.sources = SourcesPanel(downloads or Downloads(()), recent, self)
        self.name = Heading("No data set is open", level=1)
        self.about = ElidedLabel(token="muted", size=12)
        self.search = SearchField()
        self.fault = ElidedLabel(token="danger", size=12)
        self.fault.hide()
        self.classes = ClassStrip()
        self.filters = FilterBar()
        self.grid = ImageGrid()
        self.panel = ImagePanel(self._views)
        self.drawing = DrawView(self._views)
        self.images = Card("")
        self.images.caption.hide()
        self.shown = ElidedLabel(token="muted", size=12)
        self.marked = ElidedLabel(token="danger", size=12)
        self.twice = Button("", kind="quiet", small=True, tip="Show them")
        self.twice.hide()
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.name)
        head.addWidget(self.about, 1)
        head.addWidget(self.search)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.shown, 1)
        foot.addWidget(self.twice)
        foot.addWidget(self.marked)
        self.images.add(self.grid, 1)
        self.images.add(foot)
        self.browser = QWidget()
        middle = QVBoxLayout()
        middle.setContentsMargins(14, 12, 14, 12)
        middle.setSpacing(10)
        middle.addLayout(head)
        middle.addWidget(self.fault)
        middle.addWidget(self.classes)
        middle.addWidget(self.filters)
        middle.addWidget(self.images, 1)
        both = QHBoxLayout(self.browser)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(0)
        both.addLayout(middle, 1)
        both.addWidget(self.panel)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.browser)
        self.pages.addWidget(self.drawing)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sources)
        row.addWidget(self.pages, 1)
        self.panel.hide()
        self.classes.hide()

    def _connect(self) -> None:
        self.classes.chosenChanged.connect(self._show_images)
        self.filters.splitChosen.connect(self._split_chosen)
        self.filters.changed.connect(self._show_images)
        self.filters.sideChosen.connect(self.grid.set_side)
        self.grid.chosen.connect(self._image_chosen)
        self.grid.opened.connect(self._image_opened)
        self.grid.stepAsked.connect(partial(self._show_in, view="Step"))
        self.grid.whyAsked.connect(partial(self._show_in, view="Probe"))
        self.grid.splitAsked.connect(self._other_split)
        self.grid.classAsked.connect(self.classes.choose_one)
        self.grid.searchAsked.connect(self.search.setFocus)
        self.grid.verticalScrollBar().valueChanged.connect(self._say_shown)
        self.grid.verticalScrollBar().rangeChanged.connect(self._say_shown)
        self.search.textChanged.connect(self._searched)
        self.search.returnPressed.connect(self.grid.setFocus)
        self.panel.viewAsked.connect(self.viewAsked)
        self.sources.drawAsked.connect(self.draw)
        self.drawing.left.connect(self.browse)
        self.panel.moved.connect(self.grid.move_by)
        self.twice.clicked.connect(lambda: self.search.setText("twice"))

    @property
    def is_drawing(self) -> bool:
        """Whether the pad is shown."""
        return self.pages.currentWidget() is self.drawing

    def draw(self) -> None:
        """Show the pad."""
        self.pages.setCurrentWidget(self.drawing)
        self.drawing.pad.setFocus()
        self.drawingChanged.emit()

    def browse(self) -> None:
        """Show the images."""
        self.pages.setCurrentWidget(self.browser)
        self.grid.setFocus()
        self.drawingChanged.emit()

    # --- what is shown -------------------------------------------------------------------------------------------

    def set_data(
        self, name: str, train: Split, test: Split, class_names: tuple[str, ...], *, path: Path | None = None
    ) -> None:
        """Show another data set, or another share of it."""
        self._splits.update(training=train, test=test)
        self._judged, self._twice = {}, {}
        facts = class_facts(train.images, train.labels, test.labels, class_names)
        self._names = tuple(one.name for one in facts)
        channels, height, width = train.images.shape[1:]
        self.name.setText(name)
        counts = f"{len(train):,} training and {counted(len(test), 'test image')}"
        self.about.set_text(f"{counts} · {channels}×{height}×{width} · {counted(len(facts), 'class', 'classes')}")
        builtin = path is None and name == "built-in digits"
        self.sources.show_used(name, f"{len(train):,} + {len(test):,}", train.images[0], path, builtin=builtin)
        self.classes.show_classes(facts)
        self.classes.show()
        self.panel.show()
        self.twice.hide()
        self._image = ("", -1)
        self._count_splits()
        with QSignalBlocker(self.search):
            self.search.clear()
        self._query = Query()
        self.fault.hide()
        self._show_images()
        tab_in_order(
            self.sources, self.search, self.classes, self.filters, self.grid, self.twice, self.panel, self.drawing
        )

    def set_drawings(self, drawings: Split | None) -> None:
        """Show other drawings of one's own; None where they don't fit the data set."""
        if drawings is None:
            self._splits.pop("drawings", None)
        else:
            self._splits["drawings"] = drawings
        self._judged.pop("drawings", None)
        self._count_splits()
        if self.shown_split == "drawings":
            self._show_images()

    def set_judged(self, name: str, split: Split, judged: Judged, network: str) -> None:
        """Show a network's answers to the images of a split; ignored if the split has changed meanwhile."""
        now = self._splits.get(name)
        if now is None or now.labels is not split.labels:
            return
        self._judged[name] = judged
        self.marked.set_text(f"— {network} takes it for another class")
        if name == self.shown_split:
            self._show_judged()
            if self._query.needs_network or self.filters.wrong.isChecked() or self.filters.order.value != "file":
                self._show_images(keep=True)

    def set_augmentation(self, settings: Augmentation, seed: int) -> None:
        """Show what training with these settings does to the chosen image."""
        self.panel.strip.show_settings(settings, seed)

    def forget_judged(self, why: str) -> None:
        """Forget which images are wrong: the network has changed."""
        self._judged, self._why_unjudged = {}, why
        self._show_judged()

    def set_twice(self, words: str, rows: dict[str, np.ndarray]) -> None:
        """Show which images are in both splits."""
        self._twice = rows
        self.twice.setText(words)
        self.twice.setVisible(bool(words))

    def choose(self, split: str, row: int) -> None:
        """Mark the watched image, and show it in detail."""
        if split not in self._splits or row >= len(self._splits[split]) or (split, row) == self._image:
            return
        if split != self.shown_split:
            self.filters.set_split(split)
            self._show_images()
        self._image = (split, row)
        self.grid.choose(row)
        self._show_chosen()

    @property
    def shown_split(self) -> str:
        """Which images the grid shows: ``training``, ``test`` or ``drawings``."""
        return self.filters.split

    @property
    def splits(self) -> dict[str, Split]:
        """All splits, the one in sight first."""
        return dict(sorted(self._splits.items(), key=lambda pair: pair[0] != self.shown_split))

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes."""
        return self._names

    def status(self) -> tuple[str, ...]:
        """The chosen image and classes, as parts of the status line."""
        split, row = self._image
        if not split or split not in self._splits or row >= len(self._splits[split]):
            return ()
        array = {"training": "x_train", "test": "x_test"}.get(split, "drawing")
        label = self._names[int(self._splits[split].labels[row])]
        taken = self._taken()
        said = f"label {label}" + (f", taken for {taken[0]}" if taken is not None else "")
        return f"{array}[{row}]", said, self.name.text()

    # --- how -----------------------------------------------------------------------------------------------------

    def _taken(self) -> tuple[str, bool] | None:
        split, row = self._image
        judged = self._judged.get(split)
        if judged is None or not 0 <= row < len(judged.taken):
            return None
        name = self._names[int(judged.taken[row])] if judged.taken[row] < len(self._names) else str(judged.taken[row])
        return f"{name} · {judged.probability[row]:.3f}", bool(judged.wrong[row])

    def _show_chosen(self) -> None:
        split, row = self._image
        chosen = self._splits.get(split)
        if chosen is None or not 0 <= row < len(chosen):
            return
        label = int(chosen.labels[row])
        title = {"training": "Training image", "test": "Test image"}.get(split, "Drawing")
        self.panel.show_image(chosen.images[row], f"{title} {row:,}", self._names[label], taken=self._taken())
        self.panel.strip.show_image(chosen.images[row] if split == "training" else None, row)
        train = self._splits["training"]
        mean, over = split_facts(train.images, train.labels, [tile.facts for tile in self.classes.tiles], label)
        self.panel.show_class(chosen.images[row], mean, over, self._names[label])

    def _show_judged(self) -> None:
        judged, split = self._judged.get(self.shown_split), self._splits.get(self.shown_split)
        self.grid.set_judged(judged)
        if split is not None:
            classes = len(self._names)
            wrong = None if judged is None else np.bincount(split.labels[judged.wrong], minlength=classes)
            self.classes.show_split(self.shown_split, np.bincount(split.labels, minlength=classes), wrong)
        if judged is None:
            self.filters.set_judged(None, self._why_unjudged)
        else:
            self.filters.set_judged(int(judged.wrong.sum()), "")
        self.marked.setVisible(judged is not None)
        self._show_chosen()

    def _count_splits(self) -> None:
        for name, chip in self.filters.chips.items():
            split = self._splits.get(name)
            chip.set_count("" if split is None else f"{len(split):,}")
        self.filters.chips["drawings"].setVisible("drawings" in self._splits)

    def _show_images(self, *_: object, keep: bool = False) -> None:
        split = self._splits.get(self.shown_split)
        if split is None:
            self.filters.set_split("test")
            split = self._splits.get("test")
            if split is None:
                return
        judged = self._judged.get(self.shown_split)
        try:
            rows = self._query.rows(split.labels, judged, self._twice.get(self.shown_split))
            self._say_fault("")
        except QueryError as error:
            self._say_fault(str(error))
            rows = np.arange(len(split))
        if self.classes.chosen:
            rows = rows[np.isin(split.labels[rows], list(self.classes.chosen))]
        if self.filters.wrong.isChecked() and judged is not None:
            rows = rows[judged.wrong[rows]]
        rows = ordered(rows, str(self.filters.order.value), split.labels, judged)
        at = self.grid.verticalScrollBar().value()
        self.grid.set_images(split, rows, self._names)
        self._show_judged()
        if self._image[0] == self.shown_split:
            self.grid.choose(self._image[1])
        if keep:
            self.grid.verticalScrollBar().setValue(at)
        self._say_shown()

    def _say_shown(self, *_: object) -> None:
        split = self._splits.get(self.shown_split)
        if split is None:
            return
        chosen = [self._names[label] for label in sorted(self.classes.chosen)]
        listed = listed_words(self.shown_split, self.grid.count, len(split), chosen)
        self.shown.set_text(f"{listed} · {len(self.grid.range_shown()):,} in sight")
        self.images.setAccessibleDescription(listed)

    def _searched(self, text: str) -> None:
        split = self._splits.get(self.shown_split)
        if split is None:
            return
        try:
            self._query = parse(text, self._names, len(split))
        except QueryError as error:
            self._say_fault(str(error))
            return
        self._show_images()
        if self._query.index is not None:
            self._image_chosen(self._query.index)

    def _say_fault(self, fault: str) -> None:
        self.fault.set_text(fault)
        self.fault.setVisible(bool(fault))
        self.search.mark(bool(fault))

    def _split_chosen(self, _name: str) -> None:
        self._searched(self.search.text())
        self._show_images()
        self.grid.choose(-1)
        if len(self._splits.get(self.shown_split, ())):
            self._image_chosen(0)

    def _other_split(self) -> None:
        self.filters.set_split("test" if self.shown_split == "training" else "training")
        self._split_chosen(self.shown_split)

    def _image_chosen(self, row: int) -> None:
        self.imageChosen.emit(self.shown_split, row)

    def _image_opened(self, row: int) -> None:
        self._show_in(row, self._views[0][0] if self._views else "")

    def _show_in(self, row: int, view: str) -> None:
        """Choose an image and go to a workspace that shows it."""
        self._image_chosen(row)
        if view in dict(self._views):
            self.viewAsked.emit(view)
