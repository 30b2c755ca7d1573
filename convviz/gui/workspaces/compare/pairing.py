"""Loads what the page of two runs shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject

from convviz.gui.workspaces.compare.loading import Loader
from convviz.gui.workspaces.compare.moment import Step
from convviz.gui.workspaces.compare.pair_answers import Answers
from convviz.gui.workspaces.compare.pair_moments import PairMoment
from convviz.gui.workspaces.compare.pair_page import PairPage
from convviz.gui.workspaces.context import WorkspaceContext
from convviz.run.opening import OpenData

__all__ = ["PairQuestion", "Pairing"]


@dataclass(frozen=True, slots=True)
class PairQuestion:
    """Which networks of two runs are to be read.

    Parameters
    ----------
    a, b : Path
    step : int or Place
    ends : tuple of int
        How far each of the two has been trained, as far as is known when this is asked.
    """

    a: Path
    b: Path
    step: Step
    ends: tuple[int, ...]


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
        self._asked: PairQuestion | None = None
        """The last question that was passed on."""
        self._unread: PairQuestion | None = None
        """The question that is still to be answered."""
        self._rests = False
        """Whether nobody sees the page: then a question waits."""
        self._answers: Answers | None = None
        """The last ones that came."""
        self._moment: PairMoment | None = None
        """Its networks answer, or have answered."""
        page.mapsAsked.connect(loader.read_maps)
        loader.pairRead.connect(self._pair_read)
        loader.answered.connect(self._answers_read)
        loader.mapsRead.connect(page.show_maps)

    def ask(self, question: PairQuestion) -> None:
        """Read both at a step; then they answer the test images."""
        self._unread = question
        if self._rests:
            return
        self._asked = question
        a, b, step = question.a, question.b, question.step
        self.pair = a, b
        self._page.show_asked(step)
        shown = self._moment
        if shown is None or (shown.a, shown.b) != (a, b):
            self._moment = None
            self._loader.forget_answers()
            self._page.show_waiting()
        self._loader.read_pair(a, b, step, self._current, self._known)

    def is_behind(self, ends: tuple[int, ...]) -> bool:
        """Whether the two have trained on, to these steps, since they were read; not while they are being read."""
        asked = None if self._asked is None else self._asked.ends
        return ends != asked and not self._loader.is_reading_pair

    def rest(self) -> None:
        """Close the recordings; what was being read waits."""
        self._rests = True
        self._loader.forget_pair()

    def catch_up(self) -> None:
        """Read what waits, unless other runs have been chosen."""
        self._rests = False
        question = self._unread
        if question is not None and (question.a, question.b) == self.pair:
            self.ask(question)

    @property
    def _current(self) -> OpenData | None:
        """The data set that is open."""
        run = self._context.run
        if run.train is None or run.test is None:
            return None
        return OpenData(run.data_name, run.train, run.test, run.class_names)

    @property
    def _known(self) -> tuple[Path, ...]:
        return tuple(self._context.data.recent.paths())

    def _pair_read(self, moment: PairMoment) -> None:
        """Show the networks of a moment, and let these very networks answer: figures never belong to others."""
        if (moment.a, moment.b) != self.pair:
            return
        self._unread = None
        self._page.show_moment(moment)
        if moment.problem:
            self._moment = None
            self._loader.forget_answers()
            self._page.show_answers(Answers(moment))
        elif self._moment is None or not moment.has_networks_of(self._moment):
            self._moment = moment
            known = self._answers
            kept = known if known is not None and known.moment.a == moment.a and known.images is not None else None
            self._loader.ask_answers(moment, self._current, self._known, kept)

    def _answers_read(self, found: Answers) -> None:
        if found.moment is self._moment:
            self._answers = found
            self._page.show_answers(found)
