"""What a long run writes into its recording, without training it: its key points are small, the rest is as it is."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from convviz.core.network import Network
from convviz.run.recording.recorder import Bounds
from convviz.run.recording.writing import FilterRow, MeasureRow, PointRow, WritingThread
from convviz.storage.presets import preset
from convviz.storage.recording.head import DataRecord, Head, this_machine
from convviz.training.images import Split

ROW = 40
"""Bytes of a row beside its contents, about."""
MINIBATCHES = 938
"""Of an epoch of MNIST, in minibatches of 64."""


@dataclass(frozen=True, slots=True)
class LongRecording:
    """A recording whose key points had their real size.

    Parameters
    ----------
    final, largest : int
        Its bytes in the end, and at the most.
    rest : int
        Bytes of all but key points, in the end.
    curves : int
        Bytes of the curves of all minibatches, which are in the rest.
    points : int
        Key points that are in it in the end.
    """

    final: int
    largest: int
    rest: int
    curves: int
    points: int


def record_long(path: Path, epochs: int, *, scale: int, fine: int = 64) -> LongRecording:
    """Write the recording of a run of ``course-7x7`` on MNIST.

    Parameters
    ----------
    path : Path
    epochs : int
    scale : int
        Key points are so many times smaller than real ones, and have as much less room.
    fine : int
        Steps from one key point to the next.
    """
    found = preset("course-7x7")
    design = replace(found, training=replace(found.training, train_size=None, test_size=None, epochs=epochs))
    nbytes = sum(array.nbytes for array in Network(design).arrays.values()) // scale
    image = design.input
    few = np.zeros((64, image.channels, image.height, image.width), np.float32)
    images = Split(few, np.zeros(64, np.int64))
    head = Head("0", "", "long", DataRecord("noise", train_images=60_000), this_machine(), 2, "float32", 0, MINIBATCHES)
    failures: list[str] = []
    most = (Bounds().key_bytes // scale) // nbytes
    writing = WritingThread(path, head, design, (images, images), most, failures.append)
    writing.space("filters", 4)
    writing.start()
    writing.set_fine(fine)
    largest = 0
    for step in range(1, epochs * MINIBATCHES + 1):
        writing.numbers.extend((0.5, 60.0))
        if step % fine == 0:
            writing.put(PointRow(step, design, 0.01, 1.0, False, bytes(nbytes)))
        if step % writing.spacing["filters"] == 0:
            writing.put(FilterRow(step, np.zeros((32, 1, 7, 7), np.float32)))
        if step % max(writing.spacing["measures"], 16) == 0:
            writing.put(MeasureRow(step, np.zeros((2, 7), np.float32)))
        if step % 4096 == 0:
            writing.flush()
            log = path.with_name(f"{path.name}-wal")
            largest = max(largest, path.stat().st_size + (log.stat().st_size if log.exists() else 0))
    writing.close()
    assert not failures, failures
    count, contents = rows_in(path, "key_points")
    rows, curves = rows_in(path, "minibatches")
    curves += ROW * rows
    missing = contents * (scale - 1)
    final = path.stat().st_size + missing
    return LongRecording(final, max(largest + missing, final), path.stat().st_size - contents, curves, count)


def rows_in(path: Path, table: str) -> tuple[int, int]:
    """Rows of a table of a recording, and the bytes of their contents."""
    db = sqlite3.connect(path)
    try:
        count, nbytes = db.execute(f"SELECT count(*), sum(length(contents)) FROM {table}").fetchone()
    finally:
        db.close()
    return int(count), int(nbytes or 0)
