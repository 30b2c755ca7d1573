"""Texts of the Build workspace about a design: shapes, counts, sizes, times, and formulas with numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from convviz.core.arrays import Shape
from convviz.core.design import Design
from convviz.core.ops.window import Window
from convviz.present.design.fields import title_of
from convviz.present.design.layer_costs import LayerCosts
from convviz.present.words import counted

__all__ = [
    "CostCells",
    "cost_cells",
    "layer_tip",
    "part_words",
    "short_bytes",
    "short_count",
    "short_time",
    "size_formula",
    "transposed_formula",
    "written_shape",
]


def written_shape(shape: Shape) -> str:
    """``32×24×24``; features are a plain number."""
    return "×".join(str(n) for n in shape)


def part_words(design: Design, number: int) -> str:
    """What the layer with this number is, or (-1) the input: parts of a status line, separated by `` · ``."""
    if number < 0:
        image, classes = design.input, counted(design.classes, "class", "classes")
        return f"input · {image.channels}×{image.height}×{image.width} images, {classes}"
    layer: Any = design.layers[number]
    return f"{layer.name} · {title_of(type(layer))} · {layer.summary}"


def short_count(number: int) -> str:
    """Three digits and a unit: ``950``, ``18.4 k``, ``0.90 M``, ``1.33 G``."""
    for power, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= power * (0.85 if unit != "k" else 1.0):
            return f"{_three(number / power)} {unit}"
    return f"{number:,}"


def short_bytes(number: int) -> str:
    """``512 B``, ``7.2 MB``, ``1.3 GB``; units of 1,000."""
    for power, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if number >= power:
            return f"{_three(number / power)} {unit}" if number < 1e15 else f"{number / power:.0e} {unit}"
    return f"{number} B"


def short_time(seconds: float) -> str:
    """``8 ms``, ``0.8 s``, ``12 s``, ``3 min 20 s``, ``1 h 5 min``, ``2 days``."""
    if seconds < 0.095:
        return f"{_three(seconds * 1000)} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    if minutes < 59.5:
        whole, rest = divmod(round(seconds / 10) * 10, 60)
        return f"{whole} min {rest} s" if rest and whole < 10 else f"{round(minutes)} min"
    hours = minutes / 60
    if hours < 47.5:
        whole, rest = divmod(round(minutes), 60)
        return f"{whole} h {rest} min" if rest and whole < 10 else f"{round(hours)} h"
    return f"{hours / 24:,.0f} days"


def _three(number: float) -> str:
    if number >= 99.95:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 9.995 else f"{number:.2f}"


@dataclass(frozen=True, slots=True)
class CostCells:
    """The texts beside a layer, in three columns.

    Parameters
    ----------
    layer : (str, str, str)
        Output shape, parameters, multiply-adds of one image.
    minibatch : (str, str, str)
        Bytes of the output and shape of the im2col matrix for the whole minibatch, receptive field of one cell.
    """

    layer: tuple[str, str, str]
    minibatch: tuple[str, str, str]


def cost_cells(costs: LayerCosts) -> CostCells:
    """A layer's costs, short enough for a column; empty where they do not apply."""
    parameters = f"{costs.parameters:,}" if costs.parameters < 1e7 else short_count(costs.parameters)
    columns = ""
    if costs.columns is not None:
        columns = "×".join(f"{n:,}" if n < 1e5 else short_count(n) for n in costs.columns)
    field = "all" if costs.field.whole else written_shape(costs.field.size)
    return CostCells(
        (
            written_shape(costs.output),
            parameters if costs.parameters else "",
            short_count(costs.mult_adds) if costs.mult_adds else "",
        ),
        (short_bytes(costs.activation_bytes), columns, field),
    )


def layer_tip(costs: LayerCosts) -> str:
    """Everything a layer costs, for a tooltip."""
    lines = [f"{costs.name}: {written_shape(costs.inputs)} in, {written_shape(costs.output)} out"]
    lines.append(f"Parameters: {costs.parameters:,}")
    if costs.mult_adds:
        lines.append(f"Multiply-adds for one image, forward: {costs.mult_adds:,}")
    if costs.columns is not None:
        rows, columns = costs.columns
        lines.append(f"im2col matrix of the minibatch: {rows:,}×{columns:,}, {short_bytes(costs.columns_bytes)}")
    lines.append(f"Output of the minibatch: {short_bytes(costs.activation_bytes)}")
    lines.append(f"Receptive field of one cell: {receptive_text(costs)}")
    return "\n".join(lines)


def receptive_text(costs: LayerCosts) -> str:
    """``7×7 pixels``, or words for the whole image."""
    if costs.field.whole:
        return "everything that the cells before it see of the image"
    rows, columns = costs.field.size
    return "1 pixel" if rows * columns == 1 else f"{rows}×{columns} pixels, from the first to the last"


def transposed_formula(size: int, window: Window, cut: int, more: int, axis: int) -> tuple[str, int]:
    """The formula of a transposed convolution's output size along one axis with its numbers, and its result.

    ``(14 − 1)·2 + 3 − 2·1 + 1``: ``cut`` cells are taken off at both ends, and ``more`` are added at the far end.
    """
    reach, stride = window.reach[axis], window.stride[axis]
    text = f"({size} − 1)·{stride} + {reach}"
    text += f" − 2·{cut}" if cut else ""
    text += f" + {more}" if more else ""
    return text, (size - 1) * stride + reach - 2 * cut + more


def size_formula(size: int, window: Window, before: int, after: int, axis: int) -> tuple[str, int]:
    """The formula of the output size along one axis with its numbers, ``⌊(28 − 7 + 2·1) / 1⌋ + 1``, and its result.

    For a dilated kernel, the number of cells that it spans is subtracted.
    """
    reach, stride = window.reach[axis], window.stride[axis]
    padding = f"2·{before}" if before == after else f"{before} + {after}"
    found = math.floor((size - reach + before + after) / stride) + 1
    return f"⌊({size} − {reach} + {padding}) / {stride}⌋ + 1", found
