"""A training run: a trainer, its running generator, and the measurements so far."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.core.network import Network
from convviz.run.commands import Watch
from convviz.run.messages import Inspected
from convviz.run.opening import OpenData, OpenedModel
from convviz.run.recording.recordings import Recordings
from convviz.run.recording.run_recording import RunRecording
from convviz.run.run_layers import RunLayers
from convviz.storage.network_state import NetworkState
from convviz.training.events import Compiling, EpochDone, Event, MinibatchDone, Position
from convviz.training.fit import fits
from convviz.training.image_scores import ImageScorer
from convviz.training.images import Split
from convviz.training.make_pass import lower_ahead
from convviz.training.minibatch import Minibatch
from convviz.training.snapshot import Snapshot, take_snapshot
from convviz.training.trainer import Trainer


class TrainingRun:
    """The run of one network on one data set.

    Parameters
    ----------
    opened : OpenedModel
        The trainer, which is closed together with the run, and the data.
    threads : int
        Threads of new trainers, made when the run starts again.
    recordings : Recordings, optional
        Where it is recorded, from its first minibatch here.
    """

    def __init__(self, opened: OpenedModel, threads: int, recordings: Recordings | None = None) -> None:
        origin = opened.origin if opened.goes_on else None
        recorded = None if opened.origin is None else opened.origin.recorded
        self.missing = "" if recorded is None else recorded.missing
        """Why the run can't go on: its own images are missing, and others stand in."""
        self.has_images = recorded is None or recorded.has_images
        self._recorded_end = end = opened.end
        """What the recording knows of the last minibatch, until another one is trained."""
        self.trainer = opened.trainer
        self.data = opened.data
        self._threads = threads
        self._epochs = () if origin is None else origin.epochs
        """Measures of the epochs that are done."""
        self._seconds = 0.0 if origin is None else opened.seconds
        """Seconds of training."""
        of_this = recorded is not None and recorded.branch_step is None and not recorded.missing
        own = recorded.path if of_this and recorded else None
        stays = () if recorded is None else tuple(part.path for part in recorded.parts)
        self.recording = RunRecording(recordings, opened.parent, own, stays)
        self._events: Iterator[Event] | None = None
        self._last: Minibatch | None = None if end is None else end.last
        """The last minibatch, if the network before it was kept."""
        self._is_edited = False
        """Whether weights were edited since."""
        self.layers = RunLayers(self.trainer, end, has_images=self.has_images)
        self._scorer = ImageScorer(self.trainer.network)
        self.changes = 0
        """How often the network has changed here, by minibatches or edits."""

    @property
    def test_accuracy(self) -> float | None:
        """On the test images, after the last whole epoch; None before the first."""
        return self._epochs[-1].test_accuracy if self._epochs else None

    @property
    def epochs_done(self) -> int:
        """Epochs that were trained and evaluated."""
        return len(self._epochs)

    def begin(self) -> None:
        """Start the run, with new initial weights if the network has been trained."""
        before, data = self.trainer, self.data
        self.recording.close(before)
        if before.position.step:
            design = before.design
            self.trainer = Trainer(design, data.train, data.test, network=Network(design), threads=self._threads)
            before.close()
        self.layers = RunLayers(self.trainer)
        self._scorer = ImageScorer(self.trainer.network)
        self._epochs, self._seconds, self._last = (), 0.0, None
        self.missing, self._recorded_end = "", None
        self._events = self.trainer.run()

    def go_on(self) -> None:
        """Continue from the current position."""
        if self._events is None:
            self._events = self.trainer.run()
            self.recording.went_on()

    def end(self) -> None:
        """Stop the run at the current position."""
        if self._events is not None:
            self.recording.ended(finished=not self.trainer.has_more)
        self._events = None

    @property
    def should_train_on(self) -> bool:
        """Whether to train one more minibatch before pausing, so that the network before it can be kept."""
        return self._last is None and self.trainer.position.step > 0 and self.trainer.trains_next

    def advance(self, *, keep: bool = False, wanted: bool = True, seen: bool = True) -> Event | None:
        """Run to the next event; None at the end of the run.

        Parameters
        ----------
        keep : bool
            Keep the network as it is before a minibatch, for :meth:`inspected`. Before the last minibatch of an epoch
            it is always kept, because during the evaluation and at the end of the run no further minibatch can be
            trained.
        wanted : bool
            A picture of the moment after it is wanted.
        seen : bool
            The run may be on the screen.

        Raises
        ------
        NonFiniteError, MemoryError
            Training can't continue.
        """
        if self._events is None:
            return None
        # This runs between any two minibatches and delays training: as little Python as possible.
        trainer, recording, layers = self.trainer, self.recording, self.layers
        if not recording.has_begun:
            recording.begin(trainer, self.data, self._epochs, self._seconds)
        began = time.perf_counter()
        is_kept = trainer.ends_epoch or (keep and trainer.trains_next)
        before = trainer.upcoming() if is_kept else None
        layers.before(must=is_kept, judges=keep, wanted=wanted, wish=recording.wish(), seen=seen)
        try:
            event = next(self._events, None)
        except (ConvvizError, MemoryError) as error:
            recording.fails(error)
            raise
        seconds = time.perf_counter() - began
        if isinstance(event, MinibatchDone):
            self._seconds += seconds
            self.changes += 1
            self._last, self._is_edited, self._recorded_end = before, False, None
            layers.after(seconds)
        elif not isinstance(event, Compiling):
            self._seconds += seconds
        if isinstance(event, EpochDone):
            self._epochs = (*self._epochs, event.measures(self._seconds))
            layers.epoch_ended()
        if event is not None:
            recording.heard(event, self._seconds, layers.shared)
        return event

    def set_learning_rate(self, rate: float) -> None:
        """Set the base rate, from the next minibatch on."""
        self.trainer.set_learning_rate(rate)
        self.recording.set_learning_rate(rate)

    def adopt(self, design: Design) -> None:
        """Continue with other live settings."""
        self.trainer.adopt(design)
        self.recording.adopted(self.trainer.design)

    def set_weights(self, weights: Mapping[str, Array]) -> None:
        """Replace some parameters."""
        for name, weight in weights.items():
            self.trainer.network.set_weight(name, weight)
        self._is_edited = True
        self.layers.weights_changed()
        self.changes += 1
        self.recording.weights_changed(tuple(weights))

    def inspected(self) -> Inspected:
        """A copy of the network, and the minibatches before and after this moment."""
        arrays, last = self.arrays(), self._last
        for array in arrays.values():
            array.flags.writeable = False  # so that a pass can use it without another copy
        if last is not None and not self._is_edited:
            last = replace(last, after=arrays)
        coming = None if self.missing else self.trainer.upcoming(arrays)  # copies a large network once
        # For Step, in this thread: lowering a deep network takes tens of milliseconds, too long for the window's
        # thread.
        lower_ahead(self.trainer.design, sorted({1, *(len(one.rows) for one in (last, coming) if one is not None)}))
        return Inspected(self.trainer.design, arrays, self._position, last, coming)

    @property
    def _position(self) -> Position:
        """The network's position in its training."""
        end = self._recorded_end
        return self.trainer.position if end is None or end.position is None else end.position

    def _gradients(self) -> Mapping[str, Array]:
        """Of the last minibatch."""
        end = self._recorded_end
        return self.trainer.gradients() if end is None else end.gradients

    def arrays(self) -> dict[str, Array]:
        """A copy of the network's arrays."""
        return {name: array.copy() for name, array in self.trainer.network.arrays.items()}

    def state(self) -> NetworkState:
        """A copy of the network and its position in training."""
        trainer = self.trainer
        return NetworkState(trainer.design, self.arrays(), trainer.place(), self._epochs, self._seconds)

    def snapshot(self, watched: Watch, drawn: Split | None = None, *, holds: bool = True) -> Snapshot:
        """All arrays of one image's pass through the current network.

        Parameters
        ----------
        watched : Watch
        drawn : Split, optional
            The user's own images.
        holds : bool
            Whether the network stays as it is for now; else the scores of further images may be a little older.
        """
        trainer = self.trainer
        if drawn is not None and not fits(trainer.design, drawn):
            drawn = None
        splits = {"test": trainer.test, "training": trainer.train, "drawings": drawn}
        found = splits.get(watched.split)
        name, split = ("test", trainer.test) if found is None else (watched.split, found)
        taken = take_snapshot(trainer.network, split, name, watched.sample, self._position, self._gradients())
        layers = self.layers
        step, version = self._position.step, self.changes
        scores = self._scorer.scores(step, watched.others, splits, version=version, must=holds)
        changes = layers.changes(watched.layer)
        return replace(taken, layers=layers.newest(), changes=changes, starts=layers.starts, scores=scores)

    def used_data(self) -> OpenData:
        """The images that it is trained and tested on."""
        return OpenData(self.data.name, self.trainer.train, self.trainer.test, self.data.class_names)

    def close(self) -> None:
        """End the trainer's threads."""
        self._events = None
        self.recording.close(self.trainer)
        self.trainer.close()
