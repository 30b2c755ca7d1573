"""Two runs side by side: filter by filter, where they part, what they answer, and how their designs differ."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from convviz.core.design import Design
from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fact_table import FactTable
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.widgets.labels import Caption, ElidedLabel, Note
from convviz.gui.widgets.scrolled import scrolled
from convviz.gui.widgets.thumbnail import Thumbnail
from convviz.gui.workspaces.compare.answer_strip import AnswerStrip
from convviz.gui.workspaces.compare.filters_view import FiltersView
from convviz.gui.workspaces.compare.moment import Place, Step
from convviz.gui.workspaces.compare.pair_answers import Answers
from convviz.gui.workspaces.compare.pair_maps import PairMaps
from convviz.gui.workspaces.compare.pair_moments import PairMoment
from convviz.gui.workspaces.compare.parted_settings import PartedSettings, parted_settings
from convviz.gui.workspaces.compare.sweep_settings import spin
from convviz.present.compare.differences import differences
from convviz.present.compare.pair import (
    Parting,
    common_layers,
    filter_name,
    filter_pair,
    map_pair,
    why_not,
)
from convviz.present.compare.runs import RunRow
from convviz.present.words import counted
from convviz.training.images import Split

DIFFER = "The designs differ in (A → B)"
WHATS = ("weights", "maps")
MAPS = 1
TIPS = ("The weights of A and of B", "What the layer makes of one test image in A and in B, before its activation")
NO_IMAGES = "Needs the test images of A"


class PairPage(QWidget):
    """A, B and B − A.

    Attributes
    ----------
    stepAsked : Signal(object)
        A step that both have, or a :class:`Place`.
    watchAsked : Signal(int)
        Watch is to show the window's own run after this step.
    mapsAsked : Signal(object, object, int, object)
        What layers make of an image: the ``PairMoment``, the image ``(C, H, W)``, its row, the layers' names.
    filterChanged : Signal()
        Another filter is looked at.
    """

    stepAsked = Signal(object)
    watchAsked = Signal(int)
    mapsAsked = Signal(object, object, int, object)
    filterChanged = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._theme = current_theme()
        self._moment: PairMoment | None = None
        self._maps: PairMaps | None = None
        self.images: Split | None = None
        """The test images of A, once they are read."""
        self.image = 0
        """Row of the test image whose maps are shown."""
        self._own: Path | None = None
        """The recording of the window's run."""
        self._warning = ""
        """Why the two can be compared only so far."""
        self._parting: Parting | None = None
        self._paths: tuple[Path, Path] | None = None
        self._designs: tuple[Design, Design] | None = None
        """The settings that the two ended with."""
        self.empty = Note("Choose two runs in the list: A on one, B on the other.")
        self.about = Note("")
        self.layer = Combo(name="Layer")
        self.what = SegmentedControl(WHATS, small=True, name="What is compared", tips=TIPS)
        self.what.set_segment_enabled(MAPS, False, NO_IMAGES)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Step of both runs")
        self.slider.setMinimumWidth(120)
        self.where = ElidedLabel(token="muted", size=12)
        self.ends = Button(kind="quiet", small=True)
        self.ends.clicked.connect(lambda: self.stepAsked.emit(self._other_place))
        self.ends.hide()
        self.watch = Button("Show in Watch", kind="quiet", small=True)
        self.watch.setToolTip("Go to Watch, with this window's run at this step; what is shown here doesn't move it")
        self.watch.clicked.connect(self._ask_watch)
        self.watch.hide()
        self.filters = FiltersView()
        self.title = FittingLabel((DIFFER,), token="ink", size=12, weight=QFont.Weight.DemiBold, cut=True)
        self.fields = FactTable()
        self.same = Note("")
        self.only_a, self.only_b = AnswerStrip("Only A is right"), AnswerStrip("Only B is right")
        self.title_a, self.title_b = Caption("Only A is right"), Caption("Only B is right")
        bold = QFont.Weight.DemiBold
        self.answered = FittingLabel(("Test images",), token="ink", size=12, weight=bold, cut=True)
        self.answers = Note("")
        self.picture = Thumbnail(24, name="The test image whose maps are compared")
        self.number = spin("Row of the test image", 0, 0, 0)
        self.chooser = QWidget()
        self.strips = QWidget()
        self.body = QWidget()
        self._build()
        self.layer.edited.connect(self._show_layer)
        self.slider.valueChanged.connect(self._slid)
        self.what.selected.connect(self._show_layer)
        self.number.valueChanged.connect(self._choose_image)
        self.filters.filterChanged.connect(self.filterChanged)
        self.filters.filterChanged.connect(self._share_room)
        for strip in (self.only_a, self.only_b):
            strip.chosen.connect(self._image_clicked)

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.layer)
        head.addWidget(self.what)
        head.addSpacing(6)
        head.addWidget(Caption("after"))
        head.addWidget(self.slider, 1)
        head.addWidget(self.where)
        head.addWidget(self.ends)
        head.addWidget(self.watch)
        below = QHBoxLayout()
        below.setSpacing(16)
        inside = QWidget()
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(0, 0, 6, 0)
        lines.addWidget(self.fields)
        lines.addWidget(self.same)
        lines.addStretch(1)
        scroll = scrolled(inside, name="A and B side by side")
        designs = QVBoxLayout()
        designs.setSpacing(5)
        designs.addWidget(self.title)
        designs.addWidget(scroll, 1)
        below.addLayout(designs, 2)
        images = QVBoxLayout()
        images.setSpacing(5)
        choice = QHBoxLayout(self.chooser)
        choice.setContentsMargins(0, 0, 0, 0)
        choice.setSpacing(6)
        for widget in (Caption("maps of x_test"), self.number, self.picture):
            choice.addWidget(widget)
        line = QHBoxLayout()
        line.addWidget(self.answered, 1)
        line.addWidget(self.chooser)
        images.addLayout(line)
        images.addWidget(self.answers)
        strips = QHBoxLayout(self.strips)
        strips.setContentsMargins(0, 0, 0, 0)
        strips.setSpacing(14)
        for title, strip in ((self.title_a, self.only_a), (self.title_b, self.only_b)):
            part = QVBoxLayout()
            part.setSpacing(4)
            part.addWidget(title)
            part.addWidget(strip, 1)
            strips.addLayout(part, 1)
        images.addWidget(self.strips, 1)
        images.addStretch(0)
        below.addLayout(images, 5)
        column = self._column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.about)
        column.addLayout(head)
        column.addWidget(self.filters, 8)
        column.addLayout(below, 0)
        self._below = below
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.empty)
        outer.addWidget(self.body, 1)
        outer.addStretch(0)
        self.body.hide()

    def show_pair(self, a: RunRow | None, b: RunRow | None, parting: Parting | None = None) -> None:
        """Show that two runs are compared, and where they part, once that is known; their networks come later."""
        there = a is not None and b is not None
        self.body.setVisible(there)
        self.empty.setVisible(not there)
        if a is None or b is None or a.design is None or b.design is None:
            return
        self.filters.show_names(a.name, b.name)
        self._paths, self._designs = (a.path, b.path), (a.design, b.design)
        self._warning, self._parting = why_not(a.design, b.design), parting
        moment = self._moment
        if moment is not None and (moment.a, moment.b) != self._paths:  # networks that don't bear these names
            self._moment = None
            self._show_places()
            self.where.set_text("")
            self.filters.show_nothing("Both networks are being read …")
        self._tell()

    def _show_differences(self, there: PartedSettings | None) -> None:
        """List the fields in which the designs differ: where the two part, if it is known, else at their ends."""
        if self._designs is None:
            return
        found = differences(*self._designs)
        titles: tuple[str, ...] = DIFFER, "The designs differ in", "Differ in"
        if there is not None:
            found, titles = there.fields, there.titles
        self.title.set_texts(titles)
        self.fields.show_facts([(one.name, f"{one.old} → {one.new}") for one in found])
        self.same.setText("" if found else "Nothing: the designs are the same.")

    @property
    def _parted_settings(self) -> PartedSettings | None:
        """The settings in which the two differ where they part, if that is known."""
        step, moment = None if self._parting is None else self._parting.step, self._moment
        if step is None or moment is None or (moment.a, moment.b) != self._paths or not all(moment.settings):
            return None
        return parted_settings(*moment.settings, step)

    def _tell(self) -> None:
        """Say in what the two differ, and what has to be known of them and of their moment."""
        moment, settings = self._moment, self._parted_settings
        self._show_differences(settings)
        if moment is not None and moment.problem:
            self.about.setText(moment.problem)
            return
        note = moment.words if moment is not None else ""
        said = "" if self._parting is None else self._parting.words
        shown = "" if settings is None else settings.words
        self.about.setText(" ".join(filter(None, [self._warning, said, shown, note])))

    def show_asked(self, step: Step) -> None:
        """Say where the two are going; that may take a moment."""
        shown = self._moment
        if isinstance(step, int) and shown is not None and shown.step != (step, step):
            self.where.set_text(f"going to step {step:,} …")

    def show_moment(self, moment: PairMoment) -> None:
        """Show the networks of both at a step."""
        self._moment = moment
        self._tell()
        if moment.problem:
            return
        layers = common_layers(*moment.arrays)
        self.layer.set_choices(list(layers))
        self.layer.setVisible(bool(layers))
        self.what.setVisible(bool(layers))
        (first, last), (a, b) = moment.common or (0, -1), moment.step
        with QSignalBlocker(self.slider):
            self.slider.setRange(first, last)
            self.slider.setPageStep(max(1, (last - first) // 20))
            self.slider.setValue(min(a, b))
            self.slider.setEnabled(first <= last)
        self.where.set_text(f"step {a:,}" if a == b else f"A at step {a:,}, B at {b:,}")
        self._show_places()
        if layers:
            self._show_layer()
        else:
            self.filters.show_nothing("No layer has weights of the same shape in both.")

    @property
    def _other_place(self) -> Place:
        """The place that the button leads to."""
        moment = self._moment
        return Place.ENDS if moment is None or moment.step[0] == moment.step[1] else Place.COMMON

    def show_own_run(self, path: Path | None) -> None:
        """Note which recording is that of the window's run: Watch can show it at the step that is looked at."""
        self._own = path
        self._show_places()

    def _show_places(self) -> None:
        """Show the ways to other moments, and to Watch, as far as there are any."""
        moment = self._moment
        self.ends.setVisible(moment is not None and moment.common is not None and len(set(moment.ends)) > 1)
        at_ends = self._other_place is Place.COMMON
        self.ends.setText("Same step" if at_ends else "Each at its end")
        self.ends.setToolTip("Both after the last step that both have" if at_ends else "Each at its last key point")
        self.watch.setVisible(moment is not None and not moment.problem and self._own in (moment.a, moment.b))

    def _ask_watch(self) -> None:
        moment = self._moment
        if moment is not None:
            self.watchAsked.emit(moment.step[0 if moment.a == self._own else 1])

    def show_answers(self, found: Answers) -> None:
        """Show the images that only one of them gets right, and which networks that holds for."""
        there, kept = found.images is not None, self.images is not None and self.images is found.images
        self.answered.set_texts(found.titles)
        self._show_there(there)
        nothing = np.empty(0, np.int64)
        for strip, title, letter, rows, wrong in (
            (self.only_a, self.title_a, "A", found.only_a, 1),
            (self.only_b, self.title_b, "B", found.only_b, 0),
        ):
            strip.show_rows(found.images, rows, found.answers[wrong][rows] if there else nothing, found.names)
            title.setText(f"only {letter} is right: {counted(len(rows), 'image')}" if there else "")
        self.answers.setText(found.problem)
        self.images = found.images
        if found.images is None:
            self.what.set_segment_enabled(MAPS, False, found.problem)
            return
        self.answers.setText(f"Both are right on {found.both:,}, neither on {found.neither:,}.")
        self.what.set_segment_enabled(MAPS, True, TIPS[MAPS])
        with QSignalBlocker(self.number):
            self.number.setRange(0, len(found.images) - 1)
        if kept:
            self._choose_image(self.image)  # the same images, another step
            return
        # An image that the two disagree on says most.
        first = next((int(rows[0]) for rows in (found.only_b, found.only_a) if len(rows)), 0)
        self._choose_image(first)

    def show_waiting(self) -> None:
        """Say that the images are being answered."""
        self.answered.set_texts(("Test images",))
        self.only_a.show_rows(None, np.empty(0, np.int64), np.empty(0, np.int64), ())
        self.only_b.show_rows(None, np.empty(0, np.int64), np.empty(0, np.int64), ())
        self.title_a.setText("")
        self.title_b.setText("")
        self.answers.setText("Both answer the test images …")
        self.images, self._maps = None, None
        self.what.set_segment_enabled(MAPS, False, NO_IMAGES)
        self._show_there(False)
        self._show_layer()

    def _show_there(self, there: bool) -> None:
        self.strips.setVisible(there)
        self._share_room()

    def _share_room(self) -> None:
        """Filters and images have each other's room where one of them is missing."""
        images, filters = not self.strips.isHidden(), self.filters.pair is not None
        self.chooser.setVisible(images and filters)
        self._column.setStretchFactor(self._below, 3 if images else 0)
        self._column.setStretchFactor(self.filters, 8 if filters or not images else 0)

    # --- filters and maps ------------------------------------------------------------------------------------------

    @property
    def shows_maps(self) -> bool:
        """Whether maps are to be shown, and can be."""
        return self.what.index == MAPS and self.images is not None

    def _show_layer(self, *_: object) -> None:
        moment, layer = self._moment, self.layer.value
        if moment is None or moment.problem or not isinstance(layer, str):
            return
        if not self.shows_maps:
            a, b = (arrays[f"{layer}.weight"] for arrays in moment.arrays)
            self.filters.show_pair(filter_pair(layer, a, b), filter_name(layer, a))
            return
        maps = self._maps
        if maps is None or maps.moment is not moment or maps.image != self.image:
            assert self.images is not None
            layers = tuple(str(one) for one in self.layer.values)
            self.mapsAsked.emit(moment, self.images.images[self.image], self.image, layers)
        elif layer in maps.layers:
            a, b = maps.layers[layer]
            one = "map" if a.ndim == 3 else "unit"
            self.filters.show_pair(map_pair(layer, a, b), f"{layer} {one} {{}} of x_test[{maps.image}]")
        else:
            self.filters.show_nothing(maps.problem or f"The maps of {layer} differ in size.")

    def show_maps(self, maps: PairMaps) -> None:
        """Show the maps of both networks for an image, unless another image has been asked for."""
        if maps.moment is self._moment and maps.image == self.image:
            self._maps = maps
            self._show_layer()

    def _image_clicked(self, row: int) -> None:
        self.what.set_index(MAPS)
        self._choose_image(row)

    def _choose_image(self, row: int) -> None:
        self.image = row
        with QSignalBlocker(self.number):
            self.number.setValue(row)
        if self.images is not None:
            self.picture.show_values(self.images.images[row])
        for strip in (self.only_a, self.only_b):
            strip.mark(row)
        self._show_layer()

    @property
    def chosen(self) -> str:
        """The array that is looked at, for the status line."""
        return self.filters.chosen_title.text()

    def _slid(self, at: int) -> None:
        self.stepAsked.emit(at)
