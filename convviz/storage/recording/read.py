"""Reads a recording, even while it is being written; nothing in it is trusted before it is checked."""

from __future__ import annotations

import contextlib
import math
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import msgspec
import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.lower import lower
from convviz.files.claim import is_claimed
from convviz.files.inputs import open_regular
from convviz.files.sniff import what_is_there
from convviz.plurals import counted
from convviz.storage.designs import MAX_BYTES, read_design
from convviz.storage.formats.checkpoint_fields import CURVES
from convviz.storage.network_state import EpochMeasures, NetworkState, RunProgress
from convviz.storage.recording.contents import UNKNOWN, ArrayLayout, minibatch_dtype
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.head import Head
from convviz.storage.recording.rows import KeyPoint, RunEvent, place_at
from convviz.storage.recording.schema import MAGIC, TABLES, checksum, connect_reader, problem_of, settle

__all__ = ["UNEXPECTED", "Curve", "Recording"]

T = TypeVar("T")
UNEXPECTED = "ended unexpectedly"
"""How a run ended whose process did not live to record it."""
ABSENT = {column.name: column.absent for column in CURVES if column.absent is not None}
"""Measure of an epoch that older files lack → the value to assume."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Loss and accuracy of minibatches.

    Parameters
    ----------
    steps : ndarray of int64, ``(n,)``
    loss : ndarray of float64, ``(n,)``
        Mean loss before the update.
    accuracy : ndarray of float64, ``(n,)``
        Share of the minibatch that was classified correctly; NaN for minibatches before recording began.
    """

    steps: Array
    loss: Array
    accuracy: Array


class Recording:
    """An open recording. Any thread may use it.

    Every method reads the present contents of the file, which, while a run is being recorded, are those of the last
    commit.

    Parameters
    ----------
    path : Path

    Raises
    ------
    RecordingError
        Also raised by all methods. One sentence: the file, what was expected and what came.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            with open_regular(path) as file:
                start = file.read(len(MAGIC))
            if start != MAGIC:
                raise self._error(f"expected a convviz recording, {what_is_there(path)}")
            if not is_claimed(path):
                settle(path)
            self._reader = connect_reader(path)
        except (OSError, ValueError) as error:
            if isinstance(error, RecordingError):
                raise
            raise self._error(f"expected a convviz recording, {what_is_there(path)}") from None
        except sqlite3.Error as error:
            raise self._error(damage(error)) from None
        try:
            self._check()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Recording:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._reader.close()

    @contextlib.contextmanager
    def steady(self) -> Iterator[None]:
        """Inside the block, read the contents of one moment, even if the run is being recorded."""
        with self._lock:
            self._execute("BEGIN")
            try:
                yield
            finally:
                with contextlib.suppress(sqlite3.Error):
                    self._reader.db.execute("COMMIT")

    # --- the run as a whole ------------------------------------------------------------------------------------

    @property
    def head(self) -> Head:
        """Facts about the run as a whole."""
        rows = self._rows("head")
        if [number for number, _ in rows] != [1]:
            raise self._error("head: expected one, got another number of them")
        return self._decoded("head", rows[0][1], Head)

    @property
    def ended(self) -> str:
        """How the run ended: ``running``, ``finished``, ``stopped``, ``failed``, or ``ended unexpectedly``.

        A process that is killed can't record the end: a run marked as ``running`` that nobody writes has ended
        unexpectedly.
        """
        ended = self.head.ended
        return UNEXPECTED if ended == "running" and not is_claimed(self.path) else ended

    @property
    def last_step(self) -> int:
        """The last recorded step."""
        with self._lock:
            rows = self._execute("SELECT max(first + count - 1) FROM minibatches")
            points = self._execute("SELECT max(step) FROM key_points")
        found = [value for (value,) in rows + points if isinstance(value, int)]
        return max(found, default=0)

    def copy_into(self, other: sqlite3.Connection) -> None:
        """Copy the whole recording into another, empty database.

        Raises
        ------
        sqlite3.Error
        """
        with self._lock:
            self._reader.db.backup(other)

    @property
    def last_design(self) -> Design:
        """The design that was trained last; settings that were changed after the last minibatch don't count."""
        end = self.last_step
        edits = [
            event.design for event in self.events() if event.kind == "design" and event.design and event.step < end
        ]
        return self.design(edits[-1] if edits else 1)

    def design_numbers(self) -> tuple[int, ...]:
        """Numbers of all designs of the run."""
        return tuple(number for number, _ in self._rows("designs"))

    def design(self, number: int) -> Design:
        """A design of the run; each change of live settings adds one."""
        if number not in self._designs:
            for found, text in self._rows("designs"):
                if not isinstance(text, str) or len(text) > MAX_BYTES:
                    raise self._error("designs: expected text, got something else")
                self._designs[found] = self._read_design(text)
        if number not in self._designs:
            raise self._error(f"designs: expected number {number}, found none")
        return self._designs[number]

    def epochs(self) -> tuple[EpochMeasures, ...]:
        """Measures of all epochs, from the first."""
        found = []
        for number, (epoch, contents) in enumerate(self._rows("epochs"), 1):
            if epoch != number:
                raise self._error(f"epochs: expected number {number}, got {epoch}")
            given = self._decoded("epochs", contents, dict[str, float | None])
            numbers = ABSENT | {name: math.nan if value is None else value for name, value in given.items()}
            if set(numbers) != set(EpochMeasures.columns()):
                raise self._error(f"epochs: expected {', '.join(EpochMeasures.columns())}, got other numbers")
            found.append(EpochMeasures(**numbers))
        return tuple(found)

    def events(self) -> tuple[RunEvent, ...]:
        """The events of the run, in order."""
        rows = self._rows("events")
        if [row[0] for row in rows] != list(range(1, len(rows) + 1)):
            raise self._error("events: expected all of them, found some missing")
        return tuple(self._decoded("events", row[-1], RunEvent) for row in rows)

    # --- curves ------------------------------------------------------------------------------------------------

    def minibatches(self, first: int = 0, last: int | None = None) -> Curve:
        """Loss and accuracy of the minibatches from step ``first`` to ``last`` (included), or to the end."""
        kind = minibatch_dtype(self.head.precision)
        most = 2**62 if last is None else last
        steps: list[Array] = []
        blocks: list[Array] = []
        for start, count, contents in self._rows("minibatches", "first + count > ? AND first <= ?", (first, most)):
            rows = self._cells("minibatches", contents, kind, count)
            steps.append(np.arange(start, start + count))
            blocks.append(rows)
        if not blocks:
            return Curve(np.empty(0, np.int64), np.empty(0), np.empty(0))
        at, rows = np.concatenate(steps), np.concatenate(blocks)
        if not (np.diff(at) == 1).all():
            raise self._error("minibatches: expected all of them, found some missing")
        inside = (at >= first) & (at <= most)
        at, rows = at[inside], rows[inside]
        right = rows["right"]
        accuracy = np.where(right == UNKNOWN, np.nan, right / self._images(at))
        return Curve(at, rows["loss"].astype(np.float64), accuracy)

    def measures(self) -> tuple[Array, Array]:
        """Measures of the layers: steps ``(n,)``, and float32 ``(n, layers, columns)``; the head names both."""
        return self._series("measures", (len(self.head.layers), len(self.head.columns)), np.dtype("<f4"))

    def filters(self) -> tuple[Array, Array]:
        """The first layer's weights: steps ``(n,)``, and ``(n, *shape)``."""
        head = self.head
        if not head.filters:
            return np.empty(0, np.int64), np.empty((0, 0, 0, 0, 0), np.float32)
        shape, kind = self._layout.fields[head.filters]
        return self._series("filters", shape, kind)

    # --- moments -----------------------------------------------------------------------------------------------

    def key_points(self) -> tuple[KeyPoint, ...]:
        """All key points, in order, without their arrays."""
        columns = [column.split()[0] for column in TABLES["key_points"][:-1]]
        with self._lock:
            rows = self._execute(f"SELECT {', '.join(columns)} FROM key_points ORDER BY step")  # noqa: S608 (ours)
        return tuple(self._point(row) for row in rows)

    def key_point_before(self, step: int) -> KeyPoint:
        """The last key point at or before a step.

        Raises
        ------
        RecordingError
            The step is before the recording's beginning.
        """
        points = [point for point in self.key_points() if point.step <= step]
        if not points:
            raise self._error(f"step {step:,}: expected one after step {self.head.begin:,}, where recording began")
        return points[-1]

    def state(self, point: KeyPoint) -> NetworkState:
        """The network at a key point, and the position of its training."""
        rows = self._rows("key_points", "step = ?", (point.step,))
        if len(rows) != 1:
            raise self._error(f"key_points: expected one at step {point.step:,}, found none")
        point, contents = self._point(rows[0][:-1]), rows[0][-1]
        try:
            arrays = self._layout.unpack(contents)
        except (ValueError, TypeError) as error:
            raise self._error(f"key_points: {error}") from None
        if not all(np.isfinite(array).all() for array in arrays.values()):
            raise self._error("key_points: expected finite numbers, got NaN or infinity")
        state = NetworkState(
            self.design(point.design),
            arrays,
            self.place(point.step, point.learning_rate),
            self.epochs_until(point.step),
            point.seconds,
            self.head.data.fingerprint,
        )
        name, sentence = state.problem()
        # The data set's checksums are missing until its images have been read; the rest can be checked all the same.
        if name and not (name == "data" and state.data is None):
            raise self._error(f"key_points.{name}: {sentence}")
        return state

    def place(self, step: int, learning_rate: float) -> RunProgress:
        """The position of the run after ``step`` minibatches, with the recorded losses of its epoch."""
        minibatches, epochs = self.head.minibatches, len(self.epochs())
        bare = place_at(step, minibatches, epochs)
        losses = self.minibatches(step - bare.minibatch + 1, step).loss if bare.minibatch else np.empty(0)
        return place_at(step, minibatches, epochs, tuple(losses.tolist()), learning_rate)

    def epochs_until(self, step: int) -> tuple[EpochMeasures, ...]:
        """Measures of the epochs that were complete after ``step`` minibatches."""
        return self.epochs()[: step // self.head.minibatches]

    # --- checks ------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        with self._lock:
            try:
                name, sentence = problem_of(self._reader.db)
            except sqlite3.Error as error:
                raise self._error(damage(error)) from None
        if sentence:
            raise self._error(f"{name}: {sentence}" if name else sentence)
        self._designs: dict[int, Design] = {}
        head = self.head
        design = self.design(1)
        if head.minibatches < 1 or head.begin < 0 or head.data.train_images < 1:
            raise self._error("head: expected at least one image and one minibatch, got none")
        self._batch = min(design.training.batch_size, head.data.train_images)
        self._layout = ArrayLayout(design, head.precision)
        if head.filters and head.filters not in self._layout.fields:
            raise self._error(f"head: filters: expected an array of the network, got {head.filters[:80]!r}")
        if head.minibatches != -(-head.data.train_images // self._batch):
            raise self._error(f"head: minibatches: expected another number than {head.minibatches:,}")

    def _read_design(self, text: str) -> Design:
        where = f"{self.path}: designs"
        try:
            design = read_design(text, where)
            lower(design, 1)
        except (DesignError, OverflowError, ValueError) as error:
            raise self._error(f"designs: {str(error).removeprefix(f'{where}: ')}") from None
        return design.named()

    def _images(self, steps: Array) -> Array:
        """Numbers of images in the minibatches of these steps."""
        head = self.head
        last = head.data.train_images - (head.minibatches - 1) * self._batch
        return np.where(steps % head.minibatches == 0, last, self._batch)

    def _point(self, row: tuple[Any, ...]) -> KeyPoint:
        wanted = (int, int, float, float, int)
        if tuple(map(type, row)) != wanted or not all(map(math.isfinite, row)):
            raise self._error("key_points: expected numbers, got something else")
        step, design, rate, seconds, essential = row
        return KeyPoint(step, design, rate, seconds, bool(essential))

    def _series(self, table: str, shape: tuple[int, ...], kind: np.dtype[Any]) -> tuple[Array, Array]:
        rows = self._rows(table)
        cells = [self._cells(table, contents, kind, math.prod(shape)) for _, contents in rows]
        steps = np.array([step for step, _ in rows], np.int64)
        values = np.array(cells, kind.newbyteorder("=")).reshape(len(rows), *shape)
        return steps, values

    def _cells(self, table: str, contents: object, kind: np.dtype[Any], count: int) -> Array:
        if not isinstance(contents, bytes) or len(contents) != count * kind.itemsize:
            raise self._error(f"{table}: expected {counted(count, 'number')}, got something else")
        return np.frombuffer(contents, kind)

    def _decoded(self, table: str, contents: object, kind: type[T]) -> T:
        try:
            if not isinstance(contents, bytes):
                raise msgspec.ValidationError("expected text")
            return msgspec.json.decode(contents, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise self._error(f"{table}: {error}") from None

    def _rows(self, table: str, where: str = "1", given: tuple[int, ...] = ()) -> list[tuple[Any, ...]]:
        """Rows of a table in order, after checking their checksums, which are left out."""
        key = TABLES[table][0].split()[0]
        with self._lock:
            rows = self._execute(f"SELECT * FROM {table} WHERE {where} ORDER BY {key}", given)  # noqa: S608 (ours)
        return [self._checked(table, row) for row in rows]

    def _checked(self, table: str, row: tuple[Any, ...]) -> tuple[Any, ...]:
        if None in row or checksum(*row[:-1]) != row[-1]:
            raise self._error(f"{table}: expected contents with their checksum, got others: it is damaged")
        return row[:-1]

    def _execute(self, statement: str, given: tuple[int, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._reader.db.execute(statement, given).fetchall()
        except (sqlite3.Error, OverflowError, UnicodeError) as error:
            raise self._error(damage(error)) from None
        except MemoryError:
            raise self._error("expected contents that fit into memory, got larger ones") from None

    def _error(self, sentence: str) -> RecordingError:
        return RecordingError(f"{self.path}: {sentence}")


def damage(error: Exception) -> str:
    """The meaning of an error of SQLite, as ``expected …, got …``."""
    words = " ".join(str(error).split())
    return f"expected a whole recording, got one that can't be read: {words or type(error).__name__}"
