"""Step in the window: training holds here, and the pass has the weights that the run has now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from PySide6.QtWidgets import QWidget

from convviz.core.arrays import Array
from convviz.core.errors import ConvvizError
from convviz.data.sources import ToyImages
from convviz.gui.theme import current_theme
from convviz.gui.workspaces.context import WorkspaceContext
from convviz.gui.workspaces.step.offer import Choice, Offer
from convviz.gui.workspaces.step.page import StepPage
from convviz.gui.workspaces.workspace import Listening, Status, Workspace
from convviz.present.words import place
from convviz.run.commands import Inspect, Pause
from convviz.run.messages import Inspected
from convviz.run.opening import open_data
from convviz.run.recording.past import PastPass
from convviz.run.state import State
from convviz.training.images import Split
from convviz.training.pass_source import Kind

FIRST = ("test", 0)
"""The image that is watched before anyone has chosen one."""


class StepAdapter(Workspace):
    """Asks the session for the network's arrays whenever it comes to the front, and whenever the run holds.

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
        """The training images; when others are opened, the choice of a pass begins anew."""
        self._image = FIRST
        """The watched image that was stepped last."""
        self._image_at = -1
        """The run's step when that image was chosen; the choice holds until training goes on."""
        self._stepped: PastPass | None = None
        """The past minibatch that was stepped last."""
        self._is_past = False
        """Whether another one is to be shown."""
        self._shown_waiting = ""
        """The design that the user was last told is waiting."""
        self._is_picked = False
        """Whether the user chose the kind of pass; if so, nothing else changes it."""
        self.page.statusChanged.connect(self.statusChanged)
        self._on_edited = False
        """Whether the user steps the edited design instead of the trained network."""
        self.page.kindPicked.connect(self._kind_picked)
        self.page.editedPicked.connect(self._edited_picked)
        self.page.refused.connect(self.hinted)

    def listens(self) -> Listening:
        context = self._context
        return (
            (context.run.inspected, self._inspected),
            (context.run.stateChanged, self._state_changed),
            (context.follower.made, self._made),
            (context.follower.changed, self._waiting_changed),
        )

    def catch_up(self) -> None:
        """Hold the training, as a debugger does."""
        run, stepped = self._context.run, self._context.past.stepped
        is_new = stepped is not self._stepped
        self._stepped = stepped
        self._is_past = is_new and stepped is not None
        if run.state is State.RUNNING and not self._is_past:
            run.bridge.send(Pause())
            said = "Training is held while you step through a pass; Resume goes on."
            self._context.message.say(said, "info", seconds=6)
        self._ask()

    def foot(self) -> QWidget | None:
        return self.page.views.equation if self.page.is_built else None

    def status(self) -> Status:
        return Status(tuple(self.page.status.split(" · ")))

    def edited_weights(self) -> Mapping[str, Array]:
        walk, source = self.page.run, self.page.source
        if walk is None or source is None or source.kind in (Kind.LAST, Kind.PAST) or self._on_edited:
            return {}  # An earlier minibatch began with older weights than those that training goes on from.
        names = {edit.name for edit in walk.edits} & set(walk.program.parameters)
        return {name: np.array(walk.env[name]) for name in names}

    def show_edited(self) -> None:
        if self._context.follower.waits:
            self._edited_picked(True)

    def _kind_picked(self) -> None:
        self._is_picked = True

    def _edited_picked(self, edited: bool) -> None:
        self._on_edited = edited
        self._ask()

    def _made(self, *_: object) -> None:
        self._on_edited = False
        self._ask()

    def _waiting_changed(self) -> None:
        """Follow the edited design: another one waits, or none does."""
        if self._on_edited or self._shown_waiting != self._waiting:
            self._ask()

    @property
    def _waiting(self) -> str:
        """Name of the design that waits beside a trained network; empty without one."""
        context = self._context
        return context.edited.design.named().name if context.follower.waits else ""

    def _ask(self, *_: object) -> None:
        self._context.run.bridge.send(Inspect())

    def _state_changed(self, state: State) -> None:
        if state is not State.RUNNING:
            self._ask()

    def _inspected(self, message: Inspected) -> None:
        self._shown_waiting = self._waiting
        if self._on_edited and self._waiting and self._offer_edited():
            return
        self._on_edited = False
        run, watched = self._context.run, self._context.watched.value
        images = run.images_of(watched.split)
        if images is None or run.train is None:
            return
        choice = self.page.choice
        if self._train is not run.train:
            self._train, choice = run.train, Choice()
            self._image, self._image_at, self._is_picked = FIRST, -1, False
        if self._image != watched.image:
            self._image, self._image_at, self._is_picked = watched.image, message.position.step, False
            choice = replace(choice, kind=Kind.ONE, image=watched.sample)
        asked = self._context.breakpoints.take_step_request()
        if asked is not None:
            self._image, self._image_at, self._is_picked = watched.image, message.position.step, False
            choice = replace(choice, kind=Kind.NEXT, first=asked.row)
        elif not self._is_picked and self._image_at != message.position.step:
            choice = replace(choice, kind=Kind.LAST)
        at = message.position
        where = place(at.epoch, at.step) if at.epoch else run.where()
        offer = Offer.of(message, run.train, images, watched.split, run.class_names, where)
        past = None if self._stepped is None else self._stepped.source
        if self._is_past:
            self._is_past, self._is_picked = False, True
            choice = replace(choice, kind=Kind.PAST)
        self._set_offer(replace(offer, waiting=self._waiting, past=past), choice)

    def _offer_edited(self) -> bool:
        """Offer the edited design with its initial weights; if it can't be stepped, say why and return False."""
        context, run = self._context, self._context.run
        coming, watched = context.follower.data, context.watched.value
        train, images = run.train, run.images_of(watched.split)
        names, split = run.class_names, watched.split
        if isinstance(coming, ToyImages):
            toy = open_data(coming)  # two images, made on the spot
            train, images, names, split = toy.train, toy.test, toy.class_names, "test"
        elif coming is not None:
            context.message.say(f"{self._waiting} can be stepped once {coming.name} is open: Train opens it.", "info")
            return False
        if train is None or images is None:
            return False
        try:
            offer = Offer.of_edited(context.edited.design, train, images, split, names)
        except ConvvizError as error:
            context.message.say(f"{error}", "error")
            return False
        kind = self.page.choice.kind
        self._set_offer(offer, replace(self.page.choice, kind=Kind.ONE if kind is Kind.LAST else kind))
        return True

    def _set_offer(self, offer: Offer, choice: Choice) -> None:
        try:
            self.page.set_offer(offer, choice)
        except ConvvizError as error:
            self._context.message.say(str(error), "error")
