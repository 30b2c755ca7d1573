"""Cells that belong together: what a number was computed from, what is computed from it, and its partners in that."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from convviz.core.arrays import Index
from convviz.core.ops.cells import Cells
from convviz.core.program import Program, Step
from convviz.present.step.pane import Scene

MOST = 4096
"""Links are followed from at most this many cells of an array: the first ones that are shown."""
MOST_COPIES = 1 << 16
"""The same for steps that only copy cells: they are quick to follow, and a whole receptive field fits."""


@dataclass(frozen=True, slots=True)
class Lit:
    """Cells to highlight for one cell, by array.

    Parameters
    ----------
    name, index : str, tuple of int
        The cell in question.
    reads : dict of str to Cells
        The cells it was computed from, step by step backwards.
    feeds : dict of str to Cells
        The cells computed from it.
    meets : dict of str to Cells
        Its partners in the arithmetic, such as the inputs that a weight multiplies.
    """

    name: str
    index: Index
    reads: dict[str, Cells] = field(default_factory=dict)
    feeds: dict[str, Cells] = field(default_factory=dict)
    meets: dict[str, Cells] = field(default_factory=dict)


def light(program: Program, scene: Scene, name: str, index: Index) -> Lit:
    """Find every cell of the scene's arrays that is linked to one cell.

    Parameters
    ----------
    program : Program
    scene : Scene
    name : str
        An array that is shown.
    index : tuple of int
        Its logical index.
    """
    one = np.asarray([index], dtype=np.intp).reshape(1, len(index))
    reads = _backwards(program, scene, {name: one})
    feeds = _forwards(program, scene, {name: one})
    step = scene.step
    meets: dict[str, Cells] = {}
    for position, given in enumerate(step.inputs):
        for cell in _seeds(name, given, one, reads, feeds):
            for other, cells in partners(program, step, position, cell).items():
                meets[other] = _union(meets.get(other), _seen(scene, other, cells))
    if meets:
        meets |= _backwards(program, scene, meets)
    return Lit(name, index, _without(reads, name), _without(feeds, name), _without(meets, name))


def _seeds(name: str, given: str, one: Cells, reads: dict[str, Cells], feeds: dict[str, Cells]) -> list[Index]:
    """Cells of a step's input that represent the cell: itself, or those computed from it on the way to this input."""
    if given == name:
        return [tuple(int(i) for i in one[0])]
    if given in feeds and len(feeds[given]) <= 64 and given not in reads:
        return [tuple(int(i) for i in row) for row in feeds[given]]
    return []


def _backwards(program: Program, scene: Scene, start: dict[str, Cells]) -> dict[str, Cells]:
    found = dict(start)
    for step in reversed(scene.links):
        if step.output not in found:
            continue
        ins = program.in_shapes(step)
        parts: dict[str, list[Cells]] = {}
        most = MOST_COPIES if step.op.copies else MOST
        followed = _followed(program, scene, step.output, found[step.output], most)
        for given, cells in zip(step.inputs, step.op.reads_of(ins, step.shape, followed), strict=False):
            if len(cells):
                parts.setdefault(given, []).append(cells)
        for given, several in parts.items():
            made = several[0] if len(several) == 1 else np.concatenate(several)
            made = _seen(scene, given, made if len(followed) == 1 and len(several) == 1 else _unique(made))
            found[given] = made if given not in found else _union(found[given], made)
    return {name: cells for name, cells in found.items() if name not in start or len(cells) > len(start[name])}


def _forwards(program: Program, scene: Scene, start: dict[str, Cells]) -> dict[str, Cells]:
    found = dict(start)
    for step in scene.links:
        ins = program.in_shapes(step)
        parts = []
        for position, given in enumerate(step.inputs):
            if given in found:
                followed = _followed(program, scene, given, found[given])
                parts.append(step.op.feeds_of(ins, step.shape, position, followed))
        parts = [cells for cells in parts if len(cells)]  # a cell in the padding feeds no pixel
        if parts:
            made = np.concatenate(parts)
            found[step.output] = _union(found.get(step.output), _seen(scene, step.output, made))
    return {name: cells for name, cells in found.items() if name not in start}


def partners(program: Program, step: Step, position: int, index: Index) -> dict[str, Cells]:
    """Cells of a step's other inputs that one input cell is multiplied by or added to."""
    found = step.op.partners(program.in_shapes(step), step.shape, position, index)
    return {
        given: cells
        for given, cells in zip(step.inputs, found, strict=True)
        if len(cells) and given != step.inputs[position]
    }


def _followed(program: Program, scene: Scene, name: str, cells: Cells, most: int = MOST) -> Cells:
    """The first ``most`` cells, whose links are followed; in a matrix of columns, only those of the selected image."""
    spec = program.arrays[name]
    if spec.column_blocks > 1 and len(cells) > 1:
        cells = cells[cells[:, 1] // (spec.shape[1] // spec.column_blocks) == scene.sample]
    return cells[:most]


def _seen(scene: Scene, name: str, cells: Cells) -> Cells:
    """The cells of an array that some pane shows; all if no pane shows the array."""
    views = [pane.view for pane in scene.panes if pane.array == name]
    if not views:
        return cells
    if len(views) == 1:
        return views[0].shown(cells)
    return _unique(np.concatenate([view.shown(cells) for view in views]))


def _union(first: Cells | None, second: Cells) -> Cells:
    return _unique(second) if first is None else _unique(np.concatenate([first, second]))


def _unique(cells: Cells) -> Cells:
    if len(cells) < 2 or cells.shape[1] == 0:
        return cells[:1] if cells.shape[1] == 0 else cells
    # One number per cell sorts far faster than rows of indices.
    keys = np.ravel_multi_index(tuple(cells.T), tuple(int(n) + 1 for n in cells.max(axis=0)))
    _, first = np.unique(keys, return_index=True)
    return np.asarray(cells[first])


def _without(found: dict[str, Cells], name: str) -> dict[str, Cells]:
    return {key: cells for key, cells in found.items() if key != name and len(cells)}
