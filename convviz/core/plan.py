"""A program compiled for speed: the same steps, the same kernels, in parts of the batch and in reused memory.

The minibatch is cut into *shards* of a few images, small enough for a shard's im2col matrix to stay in the
processor's cache, and the shards are shared out between threads (BLAS itself stays single-threaded). Every step
belongs to one of three kinds, which follow from its arrays:

image    its output holds something for every image: a shard computes its images' part
sum      batched inputs, an output that is not: shards compute partial sums, added in the order of the shards
fixed    no batched array at all: computed once

A step that reads a finished sum (batch normalisation does) belongs to a later *stage*; all shards end one stage
before the next begins. A sum whose partial results would be larger than its inputs (the weight gradient of a big
dense layer) is *deferred*: computed after the stage, from the whole batch at once, its rows shared by the threads.

Arrays that only live within a stage lie in a few buffers per thread that are used again and again; the rest have a
place for the whole batch. Cutting and order depend on the design and the batch size alone, never on the number of
threads, so that one seed gives the same bits with any number of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array, ArraySpec, Shape
from convviz.core.program import Phase, Program, Step

Thunk = Callable[[], None]

SHARD_BYTES = 1 << 20
"""Size that the largest array of a shard should have."""
CHUNK = 1 << 15
"""Cells that an update rule handles at a time."""


def shard_sizes(program: Program) -> tuple[int, ...]:
    """Images of every shard: an even number of nearly equal shards, or one where they would be tiny."""
    n = program.batch
    largest = max((spec.size for spec in program.arrays.values() if spec.batched), default=1) // max(n, 1)
    count = -(-n * largest * 4 // SHARD_BYTES)
    count = min(n, max(count + count % 2, 2 if n >= 16 else 1))
    bounds = [n * i // count for i in range(count + 1)]
    return tuple(b - a for a, b in itertools.pairwise(bounds))


class Arena:
    """Byte blocks of one thread, handed out again as soon as nothing reads them."""

    def __init__(self) -> None:
        self._blocks: list[Array] = []
        self._free: list[int] = []
        self._scratch: dict[str, Array] = {}

    def reset(self) -> None:
        """All blocks are free again: a new stage or shard begins."""
        self._free = list(range(len(self._blocks)))

    def take(self, shape: Shape, dtype: np.dtype[np.generic]) -> tuple[int, Array]:
        """Block number and an array in it: the last freed block that is large enough, else a new one."""
        need = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        fits = [i for i in self._free if self._blocks[i].nbytes >= need]
        number = min(fits, key=lambda i: self._blocks[i].nbytes) if fits else len(self._blocks)
        if fits:
            self._free.remove(number)
        else:
            self._blocks.append(np.empty(need, np.uint8))
        return number, self._blocks[number][:need].view(dtype).reshape(shape)

    def give_back(self, number: int) -> None:
        """Free a block."""
        self._free.append(number)

    def scratch(self, tag: str, shape: Shape, dtype: npt.DTypeLike) -> Array:
        """Memory for the inside of one kernel call."""
        kind = np.dtype(dtype)
        need = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
        block = self._scratch.get(tag)
        if block is None or block.nbytes < need:
            block = self._scratch[tag] = np.empty(need, np.uint8)
        return block[:need].view(kind).reshape(shape)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(b.nbytes for b in self._blocks) + sum(b.nbytes for b in self._scratch.values())


@dataclass(slots=True)
class Stage:
    """What happens between two moments at which all shards are waited for."""

    fixed: list[Step] = field(default_factory=list)
    shards: list[Step] = field(default_factory=list)
    deferred: list[Step] = field(default_factory=list)


@dataclass(slots=True)
class Work:
    """Bound calls of one stage: ``first`` in the calling thread, then ``lanes`` one per thread, then ``last``."""

    first: list[Thunk]
    lanes: list[list[Thunk]]
    last: list[list[Thunk]]


class Lanes:
    """Runs lists of thunks side by side: the first in the calling thread, the others in a pool."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads - 1, "convviz-shard") if threads > 1 else None

    def run(self, lanes: Sequence[Sequence[Thunk]]) -> None:
        """Run every list in order; returns when all are done; the first error is raised."""
        busy = [lane for lane in lanes if lane]
        waiting: list[Future[None]] = []
        if self._pool is not None:
            waiting = [self._pool.submit(run_all, lane) for lane in busy[1:]]
            busy = busy[:1]
        try:
            for lane in busy:
                run_all(lane)
        finally:
            for future in waiting:
                future.result()

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()


def run_all(thunks: Iterable[Thunk]) -> None:
    """Call one after the other; NaN and infinity are looked for afterwards, not warned about here."""
    with np.errstate(all="ignore"):
        for thunk in thunks:
            thunk()


class Plan:
    """A program bound to its memory, ready to run any number of times.

    Parameters
    ----------
    lowered : callable
        Number of images → the program of a shard with so many images (with the whole batch as divisor).
    batch : int
        Images of the whole minibatch.
    sources : mapping of str to ndarray
        Parameters, optimiser state and scalars, in stored form and C order; the update phase writes the new
        values into these very arrays.
    lanes : Lanes
        Threads.
    precision : dtype
    keep : iterable of str
        Arrays that are wanted after a run, for the whole batch.

    Attributes
    ----------
    inputs : dict of str to ndarray
        The batched sources (``x``, ``labels``): fill them, then call :meth:`run`.
    """

    def __init__(
        self,
        lowered: Callable[[int], Program],
        batch: int,
        sources: Mapping[str, Array],
        lanes: Lanes,
        *,
        precision: npt.DTypeLike = np.float32,
        keep: Iterable[str] = (),
        shards: Sequence[int] | None = None,
    ) -> None:
        self.program = lowered(batch)
        self.batch = batch
        self._precision = np.dtype(precision)
        self._lanes = lanes
        self._sizes = tuple(shards or shard_sizes(self.program))
        self._programs = {size: lowered(size) for size in set(self._sizes)}
        self._whole: dict[str, Array] = {}
        self.inputs: dict[str, Array] = {}
        for name in self.program.sources:
            spec = self.program.arrays[name]
            if spec.batched:
                self.inputs[name] = self._whole[name] = np.zeros(spec.stored, spec.dtype(self._precision))
            else:
                self._whole[name] = sources[name]
        stages = self._staged()
        kept = self._kept(stages, set(keep))
        for name in kept:
            self._reserve(name)
        self._arenas = [Arena() for _ in range(lanes.threads)]
        self._work = [self._bind_stage(stage) for stage in stages]
        self._updates = self._bind_updates()

    def __getitem__(self, name: str) -> Array:
        """Array after a run, in stored form: a source, a sum, or one of ``keep``."""
        return self._find_whole(name)

    def run(self) -> None:
        """Forward, loss and (in a training program) backward."""
        for work in self._work:
            run_all(work.first)
            self._lanes.run(work.lanes)
            self._lanes.run(work.last)

    def update(self) -> None:
        """Update phase: the sources take their new values."""
        for lanes in self._updates:
            self._lanes.run(lanes)

    @property
    def nbytes(self) -> int:
        """Bytes that the plan holds beside the sources it was given."""
        held = [a for name, a in self._whole.items() if name not in self.program.sources or name in self.inputs]
        return sum(a.nbytes for a in held if a.base is None) + sum(arena.nbytes for arena in self._arenas)

    # --- cutting into stages -----------------------------------------------------------------------------------

    def _staged(self) -> list[Stage]:
        arrays = self.program.arrays
        ready = dict.fromkeys(self.program.sources, 0)
        stages: list[Stage] = []
        for step in self.program.phase(Phase.FORWARD, Phase.LOSS, Phase.BACKWARD):
            at = max((ready[name] for name in step.inputs), default=0)
            while len(stages) <= at:
                stages.append(Stage())
            if arrays[step.output].batched:
                stages[at].shards.append(step)
                ready[step.output] = at
            elif any(arrays[name].batched for name in step.inputs):
                (stages[at].deferred if self._too_large(step) else stages[at].shards).append(step)
                ready[step.output] = at + 1
            else:
                stages[at].fixed.append(step)
                ready[step.output] = at
        return stages

    def _too_large(self, step: Step) -> bool:
        """Whether partial sums would be more memory traffic than keeping the inputs of the whole batch."""
        arrays = self.program.arrays
        inputs = sum(arrays[name].size for name in step.inputs if arrays[name].batched)
        return len(self._sizes) > 1 and arrays[step.output].size * len(self._sizes) > inputs

    def _kept(self, stages: list[Stage], keep: set[str]) -> set[str]:
        """Arrays that need a place for the whole batch: read in a later stage or by a deferred sum."""
        arrays = self.program.arrays
        made_in: dict[str, int] = {}
        kept = {self._root(name) for name in keep}
        for number, stage in enumerate(stages):
            for step in stage.shards:
                made_in[step.output] = number
            for step in stage.shards + stage.deferred:
                for name in step.inputs:
                    if arrays[name].batched and (made_in.get(name, number) < number or step in stage.deferred):
                        kept.add(self._root(name))
        return kept - set(self.program.sources)

    def _root(self, name: str) -> str:
        """Array whose memory a view shows."""
        step = self.program.producer(name)
        while step is not None and step.op.view:
            name = step.inputs[0]
            step = self.program.producer(name)
        return name

    def _reserve(self, name: str) -> Array:
        spec = self.program.arrays[name]
        self._whole[name] = np.zeros(spec.stored, spec.dtype(self._precision))
        return self._whole[name]

    # --- binding -----------------------------------------------------------------------------------------------

    def _bind_stage(self, stage: Stage) -> Work:
        arena = self._arenas[0]
        first: list[Thunk] = []
        for step in stage.fixed:
            first += self._bind_fixed(step, arena)
        partials = {step.output: self._partials(step) for step in stage.shards if not self._batched(step.output)}
        lanes: list[list[Thunk]] = [[] for _ in self._arenas]
        start = 0
        for number, size in enumerate(self._sizes):
            lane = number % len(lanes)
            here = {name: sums[number, ...] for name, sums in partials.items()}
            lanes[lane] += self._bind_shard(stage.shards, size, slice(start, start + size), here, self._arenas[lane])
            start += size
        last: list[list[Thunk]] = [[] for _ in self._arenas]
        if len(self._sizes) > 1:
            for name, sums in partials.items():
                last[0].append(partial(np.add.reduce, sums, axis=0, out=self._whole[name]))
        for step in stage.deferred:
            ins = [self._find_whole(name) for name in step.inputs]
            for lane, (some, out) in enumerate(step.op.parts(ins, self._reserve(step.output), len(last))):
                last[lane].append(bound(step, some, out, self._arenas[lane]))
        return Work(first, lanes, last)

    def _batched(self, name: str) -> bool:
        return self.program.arrays[name].batched

    def _find_whole(self, name: str) -> Array:
        """A whole-batch array, by way of the views that lead to it."""
        if name not in self._whole:
            step = self.program.producer(name)
            if step is None or not step.op.view:
                raise KeyError(name)
            self._whole[name] = step.op.as_view(self._find_whole(step.inputs[0]), self.program.arrays[name])
        return self._whole[name]

    def _bind_fixed(self, step: Step, arena: Arena) -> list[Thunk]:
        ins = [self._whole[name] for name in step.inputs]
        if step.op.view:
            self._whole[step.output] = step.op.as_view(ins[0], self.program.arrays[step.output])
            return []
        out = self._whole[step.output] if step.output in self._whole else self._reserve(step.output)
        return [bound(step, ins, out, arena)]

    def _partials(self, step: Step) -> Array:
        """One place for the partial sum of every shard; with a single shard that is the sum itself."""
        total = self._reserve(step.output)
        if len(self._sizes) == 1:
            return total[None]
        return np.zeros((len(self._sizes), *total.shape), total.dtype)

    def _bind_shard(
        self, steps: Sequence[Step], size: int, images: slice, sums: Mapping[str, Array], arena: Arena
    ) -> list[Thunk]:
        """Calls of one shard for one stage."""
        program = self._programs[size]
        arena.reset()
        memory = ShardMemory(program, steps, self._whole, self.program.arrays, images, sums, arena, self._precision)
        thunks: list[Thunk] = []
        for place, whole_step in enumerate(steps):
            step = program.steps[whole_step.index]
            thunks += memory.bind(step, place)
        return thunks

    # --- updates -----------------------------------------------------------------------------------------------

    def _bind_updates(self) -> list[list[list[Thunk]]]:
        """Segments of the update phase; each is a list of lanes.

        Cell-by-cell steps of one parameter run chunk by chunk, all steps on one chunk while it is in the cache.
        """
        steps = self.program.phase(Phase.UPDATE)
        into = {new: old for old, new in self.program.updates.items()}
        copies: list[Thunk] = []
        segments: list[list[list[Thunk]]] = []
        chains: list[list[Step]] = []
        self._local = {step.output for step in steps if self._stays_in_chain(step)} - set(into)

        def flush() -> None:
            chunks = [(chain, cut) for chain in chains for cut in cuts(chain[0].shape)]
            chains.clear()
            share = -(-len(chunks) // len(self._arenas))
            lanes = []
            for lane, start in enumerate(range(0, len(chunks), share or 1)):
                some = chunks[start : start + share]
                lanes.append([t for chain, cut in some for t in self._bind_chunk(chain, cut, self._arenas[lane])])
            if lanes:
                segments.append(lanes)

        for number, step in enumerate(steps):
            old = into.get(step.output)
            if old is not None and not any(old in later.inputs for later in steps[number + 1 :]):
                self._whole[step.output] = self._whole[old]
            elif old is not None:
                copies.append(partial(np.copyto, self._whole[old], self._reserve(step.output)))
            elif step.output not in self._local and not step.op.view:
                self._reserve(step.output)
            if step.op.elementwise and step.shape and not step.op.view:
                # Steps that share an array stay together: chains run side by side and don't wait for each other.
                names = self._cells_of(step)
                linked = [chain for chain in chains if any(names & self._cells_of(other) for other in chain)]
                chains[:] = [chain for chain in chains if chain not in linked]
                chains.append([other for chain in linked for other in chain] + [step])
                continue
            flush()
            segments.append([self._bind_fixed(step, self._arenas[0])])
        flush()
        if copies:
            segments.append([copies])
        return segments

    def _cells_of(self, step: Step) -> set[str]:
        """Arrays that a cell-by-cell step touches, scalars aside."""
        return {name for name in (*step.inputs, step.output) if self.program.arrays[name].shape}

    def _stays_in_chain(self, step: Step) -> bool:
        """Whether the output is read by cell-by-cell steps only, so that it can live chunk by chunk."""
        readers = self.program.consumers(step.output)
        return bool(step.op.elementwise and step.shape and readers) and all(r.op.elementwise for r in readers)

    def _bind_chunk(self, chain: Sequence[Step], cut: slice, arena: Arena) -> list[Thunk]:
        here: dict[str, Array] = {}

        def find(name: str) -> Array:
            if name not in here:
                array = self._whole[name]
                here[name] = flat(array)[cut] if array.ndim else array
            return here[name]

        thunks = []
        for step in chain:
            if step.output in self._local:
                here[step.output] = arena.scratch(step.output, (cut.stop - cut.start,), self._precision)
            thunks.append(bound(step, [find(name) for name in step.inputs], find(step.output), arena))
        return thunks


def cuts(shape: Shape) -> list[slice]:
    """Chunks of a flat array."""
    size = int(np.prod(shape, dtype=np.int64))
    return [slice(start, min(start + CHUNK, size)) for start in range(0, size, CHUNK)]


def flat(array: Array) -> Array:
    """The array's memory in one row; it must be contiguous, or writing would go to a copy."""
    if not array.flags.c_contiguous:
        raise ValueError("an update needs contiguous arrays")
    return array.reshape(-1)


def bound(step: Step, ins: Sequence[Array], out: Array, arena: Arena) -> Thunk:
    """The step's kernel with its arguments."""
    return partial(type(step.op).kernel, *step.op.prepare(ins, out, arena.scratch))


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
        """Last place at which anything in a block is used."""
        return max(self._last[name] for name, number in self._block.items() if number == block)

    def _release(self, place: int) -> None:
        for block in {number for number in self._block.values() if self._block_ends(number) <= place}:
            self._arena.give_back(block)
            self._block = {name: number for name, number in self._block.items() if number != block}
