"""Data in the window: the open data set, and links from each image to the other workspaces."""

from __future__ import annotations

from convviz.gui.workspaces.context import WorkspaceContext
from convviz.gui.workspaces.data.page import DataPage
from convviz.gui.workspaces.workspace import Listening, Status, Workspace

KEYS = "arrows move, Enter opens the image"


class DataAdapter(Workspace):
    """Shows the images that the run uses; choosing one makes it the watched image.

    Parameters
    ----------
    context : WorkspaceContext
    """

    page: DataPage

    def __init__(self, context: WorkspaceContext) -> None:
        super().__init__(DataPage(context.image_views))
        self._context = context
        self._shown: object = None
        """Identifies the data set and the images that are shown."""
        self.page.imageChosen.connect(self._image_chosen)
        self.page.viewAsked.connect(self.workspaceAsked)
        self.page.openRequested.connect(context.data.choose)
        self.page.builtinRequested.connect(context.data.open_builtin)

    def listens(self) -> Listening:
        context = self._context
        return (context.follower.made, self._show), (context.watched.changed, self._show_watched)

    def catch_up(self) -> None:
        self._show()
        self.page.grid.setFocus()

    def status(self) -> Status:
        return Status(self.page.status(), (KEYS,))

    def _show(self, *_: object) -> None:
        run = self._context.run
        if run.train is None or run.test is None:
            return
        used = run.count("training"), run.count("test")
        now = id(run.train), id(run.test), used
        if now != self._shown:
            self._shown = now
            self.page.set_data(run.data_name, run.train.first(used[0]), run.test.first(used[1]), run.class_names)
        self._show_watched()

    def _show_watched(self, *_: object) -> None:
        self.page.choose(*self._context.watched.value.image)
        self.statusChanged.emit()

    def _image_chosen(self, split: str, row: int) -> None:
        self._context.watched.select(split=split, sample=row)
