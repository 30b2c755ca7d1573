"""Watch in the window: it connects the page's views to the run, its past, breakpoints and pins."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from convviz.gui.widgets.turns import paint_apart
from convviz.gui.workspaces.context import WorkspaceContext
from convviz.gui.workspaces.watch.page import WatchPage
from convviz.gui.workspaces.workspace import Listening, Status, Workspace
from convviz.present.watch.data_health import DataHealth
from convviz.present.watch.family import Relative
from convviz.run.breakpoints.condition import SignChanges
from convviz.run.breakpoints.sentences import is_after_epoch
from convviz.run.commands import Branch
from convviz.run.recording.past import PastMoment, PastPass
from convviz.run.state import State
from convviz.training.images import Split
from convviz.training.snapshot import Snapshot

HELD_KEYS = "S steps the minibatch · F5 goes on"
FAILED_KEYS = "S steps the minibatch"
"""Keys for a run that diverged: resuming it would fail again at the same minibatch."""
HIT_KEYS = "S steps the minibatch · End goes back to the live network"
SCALES = "map: {}"


class WatchAdapter(Workspace):
    """Shows the run while it trains.

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
        self._has_stopped = False
        """Whether the run has stopped, or has another network, and the page has yet to show it."""
        self._network = 0
        """Number of the network that the page shows."""
        self._health_of: Split | None = None
        """The training images whose health the page has."""
        self.page.statusChanged.connect(self._say)
        timeline, strip, past = self.page.timeline, self.page.past_strip, context.past
        timeline.stepAsked.connect(past.go_to)
        timeline.liveAsked.connect(past.back_to_live)
        timeline.passAsked.connect(past.step_minibatch)
        timeline.branchAsked.connect(self._branch)
        timeline.runAsked.connect(self._open_relative)
        strip.stepAsked.connect(past.go_to)
        strip.liveAsked.connect(past.back_to_live)
        self.page.curves.stepAsked.connect(past.go_to)
        points, drawer = context.breakpoints, self.page.breakpoints
        drawer.switched.connect(points.switch)
        drawer.kindPicked.connect(points.set_kind)
        drawer.valueTyped.connect(points.set_value)
        drawer.added.connect(points.add)
        drawer.removed.connect(points.remove)
        drawer.hitPicked.connect(self._hit_picked)
        pins, pinned = context.pins, self.page.pinned
        pinned.pinned.connect(pins.pin)
        pinned.removed.connect(pins.remove)
        pinned.chosen.connect(pins.choose)
        pinned.breakAsked.connect(drawer.write)
        pinned.signBreakAsked.connect(lambda text: points.add(f"{text} changes sign"))
        pinned.signSearched.connect(lambda text: context.search.start(SignChanges(text)))
        drawer.searched.connect(self._search)
        self.page.search_strip.cancelled.connect(context.search.cancel)
        hold = context.hold
        timeline.markAsked.connect(hold.open_mark)
        self.page.hold.console.asked.connect(hold.ask)
        self.page.hold.console.pinAsked.connect(self._pin)
        self.page.break_strip.stepAsked.connect(self._step_held)
        self.page.break_strip.openAsked.connect(hold.set_open)
        self.page.break_strip.liveAsked.connect(past.back_to_live)
        self.page.hold.stepAsked.connect(self._step_held)
        self.page.hold.rowPicked.connect(hold.choose)
        self.page.hold.orderPicked.connect(hold.set_order)
        self.page.held_image.walked.connect(hold.walk)

    def listens(self) -> Listening:
        context = self._context
        run, follower = context.run, context.follower
        return (
            (follower.made, self._made),
            (context.breakpoints.changed, self._show_breakpoints),
            (context.hold.changed, self._show_hold),
            (context.hold.answered, self.page.hold.console.show_answer),
            (context.pins.changed, self._show_pins),
            (context.search.changed, self._show_search),
            (run.held, self._stopped),
            (run.edited, self._stopped),
            (run.progressed, self._show_stopped),
            (context.past.remeasured.added, self.page.show_all),
            (run.progressed, self.statusChanged),
            (context.past.moved, self._past_moved),
            (context.past.momentArrived, self._moment_arrived),
            (context.past.passArrived, self._pass_arrived),
            (run.progressed, self._past_progressed),
            (context.watched.changed, self._watched_changed),
        )

    def catch_up(self) -> None:
        self.page.wait()
        self._made()
        past = self._context.past
        self.page.show_past(past.look)
        if past.step is not None and self.page.shown_step != past.step:
            past.ask_moment()
        self._show_breakpoints()
        self._show_hold()
        self._show_pins()
        self._show_search()
        self.page.show_all()

    def rest(self) -> None:
        self.page.timeline.stop()
        self.page.rest()
        self.page.wait()
        self._has_stopped = False

    def show_snapshot(self, snapshot: Snapshot) -> None:
        self.page.show_snapshot(snapshot, more_follow=self._context.run.state is State.RUNNING)

    def foot(self) -> QWidget:
        return self.page.timeline

    def status(self) -> Status:
        hold, watched = self.page.look.hold, self._context.watched.value
        if hold is not None and hold.is_open:
            image = self._context.hold.row
            shown = f"minibatch of step {hold.step:,}" if image is None else f"training image {image:,}"
            if hold.is_past:
                place = self._context.past.look.place(hold.step - 1)
                return Status((self._hovered or shown, f"past: {place}"), (HIT_KEYS,))
            keys = FAILED_KEYS if self._context.run.diverged else HELD_KEYS
            return Status((self._hovered or shown, f"held before the update of step {hold.step:,}"), (keys,))
        shown = self._hovered or f"{watched.split} image {watched.sample}"
        past = self._context.past.look
        where = self._context.run.where() if past.step is None else f"past: {past.place(past.step)}"
        return Status((shown, where), (SCALES.format(self.page.look.map.scope.about),))

    def close(self) -> None:
        self._context.hold.close()
        self._context.pins.close()
        self._context.search.close()
        self._context.past.close()

    def _stopped(self) -> None:
        """Have all views shown anew once all that has come from the session is known: it may stop several times."""
        self._has_stopped = True

    def _show_stopped(self) -> None:
        if self._has_stopped:
            self._has_stopped = False
            paint_apart(self.page)
            self.page.show_all()

    def _past_moved(self) -> None:
        self.page.show_past(self._context.past.look)
        self.statusChanged.emit()

    def _past_progressed(self) -> None:
        """Extend the timeline: the live run has made progress."""
        self.page.set_past(self._context.past.look)

    def _moment_arrived(self, moment: PastMoment) -> None:
        self.page.show_past_moment(moment.snapshot)

    def _pass_arrived(self, found: PastPass) -> None:
        words = found.agreement.words
        self._context.message.say(f"The minibatch of step {found.step:,}: {words}.", "info", seconds=8)
        self.passAsked.emit()

    def _branch(self) -> None:
        """Begin a new run at the shown moment, with the edited settings if there are any."""
        context, run = self._context, self._context.run
        step = run.position.step if context.past.step is None else context.past.step
        path = run.recordings.file_of(step)
        if path is None:
            return
        edited = context.edited.design.named()
        run.bridge.send(Branch(path, step, None if edited == run.design else edited))

    def _open_relative(self, one: Relative) -> None:
        """Open the parent run or a branch, at the step where the two runs part."""
        if one.path is not None:
            self._context.runs.open_path(one.path, step=one.step)

    def _say(self, text: str) -> None:
        self._hovered = text
        self.statusChanged.emit()

    def _made(self, *_: object) -> None:
        run = self._context.run
        if self._network != run.networks:
            self._network = run.networks
            self.page.forget_moments()
            self.page.set_class_names(run.class_names)
        self._show_images()

    def _show_images(self) -> None:
        """Tell the page how many images can be shown, and whether the training images look healthy."""
        run = self._context.run
        if run.train is None or run.test is None:
            return
        if self._health_of is not run.train:
            self._health_of = run.train
            self.page.set_data(DataHealth.of(run.train.images, run.train.labels))
        self.page.set_images(run.count("test"), run.count("training"), run.count("drawings"))

    def _show_breakpoints(self) -> None:
        self.page.show_breakpoints(self._context.breakpoints.picture())

    def _hit_picked(self, _number: int, step: int, sentence: str) -> None:
        """Show the moment of a hit: before the update of its minibatch, or after its epoch."""
        is_after = is_after_epoch(sentence)
        if is_after:
            self.hinted.emit(f"step {step:,}: {sentence}")
        self._context.past.go_to(step if is_after else step - 1)
        if not is_after:
            self._context.hold.open_past(step, sentence)

    def _show_search(self) -> None:
        self.page.show_search(self._context.search.look)

    def _search(self, number: int) -> None:
        """Search back to where the condition of a breakpoint was last true."""
        points = self._context.breakpoints.points
        self._context.search.start(next(point.condition for point in points if point.number == number))

    def _show_pins(self) -> None:
        """Show the pinned numbers: with the next slow picture while the run trains, otherwise at once."""
        is_running = self._context.run.state is State.RUNNING
        self.page.show_pins(self._context.pins.look, at_once=not is_running)

    def _pin(self, text: str) -> None:
        fault = self._context.pins.pin(text)
        said = fault or f"{text} is pinned: its curve is in the card Pinned, beside Layer and Histograms."
        self.page.hold.console.show_answer(said, is_fault=bool(fault))

    def _show_hold(self) -> None:
        self.page.show_hold(self._context.hold.look)
        self.statusChanged.emit()

    def _step_held(self) -> None:
        """Step the held minibatch, beginning with the chosen image, else with the one of the largest loss."""
        hold = self._context.hold
        if hold.look is not None and hold.look.is_past:
            self._context.past.go_to_pass(hold.look.step, hold.row)
            return
        self._context.breakpoints.ask_to_step(hold.row)
        self.workspaceAsked.emit("Step")

    def _watched_changed(self, *_: object) -> None:
        self.page.show_all()
        self.statusChanged.emit()
