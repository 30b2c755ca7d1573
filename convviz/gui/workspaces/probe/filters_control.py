"""Measures what the tab Filters shows, in a separate thread."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject

from convviz.gui.workspaces.probe.filter_facts import Dream, FilterFacts, dream, measure
from convviz.gui.workspaces.probe.filters_tab import FiltersTab
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.pruning_view import PruneFound, measure_curve, measure_pruned
from convviz.gui.workspaces.probe.worker import Worker
from convviz.present.words import counted, left_of
from convviz.probe.ablation import Ablation, rank_filters

MEASURE, RANK, DREAM, PRUNE, CURVE = "measure", "rank", "dream", "prune", "curve"


class FiltersControl(QObject):
    """Keeps what was measured of every convolution of a moment.

    Parameters
    ----------
    tab : FiltersTab
    """

    def __init__(self, tab: FiltersTab, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tab = tab
        self._worker, self._pruner = Worker(self), Worker(self)
        self._moment: Moment | None = None
        self._layer = ""
        self._facts: dict[str, FilterFacts] = {}
        self._ablations: dict[str, Ablation] = {}
        self._dreams: dict[str, dict[int, Dream]] = {}
        self._began: dict[str, float] = {}
        self._threads = 2
        tab.layerChosen.connect(self._show_layer)
        tab.rankAsked.connect(self._rank)
        tab.cancelAsked.connect(self._cancel)
        tab.panel.dreamAsked.connect(self._dream_again)
        tab.pruning.asked.connect(self._prune)
        for worker in (self._worker, self._pruner):
            worker.progressed.connect(self._progressed)
            worker.found.connect(self._found)
            worker.finished.connect(self._finished)
            worker.failed.connect(self._failed)

    @property
    def is_busy(self) -> bool:
        """Whether something is being measured."""
        return any(self._worker.is_busy(kind) for kind in (MEASURE, RANK, DREAM)) or self._pruner.is_busy(PRUNE)

    def show_moment(self, moment: Moment, threads: int) -> None:
        """Measure a network, unless that was done."""
        self._threads = threads
        if moment is self._moment:
            return
        self._cancel()
        for kind in (PRUNE, CURVE):
            self._pruner.cancel(kind)
        self._moment = moment
        for kept in (self._facts, self._ablations, self._dreams):
            kept.clear()
        layer = self._tab.show_moment(moment)
        if layer:
            self._show_layer(layer)

    def rest(self) -> None:
        """Stop gradient ascent and the curve of pruning while the tab is hidden."""
        self._worker.cancel(DREAM)
        self._pruner.cancel(CURVE)

    def look(self) -> None:
        """Resume them."""
        if self._layer in self._facts and not self._worker.is_busy(MEASURE):
            self._dream()

    def close(self) -> None:
        """End the threads."""
        self._worker.close()
        self._pruner.close()

    # --- asking ------------------------------------------------------------------------------------------------------

    def _show_layer(self, layer: str) -> None:
        self._layer = layer
        self._worker.cancel(DREAM)
        moment = self._moment
        if moment is None:
            return
        if layer in self._facts:
            self._tab.show_facts(self._facts[layer], self._ablations.get(layer), self._dreams.get(layer, {}))
            self._dream()
            return
        self._begin(MEASURE)
        self._tab.said.set_text(f"measuring {layer} …")
        self._worker.start(MEASURE, lambda progress, _tell: measure(moment, layer, progress))

    def _rank(self) -> None:
        moment, layer, threads = self._moment, self._layer, self._threads
        if moment is None or not layer:
            return
        self._worker.cancel(DREAM)
        self._begin(RANK)
        self._worker.start(
            RANK,
            lambda progress, _tell: rank_filters(
                moment.network, moment.images, layer, threads=threads, progress=progress
            ),
        )

    def _dream(self) -> None:
        """Begin gradient ascent for the filters that lack it, the chosen one first."""
        facts = self._facts[self._layer]
        known = self._dreams.setdefault(self._layer, {})
        numbers = [one for one in self._tab.cards.numbers if one not in known or not known[one].is_done]
        numbers.sort(key=lambda one: one != self._tab.number)
        numbers = [one for one in numbers if not facts.found.silent[one]]
        if numbers:
            self._worker.start(DREAM, lambda progress, tell: dream(facts, numbers, progress, tell))

    def _dream_again(self) -> None:
        if self._layer in self._facts:
            self._dreams.setdefault(self._layer, {}).pop(self._tab.number, None)
            self._worker.cancel(DREAM)
            self._dream()

    def _prune(self, percent: int) -> None:
        moment, threads = self._moment, self._threads
        if moment is not None:
            missing, known = self._tab.pruning.missing, self._tab.pruning.known(percent)
            self._pruner.start(
                PRUNE, lambda progress, tell: measure_pruned(moment, percent, known, threads, progress, tell)
            )
            self._pruner.start(CURVE, lambda progress, tell: measure_curve(moment, missing, threads, progress, tell))

    def _begin(self, kind: str) -> None:
        self._began[kind] = time.monotonic()
        self._tab.set_busy(True)

    def _cancel(self) -> None:
        busy = self._worker.is_busy(MEASURE) or self._worker.is_busy(RANK)
        for kind in (MEASURE, RANK, DREAM):
            self._worker.cancel(kind)
        self._tab.set_busy(False)
        if busy and self._layer in self._facts:
            self._tab.show_facts(
                self._facts[self._layer], self._ablations.get(self._layer), self._dreams.get(self._layer, {})
            )
        elif busy:
            self._tab.said.set_text("cancelled")

    # --- answers -----------------------------------------------------------------------------------------------------

    def _progressed(self, kind: str, done: int, total: int) -> None:
        if kind in (MEASURE, RANK):
            doing = f"leaving out every filter of {self._layer}" if kind == RANK else f"measuring {self._layer}"
            left = left_of(done, total, time.monotonic() - self._began[kind])
            self._tab.said.set_text(f"{doing}: {done:,} of {counted(total, 'image')}{left}")

    def _found(self, kind: str, part: object) -> None:
        if isinstance(part, Dream):
            self._dreams.setdefault(part.layer, {})[part.number] = part
            if part.layer == self._layer:
                self._tab.show_dream(part)
        elif isinstance(part, PruneFound):
            self._tab.pruning.show_found(part)

    def _finished(self, kind: str, result: object) -> None:
        if isinstance(result, FilterFacts):
            layer = result.maps.name
            self._facts[layer] = result
            self._tab.set_busy(False)
            if layer == self._layer:
                self._tab.show_facts(result, self._ablations.get(layer), {})
                self._dream()
        elif isinstance(result, Ablation):
            self._ablations[result.layer] = result
            self._tab.set_busy(False)
            if result.layer == self._layer and self._layer not in self._facts:
                self._show_layer(self._layer)  # its measurement was cancelled before the worth was asked for
            elif result.layer == self._layer:
                facts = self._facts[self._layer]
                self._tab.show_facts(facts, result, self._dreams.get(self._layer, {}))
                self._tab.show_ablation(result)
                self._dream()
        elif isinstance(result, PruneFound):
            self._tab.pruning.show_found(result)

    def _failed(self, kind: str, sentence: str) -> None:
        self._tab.set_busy(False)
        if kind == PRUNE:
            self._tab.pruning.say(sentence)
        else:
            self._tab.say(sentence)
