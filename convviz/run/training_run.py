"""A training run: a trainer, the generator that it trains with, and what was measured so far."""

from __future__ import annotations

import time
from collections.abc import Iterator

from convviz.core.arrays import Array
from convviz.core.network import Network
from convviz.run.commands import Watch
from convviz.run.opening import OpenData
from convviz.storage.network_state import EpochMeasures, NetworkState
from convviz.training.events import EpochDone, Event
from convviz.training.snapshot import Snapshot, take_snapshot
from convviz.training.trainer import Trainer


class TrainingRun:
    """The run of one network on one data set.

    Parameters
    ----------
    trainer : Trainer
        Is closed with the run.
    data : OpenData
    threads : int
        Threads of the trainers that are made when the run begins anew.
    epochs : tuple of EpochMeasures
        Of the epochs that were done before.
    seconds : float
        Time of training before.
    """

    def __init__(
        self,
        trainer: Trainer,
        data: OpenData,
        threads: int,
        *,
        epochs: tuple[EpochMeasures, ...] = (),
        seconds: float = 0.0,
    ) -> None:
        self.trainer = trainer
        self.data = data
        self._threads = threads
        self._epochs = epochs
        self._seconds = seconds
        self._events: Iterator[Event] | None = None

    def begin(self) -> None:
        """Begin the run, from initial weights if there has been any training."""
        before, data = self.trainer, self.data
        if before.position.step:
            design = before.design
            self.trainer = Trainer(design, data.train, data.test, network=Network(design), threads=self._threads)
            before.close()
        self._epochs, self._seconds = (), 0.0
        self._events = self.trainer.run()

    def go_on(self) -> None:
        """Go on from where it is."""
        if self._events is None:
            self._events = self.trainer.run()

    def end(self) -> None:
        """Leave the run where it is."""
        self._events = None

    def advance(self) -> Event | None:
        """Make the next piece of the run; None at its end.

        Raises
        ------
        NonFiniteError, MemoryError
            It can't go on.
        """
        if self._events is None:
            return None
        began = time.perf_counter()
        event = next(self._events, None)
        self._seconds += time.perf_counter() - began
        if isinstance(event, EpochDone):
            self._epochs = (*self._epochs, event.measures(self._seconds))
        return event

    def arrays(self) -> dict[str, Array]:
        """A copy of the network's arrays."""
        return {name: array.copy() for name, array in self.trainer.network.arrays.items()}

    def state(self) -> NetworkState:
        """A copy of the network and of where its training is."""
        trainer = self.trainer
        return NetworkState(trainer.design, self.arrays(), trainer.place(), self._epochs, self._seconds)

    def snapshot(self, watched: Watch) -> Snapshot:
        """The way of one image through the network as it is."""
        trainer = self.trainer
        split = trainer.test if watched.split == "test" else trainer.train
        return take_snapshot(
            trainer.network, split, watched.split, watched.sample, trainer.position, trainer.gradients()
        )

    def used_data(self) -> OpenData:
        """The images that it is trained and tested on."""
        return OpenData(self.data.name, self.trainer.train, self.trainer.test, self.data.class_names)

    def close(self) -> None:
        """End the trainer's threads."""
        self._events = None
        self.trainer.close()
