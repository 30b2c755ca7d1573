"""Build in the window: it compares the edited design with the run, and gives way to Watch when training starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from convviz.core.layers import Conv2D, ReLU
from convviz.data.sources import ToyImages
from convviz.gui.theme import current_theme
from convviz.gui.workspaces.builder.page import BuildPage
from convviz.gui.workspaces.context import WorkspaceContext
from convviz.gui.workspaces.workspace import Listening, Status, Workspace
from convviz.present.design.brought import Brought, brought
from convviz.run.state import State
from convviz.storage.presets import presets

DEEP = 20
"""Number of cards made in advance for convolutions, and for activations: enough for a deep network."""


class BuildAdapter(Workspace):
    """Shows the edited design while it is in front, and compares it with the run.

    Parameters
    ----------
    context : WorkspaceContext
    """

    page: BuildPage
    edits_designs = True

    def __init__(self, context: WorkspaceContext) -> None:
        super().__init__(BuildPage(current_theme(), edited=context.edited, files=context.designs))
        self._context = context
        self._status = self._fault_said = ""
        self.page.came_with = self._came_with
        self.page.weights_saver = self._weights_saver
        self.page.set_live(False)
        self.page.openDataRequested.connect(context.data.choose)
        self.page.data_box.digitsAsked.connect(context.data.open_builtin)
        self.page.dataDropped.connect(context.data.open_path)
        self.page.statusChanged.connect(self._say)

    def listens(self) -> Listening:
        run, follower = self._context.run, self._context.follower
        return (
            (run.progressed, self._show_run),
            (follower.changed, self._show_run),
            (self._context.edited.changed, self._take_back),
            (run.stateChanged, self._show_work),
            (run.compilingChanged, self._show_work),
        )

    def catch_up(self) -> None:
        self.page.set_live(True)
        self._show_run()
        self._show_work()

    def prepare(self) -> None:
        """Make cards and settings in advance, so that presets and plain deep networks open without delay."""
        layers = self.page.layers
        designs = [preset.layers for preset in presets()]
        layers.spare.prepare([*designs, (Conv2D(),) * DEEP, (ReLU(),) * DEEP], layers.cards)
        self.page.hyper.prepare()

    def rest(self) -> None:
        self.page.set_live(False)

    def status(self) -> Status:
        return Status(tuple(self._status.split(" · ")))

    def training_starts(self) -> None:
        self.trainingViewAsked.emit()

    def may_close(self) -> bool:
        return self.page.confirm_discard()

    def close(self) -> None:
        self.page.close_down()

    def _weights_saver(self) -> Callable[[Path], object] | None:
        """Return a function that saves the run's weights; None unless they fit the edited design."""
        trained, edited = self._context.run.design, self._context.edited.design.named()
        same = (trained.layers, trained.input, trained.classes) == (edited.layers, edited.input, edited.classes)
        return self._context.save_model if self._context.run.is_trained and same else None

    def _came_with(self) -> Brought:
        run, coming, edited = self._context.run, self._context.follower.data, self._context.edited
        said = brought(
            edited.design.name,
            data=run.data_name,
            coming="" if coming is None else coming.name,
            own=isinstance(coming, ToyImages),
            fault=edited.fault if coming is None else "",
            trained=run.is_trained,
        )
        self._fault_said = said.sentence if edited.fault and coming is None else ""
        return said

    def _take_back(self) -> None:
        """Withdraw the message about a fault once the design has none."""
        if self._fault_said and not self._context.edited.fault:
            if self.page.message.text().startswith(self._fault_said):
                self.page.message.say("")
            self._fault_said = ""

    def _say(self, text: str) -> None:
        self._status = text
        self.statusChanged.emit()

    def _show_run(self) -> None:
        self.page.set_run(self._context.run.summary(), self._context.run.timed)

    def _show_work(self, *_: object) -> None:
        """Tell the page whether training or compiling needs the processor, so that nothing is measured."""
        run = self._context.run
        self.page.set_training(run.state is State.RUNNING or run.kernels.is_going)
