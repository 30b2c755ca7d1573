"""Keeps the session's design in step with the edited one."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from convviz.core.design import Design
from convviz.data.sources import BuiltinDigits, DataSource, ImageSpec, ToyImages
from convviz.gui.run_model.following import (
    Action,
    Adopt,
    Begin,
    Edited,
    Event,
    Failed,
    Following,
    Made,
    Make,
    Opened,
    RunNow,
    Send,
    Settle,
    Settled,
    Toy,
    transition,
)
from convviz.gui.run_model.run import RunModel
from convviz.run.commands import Command, Train
from convviz.run.messages import NotKept, Prepared
from convviz.run.state import State

SETTLE_MS = 350
"""Milliseconds after the last edit of the design until an untrained network is made again."""


class DesignFollower(QObject):
    """Passes an edited design on to the session, by carrying out :mod:`~convviz.gui.run_model.following`.

    Settings that can change between two minibatches are passed on at once. An untrained network is made again when
    editing pauses. A trained network stays until the user asks for another one; until then the edited design waits.

    Parameters
    ----------
    run : RunModel

    Attributes
    ----------
    changed : Signal()
        :attr:`wanted`, :attr:`data` or the session's design has changed.
    made : Signal(object)
        The session has another network: the :class:`Prepared` message. The command for which the network was made is
        sent after all receivers have handled the signal.
    """

    changed = Signal()
    made = Signal(object)

    def __init__(self, run: RunModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._now = Following(BuiltinDigits(), Toy(ToyImages(), fits_toy))
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.settle)
        run.prepared.connect(self._prepared)
        run.failed.connect(self._failed)
        run.notKept.connect(self._not_kept)

    @property
    def wanted(self) -> Design | None:
        """The design that the session does not have yet; None if it has the edited one."""
        return self._now.wanted

    @property
    def data(self) -> DataSource | None:
        """The data set for the edited design; None if it is open already."""
        return self._now.data

    @property
    def waits(self) -> bool:
        """Whether training the wanted design would discard a trained network."""
        return self.wanted is not None and self._run.is_trained

    @property
    def is_making(self) -> bool:
        """Whether the session is making a network, which will replace that of the run."""
        return self._now.making is not None

    def follow(self, design: Design, *, trainable: bool, possible: bool) -> None:
        """Follow an edit of the design or a change of its data: see :class:`Edited`."""
        self._take(Edited(design, trainable, possible))
        self.changed.emit()

    def settle(self) -> None:
        """Make the wanted network now, unless that would discard a trained one."""
        self._take(Settled())

    def open(self, design: Design, data: DataSource) -> None:
        """Use another data set and all of its images."""
        self._take(Opened(without_sizes(design), data))

    def begin(self, command: Command | None = None) -> None:
        """Train the wanted design from the start; a running training ends only when the new network has been made.

        Parameters
        ----------
        command : Command, optional
            The command to begin with instead of Train, such as one minibatch.
        """
        self._take(Begin(command or Train()))

    def _prepared(self, message: Prepared) -> None:
        actions = self._next(
            Made(message.design, message.data_name, from_file=message.origin is not None, source=message.source)
        )
        self.made.emit(message)
        self._do(actions)
        self.changed.emit()

    def _failed(self, _message: object) -> None:
        self._take(Failed())
        self.changed.emit()

    def _not_kept(self, message: NotKept) -> None:
        if message.stays:
            self._failed(message.reason)

    def _take(self, event: Event) -> None:
        self._do(self._next(event))

    def _next(self, event: Event) -> tuple[Action, ...]:
        run = self._run
        known = RunNow(run.design, run.data_name, run.is_trained, run.state is State.EMPTY, run.position.epoch)
        self._now, actions = transition(self._now, event, known)
        return actions

    def _do(self, actions: tuple[Action, ...]) -> None:
        for action in actions:
            match action:
                case Adopt():
                    self._run.adopt(action.design)
                case Make():
                    self._settle.stop()
                    self._run.prepare(action.design, action.data)
                case Settle():
                    self._settle.start()
                case Send():
                    self._run.bridge.send(action.command)


def fits_toy(design: Design) -> bool:
    """Whether the toy images fit a design."""
    return ToyImages.fit(ImageSpec.of(design))


def without_sizes(design: Design) -> Design:
    """The design without limits on the number of images, for another data set."""
    return replace(design, training=replace(design.training, train_size=None, test_size=None))
