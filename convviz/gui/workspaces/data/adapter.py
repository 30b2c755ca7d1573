"""Data in the window: sources of data, the open data set, and links from each image to the other workspaces."""

from __future__ import annotations

from importlib import import_module

from PySide6.QtCore import QTimer

from convviz.data.duplicates import Duplicates, duplicates
from convviz.data.errors import DataError
from convviz.data.sources import DataFile
from convviz.files.cancel import Cancelled
from convviz.gui.run_model.background import Background
from convviz.gui.workspaces.context import WorkspaceContext
from convviz.gui.workspaces.data.drawing.hand import Drawing
from convviz.gui.workspaces.data.judging import SplitJudge
from convviz.gui.workspaces.data.page import DataPage
from convviz.gui.workspaces.workspace import Listening, Status, Workspace
from convviz.present.data_query import Judged
from convviz.run.commands import Inspect
from convviz.run.messages import Inspected
from convviz.run.state import State
from convviz.training.images import Split

DRAWING_KEYS = "B brush, E eraser, Ctrl+Z undo, 0…9 label, Enter keeps, Esc goes back"
KEYS = "arrows move, Enter opens the image, S steps it, W why?, / searches"
UNTRAINED = "Train the network first: it has seen nothing yet"
TRAINING = "Pause training, to see what is wrong now"


class DataAdapter(Workspace):
    """Shows the images that the run uses; choosing one makes it the watched image.

    Parameters
    ----------
    context : WorkspaceContext
    """

    page: DataPage

    def __init__(self, context: WorkspaceContext) -> None:
        data = context.data
        super().__init__(DataPage(context.image_views, data.downloads, data.recent))
        self._context = context
        self._shown: object = None
        """Identifies the data set and the images that are shown."""
        self._searched: object = None
        """Identifies the images that were searched for duplicates."""
        self._judged: object = None
        """Identifies the network and the images that were judged."""
        self.judge = SplitJudge(self)
        self.judge.judged.connect(self._show_judged)
        self.searcher = Background("convviz-duplicates", self)
        self.searcher.done.connect(self._show_twice)
        page, sources = self.page, self.page.sources
        page.imageChosen.connect(self._image_chosen)
        page.viewAsked.connect(self.workspaceAsked)
        sources.pathAsked.connect(data.open_path)
        sources.openAsked.connect(data.choose)
        sources.folderAsked.connect(data.choose_folder)
        sources.builtinAsked.connect(data.open_builtin)
        for asked in (sources.pathAsked, sources.builtinAsked, data.downloads.fetched):
            asked.connect(lambda *_: page.browse())
        self.drawing = Drawing(context, page, self)
        context.drawings.changed.connect(self._show_drawings)
        context.drawings.failed.connect(lambda reason: context.message.say(reason, "error"))
        page.grid.removeAsked.connect(self._remove)
        page.drawingChanged.connect(self._show_drawings)

    def listens(self) -> Listening:
        context = self._context
        return (
            (context.follower.made, self._show),
            (context.watched.changed, self._show_watched),
            (context.run.stateChanged, self._ask_judgement),
            (context.run.edited, self._ask_judgement),
            (context.run.inspected, self._inspected),
            (context.edited.changed, self._show_augmentation),
            *self.drawing.listens(),
        )

    def catch_up(self) -> None:
        shown = self._shown
        self._show()
        self._show_augmentation()
        if self._shown == shown:  # the sources may have changed since
            self.page.sources.refresh()
        self.drawing.catch_up()
        if not self.page.is_drawing:
            self.page.grid.setFocus()

    def prepare(self) -> None:
        """Show the data set, so that all widgets exist when the page is entered.

        Pillow, which centres drawings, is imported here and not at the first stroke.
        """
        QTimer.singleShot(0, self, self._show_data)
        Background("convviz-imports", self).start(lambda _cancelled: import_module("PIL.Image"))

    def rest(self) -> None:
        self.drawing.rest()
        self.judge.stop()
        self._judged = None

    def close(self) -> None:
        self.judge.stop()
        self.searcher.cancel()
        self.drawing.close()
        self._context.data.downloads.close()

    def status(self) -> Status:
        if self.page.is_drawing:
            return Status(("drawing", self.page.drawing.answer.text(), self.page.name.text()), (DRAWING_KEYS,))
        return Status(self.page.status(), (KEYS,))

    # --- the data set --------------------------------------------------------------------------------------------

    def _show(self, *_: object) -> None:
        self._show_data()
        run = self._context.run
        if self._shown is None or run.train is None or run.test is None:
            return
        if self._searched != self._shown:
            self._searched = self._shown
            self._search_twice(*self._used(run.train, run.test))
        self._show_watched()
        self._ask_judgement()

    def _show_data(self) -> None:
        """Show the data set of the run, if it has changed."""
        run = self._context.run
        if run.train is None or run.test is None:
            return
        train, test = self._used(run.train, run.test)
        now = id(run.train), id(run.test), (len(train), len(test))
        if now != self._shown:
            self._shown = now
            path = run.source.path if isinstance(run.source, DataFile) else None
            self.page.set_data(run.data_name, train, test, run.class_names, path=path)
            self._show_drawings()

    def _used(self, train: Split, test: Split) -> tuple[Split, Split]:
        """Those images of a split that the run uses."""
        run = self._context.run
        return train.first(run.count("training")), test.first(run.count("test"))

    def _show_augmentation(self) -> None:
        training = self._context.edited.design.training
        self.page.set_augmentation(training.augmentation, training.seed)

    def _show_drawings(self) -> None:
        drawn = self._context.drawings.kept
        self.page.set_drawings(drawn)
        self.page.choose(*self._context.watched.value.image)
        self._judged = None
        if drawn is not None and self.is_in_front and not self.page.is_drawing:
            self._ask_judgement()

    def _remove(self, row: int) -> None:
        """Forget a drawing; images of the data set stay."""
        if self.page.shown_split != "drawings":
            self.hinted.emit("Only drawings can be forgotten")
            return
        try:
            self._context.drawings.remove(row)
        except DataError as error:
            self._context.message.say(str(error), "error")
            return
        left = self._context.run.count("drawings")
        self._context.watched.select(split="drawings" if left else "test", sample=max(0, min(row, left - 1)))

    def _show_watched(self, *_: object) -> None:
        self.page.choose(*self._context.watched.value.image)
        self.statusChanged.emit()

    def _image_chosen(self, split: str, row: int) -> None:
        self._context.watched.select(split=split, sample=row)

    # --- what is wrong -------------------------------------------------------------------------------------------

    def _ask_judgement(self, *_: object) -> None:
        """Ask for a copy of the network, if it is trained and not being trained now."""
        run = self._context.run
        if not run.is_trained:
            self.judge.stop()
            self._judged = None
            self.page.forget_judged(UNTRAINED)
        elif run.state is State.RUNNING:
            self.judge.stop()
            self._judged = None
            self.page.forget_judged(TRAINING)
        else:
            run.bridge.send(Inspect())

    def _inspected(self, message: Inspected) -> None:
        run = self._context.run
        now = self._shown, message.position.step, run.networks
        if not run.is_trained or run.state is State.RUNNING or now == self._judged:
            return
        self._judged = now
        self.judge.start(message, self.page.splits)

    def _show_judged(self, name: str, split: Split, judged: Judged) -> None:
        self.page.set_judged(name, split, judged, self._context.run.design.name)
        self.statusChanged.emit()

    # --- what is there twice -------------------------------------------------------------------------------------

    def _search_twice(self, train: Split, test: Split) -> None:
        def task(cancelled: Cancelled) -> Duplicates:
            return duplicates(train.images, test.images, cancelled)

        self.searcher.start(task)

    def _show_twice(self, found: Duplicates) -> None:
        self.page.set_twice(found.words, {name: found.rows(name) for name in ("training", "test")})
