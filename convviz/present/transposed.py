"""Transposed convolutions, seen by the maps that they make."""

from __future__ import annotations

from functools import lru_cache

from convviz.core.arrays import Array
from convviz.core.ops.conv import Col2Im
from convviz.core.program import Phase, Program

__all__ = ["by_output_map", "is_transposed"]


def is_transposed(program: Program, layer: str) -> bool:
    """Whether a layer is a convolution that runs backwards: its forward pass adds columns up."""
    return output_maps(program, layer) > 0


@lru_cache(maxsize=512)
def output_maps(program: Program, layer: str) -> int:
    """How many maps a transposed convolution makes; 0 for other layers."""
    for step in program.steps:
        if step.layer == layer and step.phase is Phase.FORWARD and isinstance(step.op, Col2Im):
            return step.shape[1]
    return 0


def by_output_map(program: Program, name: str, array: Array) -> Array:
    """Filters, or what belongs to each weight, with the output map first: ``(F, C, KH, KW)``.

    A transposed convolution keeps them as ``(C, F / groups, KH, KW)``: an input map has a filter for each output map.
    """
    maps = output_maps(program, program.arrays[name].layer)
    if not maps or array.ndim != 4:
        return array
    channels, per, kh, kw = array.shape
    groups = maps // per
    apart = array.reshape(groups, channels // groups, per, kh, kw).swapaxes(1, 2)
    return apart.reshape(maps, channels // groups, kh, kw)
