"""Loads what the page of two runs shows."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from convviz.gui.workspaces.compare.loading import Answers, Loader
from convviz.gui.workspaces.compare.pair_moments import PairMoment
from convviz.gui.workspaces.compare.pair_page import PairPage
from convviz.gui.workspaces.context import WorkspaceContext
from convviz.run.opening import OpenData

__all__ = ["Pairing"]


class Pairing(QObject):
    """A and B on their page.

    Parameters
    ----------
    page : PairPage
    loader : Loader
    context : WorkspaceContext
    parent : QObject
    """

    def __init__(self, page: PairPage, loader: Loader, context: WorkspaceContext, parent: QObject) -> None:
        super().__init__(parent)
        self._page, self._loader, self._context = page, loader, context
        self.pair: tuple[Path | None, Path | None] = None, None
        """Results for other runs are dropped."""
        self._answered: tuple[Path, Path] | None = None
        page.mapsAsked.connect(loader.read_maps)
        loader.pairRead.connect(self._pair_read)
        loader.answered.connect(self._answers_read)
        loader.mapsRead.connect(page.show_maps)

    def ask(self, a: Path, b: Path, step: int | None) -> None:
        """Read both at a step, and let them answer the test images if they have not yet."""
        self.pair = a, b
        run, current = self._context.run, None
        if run.train is not None and run.test is not None:
            current = OpenData(run.data_name, run.train, run.test, run.class_names)
        known = tuple(self._context.data.recent.paths())
        self._page.show_asked(step)
        self._loader.read_pair(a, b, step, current, known)
        if self._answered != (a, b):
            self._answered = a, b
            self._page.show_waiting()
            self._loader.ask_answers(a, b, current, known)

    def _pair_read(self, moment: PairMoment) -> None:
        if (moment.a, moment.b) == self.pair:
            self._page.show_moment(moment)

    def _answers_read(self, found: Answers) -> None:
        if (found.a, found.b) == self.pair:
            self._page.show_answers(found)
