"""Which maps the chosen one is made from most, and which use it most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from convviz.core.arrays import Array, Axis
from convviz.present.moment import Moment
from convviz.present.transposed import by_output_map
from convviz.present.watch.network_map.columns import Column
from convviz.present.watch.network_map.lanes import first_unit

FEW = 4
"""How many of the strongest are shown on each side."""
Link = tuple[int, int, int, int]
"""Column and tile at the left end, column and tile at the right end."""


def strongest_links(moment: Moment, columns: Sequence[Column], chosen: int | None, unit: int) -> tuple[Link, ...]:
    """Links of the chosen map or unit to its strongest sources, and to those that use it most, by norms of weights."""
    if chosen is None or not 0 <= chosen < len(columns) or unit >= columns[chosen].units:
        return ()
    links: list[Link] = []
    column = columns[chosen]
    for source in column.sources:
        units = columns[source].units
        if not column.weight:
            first = first_unit(columns, source, chosen)
            links += [(source, unit - first, chosen, unit)] if 0 <= unit - first < units else []
            continue
        sizes = _norms(moment, column)
        if sizes is not None and sizes.shape[0] % units == 0:
            own = sizes.reshape(units, -1, sizes.shape[1])[:, :, unit]
            links += [(source, other, chosen, unit) for other in _largest(np.abs(own, dtype=np.float64).sum(axis=1))]
    for number, reader in enumerate(columns):
        if chosen not in reader.sources:
            continue
        if not reader.weight:
            first = first_unit(columns, chosen, number)
            links += [(chosen, unit, number, first + unit)] if first + unit < reader.units else []
            continue
        sizes = _norms(moment, reader)
        if sizes is not None and sizes.shape[0] % column.units == 0:
            own = sizes.reshape(column.units, -1, sizes.shape[1])[unit]
            links += [(chosen, unit, number, other) for other in _largest(np.abs(own, dtype=np.float64).sum(axis=0))]
    return tuple(links)


def _norms(moment: Moment, column: Column) -> Array | None:
    """Norms of a layer's filters, or its weights, (inputs, units); None for weights of another form."""
    weight = moment.arrays[column.weight]
    axes = moment.program.arrays[column.weight].axes
    if Axis.FILTER in axes:
        # Squares of a diverging run overflow float32.
        wide = by_output_map(moment.program, column.weight, weight).astype(np.float64)
        return np.asarray(np.sqrt(np.einsum("fcij,fcij->cf", wide, wide)))
    return weight if weight.ndim == 2 else None


def _largest(sizes: Array) -> list[int]:
    return [int(number) for number in np.argsort(-sizes, kind="stable")[:FEW] if sizes[number] > 0]
