"""Step in the window: training holds here, and the pass has the weights that the run has now."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme
from convviz.gui.workspaces.context import WorkspaceContext
from convviz.gui.workspaces.step.page import StepPage
from convviz.gui.workspaces.workspace import Listening, Status, Workspace
from convviz.present.words import place
from convviz.run.commands import Inspect, Pause
from convviz.run.messages import Inspected
from convviz.run.state import State


class StepAdapter(Workspace):
    """Asks for the network's arrays whenever it comes to the front or the run holds.

    Parameters
    ----------
    context : WorkspaceContext
    """

    page: StepPage

    def __init__(self, context: WorkspaceContext) -> None:
        super().__init__(StepPage(current_theme()))
        self._context = context
        self._image = ("test", 0)
        """Watched image that the pass was last sent to."""
        self.page.statusChanged.connect(self.statusChanged)

    def listens(self) -> Listening:
        context = self._context
        return (
            (context.run.inspected, self._inspected),
            (context.run.stateChanged, self._state_changed),
            (context.follower.made, self._ask),
        )

    def catch_up(self) -> None:
        """Hold the training, as a debugger does."""
        run = self._context.run
        if run.state is State.RUNNING:
            run.bridge.send(Pause())
            said = "Training is held while you step through a pass; Resume goes on."
            self._context.message.say(said, "info", seconds=6)
        self._ask()

    def status(self) -> Status:
        return Status(tuple(self.page.status.split(" · ")))

    def edited_weights(self) -> Mapping[str, Array]:
        walk = self.page.run
        if walk is None:
            return {}
        names = {edit.name for edit in walk.edits} & set(walk.program.parameters)
        return {name: np.array(walk.env[name]) for name in names}

    def _ask(self, *_: object) -> None:
        self._context.run.bridge.send(Inspect())

    def _state_changed(self, state: State) -> None:
        if state is not State.RUNNING:
            self._ask()

    def _inspected(self, message: Inspected) -> None:
        run, watched = self._context.run, self._context.watched.value
        split = run.test if watched.split == "test" else run.train
        if split is None:
            return
        at = message.position
        where = place(at.epoch, at.step) if at.epoch else run.where()
        self.page.set_pass_source(
            message.design,
            message.arrays,
            split.images,
            split.labels,
            watched.split,
            where,
            step=at.step,
            class_names=run.class_names,
        )
        if self._image != watched.image:
            self._image = watched.image
            self.page.choose_image(min(watched.sample, len(split) - 1))
