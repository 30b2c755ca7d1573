"""One filter in detail: what excites it, its kernels, numbers, classes, and the images with its strongest patches."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.core.arrays import Array
from convviz.gui.widgets.array.scale_bar import ScaleBar
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fact_table import FactTable
from convviz.gui.widgets.labels import Caption, ElidedLabel, Note
from convviz.gui.widgets.scrolled import scrolled
from convviz.gui.widgets.thumbnail import Thumbnail
from convviz.gui.workspaces.probe.class_bars import ClassBars
from convviz.gui.workspaces.probe.filter_cards import points
from convviz.gui.workspaces.probe.filter_facts import ROUNDS, Dream, FilterFacts
from convviz.gui.workspaces.probe.patch_grid import PatchGrid
from convviz.present.colour import ColourRole, levels
from convviz.present.numbers import format_value

WIDE, SIDE = 304, 126
RANKING = "Leave out every filter in turn, and count the right answers"
"""How filters are ranked by their worth."""


class FilterPanel(QWidget):
    """The chosen filter.

    Parameters
    ----------
    views : sequence of (str, str)
        Titles of the workspaces that show the watched image, and the texts of their buttons.

    Attributes
    ----------
    moved : Signal(int)
        -1 or 1: the filter before or after is wanted.
    imageChosen, whyAsked : Signal(int)
        Row of the image whose patch was chosen, or that is to be explained.
    viewAsked : Signal(str)
        Title of the workspace to go to.
    dreamAsked : Signal()
        Gradient ascent is to be shown again from its beginning.
    """

    moved = Signal(int)
    imageChosen = Signal(int)
    whyAsked = Signal(int)
    viewAsked = Signal(str)
    dreamAsked = Signal()

    def __init__(self, views: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: FilterFacts | None = None
        self._number = -1
        self.card = Card("Filter")
        for icon, way, words in (("left", -1, "The previous filter"), ("right", 1, "The next filter")):
            made = Button(icon_name=icon, small=True, kind="quiet", tip=words)
            made.clicked.connect(partial(self.moved.emit, way))
            self.card.add_action(made)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(10)
        column.addLayout(self._make_pictures())
        self.facts = FactTable()
        column.addWidget(self.facts)
        self.how_worth = Button(
            "How is its worth computed?", small=True, tip="Step the pass of the chosen image with this filter set to 0"
        )
        column.addWidget(self.how_worth)
        self.rank = Button("What is it worth?", small=True, tip=RANKING)
        column.addWidget(self.rank)
        self.bars = ClassBars(96)
        self.largest = ElidedLabel(token="muted", size=12, align=Qt.AlignmentFlag.AlignRight)
        self.bars_head = headed("Mean activation by class", self.largest)
        column.addWidget(self.bars_head)
        column.addWidget(self.bars)
        self.patches = PatchGrid("Strongest patches")
        self.which = ElidedLabel(token="muted", size=12, align=Qt.AlignmentFlag.AlignRight)
        self.patches_head = headed("Strongest patches", self.which)
        column.addWidget(self.patches_head)
        column.addWidget(self.patches)
        self.how = Button(
            "How is this computed?", small=True, tip="Step the pass that makes the number below the chosen patch"
        )
        column.addWidget(self.how)
        self.nothing = Note()
        column.addWidget(self.nothing)
        column.addStretch(1)
        scroll = scrolled(inside)
        self.card.add(scroll, 1)
        self.card.add(self._make_buttons(views))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.card)
        self.setFixedWidth(WIDE)
        self.patches.chosen.connect(self._patch_chosen)
        self.patches.opened.connect(self.whyAsked)

    def _make_pictures(self) -> QHBoxLayout:
        self.dream = Thumbnail(SIDE, name="What excites the filter most")
        self.kernels = ArrayView(numbers=False, interactive=False, name="Kernels", place=(0.0, 0.0))
        self.kernels.setFixedSize(SIDE, SIDE)
        self.scale = ScaleBar(ColourRole.WEIGHT, length=60)
        self.kernel_words = Caption()
        self.again = Button("Again", small=True, kind="quiet", tip="Show once more how gradient ascent makes it")
        self.again.clicked.connect(self.dreamAsked)
        self.dream_words = Caption()
        row = QHBoxLayout()
        row.setSpacing(12)
        for title, picture, below, last in (
            (Caption("What excites it most"), self.dream, self.dream_words, self.again),
            (self.kernel_words, self.kernels, self.scale, None),
        ):
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(title)
            column.addWidget(picture)
            line = QHBoxLayout()
            line.addWidget(below, 1)
            if last is not None:
                line.addWidget(last)
            column.addLayout(line)
            column.addStretch(1)
            row.addLayout(column)
        row.addStretch(1)
        return row

    def _make_buttons(self, views: Sequence[tuple[str, str]]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        self.why = Button("Why?", small=True, tip="Explain the image of the chosen patch")
        self.why.clicked.connect(lambda: self.whyAsked.emit(self.patches.row))
        self.buttons: dict[str, Button] = {}
        for title, _ in views:
            made = self.buttons[title] = Button(title, small=True, tip=f"Go to {title} with the image of the patch")
            made.clicked.connect(partial(self.viewAsked.emit, title))
        for made in (self.why, *self.buttons.values()):
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            row.addWidget(made)
        return row

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_filter(self, facts: FilterFacts, number: int, dream: Dream | None, worth: Array | None, rank: int) -> None:
        """Show a filter.

        Parameters
        ----------
        facts : FilterFacts
        number : int
        dream : Dream or None
            The image found so far that excites it most.
        worth : ndarray or None
            What each filter adds to the accuracy.
        rank : int
            Its place by worth, from 1.
        """
        self._facts, self._number = facts, number
        found, kernels = facts.found, facts.kernels
        dead = bool(found.silent[number])
        self.card.set_title(f"{facts.maps.name}, filter {number}")
        weights = kernels.weights[number]
        high = levels(ColourRole.WEIGHT, kernels.weights).high
        self.kernels.set_picture(weights, ColourRole.WEIGHT, high, gap=1.0, name=f"{facts.maps.name}.weight[{number}]")
        count, height, width = weights.shape
        self.kernel_words.setText(
            f"its {count} kernels {height}×{width}" if count > 1 else f"its kernel {height}×{width}"
        )
        self.scale.set_scale(ColourRole.WEIGHT, levels(ColourRole.WEIGHT, kernels.weights))
        lines = [
            ("largest on the images", format_value(float(found.largest[number]))),
            ("above zero", f"{100 * float(found.on[number]):.1f} % of positions"),
            ("bias", format_value(float(kernels.bias[number]))),
        ]
        if worth is not None:
            lines.append(("worth", f"{points(float(worth[number]))}, rank {rank} of {facts.count}"))
        twin = kernels.twin(number)
        if twin is not None:
            lines.append(("most alike", f"filter {twin[0]}, r {twin[1]:+.2f}"))
        self.facts.show_facts(lines)
        self.how_worth.setVisible(worth is not None)
        self.rank.setVisible(worth is None)
        names = facts.moment.names
        means = found.class_means[number]
        self.bars.show_values(means, names)
        self.largest.set_text(f"largest {format_value(float(self.bars.values[means == means].max(initial=0.0)), 3)}")
        self.which.set_text(f"{facts.moment.noun}, activation")
        values = [format_value(float(one), 3) for one in found.values[number]]
        self.patches.show_patches(found.patches[number], found.rows[number].tolist(), values)
        self.nothing.setText(
            "Dead: it is above zero in none of these images, so it changes no answer, and its weights get no gradient."
        )
        self.nothing.setVisible(dead)
        of_patches = self.patches, self.patches_head, self.how, self.why, *self.buttons.values()
        for one in (self.bars, self.bars_head, *of_patches):
            one.setVisible(not dead)
        of, last = facts.maps.name, facts.maps.last
        elsewhere = "" if of == last else f"; the activations here are those of {last}, which follows it"
        self.dream_words.setToolTip(f"What gradient ascent makes large: the number of {of} itself{elsewhere}")
        self.show_dream(dream)
        if dead:
            self.dream_words.setText("not looked for")

    def show_dream(self, dream: Dream | None) -> None:
        """Show the image found so far that excites the filter most."""
        if dream is None:
            self.dream.show_values(None)
            self.dream_words.setText("comes next …")
            self.again.hide()
        elif dream.number == self._number:
            self.dream.show_values(dream.patch)
            done = f"z {format_value(dream.score)}"
            self.dream_words.setText(done if dream.is_done else f"{done}, step {dream.step} of {ROUNDS}")
            self.again.setVisible(dream.is_done)

    def _patch_chosen(self, row: int) -> None:
        self.imageChosen.emit(row)


def headed(title: str, right: QWidget) -> QWidget:
    """A small heading with a caption at its right."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(Caption(title, token="ink"))
    row.addWidget(right, 1)
    return made
