"""The network map at one moment: each column's cells as entries of colour tables, filters, health and links."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Axis
from convviz.core.lower import PROBABILITIES
from convviz.present.colour import NOT_FINITE_ENTRY, ColourRole, entries
from convviz.present.roles import colour_role
from convviz.present.scales import ScaleEnd, end_words, largest_size
from convviz.present.transposed import by_output_map
from convviz.present.watch.look import Look
from convviz.present.watch.network_map.choice import MapScope
from convviz.present.watch.network_map.columns import Column, column_with, columns_of
from convviz.present.watch.network_map.health import Health, health
from convviz.present.watch.network_map.links import Link, strongest_links
from convviz.present.words import counted

if TYPE_CHECKING:
    from convviz.core.arrays import Array
    from convviz.present.layer_moment import Measures
    from convviz.present.moment import Moment

BINS = 24
MOST = 0.97
"""The percentile of :attr:`MapScope.LAYER_MOST`, as a share."""
CHEAP = 1_500_000
"""Most weights of a dense layer whose norms are computed for every picture."""
Cells = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class ColumnPicture:
    """What one column shows.

    Parameters
    ----------
    name : str
        Of the array that it shows.
    role : Role
    scale : ScaleEnd
        End of the colour scale, and its former end if it has changed recently.
    cells : ndarray of uint8, ``(n, h, w)`` or ``(n,)``
        Entries of the role's colour table.
    bars : ndarray of float64, ``(BINS,)``
        Histogram of these cells: heights from 0 to 1, on a logarithmic axis.
    filters : ndarray of uint8, ``(n, kh, kw)``, or None
        The channel of every filter with the largest norm, as table entries of weights.
    norms : ndarray of float64, ``(n,)``, or None
        Norms of a dense layer's units, sorted, as shares of the largest.
    silent : ndarray of bool, ``(n,)``
        Which maps or units are 0 for all judged images: the set that the row "dead" counts them on.
    health : Health
    """

    name: str
    role: ColourRole
    scale: ScaleEnd
    cells: Cells
    bars: npt.NDArray[np.float64]
    filters: Cells | None
    norms: npt.NDArray[np.float64] | None
    silent: npt.NDArray[np.bool_]
    health: Health

    @property
    def end(self) -> float:
        """Where the colour scale ends."""
        return self.scale.value

    @property
    def scale_words(self) -> str:
        """``±2``, or ``0 … 2``."""
        return f"±{self.scale.words}" if self.role.diverging else f"0 … {self.scale.words}"

    @property
    def scale_forms(self) -> tuple[str, ...]:
        """The end of the scale, after a change with the former end and what that means, the longest first."""
        end = self.scale
        if end.before is None:
            return (self.scale_words,)
        news = f"±{end.news}" if self.role.diverging else end.news
        since = f"{news}: the colour scale is {end.way} since step {end.changed:,}"
        return since, f"{news}, {end.way}", news, self.scale_words


@dataclass(frozen=True, slots=True, eq=False)
class MapPicture:
    """The network on the watched image.

    Parameters
    ----------
    columns : tuple of Column
        Before any are folded for want of room.
    shown : tuple of ColumnPicture
        One per column.
    filter_shapes : tuple of (int, int) or None
    probabilities : ndarray
        Of the classes.
    class_names : tuple of str
        One per class.
    label : int
        The image's class.
    chosen : int or None
        Number of the chosen column.
    filter : int
        The chosen map or unit in it.
    layer : str
        The chosen layer.
    links : tuple of Link
        Of the chosen map or unit to the strongest on both sides.
    parameters, image : str
        How many parameters there are, and which image is watched.
    last : int
        Row of the last image that can be shown.
    split : str
    sample : int
    activated : bool
    scope : MapScope
    activation : str
        What maps are shown after: ``ReLU(z)``; ``f(z)`` where layers differ, empty where there is none.
    activations : tuple of (str, str)
        Each activation with the layers that it follows.
    measured, judged : int or None
        Steps at which the norms were taken and the units judged; None if they were not yet.
    """

    columns: tuple[Column, ...]
    shown: tuple[ColumnPicture, ...]
    filter_shapes: tuple[tuple[int, int] | None, ...]
    probabilities: Array
    class_names: tuple[str, ...]
    label: int
    chosen: int | None
    filter: int
    layer: str
    links: tuple[Link, ...]
    parameters: str
    image: str
    last: int
    split: str
    sample: int
    activated: bool
    scope: MapScope
    activation: str = ""
    activations: tuple[tuple[str, str], ...] = ()
    measured: int | None = None
    judged: int | None = None

    @property
    def health_words(self) -> str:
        """``health of step 2,826``; empty if nothing was measured."""
        return "" if self.measured is None else f"health of step {self.measured:,}"

    @property
    def has_dead(self) -> bool:
        """Whether maps or units are crossed out."""
        return any(one.silent.any() for one in self.shown)

    @property
    def has_broken(self) -> bool:
        """Whether cells are NaN or infinite."""
        return any((one.cells == NOT_FINITE_ENTRY).any() for one in self.shown)

    @property
    def has_norms(self) -> bool:
        """Whether bars under a dense layer show the norms of its units."""
        return any(
            shown.norms is not None and column.kind == "units"
            for column, shown in zip(self.columns, self.shown, strict=True)
        )

    @property
    def signs(self) -> str:
        """Those of ``▲▼`` that mark a layer's update as too large or too small."""
        there = {one.health.ratio_sign for one in self.shown}
        return "".join(sign for sign in "▲▼" if sign in there)

    def says_scale(self, number: int) -> str:
        """What the colours of a column mean, and since when."""
        column, shown = self.columns[number], self.shown[number]
        said = f"{column.layer}: colours span {shown.scale_words}"
        if shown.scale.before is None:
            return said
        now = "larger" if shown.scale.way == "wider" else "smaller"
        before = f"and ended at {end_words(shown.scale.before)} before"
        return f"{said} since step {shown.scale.changed:,}, {before}: a colour stands for a {now} number now"

    def says_all(self, number: int) -> str:
        """A column with its chosen map or unit, its health and its colours: for screen readers."""
        column, shown = self.columns[number], self.shown[number]
        parts = [self.says(number, shown.name, None)]
        if number == self.chosen and column.kind != "input":
            parts.append(self.says(number, shown.name, self.filter))
        if column.weight:
            parts.append(
                f"dead {shown.health.dead}, ‖ΔW‖/‖W‖ {shown.health.ratio} ({self.health_words or 'not measured'})"
            )
        return "; ".join([*parts, self.says_scale(number)])

    def says(self, number: int, name: str, unit: int | None) -> str:
        """What lies under the pointer: a map, filter or unit of a column, or the column."""
        column, shown = self.columns[number], self.shown[number]
        if unit is None:
            folded = f", with {', '.join(column.layers[1:])}" if len(column.layers) > 1 else ""
            return f"{column.layer}: {column.words}{folded}"
        silent = ", dead: 0 for all judged images" if unit < len(shown.silent) and shown.silent[unit] else ""
        return f"{name}[{unit}]{silent}"


def map_picture(look: Look) -> MapPicture | None:
    """The network on the watched image; None if there is no network yet."""
    moment = look.moment
    if moment is None:
        return None
    columns = columns_of(moment.program)
    measures = {one.layer: one for one in moment.measures}
    network = _network_end(look, columns) if look.map.scope is MapScope.NETWORK else None
    watched = look.watched
    program = moment.program
    count = sum(math.prod(program.arrays[name].shape) for name in program.parameters)
    names = tuple(look.class_name(n) for n in range(moment.design.classes))
    chosen = column_with(columns, watched.layer)
    return MapPicture(
        columns,
        tuple(_column(look, moment, column, measures, network) for column in columns),
        tuple(_filter_shape(moment, column) for column in columns),
        moment.logical(PROBABILITIES)[0],
        names,
        moment.label,
        chosen,
        watched.filter,
        watched.layer,
        strongest_links(moment, columns, chosen, watched.filter),
        counted(count, "parameter"),
        f"image {moment.sample}, label {look.class_name(moment.label)}",
        look.images.get(watched.split, 1) - 1,
        watched.split,
        watched.sample,
        look.map.activated,
        look.map.scope,
        _activation(columns),
        tuple(_activations(columns).items()),
        moment.measured if moment.measures else None,
        moment.judged if moment.measures else None,
    )


def _activations(columns: tuple[Column, ...]) -> dict[str, str]:
    """Activation → the layers that it follows."""
    found: dict[str, list[str]] = {}
    for column in columns:
        if column.activation:
            found.setdefault(column.activation, []).append(column.layer)
    return {name: ", ".join(layers) for name, layers in found.items()}


def _activation(columns: tuple[Column, ...]) -> str:
    names = list(_activations(columns))
    return "" if not names else f"{names[0]}(z)" if len(names) == 1 else "f(z)"


def shown_array(column: Column, *, activated: bool) -> str:
    """Name of the array whose maps or units a column shows."""
    return column.after if activated and column.kind != "scores" else column.before


def _column(
    look: Look, moment: Moment, column: Column, measures: dict[str, Measures], network: ScaleEnd | None
) -> ColumnPicture:
    name = shown_array(column, activated=look.map.activated)
    array = moment.logical(name)[0]
    role = colour_role(moment.program, name)
    scale = ScaleEnd(1.0) if column.kind == "input" else network if network is not None else _end(look, name, array)
    cells = entries(array, role, scale.value)
    measured = measures.get(column.layer)
    judged = measured is not None and column.kind not in ("input", "scores") and bool(column.weight)
    found = Health()
    if measured is not None:
        found = health(measured.silent, measured.units, measured.update_ratio, judged=judged)
    filters, norms = _weights(look, moment, column)
    return ColumnPicture(name, role, scale, cells, bars_of(cells, role), filters, norms, _silent(moment, column), found)


def _end(look: Look, name: str, array: Array) -> ScaleEnd:
    if look.map.scope is MapScope.LAYER:
        return look.scales.held(name, array, follows=True)
    sizes = np.abs(array).ravel()
    place = min(sizes.size - 1, int(MOST * sizes.size))
    most = float(np.partition(sizes, place)[place])
    if not most > 0:  # few cells are not 0, or some are not finite
        most = largest_size(array)
    return look.scales.held(f"{name}, 97 %", most, follows=True)


def _network_end(look: Look, columns: tuple[Column, ...]) -> ScaleEnd:
    moment = look.moment
    assert moment is not None
    names = [shown_array(column, activated=look.map.activated) for column in columns if column.kind != "input"]
    return look.scales.held("whole network", max(largest_size(moment.arrays[name]) for name in names))


def bars_of(cells: Cells, role: ColourRole) -> npt.NDArray[np.float64]:
    """Histogram of table entries; the heights are logarithms of counts, as shares of the highest."""
    counts = np.bincount(cells.ravel(), minlength=256)[1:]
    lowest = 0 if role.diverging else 1
    edges = (np.arange(BINS) * (len(counts) - lowest)) // BINS + lowest
    bars = np.add.reduceat(counts, edges).astype(np.float64)
    if lowest:  # exactly zero has a bar of its own, the first
        bars[1:] = np.add.reduceat(counts, edges[1:])
        bars[0] = counts[0]
    heights = np.log1p(bars)
    return heights / max(float(heights.max()), 1e-9)


def _silent(moment: Moment, column: Column) -> npt.NDArray[np.bool_]:
    found = np.zeros(column.units, bool)
    found[list(moment.silent.get(column.layer, ()))] = True
    return found


def _filter_shape(moment: Moment, column: Column) -> tuple[int, int] | None:
    spec = moment.program.arrays.get(column.weight)
    if spec is None or Axis.FILTER not in spec.axes:
        return None
    return spec.shape[-2], spec.shape[-1]


def _weights(look: Look, moment: Moment, column: Column) -> tuple[Cells | None, npt.NDArray[np.float64] | None]:
    if not column.weight:
        return None, None
    weight = by_output_map(moment.program, column.weight, moment.arrays[column.weight])
    if _filter_shape(moment, column) is not None:
        squares = np.einsum("fcij,fcij->fc", weight, weight) if weight.shape[1] > 1 else None
        channels = squares.argmax(axis=1) if squares is not None else np.zeros(len(weight), np.intp)
        strongest = weight[np.arange(len(weight)), channels]
        # A past moment decides at once whether its scale is still that of what came later: by all weights.
        is_past = look.past is not None and look.past.step is not None
        end = look.scales.held(column.weight, weight if is_past else strongest, part=not is_past).value
        return entries(strongest, ColourRole.WEIGHT, end), None
    if weight.ndim != 2 or weight.size > CHEAP:
        return None, None
    norms = np.sort(np.sqrt(np.einsum("ij,ij->j", weight, weight)).astype(np.float64))[::-1]
    return None, norms / max(float(norms[0]), 1e-30) if np.isfinite(norms).all() else None
