"""A program compiled for speed: the same steps and kernels, run on parts of the batch in memory that is reused.

The minibatch is cut into *shards* of a few images, small enough for a shard's im2col matrix to stay in the
processor's cache, and the shards are shared out between threads (BLAS itself stays single-threaded). Every step
belongs to one of three kinds, which follow from its arrays:

image    its output has values for every image: a shard computes those of its own images
sum      batched inputs, an output that is not batched: shards compute partial sums, added in the order of the shards
fixed    no batched array at all: computed once

A step that reads a finished sum (batch normalisation does) belongs to a later *stage*; all shards end one stage
before the next begins. A sum whose partial results would be larger than its inputs (the weight gradient of a big
dense layer) is *deferred*: computed after the stage, from the whole batch at once, its rows shared by the threads.

Arrays that only live within a stage share a few buffers per thread; the others are allocated for the whole batch.
Cutting and order depend on the design and the batch size alone, never on the number of threads, so that one seed gives
the same bits with any number of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt

from convviz.core import fast
from convviz.core.arena import Arena, flat, read_only_rows, zeros
from convviz.core.arrays import Array, Shape
from convviz.core.engine import NUMPY, Call, Kernel
from convviz.core.lanes import Group, Lanes, Thunk, calls_of
from convviz.core.program import Phase, Program, Step
from convviz.core.shard_memory import ShardMemory, bound
from convviz.core.shards import shard_sizes
from convviz.core.stages import PlanStage, cut, kept, root

PARTS = 2
"""Parts of a product over the whole batch, however many threads there are: BLAS rounds other shapes differently."""
SMALL_PRODUCT = 1 << 23
"""Multiplications below which a product is not split: waking a thread can take a tenth of a millisecond."""
CHUNK = 1 << 16
"""Cells that an update rule handles at a time."""
SMALL_UPDATE = 1 << 22
"""Cells read, over all arrays, below which an update is not shared between threads."""


class Plan:
    """A program bound to its memory, ready to run any number of times.

    Parameters
    ----------
    lowered : callable
        Number of images → the program of a shard of that size (with the whole batch as divisor).
    batch : int
        Images of the whole minibatch.
    sources : mapping of str to ndarray
        Parameters, optimiser state and scalars, in stored form and C order; updates write into these very arrays.
    lanes : Lanes
        Threads.
    precision : dtype
    keep : iterable of str
        Arrays that are wanted after a run, for the whole batch.
    shards : sequence of int, optional
        Images of every shard; :func:`~convviz.core.shards.shard_sizes` unless given.
    gathered : mapping of str to ndarray, optional
        Batched source → all images of a data set, or their labels, in C order: a run takes those of :attr:`rows`.
    compiled : bool, optional
        Whether compiled steps (:mod:`convviz.core.fast`) run instead of the NumPy kernels. Unless given, they do where
        they are available.

    Attributes
    ----------
    inputs : dict of str to ndarray
        The batched sources (``x``, ``labels``): fill those that are not gathered, then call :meth:`run`.
    rows : ndarray of int64, ``(batch,)``
        Which images are gathered.
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
        gathered: Mapping[str, Array] | None = None,
        compiled: bool | None = None,
    ) -> None:
        self.rows = np.zeros(batch, np.int64)
        self._gathered = {name: read_only_rows(array) for name, array in (gathered or {}).items()}
        self.program = lowered(batch)
        self.batch = batch
        kept_names = frozenset(keep)
        compiled = fast.available() if compiled is None else compiled
        self._engine = fast.compiled() if compiled else NUMPY
        self._program = self._engine.rewrite(self.program, kept_names)
        self._precision = np.dtype(precision)
        self._lanes = lanes
        self._sizes = tuple(shards or shard_sizes(self._program))
        self._programs = {size: self._engine.rewrite(lowered(size), kept_names) for size in set(self._sizes)}
        self._whole: dict[str, Array] = {}
        self._held = 0
        self.inputs: dict[str, Array] = {}
        for name in self._program.sources:
            spec = self._program.arrays[name]
            if spec.batched:
                self.inputs[name] = self._whole[name] = self._zeros(spec.stored, spec.dtype(self._precision))
            else:
                self._whole[name] = sources[name]
        stages = cut(self._program, len(self._sizes))
        for name in sorted(kept(self._program, stages, kept_names)):
            self._reserve(name)
        gradients = [root(self._program, name) for name in self._program.gradients.values()]
        losses = [step.output for step in self._program.phase(Phase.LOSS) if not self._batched(step.output)]
        self._checked = dict.fromkeys([*gradients, *losses], 0)
        """Array that has to be finite → number of its parts that are checked while they are in the cache."""
        self._squares = np.zeros(PARTS * len(self._checked), self._precision)
        """Sums of the squares of those parts: finite where all cells are."""
        self._arenas = [Arena() for _ in range(lanes.threads)]
        self._groups = [group for stage in stages for group in self._bind_stage(stage)]
        rest = [name for name, parts in self._checked.items() if not parts]
        self._groups.append([[check for name in rest for check in self._check(name, self[name])]])
        self._groups = [group for group in self._groups if any(group)]
        self._refusal: list[Group] = [[[partial(self._engine.refuse, self._squares)]]]
        self._updates = self._bind_updates()

    def __getitem__(self, name: str) -> Array:
        """Array after a run, in stored form: a source, a sum, or one of ``keep``."""
        return self._find_whole(name)

    @cached_property
    def kernels(self) -> tuple[Kernel, ...]:
        """Kernels that the first run needs compiled, each once."""
        return tuple(dict.fromkeys(self._engine.kernels(calls_of(self._groups + self._refusal + self._updates))))

    def run(self) -> None:
        """Forward, loss and (in a training program) backward."""
        for call in self._run:
            call()

    def update(self) -> None:
        """Update phase: the sources take their new values."""
        for call in self._update:
            call()

    def train(self) -> bool:
        """Run and update, in fewer calls; False, without an update, if the loss or a gradient is not finite."""
        if all(call.succeeds() for call in self._train):
            return True
        if np.isfinite(self._squares).all():
            raise RuntimeError("a kernel failed")
        if not self.is_finite():
            return False
        self.update()
        return True

    def is_finite(self) -> bool:
        """Whether the loss and every gradient of the last run consist of finite numbers."""
        if np.isfinite(self._squares).all():
            return True
        # One is not finite, or too large to be squared.
        return all(bool(np.isfinite(self[name]).all()) for name in self._checked)

    @property
    def calls(self) -> int:
        """Calls that Python makes for a run and an update, all threads together."""
        return sum(call.calls for call in self._train)

    # Joining neighbouring calls compiles them, so it waits until they are wanted.

    @cached_property
    def _run(self) -> Sequence[Call]:
        return self._engine.joined(self._groups, self._lanes)

    @cached_property
    def _update(self) -> Sequence[Call]:
        return self._engine.joined(self._updates, self._lanes)

    @cached_property
    def _train(self) -> Sequence[Call]:
        return self._engine.joined(self._groups + self._refusal + self._updates, self._lanes)

    @property
    def nbytes(self) -> int:
        """Bytes that the plan holds beside the sources it was given."""
        return self._held + sum(arena.nbytes for arena in self._arenas)

    def _zeros(self, shape: Shape, dtype: npt.DTypeLike) -> Array:
        """Memory that lasts as long as the plan."""
        made = zeros(shape, dtype)
        self._held += made.nbytes
        return made

    def _reserve(self, name: str) -> Array:
        spec = self._program.arrays[name]
        self._whole[name] = self._zeros(spec.stored, spec.dtype(self._precision))
        return self._whole[name]

    # --- binding -----------------------------------------------------------------------------------------------

    def _bind_stage(self, stage: PlanStage) -> list[Group]:
        """Groups of calls; each begins when the one before is done."""
        arena = self._arenas[0]
        first: list[Thunk] = []
        for step in stage.fixed:
            first += self._bind_fixed(step, arena)
        partials = {step.output: self._partials(step) for step in stage.shards if not self._batched(step.output)}
        lanes: list[list[Thunk]] = [[] for _ in self._arenas]
        start = 0
        for number, size in enumerate(self._sizes):
            lane = number % len(lanes)
            here = {name: parts[number, ...] for name, parts in partials.items()}
            images, start = slice(start, start + size), start + size
            lanes[lane] += self._bind_gathering(images)
            lanes[lane] += self._bind_shard(stage.shards, size, images, here, self._arenas[lane])
        self._gathered.clear()  # done in the first stage
        # No sum reads another one, which would belong to a later stage. So threads need not wait between them.
        sums: list[list[Thunk]] = [[] for _ in self._arenas]
        for name, parts in partials.items():
            total = flat(self._whole[name])
            if len(self._sizes) > 1:
                sums[-1].append(partial(self._engine.add_up, parts.reshape(len(parts), -1), total))
            sums[-1] += self._check(name, total)
        for step in stage.deferred:
            for calls, more in zip(sums, self._bind_whole(step), strict=False):
                calls += more
        last: list[list[list[Thunk]]] = [[calls for calls in sums if calls]]
        for step in stage.whole:
            groups = self._bind_whole(step)
            if len(groups) == 1 and len(last[-1]) == 1:
                last[-1][0].extend(groups[0])  # nothing to share: continues in the same thread
            elif groups:
                last.append(groups)
        return [[first], lanes, *last]

    def _bind_gathering(self, images: slice) -> list[Thunk]:
        """Take the inputs of a shard from the data set."""
        rows, places = self.rows[images], {name: self.inputs[name][images] for name in self._gathered}
        outs = {name: place.reshape(len(rows), -1) for name, place in places.items()}
        return [partial(self._engine.gather, every, rows, outs[name]) for name, every in self._gathered.items()]

    def _bind_whole(self, step: Step) -> list[list[Thunk]]:
        """Calls of a step on the whole batch: a list for every thread, or nothing for a view."""
        if step.op.view:
            self._find_whole(step.output)
            return []
        ins = [self._find_whole(name) for name in step.inputs]
        out = self._whole[step.output] if step.output in self._whole else self._reserve(step.output)
        groups: list[list[Thunk]] = [[] for _ in self._arenas]
        for number, (some, here) in enumerate(step.op.parts(ins, out, parts_of(ins, out))):
            lane = number % len(groups)
            groups[lane] += [bound(step, some, here, self._arenas[lane]), *self._check(step.output, here)]
        return [group for group in groups if group]

    def _check(self, name: str, part: Array) -> list[Thunk]:
        """If this is part of a gradient or the loss, check whether it is finite while it is in the cache."""
        if name not in self._checked:
            return []
        place = sum(self._checked.values())
        self._checked[name] += 1
        return [partial(self._engine.sum_squares, flat(part), self._squares[place : place + 1])]

    def _batched(self, name: str) -> bool:
        return self._program.arrays[name].batched

    def _find_whole(self, name: str) -> Array:
        """A whole-batch array, also when it is a view of another one."""
        if name not in self._whole:
            step = self._program.producer(name)
            if step is None or not step.op.view:
                raise KeyError(name)
            self._whole[name] = step.op.as_view(self._find_whole(step.inputs[0]), self._program.arrays[name])
        return self._whole[name]

    def _bind_fixed(self, step: Step, arena: Arena) -> list[Thunk]:
        ins = [self._whole[name] for name in step.inputs]
        if step.op.view:
            self._whole[step.output] = step.op.as_view(ins[0], self._program.arrays[step.output])
            return []
        out = self._whole[step.output] if step.output in self._whole else self._reserve(step.output)
        return [bound(step, ins, out, arena)]

    def _partials(self, step: Step) -> Array:
        """One place for the partial sum of every shard; with a single shard that is the sum itself."""
        total = self._reserve(step.output)
        if len(self._sizes) == 1:
            return total[None]
        return self._zeros((len(self._sizes), *total.shape), total.dtype)

    def _bind_shard(
        self, steps: Sequence[Step], size: int, images: slice, sums: Mapping[str, Array], arena: Arena
    ) -> list[Thunk]:
        """Calls of one shard for one stage."""
        program = self._programs[size]
        made = {step.output for step in steps}
        for name in {name for step in steps for name in step.inputs} - made:
            self._find_whole(name)  # what comes from an earlier stage may be a view
        arena.reset()
        memory = ShardMemory(program, steps, self._whole, self._program.arrays, images, sums, arena, self._precision)
        thunks: list[Thunk] = []
        for place, whole_step in enumerate(steps):
            step = program.steps[whole_step.index]
            thunks += memory.bind(step, place)
        return thunks

    # --- updates -----------------------------------------------------------------------------------------------

    def _bind_updates(self) -> list[Group]:
        """Groups of calls of the update phase.

        Cell-by-cell steps of one parameter run chunk by chunk, all steps on one chunk while it is in the cache.
        """
        steps = self._program.phase(Phase.UPDATE)
        into = {new: old for old, new in self._program.updates.items()}
        copies: list[Thunk] = []
        segments: list[Group] = []
        chains: list[list[Step]] = []
        self._local = {step.output for step in steps if self._stays_in_chain(step)} - set(into)

        def flush() -> None:
            chunks = [(chain, cut) for chain in chains for cut in pieces(chain[0].shape)]
            chains.clear()
            work = sum(self._arrays_read(chain) * (cut.stop - cut.start) for chain, cut in chunks)
            share = -(-len(chunks) // len(self._arenas)) if work >= SMALL_UPDATE else len(chunks)
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
        """Arrays that a cell-by-cell step reads or writes, not counting scalars."""
        return {name for name in (*step.inputs, step.output) if self._program.arrays[name].shape}

    def _arrays_read(self, chain: Sequence[Step]) -> int:
        """How many array reads a chain makes, not counting scalars."""
        return sum(1 for step in chain for name in step.inputs if self._program.arrays[name].shape)

    def _stays_in_chain(self, step: Step) -> bool:
        """Whether the output is read by cell-by-cell steps only, so that it can live chunk by chunk."""
        readers = self._program.consumers(step.output)
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


def parts_of(ins: Sequence[Array], out: Array) -> int:
    """Number of parts of a product over the whole batch; each cell of its first input goes into one row of output."""
    work = ins[0].size * out.shape[-1] if ins and out.ndim else 0
    return PARTS if work >= SMALL_PRODUCT else 1


def pieces(shape: Shape) -> list[slice]:
    """Chunks of a flat array."""
    size = int(np.prod(shape, dtype=np.int64))
    return [slice(start, min(start + CHUNK, size)) for start in range(0, size, CHUNK)]
