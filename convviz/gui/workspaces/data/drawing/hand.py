"""Connects the pad with the run's network and the user's drawings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from convviz.core.arrays import Array
from convviz.core.network import Network
from convviz.data.drawing.pictures import file_values, sample_of
from convviz.data.errors import DataError
from convviz.files.cancel import Cancelled
from convviz.gui.run_model.background import Background
from convviz.gui.workspaces.context import WorkspaceContext
from convviz.gui.workspaces.data.drawing.crop import CropDialog, image_from, reduced, values_of
from convviz.gui.workspaces.data.drawing.guesser import Guesser
from convviz.gui.workspaces.workspace import Listening, Workspace
from convviz.present.words import with_article
from convviz.run.commands import Inspect
from convviz.run.messages import Inspected
from convviz.run.state import State

if TYPE_CHECKING:
    from convviz.gui.workspaces.data.page import DataPage

ANEW_MS = 1000
"""Milliseconds after which a network in training is asked again."""
KEPT_SECONDS = 5.0
MOST_AT_ONCE = 6
"""How many times larger than the network's images a picture may be if it is to be taken whole."""
GONE_MS = 400
"""Milliseconds until the window is off the screen."""
NO_SCREEN = "This desktop does not show its screen to programs: take a screenshot, copy it, and paste it here (Ctrl+V)."


class Drawing(QObject):
    """Asks a copy of the network while something is drawn, and keeps what is to be kept.

    Parameters
    ----------
    context : WorkspaceContext
    page : DataPage
    workspace : Workspace
        Its parent.
    """

    def __init__(self, context: WorkspaceContext, page: DataPage, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._context, self._page, self._workspace = context, page, workspace
        self.guesser = Guesser(self)
        self._anew = QTimer(self)
        self._anew.setInterval(ANEW_MS)
        self._anew.timeout.connect(self._ask)
        view = page.drawing
        view.drawn.connect(self._drawn)
        view.kept.connect(self._keep)
        view.pasteAsked.connect(self._paste)
        view.pictureDropped.connect(self._take_file)
        view.screenAsked.connect(self._take_screen)
        view.lookAsked.connect(self._look_at)
        self.crop: CropDialog | None = None
        """The newest dialog that asks for a piece of a picture."""
        self._state = page.windowState()
        self._reader = Background("convviz-picture", self)
        self._reader.done.connect(self._read)
        self.guesser.guessed.connect(self._guessed)
        page.drawingChanged.connect(self._turned)

    def listens(self) -> Listening:
        """Connections that are needed while the workspace is in front."""
        run = self._context.run
        return (
            (run.inspected, self._inspected),
            (run.stateChanged, self._ask),
            (run.edited, self._ask),
            (self._context.follower.made, self._ask),
        )

    def catch_up(self) -> None:
        """The workspace is in front."""
        self._ask()
        if self._page.is_drawing:
            self._page.drawing.pad.setFocus()

    def rest(self) -> None:
        """The workspace is hidden."""
        self._anew.stop()

    def close(self) -> None:
        """The window closes."""
        self._anew.stop()
        self.guesser.close()

    def _turned(self) -> None:
        self._ask()
        self._workspace.statusChanged.emit()

    def _ask(self, *_: object) -> None:
        """Ask for a copy of the network."""
        run = self._context.run
        if not self._page.is_drawing or not self._workspace.is_in_front:
            self._anew.stop()
            return
        run.bridge.send(Inspect())
        if run.state is State.RUNNING:
            self._anew.start()
        else:
            self._anew.stop()

    def _inspected(self, message: Inspected) -> None:
        if not self._page.is_drawing:
            return
        image = message.design.input
        self.guesser.use(Network(message.design, weights=message.arrays))
        names = self._context.run.class_names
        self._page.drawing.set_network((image.channels, image.height, image.width), names)

    def _drawn(self, image: Array) -> None:
        if self._page.is_drawing:
            self.guesser.ask(image)

    def _guessed(self, values: Array, seconds: float) -> None:
        self._page.drawing.show_guess(values, seconds)
        self._workspace.statusChanged.emit()

    def _keep(self, image: Array, label: int) -> None:
        context = self._context
        try:
            row = context.drawings.keep(image, label)
        except DataError as error:
            context.message.say(str(error), "error")
            return
        self._page.drawing.pad.start_over()
        if context.watched.value.split == "drawings":
            context.watched.select(sample=row)  # a drawing that was not kept is no longer there
        name = context.run.class_names[label]
        ways = {"Show it": lambda: self._show(row)}
        context.message.say(f"Kept as drawing {row:,}, {with_article(name)}.", "success", ways, seconds=KEPT_SECONDS)

    def _show(self, row: int) -> None:
        self._page.browse()
        self._context.watched.select(split="drawings", sample=row)

    def _look_at(self, view: str, image: Array, label: int) -> None:
        """Go to another workspace with what is on the pad, which is not kept."""
        row = self._context.drawings.try_out(image, label)
        self._context.watched.select(split="drawings", sample=row)
        self._page.viewAsked.emit(view)

    # --- pictures ------------------------------------------------------------------------------------------------

    def _paste(self) -> None:
        held: QImage = QGuiApplication.clipboard().image()
        if held.isNull():
            self._context.message.say("The clipboard has no picture: copy one first.", "info")
            return
        self._offer("the clipboard", held)

    def _take_file(self, path: Path) -> None:
        """Read a picture in the background: large ones take their time."""

        def task(_cancelled: Cancelled) -> tuple[str, QImage] | DataError:
            try:
                return path.name, reduced(image_from(file_values(path)))
            except DataError as error:
                return error

        self._reader.start(task)

    def _read(self, found: tuple[str, QImage] | DataError) -> None:
        if isinstance(found, DataError):
            self._context.message.say(str(found), "error")
        else:
            self._offer(*found)

    def _take_screen(self) -> None:
        """Look at the screen without this window, and let a piece of it be chosen."""
        window = self._page.window()
        self._state = window.windowState()
        window.setWindowState(self._state | Qt.WindowState.WindowMinimized)
        QTimer.singleShot(GONE_MS, self, self._grab)

    def _grab(self) -> None:
        window = self._page.window()
        picture = screen_of(window)
        window.setWindowState(self._state & ~Qt.WindowState.WindowMinimized)
        window.raise_()
        window.activateWindow()
        if picture.isNull():
            self._context.message.say(NO_SCREEN, "info")
        else:
            self._choose_piece("the screen", picture)

    def _offer(self, name: str, picture: QImage) -> None:
        """Take a small picture as it is; of a large one a piece is chosen."""
        shape = self._page.drawing.pad.shape
        if max(picture.width(), picture.height()) > MOST_AT_ONCE * max(shape[1:]):
            self._choose_piece(name, picture)
            return
        try:
            self._page.drawing.pad.show_picture(sample_of(name, values_of(picture), shape))
        except DataError as error:
            self._context.message.say(str(error), "error")

    def _choose_piece(self, name: str, picture: QImage) -> None:
        self.crop = CropDialog(name, reduced(picture), self._page.drawing.pad.shape, self._page.window())
        self.crop.taken.connect(self._page.drawing.pad.show_picture)
        self.crop.open()


def screen_of(window: QWidget) -> QImage:
    """The screen that a window is on; null where the desktop does not show it to programs."""
    screen = window.screen()
    return screen.grabWindow(0).toImage() if screen is not None else QImage()
