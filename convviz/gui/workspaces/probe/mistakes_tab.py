"""Mistakes: which classes are taken for which others, and the images of each confusion."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from convviz.gui.widgets.array.scale_bar import ScaleBar
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.flow import FlowLayout
from convviz.gui.widgets.labels import Caption, Note
from convviz.gui.widgets.tab_order import tab_in_order
from convviz.gui.workspaces.probe.answers_grid import AnswersGrid
from convviz.gui.workspaces.probe.calibration_view import CalibrationView
from convviz.gui.workspaces.probe.matrix_view import MatrixView
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.neighbours import Neighbours
from convviz.gui.workspaces.probe.target_choice import shortened
from convviz.present.colour import ColourRole, Levels
from convviz.present.words import counted

FREQUENT = 6
"""Pairs of classes that have a button."""
SUREST, LEAST_SURE, BY_NUMBER, WRONG_FIRST = "surest", "least", "number", "wrong"
ORDERS = (("most certain first", SUREST), ("least certain first", LEAST_SURE), ("by number", BY_NUMBER))
OF_BARS = (("mistakes first", WRONG_FIRST), *ORDERS)
"""Orders of the images, and of those in a bar of the calibration."""


class MistakesTab(QWidget):
    """The confusion matrix, and the images of the chosen cell.

    Attributes
    ----------
    imageChosen, whyAsked : Signal(int)
        Row of an image that the user chose, or is to be explained.
    imageShown : Signal(int)
        Row of the first image of a cell, which is marked until the user chooses one.
    """

    imageChosen = Signal(int)
    imageShown = Signal(int)
    whyAsked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._moment: Moment | None = None
        self.matrix = MatrixView()
        self.about = Note()
        self.scale = ScaleBar(ColourRole.COUNT, length=90)
        self.pairs: list[Button] = []
        self._frequent = FlowLayout(6, 6)
        self.card = Card("What is taken for what")
        self.how = Button(
            "How is this computed?", small=True, tip="Step the pass of the chosen image, which is counted here"
        )
        self.unit = SegmentedControl(
            ["counts", "% of row"],
            small=True,
            name="What the cells say",
            tips=["How many images", "How many in a hundred of the label's images"],
        )
        self.card.add_action(self.unit)
        self.card.add_action(self.how)
        self.unit.selected.connect(self.show_unit)
        self.matrix.turned.connect(lambda: self.show_unit(1 - self.unit.index))
        foot = QHBoxLayout()
        foot.addWidget(self.about, 1)
        foot.addWidget(self.scale)
        self.card.add(self.matrix, 1)
        self.card.add(foot)
        self.card.add(Caption("Most frequent"))
        self.card.add(self._frequent)
        self.grid = AnswersGrid()
        self.empty = Note()
        self.images = Card("Images")
        self.why = Button("Why?", small=True, tip="Explain the chosen image", shortcut="W")
        self.order = Combo(ORDERS, name="Order of the images", tip="Which images come first")
        self._order = ""
        """The order that the user chose; empty for the usual one of the images on show."""
        self.images.add_action(self.order)
        self.images.add_action(self.why)
        self.images.add(self.empty)
        self.images.add(self.grid, 1)
        self.neighbours = Neighbours()
        self.calibration = CalibrationView()
        foot = QHBoxLayout()
        foot.setSpacing(14)
        foot.addWidget(self.neighbours, 1)
        chart = QVBoxLayout()
        chart.setSpacing(4)
        chart.addWidget(self.calibration)
        self.how_sure = Button(
            "How is this computed?", small=True, tip="Step the pass of an image in the chosen bar, or the last one"
        )
        chart.addWidget(self.how_sure, 0, Qt.AlignmentFlag.AlignRight)
        foot.addLayout(chart)
        self.images.add(foot)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(self.card, 1)
        row.addWidget(self.images, 1)
        self.matrix.chosen.connect(self.choose_cell)
        self.grid.chosen.connect(self.imageChosen)
        self.grid.opened.connect(self.whyAsked)
        self.calibration.chosen.connect(self.choose_bar)
        self.why.clicked.connect(self._explain)
        self.order.edited.connect(self._order_chosen)

    def show_moment(self, moment: Moment) -> None:
        """Show what was measured; the chosen cell stays unless it has become empty."""
        fresh = self._moment is None or self._moment.images is not moment.images
        self._moment = moment
        found = moment.mistakes
        self.matrix.show_mistakes(found, moment.names)
        wrong = len(found.worst())
        left_out = ignored_words(moment)
        calibration = found.calibration()
        self.calibration.show_calibration(calibration)
        top = f"Top 3: {found.top(3):.1%}. " if len(moment.names) > 3 else ""
        self.about.setText(
            f"{left_out}Only mistakes are coloured: {wrong:,} of {counted(found.count, 'image')}. {top}"
            f"Calibration error {calibration.error:.3f}: how far its certainty is from its accuracy."
        )
        self.show_unit(self.unit.index)
        self._show_pairs(moment)
        if fresh or self.matrix.cell[0] >= len(moment.names):
            pairs = found.pairs()
            self._show_chosen(*(pairs[0][:2] if pairs else (0, 0)))
        else:
            self._show_chosen(*self.matrix.cell)

    def _show_chosen(self, label: int, answer: int) -> None:
        """Show the images of the chosen bar, or those of a cell, or all mistakes."""
        bar, moment = self.calibration.bar, self._moment
        if moment is not None and bar >= 0 and len(self._of_bar(moment, bar)):
            self.choose_bar(bar)
        elif label < 0:
            self.choose_all()
        else:
            self.choose_cell(label, answer)

    def _order_chosen(self, order: object) -> None:
        self._order = str(order)
        self._show_chosen(*self.matrix.cell)

    def show_unit(self, number: int) -> None:
        """Show counts, or per cent of each row."""
        self.unit.set_index(number)
        self.matrix.set_by_row(number == 1)
        self.scale.set_scale(ColourRole.COUNT, Levels(0.0, self.matrix.most))

    def choose_cell(self, label: int, answer: int) -> None:
        """Show the images of a cell."""
        moment = self._moment
        if moment is None:
            return
        self.matrix.choose(label, answer)
        self.calibration.choose(-1)
        rows = moment.mistakes.rows(label, answer)
        own = int((moment.images.labels == label).sum())
        names = moment.names
        if label == answer:
            title, usual = f"{shortened(names[label])}, answered right", LEAST_SURE
            nothing = f"No {names[label]} is answered right."
            if label == moment.mistakes.ignored:
                nothing = f"The loss ignores {names[label]}: these images are neither right nor wrong."
        else:
            title, usual = f"{shortened(names[label])} taken for {shortened(names[answer])}", SUREST
            nothing = f"No {names[label]} is taken for {names[answer]}."
        self._show_rows(title, f"{len(rows):,} of {own:,}", rows, nothing, usual)
        self._mark_pairs()

    def choose_all(self) -> None:
        """Show all mistakes, the surest first."""
        moment = self._moment
        if moment is None:
            return
        self.matrix.choose(-1, -1)
        self.calibration.choose(-1)
        rows = moment.mistakes.worst()
        self._show_rows("All mistakes", f"{len(rows):,}", rows, "There is no mistake.", SUREST)
        self._mark_pairs()

    def choose_bar(self, bar: int) -> None:
        """Show the images of a bar of the calibration, mistakes first."""
        moment = self._moment
        if moment is None:
            return
        self.matrix.choose(-2, -2)
        rows = self._of_bar(moment, bar)
        found = moment.mistakes.calibration()
        low, high = found.edges[bar : bar + 2]
        right = f"{len(rows):,} · {found.accuracy[bar]:.1%} right"
        self._show_rows(f"{low:.0%} to {high:.0%} sure", right, rows, "No image is as sure.", WRONG_FIRST)
        self.calibration.choose(bar)
        self._mark_pairs()

    def image_of_bar(self, moment: Moment, row: int) -> int:
        """An image of the chosen bar, or of the last one: the given image if it is in that bar."""
        rows = self._of_bar(moment, self._bar)
        return row if row in rows or not len(rows) else int(rows[0])

    def calibration_words(self) -> str:
        """How the pass of an image is related to its bar."""
        found, bar = self.calibration.calibration, self._bar
        if found is None or bar < 0:
            return "its confidence is the largest of its probabilities"
        return (
            f"its confidence is the largest of its probabilities; the bar is the share of right answers, "
            f"{found.accuracy[bar]:.1%}, among the {counted(int(found.counts[bar]), 'image')} whose confidence is from "
            f"{found.edges[bar]:.0%} to {found.edges[bar + 1]:.0%}, {found.confidence[bar]:.1%} on average"
        )

    @property
    def _bar(self) -> int:
        """The chosen bar, or the last one with images."""
        found = self.calibration.calibration
        if self.calibration.bar >= 0 or found is None or not found.counts.any():
            return self.calibration.bar
        return int(np.flatnonzero(found.counts)[-1])

    def _of_bar(self, moment: Moment, bar: int) -> np.ndarray:
        found = moment.mistakes
        rows = np.flatnonzero((found.bins() == bar) & found.counts)
        return np.asarray(rows[np.argsort(~found.wrong[rows], kind="stable")])

    def choose(self, row: int) -> None:
        """Mark an image, and show images like it."""
        self.grid.choose(row)
        if self._moment is not None and 0 <= row < len(self._moment.images):
            self.neighbours.show_image(self._moment, row)

    def _show_rows(self, title: str, caption: str, rows: np.ndarray, nothing: str, usual: str) -> None:
        """Show images in the chosen order; ``rows`` has their usual one."""
        assert self._moment is not None
        self.order.set_choices(OF_BARS if usual == WRONG_FIRST else ORDERS)
        order = self._order if self._order in self.order.values else usual
        self.order.set_value(order)
        self.order.setEnabled(len(rows) > 1)
        rows = rows if order == usual else ordered(rows, order, self._moment.mistakes.confidence)
        self.images.set_title(title)
        self.images.set_caption(caption)
        self.empty.setText("" if len(rows) else nothing)
        self.empty.setVisible(not len(rows))
        self.why.setEnabled(bool(len(rows)))
        self.grid.show_rows(self._moment, rows)
        if len(rows) and self.grid.row not in rows:
            self.grid.choose(int(rows[0]))
            self.imageShown.emit(int(rows[0]))

    def _show_pairs(self, moment: Moment) -> None:
        for one in self.pairs:
            one.hide()
            one.deleteLater()
        names = moment.names
        self.pairs = []
        for label, answer, count in moment.mistakes.pairs()[:FREQUENT]:
            made = Button(f"{names[label]} → {names[answer]}  {count:,}", small=True, tip="Show these images")
            made.setProperty("cell", (label, answer))
            made.clicked.connect(partial(self.choose_cell, label, answer))
            self.pairs.append(made)
        wrong = len(moment.mistakes.worst())
        every = Button(f"all {wrong:,} at once" if wrong else "no mistakes", small=True, tip="All, the surest first")
        every.setEnabled(bool(wrong))
        every.clicked.connect(self.choose_all)
        self.pairs.append(every)
        self._frequent.fill(self.pairs)
        tab_in_order(self.unit, self.how, self.matrix, *self.pairs, self.images)

    def _mark_pairs(self) -> None:
        for one in self.pairs:
            cell = one.property("cell")
            here = tuple(cell) == self.matrix.cell if cell is not None else self.matrix.cell == (-1, -1)
            one.setCheckable(True)
            one.setChecked(here)

    def _explain(self) -> None:
        if self.grid.row >= 0:
            self.whyAsked.emit(self.grid.row)


def ordered(rows: np.ndarray, order: str, confidence: np.ndarray) -> np.ndarray:
    """Rows of images by how sure their answers are, ``confidence`` of all images, or by number."""
    rows = np.sort(rows)
    if order == BY_NUMBER:
        return rows
    sure = confidence[rows]
    return np.asarray(rows[np.argsort(sure if order == LEAST_SURE else -sure, kind="stable")])


def ignored_words(moment: Moment) -> str:
    """Which images are left out because the loss ignores their label; empty if all count."""
    found = moment.mistakes
    missing = len(moment.images) - found.count
    if found.ignored is None or not missing:
        return ""
    return f"{counted(missing, 'image')} with the ignored label {moment.names[found.ignored]} left out. "
