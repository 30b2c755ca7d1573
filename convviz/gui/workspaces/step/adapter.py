"""Step in the window: training holds here, and the pass has the weights that the run has now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from convviz.core.arrays import Array
from convviz.core.errors import ConvvizError
from convviz.gui.theme import current_theme
from convviz.gui.workspaces.context import WorkspaceContext
from convviz.gui.workspaces.step.offer import Choice, Offer
from convviz.gui.workspaces.step.page import StepPage
from convviz.gui.workspaces.workspace import Listening, Status, Workspace
from convviz.present.words import place
from convviz.run.commands import Inspect, Pause
from convviz.run.messages import Inspected
from convviz.run.state import State
from convviz.training.images import Split
from convviz.training.pass_source import Kind

FIRST = ("test", 0)
"""The image that is watched before anyone has chosen one."""


class StepAdapter(Workspace):
    """Asks for the network's arrays whenever it comes to the front or the run holds.

    Parameters
    ----------
    context : WorkspaceContext
    """

    page: StepPage
    steps_passes = True

    def __init__(self, context: WorkspaceContext) -> None:
        super().__init__(StepPage(current_theme()))
        self._context = context
        self._train: Split | None = None
        """The training images that there are: with others what is stepped is chosen anew."""
        self._image = FIRST
        """Watched image that the pass was last sent to."""
        self._image_at = -1
        """The step of the run at which that image was chosen: an image counts until training goes on."""
        self._is_picked = False
        """Whether the user chose the kind of pass here: then it stays."""
        self.page.statusChanged.connect(self.statusChanged)
        self.page.kindPicked.connect(self._kind_picked)
        self.page.refused.connect(self.hinted)

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
        walk, source = self.page.run, self.page.source
        if walk is None or source is None or source.kind is Kind.LAST:
            return {}  # the weights before the last minibatch are those of the past: training goes on from later ones
        names = {edit.name for edit in walk.edits} & set(walk.program.parameters)
        return {name: np.array(walk.env[name]) for name in names}

    def _kind_picked(self) -> None:
        self._is_picked = True

    def _ask(self, *_: object) -> None:
        self._context.run.bridge.send(Inspect())

    def _state_changed(self, state: State) -> None:
        if state is not State.RUNNING:
            self._ask()

    def _inspected(self, message: Inspected) -> None:
        run, watched = self._context.run, self._context.watched.value
        images = run.test if watched.split == "test" else run.train
        if images is None or run.train is None:
            return
        choice = self.page.choice
        if self._train is not run.train:
            self._train, choice = run.train, Choice()
            self._image, self._image_at, self._is_picked = FIRST, -1, False
        if self._image != watched.image:
            self._image, self._image_at, self._is_picked = watched.image, message.position.step, False
            choice = replace(choice, kind=Kind.ONE, image=watched.sample)
        elif not self._is_picked and self._image_at != message.position.step:
            choice = replace(choice, kind=Kind.LAST)
        at = message.position
        where = place(at.epoch, at.step) if at.epoch else run.where()
        offer = Offer.of(message, run.train, images, watched.split, run.class_names, where)
        try:
            self.page.set_offer(offer, choice)
        except ConvvizError as error:
            self._context.message.say(str(error), "error")
