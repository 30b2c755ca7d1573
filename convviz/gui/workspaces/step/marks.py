"""The marks in the panes for a cell: where it is, what it was computed from, what it feeds into."""

from __future__ import annotations

import numpy as np

from convviz.core.ops.cells import Cells
from convviz.gui.widgets.marks import Mark, MarkKind
from convviz.gui.workspaces.step.cursor import Cell
from convviz.present.step.links import Lit
from convviz.present.step.pane import Pane, Scene
from convviz.present.step.pictures import computed
from convviz.present.step.values import StepProgress
from convviz.training.stepping import Pass

BROAD = 120
"""Largest block of linked cells that is tinted; a larger one is only outlined."""
MOST_CHANGED = 4000
"""Largest number of changed cells that are outlined; more are only counted in the caption."""


def marks_for(run: Pass, scene: Scene, pane: Pane, cell: Cell, lit: Lit, progress: StepProgress) -> list[Mark]:
    """The marks of one pane, least important first."""
    found: list[Mark] = []
    changed = changed_cells(run, pane)
    if changed is not None and len(changed) <= MOST_CHANGED:
        found += _marks(pane, changed, "changed")
    step = scene.step
    walking = progress.inside and progress.done > 0 and cell.name == step.output
    sources: list[tuple[dict[str, Cells], MarkKind]] = [
        (lit.meets, "linked"),
        (lit.feeds, "linked"),
        (lit.reads, "here"),
    ]
    for source, kind in sources:
        if pane.array in source and not (walking and kind == "here" and step.op.accumulates):
            found += _marks(pane, source[pane.array], kind)
    if cell.name == step.output:
        found += _micro_marks(run, scene, pane, cell, progress)
    if pane.array == cell.name:
        here = np.asarray([cell.index], dtype=np.intp).reshape(1, len(cell.index))
        found += _marks(pane, here, "here", all_of_it=pane.view.size > 1)
    return found


def changed_cells(run: Pass, pane: Pane) -> Cells | None:
    """Logical indices, ``(n, ndim)``, of the pane's cells that edits changed; None if nothing in its array changed."""
    if not run.edits or pane.content != "array" or not (run.has(pane.array) or pane.array == run.step.output):
        return None
    mask = run.changed(pane.array)
    if mask is None:
        return None
    shown = pane.view.indices()
    if pane.array == run.step.output and not run.whole and not run.step.op.accumulates:
        done = computed(run.step, pane.view, StepProgress(run.cursor.done, run.count()))
        shown = shown[done.reshape(-1)]
    return shown[mask[tuple(shown.T)]] if shown.shape[1] else shown


def _micro_marks(run: Pass, scene: Scene, pane: Pane, cell: Cell, progress: StepProgress) -> list[Mark]:
    """Marks of what the cell's micro-step writes and reads, if it writes more than that one cell."""
    step = scene.step
    ins = run.program.in_shapes(step)
    adds = step.op.accumulates
    if adds and not (progress.inside and progress.done):
        return []
    if progress.inside and progress.done and adds:
        number = progress.done - 1
    else:
        number = step.op.micro_of(ins, step.shape, cell.index)
    micro = step.op.micro(ins, step.shape, number)
    found: list[Mark] = []
    if pane.array == step.output and len(micro.writes) > 1:
        found += _marks(pane, micro.writes, "here")
    if len(micro.writes) > 1:
        for name, cells in zip(step.inputs, micro.reads, strict=False):
            if name == pane.array:
                found += _marks(pane, cells, "here")
    return found


def _marks(pane: Pane, cells: Cells, kind: MarkKind, all_of_it: bool = True) -> list[Mark]:
    places = pane.places(cells)
    if not len(places) or (len(places) == pane.view.size and pane.view.size > 1) or not all_of_it:
        return []
    places = places[np.argsort(places[:, 0], kind="stable")]
    tiles, starts, counts = np.unique(places[:, 0], return_index=True, return_counts=True)
    corners, ends = (extreme.reduceat(places[:, 1:], starts) for extreme in (np.minimum, np.maximum))
    boxes = np.concatenate([corners, ends - corners + 1], axis=1)
    full = boxes[:, 2] * boxes[:, 3] == counts
    if len(tiles) == pane.view.fold[0] > 1 and full.all() and (boxes == boxes[0]).all():
        tiles, boxes = np.array([-1]), boxes[:1]  # the same box in every tile: one mark instead of thousands
    else:
        tiles, boxes = tiles[full], boxes[full]
    found = []
    for tile, (top, left, high, wide) in zip(tiles.tolist(), boxes.tolist(), strict=True):
        # A tint over much of a picture would hide its colours: an outline is enough.
        plain = kind == "linked" and high * wide > BROAD
        found.append(Mark.window(top, left, high, wide, tile, "here" if plain else kind))
    if not full.all():
        found.append(Mark.cells(places[~full.repeat(counts)], kind))
    return found
