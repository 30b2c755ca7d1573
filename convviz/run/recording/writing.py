"""The thread that writes a recording: training never waits for the disk."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.files.claim import claimed
from convviz.run.outbox import nobody
from convviz.storage.fingerprint import DataFingerprint
from convviz.storage.network_state import EpochMeasures, RunProgress
from convviz.storage.recording.head import End, Head
from convviz.storage.recording.rows import KeyPoint, RunEvent
from convviz.storage.recording.thinning import Thinning
from convviz.storage.recording.write import RecordingWriter
from convviz.training.images import Split
from convviz.training.known_fingerprint import fingerprint_of

__all__ = ["Block", "Ending", "EpochRow", "EventRow", "FilterRow", "MeasureRow", "PointRow", "WritingThread"]

PROMISE = 0.6
"""Seconds until an event is in the file: a killed process loses one second at most."""
LEAST_PAUSE = 0.1
"""Least seconds between two commits, for disks on which one takes longer than that."""
MOST_ROWS = {"measures": 2000, "filters": 1000}
"""Most rows of a table; beyond that, every second one is removed."""


@dataclass(frozen=True, slots=True)
class Block:
    """An earlier minibatch, not trained here: its step, loss, and how many images were classified correctly."""

    step: int
    loss: float
    right: int


@dataclass(frozen=True, slots=True)
class PointRow:
    """A key point; ``design`` becomes a number when it is written."""

    step: int
    design: Design
    learning_rate: float
    seconds: float
    essential: bool
    contents: bytes | memoryview
    written: Callable[[], object] = nobody
    """Called in the writing thread once the contents are not needed any more."""


@dataclass(frozen=True, slots=True)
class EpochRow:
    """The measures of an epoch."""

    epoch: int
    measures: EpochMeasures


@dataclass(frozen=True, slots=True, eq=False)
class MeasureRow:
    """Measures of the layers."""

    step: int
    rows: Array


@dataclass(frozen=True, slots=True, eq=False)
class FilterRow:
    """The first layer's weights."""

    step: int
    cells: Array


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event; ``design`` is the new one where settings changed."""

    event: RunEvent
    design: Design | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """The run ended, or goes on after an end."""

    ended: End
    reason: str = ""


Row = Block | PointRow | EpochRow | MeasureRow | FilterRow | EventRow | Ending


class WritingThread:
    """Writes rows to a recording, in order, and commits them within a second.

    A new recording appears once what was put before :meth:`start` is in it.

    Parameters
    ----------
    path : Path
        Reserved for this process while the thread runs.
    head : Head
    design : Design
        The one that the run begins with.
    images : tuple of (Split, Split)
        The images that are trained and tested on: their checksums are computed in the thread.
    most_points : int
        Most key points.
    place : Place or None
        Continue the existing recording from this place of its run; None makes a new one.
    failed : callable
        Called in the thread with the reason when nothing more can be written; training goes on.
    printed : callable, optional
        Called in the thread with the fingerprint of the images, once it is computed.

    Attributes
    ----------
    numbers : deque of float
        For each minibatch that is trained from here on, put its loss, then how many of its images were classified
        correctly. They are plain numbers because many come between two commits, and the garbage collector would
        traverse objects.
    """

    def __init__(
        self,
        path: Path,
        head: Head,
        design: Design,
        images: tuple[Split, Split],
        most_points: int,
        failed: Callable[[str], object],
        place: RunProgress | None = None,
        printed: Callable[[DataFingerprint], object] = lambda found: None,
    ) -> None:
        self.path = path
        self._head = head
        self._design = design
        self._images = images
        self._most = most_points
        self._place = place
        self._tell, self._printed = failed, printed
        self._rows: deque[Row] = deque()
        self.numbers: deque[float] = deque()
        self._step = head.begin if place is None else place.step
        """The last minibatch whose numbers were written."""
        self._steps: dict[int, bool] = {}
        """Key points that are in the file, and whether each is essential."""
        self._counts = dict.fromkeys(MOST_ROWS, 0)
        self.spacing = {"measures": 1, "filters": 1}
        """Steps between two rows of a table; doubles as the run grows."""
        self._thinning: Thinning | None = None
        self._next = self._took = 0.0
        """When the next commit is due, and what one took lately."""
        self._designs: dict[Design, int] = {}
        self._wake = threading.Event()
        self._opened = threading.Event()
        self._flushed = threading.Condition()
        self._asked = self._done = 0
        self._closing = False
        self.failure = ""
        """Why nothing more is written; empty while all is well."""
        # Each is changed by one thread only.
        self._put_bytes = self._written_bytes = 0
        self._thread = threading.Thread(target=self._run, name="convviz-recorder", daemon=True)

    # --- called from the trainer's thread ------------------------------------------------------------------------

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wait_open(self) -> str:
        """Wait until the file is there; returns why it isn't, or nothing."""
        self._opened.wait()
        return self.failure

    def put(self, row: Row) -> None:
        """Queue a row."""
        if self.failure:
            return
        if isinstance(row, PointRow):
            self._put_bytes += len(row.contents)
        self._rows.append(row)

    @property
    def waiting(self) -> int:
        """Bytes of key points that are not written yet."""
        return self._put_bytes - self._written_bytes

    def space(self, table: str, steps: int) -> None:
        """Keep at least that many steps between two rows of a table."""
        self.spacing[table] = max(self.spacing[table], steps)

    def set_fine(self, fine: int) -> None:
        """Set how many steps lie between two key points."""
        self._thinning = Thinning(fine, self._most)

    def flush(self) -> None:
        """Wait until everything queued is in the file, or nothing more can be written."""
        with self._flushed:
            self._asked += 1
            wanted = self._asked
            self._wake.set()
            self._flushed.wait_for(lambda: self._done >= wanted or not self._thread.is_alive(), timeout=60)

    def close(self) -> None:
        """Write what is left, close the file and end the thread."""
        self._closing = True
        self._wake.set()
        self._thread.join()

    # --- the thread ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            with ExitStack() as stack:
                stack.enter_context(claimed(self.path))
                writer = RecordingWriter(self.path, self._head, self._design, self._place, self._write_rows)
                stack.callback(writer.close)
                self._see(writer)
                writer.commit()
                self._opened.set()
                self._serve(writer)
        except (sqlite3.Error, OSError, ConvvizError, ValueError, MemoryError) as error:
            self.failure = f"{self.path}: can't be written: {reason(error)}"
            if isinstance(error, ConvvizError):
                self.failure = str(error)
            self._rows.clear()
            self.numbers.clear()
            self._tell(self.failure)
        finally:
            if not self._closing and not self.failure:  # nobody would write what is queued
                self.failure = f"{self.path}: can't be written any more"
            self._opened.set()
            self._answer(self._asked)

    def _see(self, writer: RecordingWriter) -> None:
        """Read what is in the file already."""
        self._steps = writer.key_points()
        for table in MOST_ROWS:
            steps = writer.steps_of(table)
            self._counts[table] = len(steps)
            if len(steps) > 2:
                apart = min(after - before for before, after in pairwise(steps[1:]))
                self.spacing[table] = max(self.spacing[table], 1 << (apart.bit_length() - 1))

    def _serve(self, writer: RecordingWriter) -> None:
        self._commit(writer)
        if self._head.data.fingerprint is None:
            self._take_print(writer)
        while not self._closing:
            self._wake.wait(max(self._next - time.monotonic(), 0.0))
            self._tend(writer)
        self._commit(writer)

    def _tend(self, writer: RecordingWriter) -> None:
        """Commit what has come, and answer those who wait for it."""
        self._wake.clear()
        asked = self._asked
        self._commit(writer)
        self._answer(asked)

    def _answer(self, asked: int) -> None:
        with self._flushed:
            self._done = max(self._done, asked)
            self._flushed.notify_all()

    def _take_print(self, writer: RecordingWriter) -> None:
        """Compute the checksums of the images while going on with writing."""

        def tend() -> bool:
            if time.monotonic() >= self._next or self._wake.is_set():
                self._tend(writer)
            return False

        found = fingerprint_of(self._head.data.name, *self._images, tend)
        self._set_head(writer, replace(self._head, data=self._head.data.with_print(found)))
        self._printed(found)

    def _set_head(self, writer: RecordingWriter, head: Head) -> None:
        self._head = head
        writer.set_head(head)

    def _commit(self, writer: RecordingWriter) -> None:
        began = time.monotonic()
        self._write_rows(writer)
        writer.commit()
        # Rows that come meanwhile wait for the next commit, which may take as long: on a slow disk it comes sooner.
        ended = time.monotonic()
        self._took = max(ended - began, 0.5 * self._took)
        self._next = ended + max(PROMISE - 2.0 * self._took, LEAST_PAUSE)

    def _write_rows(self, writer: RecordingWriter) -> None:
        """Write what has been put until now."""
        earlier: list[Block] = []
        pictures: list[FilterRow] = []
        for _ in range(len(self._rows)):
            row = self._rows.popleft()
            if isinstance(row, Block):
                earlier.append(row)
            elif isinstance(row, FilterRow):
                pictures.append(row)
            else:
                self._write(writer, row)
        if earlier:
            writer.add_minibatches(earlier[0].step, [row.loss for row in earlier], [row.right for row in earlier])
        # Numbers are taken last: they are queued before the key point of their minibatch, so none is missing before it.
        count = len(self.numbers) // 2
        taken = np.array([self.numbers.popleft() for _ in range(2 * count)]).reshape(count, 2)
        writer.add_minibatches(self._step + 1, taken[:, 0], np.rint(taken[:, 1]))
        self._step += count
        writer.add_filters([(row.step, row.cells) for row in pictures])
        self._counted(writer, "filters", len(pictures))

    def _write(self, writer: RecordingWriter, row: Row) -> None:
        match row:
            case PointRow():
                self._write_point(writer, row)
            case EpochRow():
                writer.add_epoch(row.epoch, row.measures)
            case MeasureRow():
                writer.add_measures(row.step, row.rows)
                self._counted(writer, "measures", 1)
            case EventRow():
                event = row.event
                if row.design is not None:
                    event = replace(event, design=self._number(writer, row.design))
                writer.add_event(event)
            case Ending():
                self._set_head(writer, replace(self._head, ended=row.ended, reason=row.reason))

    def _write_point(self, writer: RecordingWriter, row: PointRow) -> None:
        self._written_bytes += len(row.contents)
        number = self._number(writer, row.design)
        essential = row.essential or self._steps.get(row.step, False)
        writer.add_key_point(KeyPoint(row.step, number, row.learning_rate, row.seconds, essential), row.contents)
        row.written()
        self._steps[row.step] = essential
        if self._thinning is not None:
            kept = {step for step, stays in self._steps.items() if stays}
            dropped = self._thinning.dropped(self._steps, kept)
            writer.drop_key_points(dropped)
            for step in dropped:
                del self._steps[step]

    def _number(self, writer: RecordingWriter, design: Design) -> int:
        if design not in self._designs:
            self._designs[design] = writer.design_number(design)
        return self._designs[design]

    def _counted(self, writer: RecordingWriter, table: str, more: int) -> None:
        self._counts[table] += more
        while self._counts[table] > MOST_ROWS[table]:
            self.spacing[table] *= 2
            writer.thin(table, self.spacing[table])
            self._counts[table] = -(-self._counts[table] // 2)


def reason(error: Exception) -> str:
    """What went wrong, in a few words."""
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
        return "the disk is full"
    return getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
