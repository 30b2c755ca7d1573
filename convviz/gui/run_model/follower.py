"""Which design the session has, and which the user wants: the one follows the other as soon as it may."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from convviz.core.design import Design
from convviz.gui.files.opening import builtin_digits, fits_toy, toy_images, without_sizes
from convviz.gui.run_model.run import RunModel
from convviz.present.design.edits import live_only, with_live_edits
from convviz.present.run_facts import differences
from convviz.run.commands import Command, DataChoice, Train
from convviz.run.messages import Prepared, State

SETTLE_MS = 350
"""So long after the last edit of the design an untrained network is made anew."""


class DesignFollower(QObject):
    """Takes an edited design over to the session.

    What applies between two minibatches is taken over at once, and an untrained network is made anew once the edits
    have settled. A network with any training stays until the user asks for another: until then the design waits.

    Parameters
    ----------
    run : RunModel

    Attributes
    ----------
    wanted : Design or None
        Design that the session does not have yet.
    data : DataChoice or None
        Data set that goes with it, where it is another one than is open.
    changed : Signal()
        :attr:`wanted`, :attr:`data` or the session's design is another.
    adopted : Signal()
        The run goes on with other settings.
    """

    changed = Signal()
    adopted = Signal()

    def __init__(self, run: RunModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self.wanted: Design | None = None
        self.data: DataChoice | None = None
        self._home: DataChoice = builtin_digits()
        """Data set to go back to after the toy images."""
        self._followed: tuple[Design, bool, bool] | None = None
        """The user's design as it was last, and what it can be trained on."""
        self._making: Design | None = None
        """Design that the session was asked for, and has not told of yet."""
        self._making_on = ""
        """Data set that it is made for."""
        self._then: Command | None = None
        """What the session is to do with it."""
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.settle)
        run.prepared.connect(self._prepared)
        run.failed.connect(self._failed)

    @property
    def waits(self) -> bool:
        """Whether a trained network has to be given up before the design that is wanted can be trained."""
        return self.wanted is not None and self._run.is_trained

    def follow(self, design: Design, *, trainable: bool, possible: bool) -> None:
        """The user has another design, or the data beside it is another one.

        Parameters
        ----------
        design : Design
        trainable : bool
            It can be trained on the data at hand.
        possible : bool
            It can be trained on some data.
        """
        before, self._followed = self._followed, (design, trainable, possible)
        if trainable and self._making is None:
            self._adopt(before[0] if before is not None else design, design)
        at = self._making or self._run.design
        is_other = design != at and (self._making is not None or bool(differences(at, design)))
        self.wanted = design if trainable and is_other else None
        self.data = self._data_for(design) if possible else None
        if self.data is not None and not self._run.is_trained:
            self._make(design)
        elif self.wanted is not None and not self._run.is_trained:
            self._settle.start()
        self.changed.emit()

    def _adopt(self, before: Design, design: Design) -> None:
        """Take over what applies to the network as it is: all of the design, or the last edit of it."""
        run = self._run
        if run.state is State.EMPTY:
            return
        whole = design if live_only(run.design, design) else run.design
        for live in (whole, with_live_edits(run.design, before, design)):
            if live != run.design and live.training.epochs >= run.position.epoch:
                run.adopt(live)
                self.adopted.emit()
                return

    def _data_for(self, design: Design) -> DataChoice | None:
        """The toy preset brings its own images; a preset for larger ones brings the data set back."""
        toy, at = toy_images(), self._making_on or self._run.data_name
        if fits_toy(design):
            return toy if at != toy.name else None
        return self._home if at == toy.name else None

    def settle(self) -> None:
        """Make the network that is wanted now, unless something would be lost by it."""
        if self.wanted is not None and not self._run.is_trained:
            self._make(self.wanted)

    def open(self, design: Design, data: DataChoice) -> None:
        """Take another data set, all of its images."""
        self.wanted, self.data, self._then = None, None, None
        self._home = data
        self._run.prepare(without_sizes(design), data)

    def begin(self, command: Command | None = None) -> None:
        """Train the design that is wanted, from the start; a run is ended only once its network has been made.

        Parameters
        ----------
        command : Command, optional
            What to begin with instead: one minibatch.
        """
        command = command or Train()
        if self.wanted is None and self._making is None:
            self._run.bridge.send(command)
            return
        self._then = command
        if self.wanted is not None:
            self._make(self.wanted)

    def _make(self, design: Design) -> None:
        self._settle.stop()
        if design != self._making:
            self._making = design
            self._making_on = self.data.name if self.data is not None else self._making_on
            self._run.prepare(design, self.data)

    def _prepared(self, message: Prepared) -> None:
        self._making, self._making_on = None, ""
        if message.origin is not None or (self.wanted is not None and self.wanted.named() == message.design):
            self.wanted = None
        if message.origin is not None:
            self._then = None
        if self.data is not None and self.data.name == message.data_name:
            self.data = None

    def prepared(self) -> None:
        """The network has been made, and the window shows it: train it if that is what it was made for."""
        command, self._then = self._then, None
        if command is not None:
            self._run.bridge.send(command)
        if self.wanted is not None and not self._run.is_trained:
            self._settle.start()
        self.changed.emit()

    def _failed(self, _reason: str) -> None:
        self._making = self._then = None
        self._making_on = ""
        if self._followed is not None and self._run.is_trained:
            design, trainable, possible = self._followed
            self.follow(design, trainable=trainable, possible=possible)
