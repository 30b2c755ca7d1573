"""How is this computed?: from the numbers of every tab to the pass that made them, in Step."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from convviz.gui.run_model.probed_pass import ProbedPass
from convviz.gui.workspaces.probe.explaining import Explanation
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.page import ProbePage
from convviz.gui.workspaces.probe.stepping import (
    answer_pass,
    cell_pass,
    changed_pass,
    pruned_pass,
    removed_pass,
    score_pass,
)
from convviz.training.pass_source import PassSource

Chosen = tuple[Moment | None, int]


class How(QObject):
    """Makes the passes that Step is asked to go through.

    Parameters
    ----------
    page : ProbePage
    probed : ProbedPass
        Keeps the pass for Step.
    chosen : callable
        Returns the moment that is probed, and the row of the chosen image.

    Attributes
    ----------
    passAsked : Signal()
        There is one to be stepped.
    """

    passAsked = Signal()

    def __init__(
        self, page: ProbePage, probed: ProbedPass, chosen: Callable[[], Chosen], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._page, self._probed, self._chosen = page, probed, chosen
        page.mistakes.how.clicked.connect(self._answer)
        page.why.computedAsked.connect(self._map_of_score)
        page.why.change.stepAsked.connect(self._change)
        page.filters.panel.how.clicked.connect(self._activation)
        page.filters.panel.how_worth.clicked.connect(self._worth)
        page.mistakes.how_sure.clicked.connect(self._sure)
        page.filters.evidence.how.clicked.connect(self._evidence)
        page.filters.pruning.how.clicked.connect(self._pruned)
        page.map.panel.how.clicked.connect(self._place)

    def _ask(self, make: Callable[[Moment, int], PassSource | None]) -> None:
        moment, row = self._chosen()
        if moment is None or not len(moment.images):
            return
        source = make(moment, min(max(row, 0), len(moment.images) - 1))
        if source is not None:
            self._probed.ask(source)
            self.passAsked.emit()

    def _answer(self) -> None:
        words = "the largest of its probabilities is the answer that is counted"
        self._ask(lambda moment, row: answer_pass(moment, row, words))

    def _sure(self) -> None:
        """The pass of an image from the chosen bar of the calibration: the chosen image if it is in that bar."""
        tab = self._page.mistakes
        words = tab.calibration_words()
        self._ask(lambda moment, row: answer_pass(moment, tab.image_of_bar(moment, row), words))

    def _worth(self) -> None:
        tab = self._page.filters
        facts, number = tab.facts, tab.number
        if facts is not None:
            self._ask(lambda moment, row: removed_pass(moment, row, facts.maps.name, number))

    def _map_of_score(self, shown: Explanation) -> None:
        target = self._page.why.target
        made, guided, shows, gradient = shown.made, shown.guided, shown.shows, shown.shows_gradient
        self._ask(
            lambda moment, row: score_pass(
                moment, row, target, made, guided=guided, shows=shows, shows_gradient=gradient
            )
        )

    def _change(self) -> None:
        image = self._page.why.change.image
        self._ask(lambda moment, row: None if image is None else changed_pass(moment, row, image))

    def _activation(self) -> None:
        """The number below the chosen patch of a filter."""
        tab = self._page.filters
        facts, number, position = tab.facts, tab.number, tab.panel.patches.position
        if facts is not None and position >= 0:
            row = int(facts.found.rows[number, position])
            place = (int(facts.found.places[number, position, 0]), int(facts.found.places[number, position, 1]))
            self._ask(lambda moment, _: cell_pass(moment, row, facts.maps.last, (number, *place)))

    def _evidence(self) -> None:
        label = int(self._page.filters.evidence.label.value)
        words = "the last layer multiplies these weights with its maps and sums"
        self._ask(
            lambda moment, row: score_pass(
                moment, row, (label, None), words, shows=moment.network.design.layers[-1].name
            )
        )

    def _pruned(self) -> None:
        percent = self._page.filters.pruning.slider.value()
        self._ask(lambda moment, row: pruned_pass(moment, row, percent))

    def _place(self) -> None:
        layer = str(self._page.map.layer.value) or "x"
        words = f"the numbers of {layer} are what the map compares, over all its images"
        self._ask(lambda moment, row: answer_pass(moment, row, words, shows=layer))
