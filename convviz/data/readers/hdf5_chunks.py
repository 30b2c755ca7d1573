"""Reads rows of an HDF5 data set so that reading can be cancelled at any moment.

The HDF5 library decompresses a chunk as a whole, which takes seconds for a chunk of hundreds of megabytes. Large chunks
that are compressed by gzip, as nearly all are, are therefore decompressed here, a few megabytes at a time.
"""

from __future__ import annotations

import itertools
import math
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ChunkRows", "read_rows"]

#: Bytes decompressed between two calls of ``go_on``.
SLICE = 4 * 2**20
#: Bytes up to which a chunk is left to the library.
SMALL = 16 * 2**20
#: Bytes up to which the library itself keeps a decompressed chunk in its cache.
KEPT = 2**20
#: Most bytes of decompressed chunks that are kept here: those that together hold the same rows.
MOST = 2**29
#: Numbers of HDF5's filters, gzip and byte shuffling.
DEFLATE, SHUFFLE = 1, 2

GoOn = Callable[[], object]
"""Raises an error if reading was cancelled."""


def read_rows(found: Any, block: NDArray[Any], start: int, go_on: GoOn) -> None:
    """Read rows into ``block``, beginning with the first row of a chunk.

    Parameters
    ----------
    found : h5py.Dataset
    block : ndarray, ``(n, …)``
        Is filled with ``n`` rows, in the data set's own type.
    start : int
        The first row; in a chunked data set, the first row of a chunk.
    go_on : callable
        Called every few megabytes.

    Raises
    ------
    ValueError
        A chunk is damaged. The library raises other errors.
    """
    stop = start + len(block)
    if not found.chunks or block.nbytes <= SMALL:
        found.read_direct(block, np.s_[start:stop])
        return
    filters = filters_of(found)
    large = math.prod(found.chunks) * found.dtype.itemsize > SMALL
    ranges = (range(start, stop, found.chunks[0]), *map(range, itertools.repeat(0), found.shape[1:], found.chunks[1:]))
    for corner in itertools.product(*ranges):
        go_on()
        ends = tuple(min(at + size, end) for at, size, end in zip(corner, found.chunks, found.shape, strict=True))
        inside = (slice(corner[0] - start, min(ends[0], stop) - start), *map(slice, corner[1:], ends[1:]))
        if large and filters is not None:
            target = block[inside]
            copy(unpacked(found, corner, filters, go_on)[tuple(map(slice, target.shape))], target, go_on)
        else:
            source = (slice(corner[0], min(ends[0], stop)), *map(slice, corner[1:], ends[1:]))
            found.read_direct(block, source, inside)


class ChunkRows:
    """Reads rows of a data set in any order, and keeps the chunks of the rows read last for the next call.

    Parameters
    ----------
    found : h5py.Dataset
    go_on : callable
        Called every few megabytes.
    """

    def __init__(self, found: Any, go_on: GoOn) -> None:
        self._found, self._go_on = found, go_on
        self._first = -1
        self._held: NDArray[Any] = np.zeros(0)

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """The rows from ``start`` to ``stop`` (excluded).

        Raises
        ------
        ValueError
            A chunk is damaged. The library raises other errors.
        """
        found = self._found
        stop = min(stop, found.shape[0])
        if not self._is_worth_keeping:
            return np.asarray(found[start:stop])
        each = found.chunks[0]
        parts = []
        for first in range(start - start % each, stop, each):
            held = self._rows_of_chunk(first)
            parts.append(held[max(0, start - first) : stop - first])
        return parts[0] if len(parts) == 1 else np.concatenate(parts or [self._held[:0]])

    @property
    def _is_worth_keeping(self) -> bool:
        found = self._found
        if not found.chunks or found.dtype.kind not in "biuf":
            return False
        beside = found.chunks[0] * math.prod(found.shape[1:]) * found.dtype.itemsize
        chunk: int = math.prod(found.chunks) * found.dtype.itemsize
        return chunk > KEPT and beside <= MOST

    def _rows_of_chunk(self, first: int) -> NDArray[Any]:
        found = self._found
        if first != self._first:
            count = min(found.chunks[0], found.shape[0] - first)
            self._first, self._held = -1, np.zeros(0)  # freed before memory for the next is allocated
            held = np.empty((count, *found.shape[1:]), found.dtype)
            read_rows(found, held, first, self._go_on)
            self._first, self._held = first, held
        return self._held


def copy(values: NDArray[Any], target: NDArray[Any], go_on: GoOn) -> None:
    """Copy some rows at a time."""
    few = max(1, SLICE * len(target) // max(1, target.nbytes))
    for at in range(0, len(target), few):
        go_on()
        target[at : at + few] = values[at : at + few]


def filters_of(found: Any) -> tuple[int, ...] | None:
    """The filters of a data set, in the order of compression; None if it isn't gzip, alone or after byte shuffling."""
    plan = found.id.get_create_plist()
    filters = tuple(int(plan.get_filter(number)[0]) for number in range(plan.get_nfilters()))
    return filters if filters in ((DEFLATE,), (SHUFFLE, DEFLATE)) else None


def unpacked(found: Any, corner: tuple[int, ...], filters: tuple[int, ...], go_on: GoOn) -> NDArray[Any]:
    """Unpack the chunk that begins at ``corner``."""
    skipped, packed = found.id.read_direct_chunk(corner)
    size = math.prod(found.chunks) * found.dtype.itemsize
    left_out = {one for number, one in enumerate(filters) if skipped >> number & 1}
    raw = np.frombuffer(packed, np.uint8) if DEFLATE in left_out else inflated(packed, size, go_on)
    if len(raw) != size:
        raise ValueError(f"a chunk of {len(raw):,} bytes instead of {size:,}")
    if SHUFFLE in filters and SHUFFLE not in left_out:
        raw = unshuffled(raw, found.dtype.itemsize, go_on)
    values: NDArray[Any] = raw.view(found.dtype).reshape(found.chunks)
    return values


def inflated(packed: bytes, size: int, go_on: GoOn) -> NDArray[np.uint8]:
    """Decompress what gzip's algorithm has compressed, to at most ``size`` bytes."""
    raw = np.empty(size, np.uint8)
    machine = zlib.decompressobj()
    at = 0
    try:
        while not machine.eof and at < size:
            go_on()
            part = machine.decompress(packed, min(SLICE, size - at))
            packed = machine.unconsumed_tail
            if not part and not packed:
                break
            raw[at : at + len(part)] = np.frombuffer(part, np.uint8)
            at += len(part)
    except zlib.error as error:
        raise ValueError(f"a damaged chunk: {error}") from None
    return raw[:at]


def unshuffled(raw: NDArray[np.uint8], each: int, go_on: GoOn) -> NDArray[np.uint8]:
    """Undo byte shuffling, which stores the first bytes of all values, then all second bytes, and so on."""
    planes = raw.reshape(each, -1)
    found = np.empty((planes.shape[1], each), np.uint8)
    step = max(1, SLICE // each)
    for at in range(0, len(found), step):
        go_on()
        found[at : at + step] = planes[:, at : at + step].T
    return found.reshape(-1)
