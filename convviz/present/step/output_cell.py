"""For any cell in a step's pictures: the output cell whose equation is shown, and the term that contains the cell."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from convviz.core.arrays import Axis, Index
from convviz.core.ops.cells import Cells
from convviz.present.step.links import Lit
from convviz.present.step.pane import Scene
from convviz.present.step.terms import Expansion, expand
from convviz.present.step.values import Values

TRIED = 32
"""The largest number of output cells whose equations are searched for a cell."""

Counterparts = Mapping[str, frozenset[Index]]
"""Cells of a step's inputs, by array."""


def output_cell(values: Values, scene: Scene, lit: Lit, wished: Index) -> Index | None:
    """The output cell whose equation is shown for a cell.

    It is one that the cell feeds, in a picture if possible: the preferred one if its equation contains the cell, else
    the first whose equation does, else the first; those of the preferred one's filter come before others.

    Parameters
    ----------
    values : Values
    scene : Scene
    lit : Lit
        The links of the cell.
    wished : tuple of int
        The preferred output cell.

    Returns
    -------
    tuple of int or None
        The cell itself if it is in the output; None if it feeds no output cell, such as padding that is cut off.
    """
    step = scene.step
    if lit.name == step.output:
        return lit.index
    found = lit.feeds.get(step.output)
    if found is None or not len(found):
        found = _fed_by(values, scene, lit)
    if not len(found):
        return None
    filters = [at for at, axis in enumerate(values.program.arrays[step.output].axes) if axis is Axis.FILTER]
    alike = (found[:, filters] == np.asarray(wished, dtype=np.intp)[filters]).sum(axis=1)
    first = [tuple(int(i) for i in row) for row in found[np.argsort(-alike, kind="stable")[:TRIED]]]
    if bool((found == np.asarray(wished, dtype=np.intp)).all(axis=1).any()):
        first.insert(0, tuple(wished))
    among = counterparts(scene, lit)
    return next((cell for cell in first if term_of(expand(values, step, cell), among) is not None), first[0])


def counterparts(scene: Scene, lit: Lit) -> Counterparts:
    """Cells of the step's inputs that represent the cell: itself, or those computed from it on the way there."""
    found: dict[str, frozenset[Index]] = {}
    for given in scene.step.inputs:
        if given == lit.name:
            found[given] = frozenset([tuple(lit.index)])
        elif given in lit.feeds:
            found[given] = frozenset(tuple(int(i) for i in row) for row in lit.feeds[given])
    return found


def term_of(expansion: Expansion, among: Counterparts) -> int | None:
    """The number of the first term that contains one of the cells ``among``; None if no term does."""
    if expansion.short is None:
        for name, cells, _ in expansion.columns:
            for index in among.get(name, ()):
                at = np.flatnonzero((cells == np.asarray(index, dtype=np.intp)).all(axis=1))
                if len(at):
                    return int(at[0])
        return None
    for number in range(expansion.count):
        if any(part.index in among.get(part.name, ()) for part in expansion.parts(number)):
            return number
    return None


def _fed_by(values: Values, scene: Scene, lit: Lit) -> Cells:
    """All output cells that the cell feeds, whether a picture shows them or not."""
    step = scene.step
    ins = values.program.in_shapes(step)
    several = [
        step.op.feeds(ins, step.shape, position, index)
        for position, given in enumerate(step.inputs)
        for index in counterparts(scene, lit).get(given, ())
    ]
    return np.concatenate(several) if several else np.empty((0, len(step.shape)), dtype=np.intp)
