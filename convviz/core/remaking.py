"""Which arrays of a large pass in Step are not kept, because they are quick to compute again from those that are."""

from __future__ import annotations

from convviz.core.memory import BYTES, nbytes, pass_memory
from convviz.core.program import Phase, Program

__all__ = ["ROOM", "remade", "stepping_memory"]

LARGE = 1 << 29
"""Bytes of the smallest pass that does not keep every array."""
LEAST = 1 << 16
"""Bytes of the smallest array that is not kept."""
ROOM = 1 << 26
"""Bytes of remade arrays that stay in memory: the last ones that were read."""


def remade(program: Program, bytes_each: int = BYTES, large: int = LARGE, least: int = LEAST) -> frozenset[str]:
    """The arrays of a pass that are computed again when they are read; none unless the pass is large.

    These are columns, which only repeat the numbers of the maps, and arrays of the update phase. Each is made from kept
    arrays by a single step that multiplies no matrices. An array that others are views of is kept.

    Parameters
    ----------
    program : Program
    bytes_each : int
        Bytes of a number.
    large, least : int
        Bytes of the smallest pass that does not keep every array, and of the smallest array that is not kept.
    """
    if pass_memory(program, bytes_each) < large:
        return frozenset()
    readers: dict[str, set[str]] = {}
    viewed = set()
    for step in program.steps:
        for name in step.inputs:
            readers.setdefault(name, set()).add(step.output)
        if step.op.view:
            viewed.add(step.inputs[0])
    quick = [
        (nbytes(program.arrays[step.output]) // BYTES * bytes_each, step)
        for step in program.steps
        if (step.op.recompute or step.phase is Phase.UPDATE)
        and not step.op.view
        and step.output not in viewed
        and not step.op.multiply_adds(program.in_shapes(step), step.shape)
    ]
    found: set[str] = set()
    for size, step in sorted(quick, key=lambda one: (-one[0], one[1].index)):
        if size >= least and found.isdisjoint(step.inputs) and found.isdisjoint(readers.get(step.output, ())):
            found.add(step.output)
    return frozenset(found)


def stepping_memory(program: Program, bytes_each: int = BYTES, large: int = LARGE, room: int = ROOM) -> int:
    """Bytes of a pass in Step: the arrays that are kept, and ``room`` for those that are computed again."""
    spared = sum(nbytes(program.arrays[name]) for name in remade(program, bytes_each, large)) // BYTES * bytes_each
    return pass_memory(program, bytes_each) - max(spared - room, 0)
