"""Watch in the window: pictures of the run, and its curves."""

from __future__ import annotations

from convviz.gui.workspaces.context import WorkspaceContext
from convviz.gui.workspaces.watch.page import WatchPage
from convviz.gui.workspaces.workspace import Listening, Status, Workspace
from convviz.present.watch.data_health import DataHealth
from convviz.training.images import Split
from convviz.training.snapshot import Snapshot

SCALES = "colour scales of the map: {}"


class WatchAdapter(Workspace):
    """Shows the run; training is seen here.

    Parameters
    ----------
    context : WorkspaceContext
    """

    page: WatchPage
    wants_pictures = True

    def __init__(self, context: WorkspaceContext) -> None:
        super().__init__(WatchPage(context.watched, context.run.history))
        self._context = context
        self._hovered = ""
        self._network = 0
        """Number of the network that the scales are for."""
        self._health_of: Split | None = None
        """The training images that the page was told about."""
        self.page.statusChanged.connect(self._say)

    def listens(self) -> Listening:
        context = self._context
        run, follower = context.run, context.follower
        return (
            (follower.made, self._made),
            (run.held, self.page.show_all),
            (run.edited, self.page.show_all),
            (run.progressed, self.statusChanged),
            (context.watched.changed, self._watched_changed),
        )

    def catch_up(self) -> None:
        self._made()
        self.page.show_all()

    def rest(self) -> None:
        self.page.rest()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        self.page.show_snapshot(snapshot)

    def status(self) -> Status:
        watched = self._context.watched.value
        shown = self._hovered or f"{watched.split} image {watched.sample}"
        return Status((shown, self._context.run.where()), (SCALES.format(self.page.look.map.scope.about),))

    def _say(self, text: str) -> None:
        self._hovered = text
        self.statusChanged.emit()

    def _made(self, *_: object) -> None:
        run = self._context.run
        if self._network != run.networks:
            self._network = run.networks
            self.page.reset_scales()
            self.page.set_class_names(run.class_names)
        self._show_images()

    def _show_images(self) -> None:
        """Say how many images can be shown, and what matters of them."""
        run = self._context.run
        if run.train is None or run.test is None:
            return
        if self._health_of is not run.train:
            self._health_of = run.train
            self.page.set_data(DataHealth.of(run.train.images, run.train.labels))
        self.page.set_images(run.count("test"), run.count("training"), run.count("drawings"))

    def _watched_changed(self, *_: object) -> None:
        self.page.show_all()
        self.statusChanged.emit()
