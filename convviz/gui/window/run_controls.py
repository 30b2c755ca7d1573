"""The run in the top bar: what is open, its progress, and the state and effect of its buttons."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from convviz.gui.run_model.breakpoints import BreakpointsModel
from convviz.gui.run_model.edited_design import EditedDesign
from convviz.gui.run_model.follower import DesignFollower
from convviz.gui.run_model.run import RunModel
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.gui.window.top_bar import TopBar
from convviz.gui.window.workspace_stack import WorkspaceStack
from convviz.plurals import capital
from convviz.present.words import all_done
from convviz.run.commands import Command, HoldAfterEpoch, SetWeights, StepMinibatch, Stop, Train
from convviz.run.state import State

if TYPE_CHECKING:
    from convviz.gui.window.live_settings import LiveSettings

RESTART = "End this run and train the edited design from the start"
FAULT = "Build has a fault to mend first"


class RunControls(QObject):
    """Train, Pause, Resume, 1 minibatch, Stop, Restart with edits; and the facts beside them.

    Parameters
    ----------
    run : RunModel
    top : TopBar
        Contains the buttons.
    stack : WorkspaceStack
        Text being typed in the workspace in front, and weights that were changed there, are taken over first.
    follower : DesignFollower
    edited : EditedDesign
        Design that is trained next.
    message : InlineMessage
    breakpoints : BreakpointsModel
        Tells whether a breakpoint holds the run, or the user paused it.
    """

    def __init__(
        self,
        run: RunModel,
        top: TopBar,
        stack: WorkspaceStack,
        *,
        follower: DesignFollower,
        edited: EditedDesign,
        message: InlineMessage,
        breakpoints: BreakpointsModel,
    ) -> None:
        super().__init__(top)
        self._run, self._top, self._stack = run, top, stack
        self._follower, self._edited = follower, edited
        self._message, self._breakpoints = message, breakpoints
        self._live: LiveSettings | None = None
        top.livePressed.connect(self._live_pressed)
        top.trainPressed.connect(self._train_pressed)
        top.stepPressed.connect(self._step_pressed)
        top.restartPressed.connect(self._restart_pressed)
        top.goOnPressed.connect(self._go_on_pressed)
        top.refused.connect(self._refused)
        top.stopPressed.connect(partial(run.bridge.send, Stop()))
        top.finishPressed.connect(lambda is_on: run.bridge.send(HoldAfterEpoch(is_on)))
        run.progressed.connect(self._show_progress)
        breakpoints.changed.connect(self._show_progress)
        run.stateChanged.connect(self._state_changed)
        run.edited.connect(self.show_state)
        stack.entered.connect(self.show_state)
        stack.faultChanged.connect(self.show_state)
        follower.changed.connect(self.show_state)
        follower.made.connect(self._show_subject)

    def _live_pressed(self) -> None:
        """Show the settings that apply while training, below their button."""
        if self._live is None:
            from convviz.gui.window.live_settings import LiveSettings

            self._live = LiveSettings(self._edited, self._follower, self._top.window())
        self._live.open_below(self._top.live)

    @property
    def live(self) -> LiveSettings | None:
        """The panel of these settings, once it has been opened."""
        return self._live

    def show_state(self, *_: object) -> None:
        """Enable the buttons that can be pressed now."""
        fault = self._stack.front.fault()
        if not self._edited.is_trainable:
            fault = f"{FAULT}: {self._edited.fault}"
        run, waits = self._run, self._follower.waits
        left = f"Train on from {run.where()} to epoch {run.position.epochs}" if self._can_go_on else ""
        self._top.set_state(run.state, fault=fault, waits=RESTART if waits else "", left=left, trained=run.is_trained)

    @property
    def _can_go_on(self) -> bool:
        """Whether a run that has ended can go on: also beside an edited design that waits, until that is begun."""
        return self._run.can_go_on and not self._follower.is_making

    def _refused(self, why: str) -> None:
        """Say why a key has no effect now, and offer a remedy."""
        ways = {"Show it": self._stack.go_where_designs_are_edited} if why.startswith(FAULT) else {}
        self._message.say(why, "info", ways, seconds=0 if ways else 8)

    def _show_progress(self) -> None:
        is_held = self._breakpoints.held is not None and self._run.state is State.PAUSED
        held = self._breakpoints.picture().held if is_held else None
        self._top.set_held("" if held is None else f"{held.hit.headline}: {held.place}. Resume goes on (F5)")
        self._top.set_facts(self._run.facts("paused" if held is None else ""), self._run.fraction)

    def _show_subject(self, *_: object) -> None:
        run = self._run
        images = f"{run.data_name} {run.count('training'):,} / {run.count('test'):,}"
        self._top.set_subject(run.design.name, "no data set open" if run.stands_in else images)

    def _state_changed(self, state: State) -> None:
        self.show_state()
        if state is State.RUNNING and self._message.kind != "info":  # an error is out of date now; information stays
            self._message.say("")

    def _train_pressed(self) -> None:
        self._stack.front.commit()
        if not self._top.train.isEnabled():
            self._refused(self._top.train.toolTip())  # the text being typed is not valid
            return
        self._when_allowed(self._train)

    def _train(self) -> None:
        run = self._run
        self._stack.front.training_starts()
        if not run.is_active:
            self._begin(Train())
            return
        if run.state is State.PAUSED:
            self._take_over_edits()
        run.toggle()

    def _begin(self, command: Command) -> None:
        """Begin a new run."""
        if self._run.position.step == 0 and self._follower.wanted is None:
            self._take_over_edits()
        self._follower.begin(command)
        self.show_state()

    def _go_on_pressed(self) -> None:
        self._stack.front.commit()
        if not self._can_go_on:
            return  # the run has just begun anew
        self._stack.front.training_starts()
        self._take_over_edits()
        self._run.go_on()

    def _step_pressed(self) -> None:
        self._stack.front.commit()
        if self._top.step.isEnabled():
            self._when_allowed(self._step)
        else:
            self._refused(self._top.step.toolTip())

    def _step(self) -> None:
        goes_on = self._can_go_on
        if not (self._run.is_active or goes_on):
            self._begin(StepMinibatch())
            return
        self._take_over_edits()
        self._run.bridge.send(StepMinibatch(goes_on))

    def _restart_pressed(self) -> None:
        self._follower.begin()

    def _when_allowed(self, act: Callable[[], object]) -> None:
        """Act on the run if something of it is left; otherwise say that nothing is."""
        run = self._run
        if run.has_nothing_left:
            says = f"{capital(all_done(run.position.epochs))}: with more epochs set, training goes on from here."
            self._message.say(says, "info")
        else:
            act()

    def _take_over_edits(self) -> None:
        """Take over the weights that were changed in the workspace in front."""
        weights = self._stack.front.edited_weights()
        if weights:
            self._run.bridge.send(SetWeights(weights))
            self._message.say(f"Training goes on with the changed {', '.join(sorted(weights))}.", "info")
