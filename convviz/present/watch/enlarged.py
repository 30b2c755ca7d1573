"""One array over the whole page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from convviz.core.arrays import Array, Axis
from convviz.core.lower import IMAGES
from convviz.present.colour import ColourRole
from convviz.present.roles import colour_role
from convviz.present.scales import ScaleEnd
from convviz.present.transposed import by_output_map
from convviz.present.watch.look import Look
from convviz.present.words import counted


@dataclass(frozen=True, slots=True, eq=False)
class EnlargedArray:
    """An array and its scale.

    Parameters
    ----------
    name : str
        Full name of the array, ``conv1.z``.
    caption : str
    form : str
        ``matrix`` (h, w) or ``maps`` (n, h, w).
    array : ndarray
    role : Role
    end : ScaleEnd
    """

    name: str
    caption: str
    form: Literal["matrix", "maps"]
    array: Array
    role: ColourRole
    end: ScaleEnd


def enlarged_picture(look: Look) -> EnlargedArray | None:
    """The enlarged array; None if none is enlarged, or the network has none of that name."""
    moment, name = look.moment, look.enlarged
    if moment is None or name not in moment.arrays:
        return None
    spec = moment.program.arrays[name]
    array = moment.logical(name)
    role = colour_role(moment.program, name)
    if name == IMAGES:
        image = array[0]
        caption = f"{counted(len(image), 'channel')} {image.shape[1]}×{image.shape[2]}"
        if len(image) == 1:
            return EnlargedArray(name, caption, "matrix", image[0], role, ScaleEnd(1.0))
        return EnlargedArray(name, caption, "maps", image, role, ScaleEnd(1.0))
    if spec.is_maps:
        maps = array[0]
        caption = f"{counted(len(maps), 'map')} {maps.shape[1]}×{maps.shape[2]}"
        return EnlargedArray(name, caption, "maps", maps, role, look.scales.held(name, maps))
    if Axis.FILTER in spec.axes and array.ndim == 4:
        array = by_output_map(moment.program, name, array)
        channel = min(look.watched.channel, array.shape[1] - 1)
        shown = array[:, channel]
        many = f", channel {channel} of {array.shape[1]}" if array.shape[1] > 1 else ""
        caption = f"{counted(len(shown), 'filter')} {shown.shape[1]}×{shown.shape[2]}{many}"
        return EnlargedArray(name, caption, "maps", shown, role, look.scales.held(name, shown, part=True))
    if array.ndim == 2 and not spec.batched:
        caption = f"{array.shape[0]:,}×{array.shape[1]:,}"
        return EnlargedArray(name, caption, "matrix", array, role, look.scales.held(name, array))
    if array.ndim == 2 and len(array) == 1:
        caption = f"{counted(array.size, 'unit')}, row by row"
        return EnlargedArray(name, caption, "matrix", fold(array[0]), role, look.scales.held(name, array))
    return None


def fold(row: Array) -> Array:
    """Fold a row of units into a block about half as wide as high; unused cells are zero."""
    width = int(np.ceil(np.sqrt(row.size / 2.0))) or 1
    height = -(-row.size // width)
    block = np.zeros(height * width, row.dtype)
    block[: row.size] = row
    return block.reshape(height, width)
