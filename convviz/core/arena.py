"""Reusable memory, so that training allocates nothing large."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array, Shape

LINE = 64
"""Bytes of a cache line, and of the widest vector."""


def aligned(size: int) -> Array:
    """Uninitialised bytes, aligned to a cache line."""
    memory = np.empty(size + LINE, np.uint8)
    start = -memory.ctypes.data % LINE
    return memory[start : start + size]


def zeros(shape: Shape, dtype: npt.DTypeLike) -> Array:
    """An array of zeros, aligned to a cache line."""
    kind = np.dtype(dtype)
    memory = aligned(int(np.prod(shape, dtype=np.int64)) * kind.itemsize)
    memory.fill(0)
    return memory.view(kind).reshape(shape)


class Arena:
    """Byte blocks of one thread, reused as soon as nothing reads them."""

    def __init__(self) -> None:
        self._blocks: list[Array] = []
        self._free: list[int] = []
        self._scratch: dict[str, Array] = {}

    def reset(self) -> None:
        """Free all blocks, at the start of a stage or shard."""
        self._free = list(range(len(self._blocks)))

    def take(self, shape: Shape, dtype: np.dtype[np.generic]) -> tuple[int, Array]:
        """Take the smallest free block that is large enough, else a new one; returns its number and an array in it."""
        need = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        fits = [i for i in self._free if self._blocks[i].nbytes >= need]
        number = min(fits, key=lambda i: self._blocks[i].nbytes) if fits else len(self._blocks)
        if fits:
            self._free.remove(number)
        else:
            self._blocks.append(aligned(need))
        return number, self._blocks[number][:need].view(dtype).reshape(shape)

    def give_back(self, number: int) -> None:
        """Free a block."""
        self._free.append(number)

    def scratch(self, tag: str, shape: Shape, dtype: npt.DTypeLike) -> Array:
        """Temporary memory for one kernel call."""
        kind = np.dtype(dtype)
        need = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
        block = self._scratch.get(tag)
        if block is None or block.nbytes < need:
            block = self._scratch[tag] = aligned(need)
        return block[:need].view(kind).reshape(shape)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(b.nbytes for b in self._blocks) + sum(b.nbytes for b in self._scratch.values())


def flat(array: Array) -> Array:
    """The array's memory as one row. The array must be contiguous, or writes would go to a copy."""
    if not array.flags.c_contiguous:
        raise ValueError("an update needs contiguous arrays")
    return array.reshape(-1)


def read_only_rows(array: Array) -> Array:
    """The array as a read-only table with one row per index of its first axis: compiled kernels then get one type."""
    made = np.ascontiguousarray(array).reshape(len(array), -1).view()
    made.setflags(write=False)
    return made
