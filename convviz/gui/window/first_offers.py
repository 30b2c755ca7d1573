"""What is offered at a start: a run that ended unexpectedly, else what was open last time, else the front page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QSettings, Slot

from convviz.files.cancel import Cancelled
from convviz.files.claim import is_claimed
from convviz.gui.run_model.background import Background
from convviz.gui.window.parts import WindowParts
from convviz.present.recorded_runs import unexpected_sentence
from convviz.run.state import State
from convviz.storage.recording.catalogue import ListedRun, listed_run
from convviz.storage.recording.read import UNEXPECTED

ANSWERED = "runs/answered"
"""Key in the settings: ids of unexpectedly ended runs for which the user has answered the offer."""
MOST_ANSWERED = 40
NEWEST = 3
"""How many of the newest recordings are examined: reading one may have made it newer than the last run's."""


class FirstOffers(QObject):
    """Offers one thing.

    Parameters
    ----------
    window : WindowParts
        Assembled.
    settings : QSettings
    welcome : callable
        Offers the front page.
    """

    def __init__(self, window: WindowParts, settings: QSettings, welcome: Callable[[], None]) -> None:
        super().__init__(window)
        self._window, self._settings, self._welcome = window, settings, welcome
        self._looking = Background("convviz-last-run", self)
        self._looking.done.connect(self._found)

    def start(self) -> None:
        """Look at the last run, in a thread, and then offer."""
        folder = self._window.runs.folder
        if folder is None:
            self._offer_others()
            return

        answered = self._answered

        def work(_cancelled: Cancelled) -> object:
            newest = [path for path in folder.recordings() if not is_claimed(path)][:NEWEST]
            runs = [run for run in map(listed_run, newest) if run.ended == UNEXPECTED and run.step]
            return max((run for run in runs if run.id not in answered), key=lambda run: run.created, default="")

        self._looking.start(work)

    @Slot(object)
    def _found(self, run: ListedRun | str) -> None:
        window = self._window
        if (
            window.isHidden()
            or window.message.isVisible()
            or window.run.is_trained
            or window.run.state is State.RUNNING
        ):
            return  # the user has begun with something else
        if not isinstance(run, ListedRun):
            self._offer_others()
            return
        ways = {"Open": partial(self._open, run, False)}
        if run.step < run.steps:
            ways["Resume"] = partial(self._open, run, True)
        ways["Dismiss"] = partial(self._answer, run)
        window.message.say(unexpected_sentence(run), "warning", ways)

    def _offer_others(self) -> None:
        if not self._window.last_time.offer():
            self._welcome()

    def _open(self, run: ListedRun, go_on: bool) -> None:
        self._answer(run)
        self._window.runs.open_path(run.path, go_on=go_on)

    def _answer(self, run: ListedRun) -> None:
        self._window.message.say("")
        self._settings.setValue(ANSWERED, [run.id, *self._answered][:MOST_ANSWERED])

    @property
    def _answered(self) -> list[str]:
        found = self._settings.value(ANSWERED, [])
        return [found] if isinstance(found, str) else [str(one) for one in found] if isinstance(found, list) else []
