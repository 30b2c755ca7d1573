"""The run's buttons: when they can be pressed, and what a press means."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal

from convviz.gui.files.model_files import ModelFiles
from convviz.gui.run_model.follower import DesignFollower
from convviz.gui.run_model.run import RunModel
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.gui.window.top_bar import TopBar
from convviz.gui.workspaces.watch.settings_card import SettingsCard
from convviz.run.commands import Command, SetWeights, StepMinibatch, Stop, Train
from convviz.run.messages import State
from convviz.training.stepping import Pass

RESTART = "End this run and train the edited design from the start"
FAULT = "Build has a fault to mend first"


class RunControls(QObject):
    """Train, Pause, Resume, Go on, 1 minibatch, Stop, Restart with edits.

    Parameters
    ----------
    run : RunModel
    top : TopBar
        Has the buttons.
    settings : SettingsCard
        What is being typed there is taken over first.
    follower : DesignFollower
    models : ModelFiles
        Asks before training is lost that no file has.
    message : InlineMessage
    valid : callable
        Whether the design in Build can be trained.
    edited : callable
        Gives the pass whose changed weights training goes on with, if one is in front.

    Attributes
    ----------
    started : Signal()
        Train or Resume was pressed.
    """

    started = Signal()

    def __init__(
        self,
        run: RunModel,
        top: TopBar,
        settings: SettingsCard,
        *,
        follower: DesignFollower,
        models: ModelFiles,
        message: InlineMessage,
        valid: Callable[[], bool],
        edited: Callable[[], Pass | None],
    ) -> None:
        super().__init__(top)
        self._run, self._top, self._settings = run, top, settings
        self._follower, self._models, self._message = follower, models, message
        self._valid, self._edited = valid, edited
        top.trainPressed.connect(self._train_pressed)
        top.stepPressed.connect(self._step_pressed)
        top.restartPressed.connect(self._restart_pressed)
        top.goOnPressed.connect(self._go_on_pressed)
        top.stopPressed.connect(partial(run.bridge.send, Stop()))
        settings.faultChanged.connect(self.show_state)
        follower.changed.connect(self.show_state)

    def show_state(self, *_: object) -> None:
        """Say what can be pressed now."""
        fault = self._settings.fault() if self._valid() else FAULT
        run, waits = self._run, self._follower.waits
        left = f"Go on from {run.where()} to epoch {run.position.epochs}" if run.can_go_on and not waits else ""
        self._top.set_state(run.state, fault=fault, waits=RESTART if waits else "", left=left)

    def _train_pressed(self) -> None:
        self._settings.commit()
        if not self._top.train.isEnabled():
            return  # what was being typed can't be trained
        self._when_allowed("Training from the first epoch", self._train)

    def _train(self) -> None:
        run = self._run
        self.started.emit()
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

    def _go_on_pressed(self) -> None:
        self._settings.commit()
        if not self._run.can_go_on:
            return  # the run has just begun anew
        self.started.emit()
        self._take_over_edits()
        self._run.go_on()

    def _step_pressed(self) -> None:
        self._settings.commit()
        if self._top.step.isEnabled():
            self._when_allowed("A new run", self._step)

    def _step(self) -> None:
        if not self._run.is_active:
            self._begin(StepMinibatch())
            return
        self._take_over_edits()
        self._run.bridge.send(StepMinibatch())

    def _restart_pressed(self) -> None:
        self._models.when_nothing_is_lost("Training the edited design", self._follower.begin, asked_for=True)

    def _when_allowed(self, doing: str, act: Callable[[], object]) -> None:
        """A run goes on if there is something left of it; a new one may end what no file has."""
        run = self._run
        if run.has_nothing_left:
            says = f"All {run.position.epochs} epochs are done: with more epochs set, training goes on from here."
            self._message.say(says, "info")
        elif run.is_active:
            act()
        else:
            self._models.when_nothing_is_lost(doing, act, asked_for=True)

    def _take_over_edits(self) -> None:
        """Weights that were changed in Step are what training goes on with."""
        walk = self._edited()
        names = {edit.name for edit in walk.edits} & set(walk.program.parameters) if walk is not None else set()
        if walk is not None and names:
            self._run.bridge.send(SetWeights({name: np.array(walk.env[name]) for name in names}))
            self._message.say(f"Training goes on with the changed {', '.join(sorted(names))}.", "info")
