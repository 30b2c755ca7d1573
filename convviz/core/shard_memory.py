"""The memory of the arrays of one shard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from convviz.core.arena import Arena
from convviz.core.arrays import Array, ArraySpec
from convviz.core.lanes import Thunk
from convviz.core.program import Program, Step


def bound(step: Step, ins: Sequence[Array], out: Array, arena: Arena) -> Thunk:
    """The step's kernel with its arguments."""
    return partial(step.op.kernel, *step.op.prepare(ins, out, arena.scratch))


class ShardMemory:
    """Finds a place for every array of one shard in one stage."""

    def __init__(
        self,
        program: Program,
        steps: Sequence[Step],
        whole: Mapping[str, Array],
        whole_arrays: Mapping[str, ArraySpec],
        images: slice,
        sums: Mapping[str, Array],
        arena: Arena,
        precision: np.dtype[np.generic],
    ) -> None:
        self._program = program
        self._whole = whole
        self._whole_arrays = whole_arrays
        self._images = images
        self._sums = sums
        self._arena = arena
        self._precision = precision
        self._here: dict[str, Array] = {}
        self._block: dict[str, int] = {}
        """Array → block it lies in, for arrays in the arena (views share their source's)."""
        self._last: dict[str, int] = {}
        for place, step in enumerate(steps):
            for name in (*step.inputs, step.output):
                self._last[name] = place
        # A view keeps its source's memory in use.
        for step in reversed(steps):
            if step.op.view:
                self._last[step.inputs[0]] = max(self._last[step.inputs[0]], self._last[step.output])

    def bind(self, step: Step, place: int) -> list[Thunk]:
        """Place the output and bind the kernel."""
        ins = [self._find(name) for name in step.inputs]
        thunks: list[Thunk]
        if step.op.view:
            thunks = self._bind_view(step, ins[0])
        else:
            out = self._output(step, ins, place)
            self._here[step.output] = out
            thunks = [bound(step, ins, out, self._arena)]
        self._release(place)
        return thunks

    def _find(self, name: str) -> Array:
        if name not in self._here:
            array = self._whole[name]
            self._here[name] = array[self._images] if self._whole_arrays[name].batched else array
        return self._here[name]

    def _bind_view(self, step: Step, source: Array) -> list[Thunk]:
        spec = self._program.arrays[step.output]
        out = step.op.as_view(source, spec)
        if np.may_share_memory(out, source):
            self._here[step.output] = out
            if step.inputs[0] in self._block:
                self._block[step.output] = self._block[step.inputs[0]]
            return []
        # The source is not contiguous (a crop): the reshaped array needs memory of its own.
        copy = self._take(step.output)
        self._here[step.output] = copy
        return [partial(np.copyto, copy.reshape(source.shape), source)]

    def _output(self, step: Step, ins: Sequence[Array], place: int) -> Array:
        name = step.output
        if name in self._sums:
            return self._sums[name]
        if name in self._whole:
            return self._whole[name][self._images]
        position = step.op.inplace
        if position is not None:
            source, array = step.inputs[position], ins[position]
            spec = self._program.arrays[name]
            if (
                source in self._block
                and self._block_ends(self._block[source]) == place
                and array.flags.c_contiguous
                and array.shape == spec.stored
                and array.dtype == spec.dtype(self._precision)
            ):
                self._block[name] = self._block[source]
                return array
        return self._take(name)

    def _take(self, name: str) -> Array:
        spec = self._program.arrays[name]
        self._block[name], array = self._arena.take(spec.stored, spec.dtype(self._precision))
        return array

    def _block_ends(self, block: int) -> int:
        """Position of the last step that uses anything in a block."""
        return max(self._last[name] for name, number in self._block.items() if number == block)

    def _release(self, place: int) -> None:
        for block in {number for number in self._block.values() if self._block_ends(number) <= place}:
            self._arena.give_back(block)
            self._block = {name: number for name, number in self._block.items() if number != block}
