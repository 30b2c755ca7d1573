"""The layers of a network as columns, with what is folded into them, and the links between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from convviz.core.lower import IMAGES, PROBABILITIES
from convviz.core.ops.cell_affine import CellAffine
from convviz.core.ops.group_norm import GroupMean, PlaceMean
from convviz.core.program import Phase, Program, Step
from convviz.core.score import is_of_scores

Kind = Literal["input", "maps", "units", "scores"]


@dataclass(frozen=True, slots=True)
class Column:
    """One layer, with the layers that are folded into it.

    Parameters
    ----------
    layer : str
        The layer that gives it its name; ``x`` for the input.
    kind : str
        ``input`` or ``maps`` (n, h, w); ``units`` or ``scores`` (n,).
    before, after : str
        Its output before and after the activation; the same array if there is none.
    shape : tuple of int
        Of one image's ``before``.
    weight : str
        Its main parameter; empty if it has none.
    badges : tuple of str
        What is folded into it: normalisation, activation, pooling.
    sources : tuple of int
        Numbers of the columns that it is computed from.
    layers : tuple of str
        ``layer`` and those folded into it.
    activation : str
        ``ReLU``; empty if none is folded into it.
    """

    layer: str
    kind: Kind
    before: str
    after: str
    shape: tuple[int, ...]
    weight: str = ""
    badges: tuple[str, ...] = ()
    sources: tuple[int, ...] = ()
    layers: tuple[str, ...] = ()
    activation: str = ""

    @property
    def units(self) -> int:
        """How many maps or units."""
        return self.shape[0]

    @property
    def is_spatial(self) -> bool:
        """Whether it has maps."""
        return self.kind in ("input", "maps")

    @property
    def words(self) -> str:
        """Its shape, ``32×24×24``."""
        return "×".join(map(str, self.shape))


@lru_cache(maxsize=8)
def columns_of(program: Program) -> tuple[Column, ...]:
    """The columns of a pass, in the order of its layers; links come from the program's graph.

    An activation, and a normalisation, that is the only reader of a layer's output becomes a part of that
    layer's column. Layers that compute nothing have no column.
    """
    image = program.arrays[IMAGES].shape[1:]
    columns = [Column("x", "input", IMAGES, IMAGES, image, layers=("x",))]
    made = {IMAGES: 0}
    """Array → the column that it belongs to."""
    by_layer: dict[str, list[Step]] = {}
    for step in program.phase(Phase.FORWARD):
        by_layer.setdefault(step.layer, []).append(step)
    for layer, steps in by_layer.items():
        own = {step.output for step in steps}
        read = dict.fromkeys(name for step in steps for name in step.inputs)
        outside = [name for name in read if name in made and name not in own]
        sources = tuple(dict.fromkeys(made[name] for name in outside))
        output = steps[-1].output
        if all(step.op.view for step in steps) and sources:
            made[output] = sources[0]
            continue
        badge = _badge(program, layer, steps)
        if badge and len(outside) == 1 and {step.layer for step in program.consumers(outside[0])} == {layer}:
            number = sources[0]
            column = columns[number]
            if outside[0] == column.after and column.kind != "input":
                activates = steps[-1].op.activates
                columns[number] = replace(
                    column,
                    before=column.before if activates else output,
                    after=output,
                    badges=(*column.badges, badge),
                    layers=(*column.layers, layer),
                    activation=badge if activates else column.activation,
                )
                made[output] = number
                continue
        spec = program.arrays[output]
        weight = f"{layer}.weight" if f"{layer}.weight" in program.parameters else ""
        kind: Kind = "maps" if spec.is_maps else "units"
        made[output] = len(columns)
        columns.append(Column(layer, kind, output, output, spec.shape[1:], weight, (), sources, (layer,)))
    return _with_scores(program, columns)


def fold_pools(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns with pools and the like folded into badges of the columns before them.

    A pool that is one of several branches stays.
    """
    readers = Counter(source for column in columns for source in column.sources)
    kept: list[Column] = []
    places: dict[int, int] = {}
    for number, column in enumerate(columns):
        sources = tuple(dict.fromkeys(places[one] for one in column.sources))
        is_folded = column.kind == "maps" and not column.weight and len(sources) == 1
        is_folded = is_folded and readers[column.sources[0]] == 1
        if is_folded and kept[sources[0]].kind != "input":
            host = kept[sources[0]]
            badges = (*host.badges, "pool" if "pool" in column.layer else column.layer)
            kept[sources[0]] = replace(host, badges=badges, layers=(*host.layers, *column.layers))
            places[number] = sources[0]
            continue
        places[number] = len(kept)
        kept.append(replace(column, sources=sources))
    return tuple(kept)


def column_with(columns: Sequence[Column], layer: str) -> int | None:
    """Number of the column that a layer is in; None if there is none."""
    return next((number for number, column in enumerate(columns) if layer in column.layers), None)


def _with_scores(program: Program, columns: list[Column]) -> tuple[Column, ...]:
    """The last column has the scores: their probabilities are its values after the activation.

    Where the loss is of the scores themselves, softmax is no part of the network, and they are only shares.
    """
    last = columns[-1]
    if last.kind == "units" and PROBABILITIES in program.arrays:
        badges = (*last.badges, "shares" if is_of_scores(program) else "softmax")
        columns[-1] = replace(last, kind="scores", after=PROBABILITIES, badges=badges)
    return tuple(columns)


def _badge(program: Program, layer: str, steps: Sequence[Step]) -> str:
    """The badge of a layer that is folded into the one before; empty for a layer with its own column."""
    if f"{layer}.running_mean" in program.arrays:
        return "BN"
    first, last = steps[0].op, steps[-1].op
    if isinstance(first, PlaceMean):
        return "LN"
    if isinstance(first, GroupMean):
        channels = program.arrays[steps[0].inputs[0]].shape[1]
        alone = first.groups == 1 and channels > 1
        return "LN" if isinstance(last, CellAffine) or alone else "IN" if first.groups == channels else "GN"
    return last.short
