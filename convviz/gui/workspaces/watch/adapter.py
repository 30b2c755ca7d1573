"""Watch in the window: pictures of the run, its curves, and the settings of the edited design."""

from __future__ import annotations

from convviz.gui.workspaces.context import WorkspaceContext
from convviz.gui.workspaces.watch.page import WatchPage
from convviz.gui.workspaces.workspace import Listening, Status, Workspace
from convviz.present.watch.data_health import DataHealth
from convviz.present.watch.settings import SettingsPicture
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
        settings = self.page.settings
        self.page.statusChanged.connect(self._say)
        settings.designEdited.connect(self._edited)
        settings.faultChanged.connect(self.faultChanged)
        settings.openRequested.connect(context.data.choose)
        settings.builtinRequested.connect(context.data.open_builtin)

    def listens(self) -> Listening:
        context = self._context
        run, follower = context.run, context.follower
        return (
            (follower.made, self._made),
            (run.held, self.page.show_all),
            (run.edited, self.page.show_all),
            (run.progressed, self.statusChanged),
            (run.stateChanged, self._show_settings),
            (follower.changed, self._show_settings),
            (context.watched.changed, self._watched_changed),
        )

    def catch_up(self) -> None:
        self._made()
        self.page.show_all()

    def rest(self) -> None:
        self.commit()
        self.page.rest()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        self.page.show_snapshot(snapshot)

    def status(self) -> Status:
        watched = self._context.watched.value
        shown = self._hovered or f"{watched.split} image {watched.sample}"
        return Status((shown, self._context.run.where()), (SCALES.format(self.page.look.map.scope.about),))

    def commit(self) -> None:
        self.page.settings.commit()

    def fault(self) -> str:
        return self.page.settings.fault()

    def _say(self, text: str) -> None:
        self._hovered = text
        self.statusChanged.emit()

    def _edited(self, design: object) -> None:
        self._context.edited.document.edit(design, "settings")  # type: ignore[arg-type]

    def _made(self, *_: object) -> None:
        run = self._context.run
        if self._network != run.networks:
            self._network = run.networks
            self.page.reset_scales()
            self.page.set_class_names(run.class_names)
        self._show_settings()

    def _show_settings(self, *_: object) -> None:
        """Show the run's settings during a run, else those that Train would start with."""
        context = self._context
        run = context.run
        if run.train is None or run.test is None:
            return
        if self._health_of is not run.train:
            self._health_of = run.train
            self.page.set_data(DataHealth.of(run.train.images, run.train.labels))
        self.page.set_images(run.count("test"), run.count("training"), run.count("drawings"))
        self.page.show_settings(
            SettingsPicture(
                run.design,
                context.edited.design,
                run.is_active,
                context.follower.waits,
                run.data_name,
                len(run.train),
                len(run.test),
            )
        )

    def _watched_changed(self, *_: object) -> None:
        self.page.show_all()
        self.statusChanged.emit()
