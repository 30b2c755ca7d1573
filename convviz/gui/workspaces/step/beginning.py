"""Where the cursor begins: at the window that excites a filter most, and at the image's label."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator

import numpy as np

from convviz.core.arrays import Axis
from convviz.core.design import Design
from convviz.core.lower import LABELS
from convviz.core.ops.filter_product import FilterProduct
from convviz.core.program import Phase, Step
from convviz.gui.workspaces.step.cells import label_of
from convviz.gui.workspaces.step.cursor import Cell, Cursor, PassPlace
from convviz.present.step.values import Selection
from convviz.training.pass_source import PassSource
from convviz.training.stepping import Pass

SLICE = 0.008
"""Seconds of computing before others have their turn."""


def ready(run: Pass) -> Iterator[None]:
    """Run a new pass, in pieces, as far as :func:`beginning` looks."""
    product = first_product(run)
    if product is not None:
        yield from run_on(run, product.index)


def run_on(run: Pass, step: int, seconds: float = math.inf) -> Generator[None, None, bool]:
    """Run a pass up to the end of a step, in pieces, for no more than some seconds; return whether it is there."""
    while run.ran <= step and seconds > 0:
        start = time.perf_counter()
        is_there = run.advance(step, min(seconds, SLICE))
        seconds -= time.perf_counter() - start
        if not is_there:
            yield
    return run.ran > step


def beginning(run: Pass) -> Cursor:
    """The cursor of a new pass, before its first step."""
    selection = first_selection(run)
    cell, chosen = strongest_answer(run)
    if cell is not None:
        selection = selection.choosing("filter", chosen, 0)
    place = PassPlace(cells=() if cell is None else (cell,), selection=selection)
    return Cursor(run.counts, tuple(step.output for step in run.program.steps), place)


def strongest_answer(run: Pass) -> tuple[Cell | None, int]:
    """The largest value in the window with the strongest response to the first convolution, and the filter responding.

    The value is returned as a cell of the column matrix (``X_col``). At an arbitrary window the response may be
    negative, and then a ReLU makes 0 of everything that follows. The cell is None, and the filter 0, for a pass of
    several images and for networks without a convolution.
    """
    program, product = run.program, first_product(run)
    windows = None if product is None else run.maker(product.inputs[1])
    if product is None or windows is None:
        return None, 0
    answers, columns = run.stored(product.output)[0], run.stored(windows.output)[0]
    seen = np.where((columns != 0).any(axis=0), np.nan_to_num(answers, nan=-np.inf, posinf=-np.inf), -np.inf)
    chosen, column = (int(i) for i in np.unravel_index(int(seen.argmax()), seen.shape))
    rows = product.op.reads(program.in_shapes(product), product.shape, (chosen, column))[1][:, 0]
    row = int(rows[np.nan_to_num(np.abs(columns[rows, column])).argmax()])
    return Cell(windows.output, (row, column)), chosen


def first_product(run: Pass) -> Step | None:
    """The product of the first convolution; None without one, and for a pass of several images."""
    if run.program.batch != 1:
        return None
    forward = (step for step in run.program.steps if step.phase is Phase.FORWARD)
    return next((step for step in forward if isinstance(step.op, FilterProduct)), None)


def first_selection(run: Pass) -> Selection:
    """The selection to start with: the filter with the largest Σ|weight|, and the true class."""
    program = run.program
    filters = next((name for name in program.parameters if Axis.FILTER in program.arrays[name].axes), None)
    strongest = 0
    if filters is not None:
        weights = np.nan_to_num(run.stored(filters).astype(np.float64), posinf=0.0, neginf=0.0)
        strongest = int(np.abs(weights).sum(axis=(1, 2, 3)).argmax())
    reader = next((step for step in program.steps if LABELS in step.inputs), None)
    classes = 0 if reader is None else program.arrays[reader.inputs[0]].shape[1]
    label = label_of(run, 0)
    return Selection(filter=strongest, unit=label, category=label, categories=classes)


def is_alike(one: PassSource, other: PassSource) -> bool:
    """Whether a place in a pass of one source also exists in a pass of the other."""
    return is_same_network(one.design, other.design) and one.target == other.target


def is_same_network(one: Design, other: Design) -> bool:
    """Whether two designs have the same input and layers; their training settings may differ."""
    return one.layers == other.layers and one.input == other.input
