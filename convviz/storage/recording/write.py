"""Writes a recording: one thread adds rows, and commits them together."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.storage.designs import read_design, write_design
from convviz.storage.network_state import EpochMeasures, RunProgress
from convviz.storage.recording.contents import Numbers, minibatch_dtype, packed_minibatches
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.head import Head
from convviz.storage.recording.rows import KeyPoint, RunEvent
from convviz.storage.recording.schema import Value, connect_writer, insert, insert_all, make_recording

__all__ = ["RecordingWriter"]


class RecordingWriter:
    """A recording that is being written.

    It may be used by one thread only. What is added is in the file only after :meth:`commit`. A new recording appears
    with its first rows already in it.

    Parameters
    ----------
    path : Path
    head : Head
    design : Design
        The design that the run begins with.
    place : RunProgress, optional
        Continue the existing recording from this position of its run, and remove what came after it. Unless given, an
        existing recording is replaced.
    first : callable, optional
        Adds the first rows of a new recording, besides head and design.

    Raises
    ------
    sqlite3.Error, OSError
        Also raised by all methods: the file can't be written, for example because the disk is full. What was committed
        is kept.
    """

    def __init__(
        self,
        path: Path,
        head: Head,
        design: Design,
        place: RunProgress | None = None,
        first: Callable[[RecordingWriter], object] = lambda writer: None,
    ) -> None:
        self.path = path
        self._designs: dict[str, int] = {}
        self._events = 0
        self._precision = np.dtype(head.precision)
        self._open = False
        if place is None:

            def fill(db: sqlite3.Connection) -> None:
                self._db, self._open = db, True
                self.set_head(head)
                self.design_number(design)
                first(self)

            make_recording(path, fill)
            self._open = False
        self._db = connect_writer(path)
        try:
            if place is not None:
                self._go_on_from(place)
                self.set_head(head)
        except BaseException:
            self.close()
            raise

    def _go_on_from(self, place: RunProgress) -> None:
        """Remove what came after a position, and find out which designs and events are left."""
        self._begin()
        for table in ("measures", "filters", "key_points", "events"):
            self._db.execute(f"DELETE FROM {table} WHERE step > ?", (place.step,))  # noqa: S608 (our tables)
        self._db.execute("DELETE FROM epochs WHERE epoch > ?", (place.evaluated,))
        after = "FROM minibatches WHERE first + count - 1 > ?"
        rows = self._db.execute(f"SELECT first, contents {after}", (place.step,)).fetchall()
        self._db.execute(f"DELETE {after}", (place.step,))
        for first, contents in rows:
            count = place.step - first + 1
            if count > 0:
                size = minibatch_dtype(self._precision).itemsize
                self._put("minibatches", first, count, contents[: count * size])
        self._designs = {text: number for number, text in self._db.execute("SELECT number, toml FROM designs")}
        self._events = self._db.execute("SELECT count(*) FROM events").fetchone()[0]

    def key_points(self) -> dict[int, bool]:
        """Steps of the key points in the file, and whether each is essential."""
        return {step: bool(stays) for step, stays in self._db.execute("SELECT step, essential FROM key_points")}

    def steps_of(self, table: str) -> list[int]:
        """Steps of the rows of ``measures`` or ``filters``, in order."""
        return [step for (step,) in self._db.execute(f"SELECT step FROM {table} ORDER BY step")]  # noqa: S608

    def set_head(self, head: Head) -> None:
        """Write or replace the facts about the run as a whole."""
        self._put("head", 1, msgspec.json.encode(head))

    def design_number(self, design: Design) -> int:
        """The number of a design, which is added if it is new.

        Raises
        ------
        RecordingError
            It can't be written as text and read again.
        """
        text = self._text(design)
        if text not in self._designs:
            number = len(self._designs) + 1
            self._put("designs", number, text)
            self._designs[text] = number
        return self._designs[text]

    def _text(self, design: Design) -> str:
        try:
            text = write_design(design)
            if read_design(text) != design.named():
                raise DesignError("expected a design that is the same when it is read again")
        except DesignError as error:
            raise RecordingError(f"{self.path}: design: {error}") from None
        return text

    def add_minibatches(self, first: int, losses: Numbers, right: Numbers) -> None:
        """Add consecutive minibatches; ``first`` is the step of the first one, counted from 1."""
        if len(losses):
            self._put("minibatches", first, len(losses), packed_minibatches(losses, right, self._precision))

    def add_epoch(self, epoch: int, measures: EpochMeasures) -> None:
        """Add the measures of an epoch."""
        self._put("epochs", epoch, msgspec.json.encode(measures))

    def add_measures(self, step: int, rows: Array) -> None:
        """Add measures of the layers, ``(layers, COLUMNS)``."""
        self._put("measures", step, np.ascontiguousarray(rows, "<f4").tobytes())

    def add_filters(self, pictures: Iterable[tuple[int, Array]]) -> None:
        """Add the first layer's weights at some steps."""
        rows = [(step, np.ascontiguousarray(one, one.dtype.newbyteorder("<")).tobytes()) for step, one in pictures]
        if rows:
            self._begin()
            insert_all(self._db, "filters", rows)

    def add_key_point(self, point: KeyPoint, contents: bytes | memoryview) -> None:
        """Add a key point, or replace the one at the same step."""
        rate, seconds = float(point.learning_rate), float(point.seconds)
        self._put("key_points", point.step, point.design, rate, seconds, int(point.essential), contents)

    def add_event(self, event: RunEvent) -> None:
        """Add an event."""
        self._events += 1
        self._put("events", self._events, event.step, event.kind, msgspec.json.encode(event))

    def drop_key_points(self, steps: Iterable[int]) -> None:
        """Remove key points; their space is reused."""
        self._begin()
        self._db.executemany("DELETE FROM key_points WHERE step = ?", [(step,) for step in steps])

    def thin(self, table: str, spacing: int) -> None:
        """Of ``measures`` or ``filters``, keep only the first row and those whose step is a multiple of ``spacing``."""
        self._begin()
        self._db.execute(
            f"DELETE FROM {table} WHERE step % ? AND step > (SELECT min(step) FROM {table})",  # noqa: S608 (two names)
            (spacing,),
        )

    def commit(self) -> None:
        """Write everything that was added to the file."""
        if self._open:
            self._db.execute("COMMIT")
            self._open = False

    def close(self) -> None:
        """Close the file; what was not committed is lost. If nobody else reads it, no log is left beside it."""
        with contextlib.suppress(sqlite3.Error):
            if self._open:
                self._db.execute("ROLLBACK")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._db.execute("PRAGMA busy_timeout=100")
            self._db.execute("PRAGMA journal_mode=DELETE")
        self._db.close()

    def _begin(self) -> None:
        if not self._open:
            self._db.execute("BEGIN IMMEDIATE")
            self._open = True

    def _put(self, table: str, *values: Value) -> None:
        self._begin()
        insert(self._db, table, *values)
