"""A guard against one kind of damage that the HDF5 library doesn't survive.

A group of the older kind keeps the names of its members in a *local heap*, whose unused pieces form a linked
list. HDF5 (up to 2.0 at least) follows that list without checking for a cycle, and allocates memory at every
step: with one wrong byte, loading a file of a few kB takes all the memory of the machine. So the lists are
followed here first. The layout is that of the HDF5 File Format Specification, "Local Heaps".
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path

from convviz.files.cancel import Cancelled, blocks
from convviz.files.hdf5_groups import heaps_of

_SIGNATURE = b"HEAP\x00\x00\x00\x00"
# Data segment size, offset of the first free piece, address of the data segment.
_HEADER = struct.Struct("<QQQ")
# Offset of the next free piece, size of this one.
_PIECE = struct.Struct("<QQ")
_END = 1
LARGE = 2**28
"""Bytes above which only the heaps of a file's groups are checked, if they can be followed; else all bytes are read."""


def has_circular_heap(path: Path, base: int = 0, cancelled: Cancelled | None = None) -> bool:
    """Tell whether any local heap in a file has a cyclic free list.

    Parameters
    ----------
    path
        A file that is not empty.
    base
        Where the HDF5 part begins, from which its addresses count: the size of the user block in front of it.
    cancelled
        Asked every few megabytes whether to give up.

    Raises
    ------
    OSError
        If it can't be read.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if len(data) > LARGE:
            followed = heaps_of(data, base)
            if followed is not None:
                return any(_is_circular(data, base, at + len(_SIGNATURE)) for at in followed)
        return any(_is_circular(data, base, at + len(_SIGNATURE)) for at in places(data, _SIGNATURE, base, cancelled))


def places(data: mmap.mmap, wanted: bytes, base: int = 0, cancelled: Cancelled | None = None) -> Iterator[int]:
    """Yield the offsets of some bytes in a file, searched block by block so that other threads can run in between."""
    for block in blocks(len(data) - base, cancelled):
        end = min(base + block.stop + len(wanted) - 1, len(data))
        at = data.find(wanted, base + block.start, end)
        while at >= 0:
            yield at
            at = data.find(wanted, at + 1, end)


def _is_circular(data: mmap.mmap, base: int, header: int) -> bool:
    if header + _HEADER.size > len(data):
        return False
    size, piece, address = _HEADER.unpack_from(data, header)
    seen = set()
    # HDF5 itself refuses a piece outside the segment, and a segment outside the file.
    while piece != _END and piece + _PIECE.size <= size and base + address + size <= len(data):
        if piece in seen:
            return True
        seen.add(piece)
        piece, _ = _PIECE.unpack_from(data, base + address + piece)
    return False
