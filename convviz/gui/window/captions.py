"""What the window says of itself: the run's facts at the top, what the front page shows at the bottom."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QStackedWidget

from convviz.gui.run_model.run import RunModel
from convviz.gui.run_model.watched import WatchedModel
from convviz.gui.window.status_line import StatusLine
from convviz.gui.window.top_bar import TopBar

SCALES = "each picture has its own colour scale, held still; a click on it fits it"


class Telling(QObject):
    """Keeps the top bar's facts and the status line.

    Parameters
    ----------
    run : RunModel
    selection : WatchedModel
    pages : QStackedWidget
        The workspaces; only the one in front is quoted.
    top : TopBar
    status : StatusLine
    watch : int
        Number of the page that shows the run itself.
    """

    def __init__(
        self, run: RunModel, selection: WatchedModel, pages: QStackedWidget, top: TopBar, status: StatusLine, watch: int
    ) -> None:
        super().__init__(pages)
        self._run, self._selection, self._pages = run, selection, pages
        self._top, self._status = top, status
        self._watch = watch
        self._said: dict[int, str] = {}

    def say(self, page: int, text: str) -> None:
        """A workspace names what it shows."""
        self._said[page] = text
        if page == self._pages.currentIndex():
            self.show_status()

    def show_progress(self) -> None:
        """The run has gone on."""
        self._top.set_facts(self._run.facts(), self._run.fraction)
        if self._pages.currentIndex() == self._watch:
            self.show_status()

    def show_status(self) -> None:
        """Name what the page in front shows."""
        page = self._pages.currentIndex()
        text = self._said.get(page, "")
        if page == self._watch:
            chosen = self._selection.value
            left = [text or f"{chosen.split} image {chosen.sample}", self._run.where()]
            self._status.set_status(left, [SCALES])
        else:
            self._status.set_status(text.split(" · "))
