"""Step in the window: entering it holds the training, and the pass uses the run's current weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from PySide6.QtWidgets import QWidget

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.core.network import lowered
from convviz.data.sources import ToyImages
from convviz.gui.run_model.background import Background
from convviz.gui.theme import current_theme
from convviz.gui.workspaces.context import WorkspaceContext
from convviz.gui.workspaces.step.offer import Offer, PassChoice
from convviz.gui.workspaces.step.page import StepPage
from convviz.gui.workspaces.workspace import Listening, Status, Workspace
from convviz.present.progress_words import busy_sentence, compiling_sentence
from convviz.present.step.listing import ListingRow, hint, listing
from convviz.present.step.pass_words import changes_of_yours, first_words, replayed_words
from convviz.present.watch.timeline import timeline_of
from convviz.present.words import place
from convviz.run.commands import Inspect, Pause
from convviz.run.messages import Inspected
from convviz.run.opening import open_data
from convviz.run.recording.past import PastPass
from convviz.run.state import State
from convviz.training.images import Split
from convviz.training.pass_source import PassKind

Coming = tuple[tuple[ListingRow, ...], Callable[[int], str]]
"""The listing of a pass, and the tooltip of each of its steps."""
FIRST = ("test", 0)
"""The image watched until the user chooses one: split and row."""


class StepAdapter(Workspace):
    """Asks the session for the network's arrays whenever Step comes to the front and whenever the run holds.

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
        """The training images; opening others resets the choice of a pass."""
        self._image = FIRST
        """The watched image that was stepped last."""
        self._image_at = -1
        """The run's step when that image was chosen; the choice stands until training continues."""
        self._stepped: PastPass | None = None
        """The past minibatch that was stepped last."""
        self._is_past = False
        """Whether the next offer should step the past minibatch."""
        self._shown_waiting = ""
        """Name of the waiting design in the last offer."""
        self._is_picked = False
        """Whether the user chose the kind of pass; if so, nothing else changes it."""
        self.page.statusChanged.connect(self.statusChanged)
        self._shown_changes = 0
        """How many changes of the user the timeline tells of."""
        self.page.statusChanged.connect(self._follow_changes)
        self._holds = False
        """Whether training is about to be held because the user came here."""
        self._listing = Background("convviz-step-listing", self.page)
        self._listing.done.connect(self._show_coming)
        self._on_edited = False
        """Whether the user steps the edited design instead of the trained network."""
        self.page.kindPicked.connect(self._kind_picked)
        self.page.editedPicked.connect(self._edited_picked)
        self.page.refused.connect(self.hinted)
        self.page.runStepAsked.connect(context.past.go_to_pass)
        self.page.liveAsked.connect(self._go_live)
        self.page.pinAsked.connect(self._pin)
        self.page.begun.connect(self._show_timeline)
        self.page.failed.connect(self._say_failed)

    def listens(self) -> Listening:
        context = self._context
        return (
            (context.run.inspected, self._inspected),
            (context.run.stateChanged, self._state_changed),
            (context.follower.made, self._made),
            (context.follower.changed, self._waiting_changed),
            (context.past.passArrived, self._pass_arrived),
            (context.past.moved, self._past_moved),
            (context.run.progressed, self._show_timeline),
            (context.run.progressed, self._show_awaited),
            (context.run.compilingChanged, self._show_awaited),
        )

    def catch_up(self) -> None:
        """Hold the training, as a debugger does, unless a past minibatch is being looked at."""
        run, past = self._context.run, self._context.past
        self._take_pass()
        if past.step is not None:  # step the moment that Watch shows; training may continue
            self._is_past = past.stepped is not None and past.stepped.step == past.step
            if not self._is_past:
                past.step_minibatch()
            self._ask()
            return
        if run.state is State.RUNNING and not self._is_past:
            run.bridge.send(Pause(spares_one=True))
            self._holds = True
        self._ask()
        if self.page.is_awaiting:
            design = run.design
            self._listing.start(lambda _cancelled: steps_of(design))
        self._show_awaited()

    def rest(self) -> None:
        """Who has left is not told later, when training pauses for another reason, that it is held for a pass."""
        self._holds = False

    def prepare(self) -> None:
        """Make the widgets, so that they exist when the page is entered."""
        self.page.prepare()

    def _take_pass(self) -> None:
        """Note the minibatch that was replayed last; if it is new, step it next."""
        stepped = self._context.past.stepped
        is_new = stepped is not self._stepped
        self._stepped = stepped
        self._is_past = self._is_past or (is_new and stepped is not None)

    def close(self) -> None:
        self._listing.cancel()

    def foot(self) -> QWidget | None:
        return self.page.views.equation if self.page.is_built else None

    def status(self) -> Status:
        return Status(tuple(self.page.status.split(" · ")))

    def edited_weights(self) -> Mapping[str, Array]:
        walk, source = self.page.run, self.page.source
        if (
            walk is None
            or source is None
            or source.kind in (PassKind.LAST, PassKind.PAST, PassKind.PROBED)
            or self._on_edited
        ):
            return {}  # An earlier minibatch began with older weights than those that training continues from.
        names = {edit.name for edit in walk.edits} & set(walk.program.parameters)
        return {name: np.array(walk.env[name]) for name in names}

    def show_edited(self) -> None:
        if self._context.follower.waits:
            self._edited_picked(True)

    def _pass_arrived(self, _: PastPass) -> None:
        self._take_pass()
        self._ask()

    def _past_moved(self) -> None:
        """Update the timeline; if the minibatch under its cursor can't be stepped, say why."""
        problem = self._context.past.look.problem
        if problem:
            self._context.message.say(f"This minibatch can't be stepped: {problem}", "error")
        self._show_timeline()

    def _pin(self, text: str) -> None:
        """Record this expression throughout the run."""
        fault = self._context.pins.pin(text)
        said = fault or f"{text} is pinned: Watch draws its curve (Pinned, beside Layer)."
        self._context.message.say(said, "error" if fault else "info", seconds=8)

    def _go_live(self) -> None:
        """Step the last minibatch of the live run, and return every workspace to the live network."""
        self._context.past.back_to_live()
        if self.page.choice.kind is PassKind.PAST:
            self.page.choose_kind(PassKind.LAST)
        self._is_picked = False
        self._show_timeline()
        self._ask()

    def _show_timeline(self) -> None:
        if not self.page.is_built or self.page.is_coming:  # it is shown with the pass
            return
        past, source = self._context.past, self.page.source
        look, words = past.look, ""
        self.page.say_past(self._past_words)
        if not look.is_loading:
            is_past = source is not None and source.kind is PassKind.PAST
            look = replace(look, step=source.position.step if is_past and source is not None else None)
            if is_past and self._stepped is not None:
                changes = self._changes
                words = changes_of_yours(changes) if changes else self._stepped.agreement.words
        self._shown_changes = self._changes
        held = self._context.breakpoints.held_minibatch
        picture = timeline_of(self._context.run.history, look, None if held is None else held.step)
        self.page.views.run_timeline.show_timeline(picture, words)

    @property
    def _changes(self) -> int:
        """How many numbers of the pass the user has changed."""
        return 0 if self.page.run is None else len(self.page.run.edits)

    def _follow_changes(self, *_: object) -> None:
        """A past minibatch with a number of the user's is no longer what was replayed."""
        if self._changes != self._shown_changes:
            self._show_timeline()

    @property
    def _past_words(self) -> str:
        """How well the past minibatch was replayed and which image is first, in words; empty if none was."""
        stepped, compared = self._stepped, self._context.past.compared
        if stepped is None:
            return ""
        largest, name = (None, "") if compared is None else (compared.largest, compared.name)
        agreement, source = stepped.agreement, stepped.source
        said = replayed_words(stepped.step, agreement.words, largest, name, is_exact=agreement.is_exact)
        return (
            f"{said} {first_words(source.place_of(stepped.first))}"
            if stepped.is_worst and len(source.rows) > 1
            else said
        )

    def _kind_picked(self) -> None:
        self._is_picked = True

    def _edited_picked(self, edited: bool) -> None:
        self._on_edited = edited
        self._ask()

    def _made(self, *_: object) -> None:
        self._on_edited = False
        self._ask()

    def _waiting_changed(self) -> None:
        """Ask for a new offer if another edited design waits now, or none does."""
        if self._on_edited or self._shown_waiting != self._waiting:
            self._ask()

    @property
    def _waiting(self) -> str:
        """Name of the edited design that waits while another network is trained; empty if none does."""
        context = self._context
        return context.edited.design.named().name if context.follower.waits else ""

    def _ask(self, *_: object) -> None:
        self._context.run.bridge.send(Inspect())

    def _state_changed(self, state: State) -> None:
        if state is State.RUNNING:
            return
        if self._holds and state is State.PAUSED:
            said = "Training is held while you step through a pass; Resume goes on."
            self._context.message.say(said, "info", seconds=6)
        self._holds = False
        self._ask()

    def _show_coming(self, coming: Coming) -> None:
        """List the steps of the pass that is awaited."""
        if self.page.is_awaiting:
            self.page.views.listing.show_coming(*coming)

    def _show_awaited(self) -> None:
        """Until there is a pass, say what it waits for."""
        if self.page.is_awaiting and self.page.is_built:
            self.page.views.show_awaited(self._awaited)

    @property
    def _awaited(self) -> str:
        run, busy = self._context.run, self._context.run.busy
        if run.is_busy:
            said = busy_sentence(busy.what, busy.done, busy.total)
            return f"{said} The pass of its network is shown here then."
        if run.kernels.is_awaited and run.state is State.RUNNING:
            return f"{compiling_sentence(run.kernels.text)}\nThe pass is shown here as soon as the next one is ready."
        if run.train is None:
            return "The network is being made: its pass is shown here then."
        return "The pass is being made …"

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
            self._train, choice = run.train, PassChoice()
            self._image, self._image_at, self._is_picked = FIRST, -1, False
        if self._image != watched.image:
            self._image, self._image_at, self._is_picked = watched.image, message.position.step, False
            choice = replace(choice, kind=PassKind.ONE, image=watched.sample)
        asked = self._context.breakpoints.take_step_request()
        if asked is not None:
            self._image, self._image_at, self._is_picked = watched.image, message.position.step, False
            choice = replace(choice, kind=PassKind.NEXT, first=asked.row)
        elif not self._is_picked and self._image_at != message.position.step:
            choice = replace(choice, kind=PassKind.LAST)
        at = message.position
        where = place(at.epoch, at.step) if at.epoch else run.where()
        offer = Offer.of(message, run.train, images, watched.split, run.class_names, where)
        past = None if self._stepped is None else self._stepped.source
        if self._is_past:
            self._is_past, self._is_picked = False, True
            first = None if self._stepped is None else self._stepped.first
            choice = replace(choice, kind=PassKind.PAST, first=first)
        if self._context.probed.take():
            self._is_picked = True
            choice = replace(choice, kind=PassKind.PROBED)
        offer = replace(offer, past_words=self._past_words, probed=self._context.probed.source)
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
        self._set_offer(offer, replace(self.page.choice, kind=PassKind.ONE if kind is PassKind.LAST else kind))
        return True

    def _set_offer(self, offer: Offer, choice: PassChoice) -> None:
        self.page.set_offer(offer, choice)
        self._show_timeline()

    def _say_failed(self, reason: str) -> None:
        """Say why a pass can't be made; the previous one is still shown."""
        self._context.message.say(reason, "error")
        self._show_timeline()


def steps_of(design: Design) -> Coming:
    """The listing of the pass of one image, before there are any numbers."""
    program = lowered(design.named(), 1, train=True, image_gradient=True)
    return listing(program), lambda step: hint(program, program.steps[step])
