"""Records one run: the part in the trainer's thread, which copies between two minibatches what will be written."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median
from uuid import uuid4

from msgspec.structs import replace

from convviz.core.design import Design
from convviz.run.recording.earlier import Earlier
from convviz.run.recording.measuring import LayerGrid, SharedMeasures, power_of_two
from convviz.run.recording.writing import (
    Block,
    Ending,
    EpochRow,
    EventRow,
    FilterRow,
    MeasureRow,
    PointRow,
    WritingThread,
)
from convviz.storage.fingerprint import DataFingerprint
from convviz.storage.network_state import EpochMeasures
from convviz.storage.recording.contents import COLUMNS, UNKNOWN, ArrayLayout, Room
from convviz.storage.recording.head import DataRecord, End, Head, Parent, this_machine
from convviz.storage.recording.rows import RunEvent
from convviz.storage.recording.thinning import spacing_for
from convviz.training.events import EpochDone, Event, MinibatchDone
from convviz.training.layer_meter import MeasuringWish
from convviz.training.trainer import Trainer

__all__ = ["Bounds", "Recorder"]

TIMED = 16
"""Minibatches that are timed before the spacing of key points is chosen."""
MOST_WAITING = 64 << 20
"""Bytes of key points that may wait for a slow disk; beyond that no more are taken."""
SPARE_BYTES = 8 << 20
"""Most bytes of key-point memory that are kept for reuse: allocating takes longer than copying."""
MOST_FILTER_BYTES = 16 << 10
"""Larger first layers have no animation: a thousand pictures of them would be too much."""
FIRST_FILTERS = 8
"""Least number of steps between two pictures of the first layer, at the beginning of a run."""
FILTERS_APART = 0.05
"""Least processor time between two of them, in seconds: more pictures would slow small networks."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a recording may take, and how far a jump may be.

    Parameters
    ----------
    key_bytes : int
        Most bytes of all key points, if at least ``fewest`` fit.
    fewest : int
        Number of key points that any network may have.
    most_bytes : int
        Most bytes of all key points, for any network.
    gap : float
        Seconds that replay from one key point to the next may take, as long as the number of key points allows it.
    rate : float
        Bytes of key points that may be written in a second of the run's processor time: 3 MB take a hundredth of it.
    fine : int or None
        Steps between two key points, independent of their time; a power of two.
    """

    key_bytes: int = 170_000_000
    fewest: int = 48
    most_bytes: int = 900_000_000
    gap: float = 0.4
    rate: float = 3e6
    fine: int | None = None

    def most_points(self, nbytes: int) -> int:
        """Most key points of ``nbytes`` each."""
        budget = min(max(self.key_bytes, self.fewest * nbytes), self.most_bytes)
        return max(min(budget // max(nbytes, 1), 4096), 4)


class Recorder:
    """Records a run from its trainer's current step on.

    All methods are called by the thread that trains, between two minibatches.

    Parameters
    ----------
    path : Path
    trainer : Trainer
    data : DataRecord
    threads : int
    parent : Parent, optional
        Where the run branched from.
    epochs : sequence of EpochMeasures
        Earlier epochs of a run that goes on.
    seconds : float
        Earlier training time.
    earlier : Earlier, optional
        The recording of the run's beginning, at ``path``, which is continued.
    failed : callable, optional
        Called once, from another thread, with the reason why recording ended; training goes on.
    printed : callable, optional
        Called from another thread with the fingerprint of the images, if ``data`` lacks it and it had to be computed.
    bounds : Bounds
    """

    def __init__(
        self,
        path: Path,
        trainer: Trainer,
        data: DataRecord,
        *,
        threads: int = 2,
        parent: Parent | None = None,
        epochs: Sequence[EpochMeasures] = (),
        seconds: float = 0.0,
        earlier: Earlier | None = None,
        failed: Callable[[str], object] = lambda reason: None,
        printed: Callable[[DataFingerprint], object] = lambda found: None,
        bounds: Bounds = Bounds(),
    ) -> None:
        network, place = trainer.network, trainer.place()
        self.path = path
        self._trainer = trainer
        self._bounds = bounds
        self._grid = LayerGrid(trainer)
        self._rate = place.learning_rate
        self._seconds = seconds
        self._layout = ArrayLayout(trainer.design, network.precision)
        self._filters = first_filters(trainer)
        self.head = (
            replace(earlier.head, ended="running", reason="")
            if earlier is not None
            else Head(
                id=uuid4().hex,
                created=datetime.now().astimezone().isoformat(timespec="seconds"),
                name=trainer.design.name,
                data=replace(data, train_images=len(trainer.train), test_images=len(trainer.test)),
                machine=this_machine(),
                threads=threads,
                precision="float64" if network.precision.itemsize == 8 else "float32",
                begin=place.step,
                minibatches=trainer.position.minibatches,
                layers=self._grid.layers,
                columns=COLUMNS,
                filters=self._filters,
                parent=parent,
            )
        )
        self._fine = 0
        self._next = 0
        """The next step of which more than its loss is kept."""
        self._times: list[tuple[float, ...]] = []
        self._before: tuple[float, ...] | None = None
        self._usual = 0.0
        """Seconds of a minibatch; 0 as long as it is not known."""
        self._last_point = -1
        self._rooms: deque[Room] = deque()
        self._writing = WritingThread(
            path,
            self.head,
            trainer.design,
            (trainer.train, trainer.test),
            bounds.most_points(self._layout.nbytes),
            failed,
            None if earlier is None else place,
            printed,
        )
        self._put_number = self._writing.numbers.append
        self._writing.space("filters", FIRST_FILTERS)
        if earlier is None:
            self._begin(place.losses, epochs)
        else:
            self._go_on(earlier)
        if bounds.fine is not None:
            self._set_fine(bounds.fine)
        self._writing.start()

    def _go_on(self, earlier: Earlier) -> None:
        self._put_point(essential=True)
        if self._trainer.design != earlier.design:
            rate = self._rate
            self.adopted(self._trainer.design)
            if rate != self._rate:
                self.set_learning_rate(rate)

    def _begin(self, losses: Sequence[float], epochs: Sequence[EpochMeasures]) -> None:
        writing, step = self._writing, self.head.begin
        self._put_point(essential=True)
        for number, loss in enumerate(losses, step - len(losses) + 1):
            writing.put(Block(number, loss, UNKNOWN))
        for epoch, measures in enumerate(epochs, 1):
            writing.put(EpochRow(epoch, measures))
        self._put_filters()

    # --- what happens ----------------------------------------------------------------------------------------------

    @property
    def failure(self) -> str:
        """Why nothing more is recorded; empty while all is well."""
        return self._writing.failure

    def wait_open(self) -> str:
        """Wait until the file is there; returns why it isn't, or nothing."""
        return self._writing.wait_open()

    def wish(self) -> MeasuringWish:
        """What the recording wants measured after the next minibatch, for another part that measures too."""
        return self._grid.wish(self._trainer.position.step + 1, self._writing.spacing["measures"])

    def heard(self, event: Event, seconds: float, shared: SharedMeasures | None = None) -> None:
        """Record an event of the trainer.

        Parameters
        ----------
        event : Event
        seconds : float
            Of training, from the start of the run.
        shared : SharedMeasures, optional
            What was measured of the layers after this minibatch already.
        """
        self._seconds = seconds
        if isinstance(event, MinibatchDone):
            # This runs between any two minibatches and delays training; most minibatches are two numbers.
            if not self._writing.failure:
                self._put_number(event.loss)
                self._put_number(event.accuracy * event.images)
                if event.position.step >= self._next or shared is not None:
                    self._look(event.position.step, shared)
        else:
            self._before = None
            if isinstance(event, EpochDone):
                self._writing.put(EpochRow(event.position.epoch, event.measures(seconds)))

    def _look(self, step: int, shared: SharedMeasures | None) -> None:
        """Keep what is due at this step besides its loss, and find the next step at which more is due."""
        writing, fine = self._writing, self._fine
        pictures, measures = writing.spacing["filters"], writing.spacing["measures"]
        if not fine:
            self._time()
        elif step % fine == 0 and writing.waiting < MOST_WAITING:
            self._put_point()
        if step % pictures == 0:
            self._put_filters()
        rows = self._grid.measured(step, measures, self._usual, shared)
        if rows is not None:
            writing.put(MeasureRow(step, rows))
        if fine:
            ahead = [fine, pictures] if self._filters else [fine]
            self._next = min(self._grid.next(step, measures), *(step - step % every + every for every in ahead))

    def set_learning_rate(self, rate: float) -> None:
        """The base rate was set, from the next minibatch on."""
        self._rate = rate
        self._writing.put(EventRow(RunEvent(self._step, "learning_rate", value=rate)))

    def adopted(self, design: Design) -> None:
        """Live settings changed, from the next minibatch on."""
        self._rate = design.training.optimiser.lr
        self._writing.put(EventRow(RunEvent(self._step, "design"), design))

    def weights_changed(self, names: Sequence[str]) -> None:
        """Parameters were edited. Replay can't cross that, so the network is kept as it is now."""
        self._put_point(essential=True)
        self._writing.put(EventRow(RunEvent(self._step, "weights", names=tuple(names))))

    def add(self, event: RunEvent) -> None:
        """Mark a moment: a breakpoint's hit, a logpoint. The network of a hit is kept."""
        self._writing.put(EventRow(event))
        if event.kind == "hit":
            self._put_point()

    def held(self) -> None:
        """The run is paused: keep what is trained so far."""
        self._put_point()
        self._before = None

    def ended(self, *, finished: bool, reason: str = "") -> None:
        """The run ended; it may still go on."""
        self.held()
        kind: End = "failed" if reason else "finished" if finished else "stopped"
        self._writing.put(Ending(kind, reason))
        self._writing.put(EventRow(RunEvent(self._step, "ended", reason)))

    def went_on(self) -> None:
        """A run that had ended goes on."""
        self._writing.put(Ending("running"))

    def flush(self) -> None:
        """Return when all is in the file."""
        self._writing.flush()

    def close(self) -> None:
        """Write what is left and close the file."""
        self._writing.close()

    # --- what is kept ----------------------------------------------------------------------------------------------

    @property
    def _step(self) -> int:
        return self._trainer.position.step

    def _time(self) -> None:
        """Time the first minibatches, and choose the spacing of key points by them."""
        now = time.perf_counter(), time.process_time(), time.thread_time()
        if self._before is not None:
            self._times.append(tuple(after - before for after, before in zip(now, self._before, strict=True)))
        self._before = now
        if len(self._times) >= TIMED:
            self._usual, whole, one = map(median, zip(*self._times, strict=True))
            # The process also draws, and its threads are not equally busy.
            used = min(whole, self.head.threads * one)
            self._writing.space("filters", power_of_two(FILTERS_APART / max(used, 1e-6)))
            bounds = self._bounds
            self._set_fine(spacing_for(self._usual, used, self._layout.nbytes, bounds.gap, bounds.rate))

    def _set_fine(self, fine: int) -> None:
        self._fine, self._next = fine, 0
        self._writing.set_fine(fine)

    def _put_point(self, *, essential: bool = False) -> None:
        step = self._step
        if self._writing.failure or (step == self._last_point and not essential):
            return
        self._last_point = step
        room = self._rooms.pop() if self._rooms else self._layout.room()
        room.fill(self._trainer.network.arrays)
        design, rate, seconds = self._trainer.design, self._rate, self._seconds
        self._writing.put(PointRow(step, design, rate, seconds, essential, room.contents, partial(self._freed, room)))

    def _freed(self, room: Room) -> None:
        """Called in the writer's thread: a key point is written, and its memory can be reused."""
        if (len(self._rooms) + 1) * self._layout.nbytes <= SPARE_BYTES:
            self._rooms.append(room)

    def _put_filters(self) -> None:
        if self._filters:
            self._writing.put(FilterRow(self._step, self._trainer.network.arrays[self._filters].copy()))


def first_filters(trainer: Trainer) -> str:
    """Name of the first layer's weights, where they are small enough to be kept often; empty otherwise."""
    for name in trainer.network.parameters:
        if name.endswith(".weight"):
            return name if trainer.network.arrays[name].nbytes <= MOST_FILTER_BYTES else ""
    return ""
