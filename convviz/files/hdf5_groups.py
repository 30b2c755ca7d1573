"""Follows the groups of an HDF5 file to the heaps that hold their members' names, without reading the rest of the file.

The layout is that of the HDF5 File Format Specification: superblocks 0 and 1, object headers of version 1, B-trees of
version 1 and symbol table nodes, which is how groups are stored unless newer forms are asked for. For any other form
:func:`heaps_of` returns None, and its caller searches the whole file.
"""

from __future__ import annotations

import mmap
import struct
from typing import Any

__all__ = ["heaps_of"]

MOST = 20_000
"""Most objects, nodes and blocks to follow."""
LONGEST = 2**20
"""Most bytes in a block of messages."""
CONTINUATION, SYMBOL_TABLE, EXTERNAL_FILES = 0x10, 0x11, 0x07
"""Types of messages in object headers."""


class _OtherFormError(Exception):
    """The file stores something in a form that is not followed here."""


def heaps_of(data: mmap.mmap, base: int = 0) -> list[int] | None:
    """Where the local heaps are that HDF5 reads when the file is opened and its groups are listed.

    Parameters
    ----------
    data : mmap
        The file.
    base : int
        Where its superblock begins; addresses count from there.

    Returns
    -------
    list of int or None
        Offsets from the start of the file; None if anything is stored in another form.
    """
    try:
        return _Walk(data, base).heaps()
    except (_OtherFormError, struct.error):
        return None


class _Walk:
    def __init__(self, data: mmap.mmap, base: int) -> None:
        self._data, self._base = data, base
        self._seen: set[int] = set()
        self._heaps: set[int] = set()
        self._headers: list[int] = []

    def heaps(self) -> list[int]:
        version = self._data[self._base + 8]
        sizes = self._data[self._base + 13 : self._base + 15]
        (first,) = self._numbers("<Q", 24 if version == 0 else 28)
        if version not in (0, 1) or sizes != b"\x08\x08" or first not in (0, self._base):
            raise _OtherFormError
        self._entry(56 if version == 0 else 60)
        while self._headers:
            self._header(self._headers.pop())
        return sorted(self._base + heap for heap in self._heaps)

    def _numbers(self, form: str, at: int) -> tuple[Any, ...]:
        """Numbers at an address."""
        start, size = self._base + at, struct.calcsize(form)
        if start < 0 or start + size > len(self._data):
            raise _OtherFormError
        return struct.unpack_from(form, self._data, start)

    def _is_new(self, at: int) -> bool:
        """Whether an address was not met before."""
        if len(self._seen) > MOST:
            raise _OtherFormError
        new = at not in self._seen
        self._seen.add(at)
        return new

    def _entry(self, at: int) -> None:
        """Follow a symbol table entry: its object, and the tree and heap that it may repeat for a group."""
        _, header, cached, _, tree, heap = self._numbers("<QQIIQQ", at)
        self._headers.append(header)
        if cached == 1:
            self._group(tree, heap)

    def _group(self, tree: int, heap: int) -> None:
        self._heaps.add(heap)
        if self._is_new(tree):
            self._tree(tree)

    def _tree(self, at: int) -> None:
        nodes = [at]
        while nodes:
            node = nodes.pop()
            signature, kind, level, used, left, right = self._numbers("<4sBBHQQ", node)
            if signature != b"TREE" or kind != 0:
                raise _OtherFormError
            nodes += [side for side in (left, right) if side != 2**64 - 1 and self._is_new(side)]
            for number in range(used):
                (child,) = self._numbers("<Q", node + 24 + 8 + 16 * number)
                if self._is_new(child):
                    if level:
                        nodes.append(child)
                    else:
                        self._names(child)

    def _names(self, at: int) -> None:
        signature, version, _, count = self._numbers("<4sBBH", at)
        if signature != b"SNOD" or version != 1:
            raise _OtherFormError
        for number in range(count):
            self._entry(at + 8 + 40 * number)

    def _header(self, at: int) -> None:
        """Follow the messages of an object that lead to a heap."""
        if not self._is_new(at):
            return
        version, _, _, _, size = self._numbers("<BBHII", at)
        if version != 1:
            raise _OtherFormError
        blocks = [(at + 16, size)]
        while blocks:
            start, size = blocks.pop()
            if size > LONGEST:
                raise _OtherFormError
            place, end = start, start + size
            while place + 8 <= end:
                kind, length = self._numbers("<HH", place)
                body = place + 8
                if kind == CONTINUATION:
                    address, more = self._numbers("<QQ", body)
                    if self._is_new(address):
                        blocks.append((address, more))
                elif kind == SYMBOL_TABLE:
                    self._group(*self._numbers("<QQ", body))
                elif kind == EXTERNAL_FILES:
                    self._heaps.add(self._numbers("<Q", body + 8)[0])
                place = body + length
