"""Connects the pad with the run's network and the user's drawings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QTimer
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter

from convviz.core.arrays import Array
from convviz.core.network import Network
from convviz.data.drawing.pictures import picture_file, picture_sample
from convviz.data.errors import DataError
from convviz.gui.workspaces.context import WorkspaceContext
from convviz.gui.workspaces.data.drawing.guesser import Guesser
from convviz.gui.workspaces.workspace import Listening, Workspace
from convviz.run.commands import Inspect
from convviz.run.messages import Inspected
from convviz.run.state import State

if TYPE_CHECKING:
    from convviz.gui.workspaces.data.page import DataPage

ANEW_MS = 1000
"""Milliseconds after which a network in training is asked anew."""
KEPT_SECONDS = 5.0


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
        self.guesser.guessed.connect(self._guessed)
        page.drawingChanged.connect(self._turned)

    def listens(self) -> Listening:
        """What matters while the workspace is in front."""
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
        name = context.run.class_names[label]
        ways = {"Show it": lambda: self._show(row)}
        context.message.say(f"Kept as drawing {row:,}, a {name}.", "success", ways, seconds=KEPT_SECONDS)

    def _show(self, row: int) -> None:
        self._page.browse()
        self._context.watched.select(split="drawings", sample=row)

    def _paste(self) -> None:
        held: QImage = QGuiApplication.clipboard().image()
        if held.isNull():
            self._context.message.say("The clipboard has no picture: copy one first.", "info")
            return
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"PNG")).write(held)
        contents = bytes(buffer.data().data())
        self._take(lambda shape: picture_sample("the clipboard", contents, shape))

    def _take_file(self, path: Path) -> None:
        self._take(lambda shape: picture_file(path, shape))

    def _take(self, read: Callable[[tuple[int, int, int]], Array]) -> None:
        try:
            self._page.drawing.pad.show_picture(read(self._page.drawing.pad.shape))
        except DataError as error:
            self._context.message.say(str(error), "error")
