"""Two runs side by side: filter by filter, where they part, what they answer, and how their designs differ."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSlider, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.array.scale_bar import ScaleBar
from convviz.gui.widgets.fact_table import FactTable
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.labels import Caption, ElidedLabel, Note
from convviz.gui.workspaces.compare.answer_strip import AnswerStrip
from convviz.gui.workspaces.compare.loading import Answers
from convviz.gui.workspaces.compare.pair_moments import PairMoment
from convviz.gui.workspaces.compare.tiles_view import TilesView
from convviz.present.colour import Levels, Role
from convviz.present.compare.curves import RunCurves
from convviz.present.compare.differences import differences
from convviz.present.compare.pair import FilterPair, common_layers, filter_pair, parting, why_not
from convviz.present.compare.runs import RunRow
from convviz.present.numbers import format_value
from convviz.present.words import counted


class PairPage(QWidget):
    """A, B and B − A.

    Attributes
    ----------
    stepAsked : Signal(int)
        A step that both have; -1 for their ends.
    """

    stepAsked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._theme = current_theme()
        self._moment: PairMoment | None = None
        self._pair: FilterPair | None = None
        self._warning = ""
        """Why the two can be compared only so far."""
        self._parting = ""
        self._filter = -1
        """The filter that was chosen; -1 for the one that differs most."""
        self.empty = Note("Choose two runs in the list: A on one, B on the other.")
        self.about = Note("")
        self.layer = Combo(name="Layer")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Step of both runs")
        self.slider.setMinimumWidth(120)
        self.where = Caption("")
        self.views = {"A": TilesView("Filters of A"), "B": TilesView("Filters of B"), "B − A": TilesView("B − A")}
        # Runs of one design differ in the number at the end of their names.
        middle = Qt.TextElideMode.ElideMiddle
        self.titles = {
            name: ElidedLabel(token="ink", size=12, weight=QFont.Weight.DemiBold, mode=middle) for name in self.views
        }
        self.bars = {name: ScaleBar(Role.WEIGHT, length=70) for name in self.views}
        self.facts = FactTable()
        self.closer = {name: TilesView(f"The chosen filter, {name}") for name in self.views}
        self.fields = FactTable()
        self.same = Note("")
        self.only_a, self.only_b = AnswerStrip("Only A is right"), AnswerStrip("Only B is right")
        self.title_a, self.title_b = Caption("Only A is right"), Caption("Only B is right")
        self.answers = Note("")
        self.body = QWidget()
        self._build()
        self.layer.edited.connect(self._show_layer)
        self.slider.valueChanged.connect(self._slid)
        for view in self.views.values():
            view.chosen.connect(self._choose)

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(Caption("layer"))
        head.addWidget(self.layer)
        head.addSpacing(8)
        head.addWidget(Caption("after"))
        head.addWidget(self.slider, 1)
        head.addWidget(self.where)
        filters = QHBoxLayout()
        filters.setSpacing(16)
        for name, view in self.views.items():
            view.resize_with(self.views.values())
            column = QVBoxLayout()
            column.setSpacing(5)
            column.addWidget(self.titles[name])
            column.addWidget(view, 1)
            column.addWidget(self.bars[name], 0, Qt.AlignmentFlag.AlignLeft)
            filters.addLayout(column, 3)
        side = QVBoxLayout()
        side.setSpacing(5)
        self.chosen_title = ElidedLabel(token="ink", size=12, weight=QFont.Weight.DemiBold)
        side.addWidget(self.chosen_title)
        row = QHBoxLayout()
        row.setSpacing(6)
        for name, view in self.closer.items():
            view.setFixedHeight(64)
            view.setMinimumWidth(60)
            view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            view.resize_with(self.closer.values())
            one = QVBoxLayout()
            one.setSpacing(2)
            one.addWidget(view)
            one.addWidget(Caption(name))
            row.addLayout(one, 1)
        side.addLayout(row)
        side.addWidget(self.facts)
        side.addStretch(1)
        filters.addLayout(side, 2)
        below = QHBoxLayout()
        below.setSpacing(16)
        scroll = QScrollArea()
        scroll.setAccessibleName("A and B side by side")
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(0, 0, 6, 0)
        lines.addWidget(self.fields)
        lines.addWidget(self.same)
        lines.addStretch(1)
        scroll.setWidget(inside)
        designs = QVBoxLayout()
        designs.setSpacing(5)
        designs.addWidget(ElidedLabel("The designs differ in (A → B)", size=12, weight=QFont.Weight.DemiBold))
        designs.addWidget(scroll, 1)
        below.addLayout(designs, 2)
        images = QVBoxLayout()
        images.setSpacing(5)
        images.addWidget(ElidedLabel("Test images", size=12, weight=QFont.Weight.DemiBold))
        images.addWidget(self.answers)
        strips = QHBoxLayout()
        strips.setSpacing(14)
        for title, strip in ((self.title_a, self.only_a), (self.title_b, self.only_b)):
            part = QVBoxLayout()
            part.setSpacing(4)
            part.addWidget(title)
            part.addWidget(strip, 1)
            strips.addLayout(part, 1)
        images.addLayout(strips, 1)
        below.addLayout(images, 5)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.about)
        column.addLayout(head)
        column.addLayout(filters, 5)
        column.addLayout(below, 4)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.empty)
        outer.addWidget(self.body, 1)
        outer.addStretch(0)
        self.body.hide()

    def show_pair(self, a: RunRow | None, b: RunRow | None) -> None:
        """Show that two runs are compared; what is read of them comes later."""
        there = a is not None and b is not None
        self.body.setVisible(there)
        self.empty.setVisible(not there)
        if a is None or b is None or a.design is None or b.design is None:
            return
        for name, row in (("A", a), ("B", b)):
            self.titles[name].set_text(f"{name}  {row.name}")
        self.titles["B − A"].set_text("B − A")
        found = differences(a.design, b.design)
        self.fields.show_facts([(one.name, f"{one.old} → {one.new}") for one in found])
        self.same.setText("" if found else "Nothing: the designs are the same.")
        self._warning = why_not(a.design, b.design)

    def show_parting(self, a: RunCurves | None, b: RunCurves | None) -> None:
        """Say at which minibatch the two part."""
        self._parting = "" if a is None or b is None else parting(a, b).words
        self._tell()

    def _tell(self) -> None:
        """Say what has to be known of the two, and of their moment."""
        moment = self._moment
        if moment is not None and moment.problem:
            self.about.setText(moment.problem)
            return
        note = moment.note if moment is not None else ""
        self.about.setText(" ".join(filter(None, [self._warning, self._parting, note])))

    def show_asked(self, step: int | None) -> None:
        """Say where the two are going; that may take a moment."""
        shown = self._moment
        if step is not None and shown is not None and shown.step != (step, step):
            self.where.setText(f"going to step {step:,} …")

    def show_moment(self, moment: PairMoment) -> None:
        """Show the networks of both at a step."""
        self._moment = moment
        self._tell()
        if moment.problem:
            return
        layers = common_layers(*moment.arrays)
        self.layer.set_choices(list(layers))
        self.layer.setEnabled(bool(layers))
        (first, last), (a, b) = moment.common or (0, -1), moment.step
        is_common = a == b and first <= a <= last
        with QSignalBlocker(self.slider):
            # The place after the last step is that of the ends of both.
            self.slider.setRange(first, last + 1)
            self.slider.setPageStep(max(1, (last - first) // 20))
            self.slider.setValue(a if is_common else last + 1)
            self.slider.setEnabled(first <= last)
        self.where.setText(f"step {a:,}" if a == b else f"at their last key points, steps {a:,} and {b:,}")
        if layers:
            self._show_layer(self.layer.value)
        else:
            self._pair = None
            self.titles["B − A"].set_text("B − A  no layer fits both")
            for view in (*self.views.values(), *self.closer.values()):
                view.show_tiles(np.zeros((0, 1, 1), np.float32), 1.0, -1)
            self.facts.show_facts([])
            self.chosen_title.set_text("")

    def show_answers(self, found: Answers) -> None:
        """Show the images that only one of them gets right."""
        self.answers.setText(found.problem)
        self.answers.setVisible(bool(found.problem))
        nothing = np.empty(0, np.int64)
        for strip, title, letter, rows, wrong in (
            (self.only_a, self.title_a, "A", found.only_a, 1),
            (self.only_b, self.title_b, "B", found.only_b, 0),
        ):
            there = found.images is not None
            strip.show_rows(found.images, rows, found.answers[wrong][rows] if there else nothing, found.names)
            title.setText(f"only {letter} is right: {counted(len(rows), 'image')}" if there else "")
        if found.images is not None:
            self.answers.setText(f"Both are right on {found.both:,}, neither on {found.neither:,}.")
            self.answers.show()

    def show_waiting(self) -> None:
        """Say that the images are being answered."""
        self.only_a.show_rows(None, np.empty(0, np.int64), np.empty(0, np.int64), ())
        self.only_b.show_rows(None, np.empty(0, np.int64), np.empty(0, np.int64), ())
        self.title_a.setText("")
        self.title_b.setText("")
        self.answers.setText("Both answer the test images …")
        self.answers.show()

    # --- filters ---------------------------------------------------------------------------------------------------

    def _show_layer(self, layer: object) -> None:
        moment = self._moment
        if moment is None or not isinstance(layer, str):
            return
        name = f"{layer}.weight"
        before = self._pair.layer if self._pair is not None else ""
        self._pair = filter_pair(layer, moment.arrays[0][name], moment.arrays[1][name])
        if layer != before:
            self._filter = -1
        self._show_filters()

    def _choose(self, number: int) -> None:
        self._filter = number
        self._show_filters()

    def _show_filters(self) -> None:
        pair = self._pair
        if pair is None:
            return
        number = pair.most if not 0 <= self._filter < len(pair.a) else self._filter
        shown = {
            "A": (pair.a, pair.scale),
            "B": (pair.b, pair.scale),
            "B − A": (pair.difference, pair.difference_scale),
        }
        for name, (cells, scale) in shown.items():
            self.views[name].show_tiles(cells, scale, number)
            self.closer[name].show_tiles(cells[number : number + 1], scale, -1)
            self.bars[name].set_scale(Role.WEIGHT, Levels(-scale, scale))
        most = " · changed most" if number == pair.most else ""
        self.chosen_title.set_text(f"{pair.layer}.weight[{number}]{most}")
        self.facts.show_facts(
            [
                ("‖B−A‖ / ‖A‖", format_value(float(pair.change[number]))),
                ("cosine", format_value(float(pair.cosine[number]))),
                (f"median of all {len(pair.a):,}", format_value(float(np.nanmedian(pair.change)))),
            ]
        )

    @property
    def chosen(self) -> str:
        """The array that is looked at, for the status line."""
        return self.chosen_title.text()

    def _slid(self, at: int) -> None:
        self.stepAsked.emit(at if at < self.slider.maximum() else -1)
