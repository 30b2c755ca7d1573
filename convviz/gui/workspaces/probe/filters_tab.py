"""Filters: what each filter of a convolution responds to, what it is worth, which are alike, which can be removed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from convviz.core.arrays import Array
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.labels import Caption, ElidedLabel, Note
from convviz.gui.widgets.switch import Switch
from convviz.gui.widgets.turns import paint_later
from convviz.gui.workspaces.probe.evidence_view import EvidenceView
from convviz.gui.workspaces.probe.filter_cards import FilterCards, points
from convviz.gui.workspaces.probe.filter_facts import Dream, FilterFacts, order_by
from convviz.gui.workspaces.probe.filter_panel import RANKING, FilterPanel
from convviz.gui.workspaces.probe.kernels_view import KernelsView
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.pruning_view import PruningView
from convviz.present.words import counted
from convviz.probe.ablation import Ablation
from convviz.probe.layers import Maps, convolutions

VIEWS = ("patches", "kernels", "evidence", "pruning")
ORDERS = (("by number", "number"), ("largest first", "largest"), ("most on first", "share"))
ABOUT = (
    "A card: left the nine patches that excite the filter most, the strongest first; right the patch that would excite "
    "it most of all, by gradient ascent from the first of them; below its mean activation for each class, each card on "
    "its own scale."
)
UNRANKED = (
    "Which filter matters most, and which is useless? <b>Rank by worth</b> leaves out each in turn, and counts the "
    "answers that are right without it."
)
BY_WORTH = ("by worth", "worth")


class FiltersTab(QWidget):
    """The filters of one convolution at a time.

    Parameters
    ----------
    views : sequence of (str, str)
        Titles of the workspaces that show the watched image, and the texts of their buttons.

    Attributes
    ----------
    layerChosen : Signal(str)
    viewChosen : Signal(str)
        One of ``VIEWS``.
    rankAsked, cancelAsked : Signal()
    filterChosen, filterOpened : Signal(int)
    shownChanged : Signal()
        Another filter is shown in detail.
    """

    layerChosen = Signal(object)
    viewChosen = Signal(str)
    rankAsked = Signal()
    cancelAsked = Signal()
    filterChosen = Signal(int)
    filterOpened = Signal(int)
    shownChanged = Signal()

    def __init__(self, views: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.facts: FilterFacts | None = None
        self.ablation: Ablation | None = None
        self._dreams: dict[int, Dream] = {}
        self._layers: tuple[Maps, ...] = ()
        self.number = 0
        self.layer = Combo(name="Convolution", tip="Which convolution")
        self.view = SegmentedControl(
            list(VIEWS),
            small=True,
            name="What is shown of the filters",
            tips=[
                "The patches that excite each filter most",
                "Frequencies, and which filters are alike",
                "What the maps say for each class",
                "How many weights can go",
            ],
        )
        self.said = ElidedLabel(token="muted", size=12)
        self.rank = Button("Rank by worth", small=True, tip=RANKING)
        self.cancel = Button("Cancel", small=True, tip="Stop measuring")
        self.cancel.hide()
        self.order = Combo(ORDERS, name="Order", tip="Order of the filters")
        self.hide_dead = Switch("Hide dead filters")
        self.hide_words = Caption("hide dead")
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.layer)
        head.addWidget(self.view)
        head.addWidget(self.said, 1)
        head.addStretch(0)
        self._of_cards = (self.rank, self.order, self.hide_dead, self.hide_words)
        for one in (self.cancel, *self._of_cards):
            head.addWidget(one)
        self.cards = FilterCards()
        self.panel = FilterPanel(views)
        self.kernels = KernelsView()
        self.evidence = EvidenceView()
        self.pruning = PruningView()
        self.empty = Note()
        self.empty.hide()
        patches = QWidget()
        row = QHBoxLayout(patches)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.cards, 1)
        self.ranked = Note(UNRANKED)
        left.addWidget(self.ranked)
        left.addWidget(Note(ABOUT))
        row.addLayout(left, 1)
        row.addWidget(self.panel)
        self._pages = QStackedWidget()
        for page in (patches, self.kernels, self.evidence, self.pruning):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.empty)
        column.addWidget(self._pages, 1)
        column.addStretch(0)
        self.layer.edited.connect(self.layerChosen)
        self.view.selected.connect(self.go_to)
        for one in (self.rank, self.panel.rank):
            one.clicked.connect(self.rankAsked)
        self.cancel.clicked.connect(self.cancelAsked)
        self.order.edited.connect(lambda _: self._lay_out())
        self.hide_dead.toggled.connect(lambda _: self._lay_out())
        self.cards.hideAsked.connect(self.hide_dead.toggle)
        self.cards.chosen.connect(self.choose)
        self.cards.opened.connect(self.filterOpened)
        self.kernels.chosen.connect(self._chosen_elsewhere)
        self.panel.moved.connect(self._move)
        self.cards.stepAsked.connect(lambda: self.panel.viewAsked.emit("Step"))

    @property
    def shown(self) -> str:
        """Which of ``VIEWS``."""
        return VIEWS[self.view.index]

    def go_to(self, number: int) -> None:
        """Show one of the views."""
        paint_later(self)
        self.view.set_index(number)
        self._pages.setCurrentIndex(number)
        self._show_page()
        self.layer.setVisible(number < 2 and bool(self._layers))
        self.said.setVisible(number < 2)
        self.viewChosen.emit(self.shown)

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_moment(self, moment: Moment) -> str:
        """Show another network; returns the name of the convolution that is to be measured, empty without one."""
        self._layers = convolutions(moment.network.design)
        self.layer.set_choices([(f"{one.name}  {counted(one.filters, 'filter')}", one.name) for one in self._layers])
        self.layer.setVisible(self.view.index < 2 and bool(self._layers))
        self.evidence.show_moment(moment)
        self.pruning.show_moment(moment)
        if not self._layers:
            self.say("This network has no convolution: only a Conv2D has filters.")
            if self.view.index < 2:
                self.cards.show_facts(None, [], None)
            return ""
        self.say("")
        return str(self.layer.value)

    def say(self, sentence: str) -> None:
        """Say why there is nothing to see."""
        self.empty.setText(sentence)
        self._show_page()

    def _show_page(self) -> None:
        """Show the chosen view; in place of one of a convolution, a sentence if the network has none."""
        missing = bool(self.empty.text()) and self.view.index < 2
        self.empty.setVisible(missing)
        self._pages.setVisible(not missing)
        for one in self._of_cards:
            one.setVisible(self.view.index == 0 and not missing)

    def show_facts(self, facts: FilterFacts, ablation: Ablation | None, dreams: dict[int, Dream]) -> None:
        """Show the filters of a convolution."""
        fresh = self.facts is None or self.facts.maps.name != facts.maps.name
        self.facts, self.ablation, self._dreams = facts, ablation, dict(dreams)
        self.order.set_choices([*ORDERS, BY_WORTH] if ablation is not None else ORDERS)
        if fresh or self.number >= facts.count:
            self.number = int(facts.found.largest.argmax())
        dead = int(facts.found.silent.sum())
        words = (
            f"{counted(facts.count, 'filter')} · {dead} dead"
            if dead
            else f"{counted(facts.count, 'filter')}, none dead"
        )
        height, width = facts.found.patches.shape[3:]
        of = f"{counted(len(facts.moment.images), facts.moment.noun)}, {facts.moment.where}"
        self.said.set_text(
            f"over {of} · {words} · each sees {height}×{width} pixel{'' if height * width == 1 else 's'}"
        )
        self.kernels.show_facts(facts)
        self._lay_out()
        for one in dreams.values():
            self.cards.show_dream(one)

    def show_ablation(self, ablation: Ablation) -> None:
        """Show what each filter is worth."""
        self.ablation = ablation
        self.order.set_choices([*ORDERS, BY_WORTH])
        self.order.set_value("worth")
        self._lay_out()
        self.choose(self.cards.numbers[0] if self.cards.numbers else int(ablation.ranking[0]))

    def show_dream(self, dream: Dream) -> None:
        """Show the image that excites a filter most."""
        self._dreams[dream.number] = dream
        self.cards.show_dream(dream)
        if dream.number == self.number:
            self.panel.show_dream(dream)

    def set_busy(self, busy: bool) -> None:
        """Offer to cancel in place of ranking."""
        self.cancel.setVisible(busy)
        for one in (self.rank, self.panel.rank):
            one.setEnabled(not busy)

    def choose(self, number: int) -> None:
        """Show a filter in detail."""
        self.number = number
        self._show_filter()
        self.filterChosen.emit(number)

    @property
    def worth(self) -> Array | None:
        """What each filter adds to the accuracy, if that was measured."""
        return self.ablation.worth if self.ablation is not None else None

    def _lay_out(self) -> None:
        if self.facts is None:
            return
        silent = self.facts.found.silent
        numbers = list(order_by(self.facts, str(self.order.value), self.worth))
        if self.hide_dead.isChecked():
            numbers = [one for one in numbers if not silent[one]]
        is_other = numbers != self.cards.numbers
        self.cards.show_facts(self.facts, numbers, self.worth)
        self.ranked.setText(UNRANKED if self.ablation is None else ranked_words(self.ablation))
        self._show_filter()
        if is_other:  # the first ones matter most in any order
            self.cards.verticalScrollBar().setValue(0)

    def _show_filter(self) -> None:
        facts = self.facts
        if facts is None:
            return
        self.cards.choose(self.number)
        self.shownChanged.emit()
        rank = self.ablation.ranking.tolist().index(self.number) + 1 if self.ablation is not None else 0
        self.panel.show_filter(facts, self.number, self._dreams.get(self.number), self.worth, rank)

    def _move(self, way: int) -> None:
        numbers = self.cards.numbers
        if numbers:
            at = numbers.index(self.number) + way if self.number in numbers else 0
            self.choose(numbers[min(max(at, 0), len(numbers) - 1)])

    def _chosen_elsewhere(self, number: int) -> None:
        self.choose(number)


def ranked_words(ablation: Ablation) -> str:
    """Which filters are worth most and least, in a sentence or two."""
    worth, order = ablation.worth, ablation.ranking.tolist()
    useless = [number for number in order if worth[number] <= 0]
    if worth[order[0]] <= 0:
        right = f"{ablation.accuracy:.2%}"
        return f"No filter matters by itself: as many are right, {right}, without any one of them, or more."
    best = sorted(number for number in order if worth[number] == worth[order[0]])
    first, it = f"Filter {order[0]} is worth most", "it"
    if len(best) > 1:
        first, it = f"Filters {named(best)} are worth most", "any one of them"
    most = (
        f"{first}: without {it} {ablation.without[order[0]]:.2%} are right, with all of them {ablation.accuracy:.2%}."
    )
    if len(best) == len(order):
        return f"{most} All are worth the same."
    if not useless:
        return f"{most} Filter {order[-1]} is worth least, {points(float(worth[order[-1]]))}."
    worst = ""
    if len(useless) > 1 and worth[order[-1]] < min(worth[order[-2]], 0):
        worst = f" Without filter {order[-1]} most are right, {ablation.without[order[-1]]:.2%}."
    if len(useless) == 1:
        return f"{most} Filter {useless[0]} is worth nothing: as many are right without it, or more."
    nothing = f"Filters {named(sorted(useless))} are worth nothing"
    return f"{most} {nothing}: as many are right without any one of them, or more.{worst}"


def named(numbers: Sequence[int]) -> str:
    """``0, 3 and 5``; of more than nine the first eight, and how many more: never one alone that could be named."""
    shown = [str(number) for number in numbers]
    if len(shown) > 9:
        shown[8:] = [f"{len(shown) - 8} more"]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
