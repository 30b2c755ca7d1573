"""Which design the session has, and which the user wants: the one follows the other as soon as it may."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from convviz.core.design import Design
from convviz.gui.opening import builtin_digits, fits_toy, toy_images, without_sizes
from convviz.gui.run import Run
from convviz.present.edits import live_only
from convviz.training.commands import DataChoice, Stop, Train
from convviz.training.messages import State

SETTLE_MS = 350
"""So long after the last edit of the design the network is made anew."""


class DesignFollower(QObject):
    """Takes an edited design over to the session: at once, once the edits have settled, or when the run has ended.

    Parameters
    ----------
    run : Run

    Attributes
    ----------
    wanted : Design or None
        Design that the session does not have yet.
    changed : Signal()
        :attr:`wanted` or the session's design is another.
    adopted : Signal()
        The run goes on with other settings.
    """

    changed = Signal()
    adopted = Signal()

    def __init__(self, run: Run, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self.wanted: Design | None = None
        self._data: DataChoice = builtin_digits()
        """Data set to go back to after the toy images."""
        self._restarting = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.settle)
        run.stateChanged.connect(self._state_changed)
        run.failed.connect(self._failed)

    @property
    def waits(self) -> bool:
        """Whether a run has to end, or to be given up, before the design that is wanted can be trained."""
        return self.wanted is not None and self._holds

    @property
    def _holds(self) -> bool:
        """Whether the network stays as it is until the user says otherwise."""
        return self._run.is_active or self._run.unsaved.is_much

    def follow(self, design: Design, *, trainable: bool, possible: bool) -> None:
        """The user has another design.

        Parameters
        ----------
        design : Design
        trainable : bool
            It can be trained on the data at hand.
        possible : bool
            It can be trained on some data.
        """
        run = self._run
        if design == run.design:
            self.wanted = None
        elif trainable and self._can_adopt(design):
            self.wanted = None
            run.adopt(design)
            self.adopted.emit()
        else:
            self.wanted = design if trainable else None
        if not trainable and possible:
            self._fit_data_to(design)
        if self.wanted is not None and not self._holds:
            self._settle.start()
        self.changed.emit()

    def _can_adopt(self, design: Design) -> bool:
        """Whether the network can stay: only settings differ that apply between two minibatches."""
        run = self._run
        if run.state is State.EMPTY or not live_only(run.design, design):
            return False
        return run.is_active or design.training.epochs >= run.position.epoch

    def settle(self) -> None:
        """Make the network that is wanted now, unless something would be lost by it."""
        if not self._holds:
            self.prepare()

    def prepare(self) -> None:
        """Make the network that is wanted now, unless a run goes on."""
        self._settle.stop()
        if self.wanted is not None and not self._run.is_active:
            design, self.wanted = self.wanted, None
            self._run.design = design
            self._run.prepare(design)

    def open(self, design: Design, data: DataChoice) -> None:
        """Take another data set, all of its images."""
        self.wanted = None
        self._data = data
        self._run.prepare(without_sizes(design), data)

    def restart(self) -> None:
        """End this run and train the design that is wanted."""
        self._restarting = True
        if self._run.is_active:
            self._run.bridge.send(Stop())
        else:
            self.prepare()

    def prepared(self) -> None:
        """The network has been made, and the window shows it: train it if that is what it was made for."""
        if self._restarting:
            self._restarting = False
            self._run.bridge.send(Train())

    def _fit_data_to(self, design: Design) -> None:
        """The toy preset brings its own images; a preset for larger ones brings the data set back."""
        run = self._run
        if run.is_active or run.is_busy:
            return
        toy = run.data_name == toy_images().name
        if fits_toy(design) and not toy:
            run.prepare(design, toy_images())
        elif toy and not fits_toy(design):
            run.prepare(design, self._data)

    def _state_changed(self, _state: State) -> None:
        if self._run.is_active or self.wanted is None:
            return
        if self._restarting:
            self.prepare()
        elif not self._holds:
            self._settle.start()

    def _failed(self, _reason: str) -> None:
        self._restarting = False
