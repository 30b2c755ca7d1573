"""One filter in detail: its weights, its gradient, its map, and facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convviz.core.arrays import Axis
from convviz.present.colour import ColourRole
from convviz.present.numbers import format_value
from convviz.present.roles import colour_role
from convviz.present.scales import ScaleEnd
from convviz.present.transposed import by_output_map
from convviz.present.watch.look import Look

if TYPE_CHECKING:
    from convviz.core.arrays import Array
    from convviz.core.program import Program
    from convviz.present.moment import Moment


@dataclass(frozen=True, slots=True, eq=False)
class FilterDetail:
    """One filter in detail.

    Parameters
    ----------
    layer : str
    filter, filters, channel, channels : int
    weight : ndarray, ``(KH, KW)``
    gradient : ndarray, ``(KH, KW)``, or None before the first minibatch
    map : ndarray, ``(OH, OW)``
        Its feature map, after the activation if one follows.
    maps : ndarray, ``(F, OH, OW)``
        Those of all filters.
    map_name : str
    map_role : Role
    facts : tuple of (str, str)
        Name and value, as text.
    """

    layer: str
    filter: int
    filters: int
    channel: int
    channels: int
    weight: Array
    gradient: Array | None
    map: Array
    maps: Array
    map_name: str
    map_role: ColourRole
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class FilterPicture:
    """A filter and the scales of its pictures.

    Parameters
    ----------
    detail : FilterDetail
    weight, map : ScaleEnd
        The scales of the network's pictures, so that a weight has the same colour everywhere.
    gradient : ScaleEnd or None
    """

    detail: FilterDetail
    weight: ScaleEnd
    gradient: ScaleEnd | None
    map: ScaleEnd


def filter_picture(look: Look) -> FilterPicture | None:
    """The chosen filter; None for a network without convolutions."""
    moment, watched, scales = look.moment, look.watched, look.scales
    if look.hold is not None and look.hold.is_open:
        return None  # an image of the held minibatch is shown instead
    detail = filter_detail(moment, watched.layer, watched.filter, watched.channel) if moment is not None else None
    if detail is None:
        return None
    gradient = detail.gradient
    # A past moment decides at once, by all maps, whether its scale is still that of what came later.
    is_past = look.past is not None and look.past.step is not None
    # The first steps have by far the largest gradients; a scale that only grew would make later ones invisible.
    return FilterPicture(
        detail,
        scales.held(f"{detail.layer}.weight", detail.weight, part=True),
        scales.held(f"{detail.layer}.d_weight", gradient, follows=True) if gradient is not None else None,
        scales.held(detail.map_name, detail.maps if is_past else detail.map, part=not is_past),
    )


def filter_detail(moment: Moment, layer: str, number: int, channel: int = 0) -> FilterDetail | None:
    """One filter of a convolution, its gradient and its map; None if there is no such layer."""
    name = f"{layer}.weight"
    if name not in moment.arrays or Axis.FILTER not in moment.program.arrays[name].axes:
        return None
    weights = by_output_map(moment.program, name, moment.arrays[name])
    number, channel = min(number, weights.shape[0] - 1), min(channel, weights.shape[1] - 1)
    weight = weights[number, channel]
    gradients = moment.gradients.get(name)
    if gradients is not None:
        gradients = by_output_map(moment.program, name, gradients)
    source, word = _map_after(moment.program, layer)
    maps = moment.logical(source)[0]
    shown = maps[number]
    facts = [("active pixels", f"{100.0 * float((shown > 0).mean()):.0f} %")]
    size = float(np.linalg.norm(weights[number].astype(np.float64)))
    facts.append(("‖W‖", format_value(size)))
    bias = moment.arrays.get(f"{layer}.bias")
    if bias is not None:
        facts.append(("bias", format_value(float(bias[number]))))
    if gradients is not None and size > 0:
        facts.append(("‖dW‖ / ‖W‖", format_value(float(np.linalg.norm(gradients[number].astype(np.float64))) / size)))
    return FilterDetail(
        layer,
        number,
        weights.shape[0],
        channel,
        weights.shape[1],
        weight,
        None if gradients is None else gradients[number, channel],
        shown,
        maps,
        word,
        colour_role(moment.program, source),
        tuple(facts),
    )


def _map_after(program: Program, layer: str) -> tuple[str, str]:
    """The array with the filters' maps: the activation's output if an activation follows directly."""
    own = [step for step in program.steps if step.layer == layer][-1]
    readers = program.consumers(own.output)
    if len(readers) == 1 and readers[0].op.elementwise:
        return readers[0].output, readers[0].output
    return own.output, own.output
