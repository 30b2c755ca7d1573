"""The selected layer in detail: its weights, their gradient, last change, and change since the start."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array, Axis
from convviz.present.colour import ColourRole
from convviz.present.moment import Moment
from convviz.present.numbers import format_value
from convviz.present.scales import HeldScales, ScaleEnd
from convviz.present.transposed import by_output_map
from convviz.present.watch.look import Look
from convviz.present.words import counted

KINDS = ("W", "dW", "ΔW", "W − W₀")
"""The kinds of numbers that can be shown of a layer."""
MEANINGS = (
    "Weights",
    "Gradient of the weights in the last minibatch",
    "Change of the weights by the last update",
    "Change of the weights since the run began",
)
SHORT_MEANINGS = ("weights", "dW: gradient, last minibatch", "ΔW: last update", "change since the start")
"""The meanings in a few words, below the picture."""
NAMES = ("weight", "d_weight", "last_change", "change")
ABSENT = (
    "",
    "There is a gradient after the first minibatch",
    "The last change is known after the next minibatch",
    "The weights at the start are not known: the run began elsewhere",
)
STRONGEST = -1
"""Choice of the channel with the largest norm, in each filter."""
RUNNING = (("running_mean", "mean"), ("running_variance", "variance"), ("scale", "scale"), ("shift", "shift"))


@dataclass(frozen=True, slots=True, eq=False)
class LayerPicture:
    """A layer whose numbers can be shown in several ways.

    Parameters
    ----------
    layer : str
    caption : str
        Number and size: ``24 filters 12×5×5``.
    blocks : tuple of (ndarray or None)
        For each of KINDS, ``(tiles, channels, h, w)``: filters, or units that look at maps; a single tile with one
        channel is a matrix. None where it does not exist.
    is_matrix : bool
    silent : tuple of int
        Tiles whose output is 0 for all judged images.
    selected : int
        Tile of the chosen filter; −1 for none.
    statistics : tuple of (str, ndarray)
        Name and values by channel (or by cell), of a normalisation; empty for other layers.
    scales : HeldScales
    """

    layer: str
    caption: str
    blocks: tuple[Array | None, ...]
    is_matrix: bool
    silent: tuple[int, ...]
    selected: int
    statistics: tuple[tuple[str, Array], ...]
    scales: HeldScales

    @property
    def channels(self) -> int:
        """How many channels can be chosen from."""
        weight = self.blocks[0]
        return 0 if weight is None else weight.shape[1]

    def tiles(self, kind: int, channel: int) -> tuple[Array, Array] | None:
        """Tiles ``(n, h, w)`` of a kind, and the channel that each shows; None if there is no such thing.

        Parameters
        ----------
        kind : int
            Index in KINDS.
        channel : int
            :data:`STRONGEST`: in each tile, the channel whose weights have the largest norm.
        """
        block, weight = self.blocks[kind], self.blocks[0]
        if block is None or weight is None:
            return None
        if channel == STRONGEST:
            # In double precision: the weights of a diverging run have squares that overflow float32.
            chosen = np.square(weight, dtype=np.float64).sum(axis=(2, 3)).argmax(axis=1)
        else:
            chosen = np.full(len(block), min(channel, self.channels - 1))
        return block[np.arange(len(block)), chosen], chosen

    def scale(self, kind: int) -> ScaleEnd:
        """The colour scale of a kind, for the whole layer."""
        block = self.blocks[kind]
        name = f"{self.layer}.{NAMES[kind]}"
        # Gradients and changes of the first steps are by far the largest: a scale that only grew would hide later ones.
        return self.scales.held(name, block if block is not None else np.zeros(1), follows=kind > 0)

    def role(self, kind: int) -> ColourRole:
        """The role of a kind: gradients have other colours than weights and their changes."""
        return ColourRole.GRADIENT if kind == 1 else ColourRole.WEIGHT


def layer_picture(look: Look) -> LayerPicture | None:
    """The selected layer, else the first one with weights; None if there is none."""
    moment = look.moment
    if moment is None:
        return None
    layers = [layer.name for layer in moment.design.layers if main_parameter(moment, layer.name)]
    if not layers:
        return None
    layer = look.watched.layer if look.watched.layer in layers else layers[0]
    name = main_parameter(moment, layer)
    if name.endswith(".scale"):
        names = {f"{layer}.{array}": word for array, word in RUNNING}
        found = [(word, moment.arrays[one].reshape(-1)) for one, word in names.items() if one in moment.arrays]
        noun = "channel" if moment.arrays[name].ndim == 1 else "cell"
        what = "running statistics, scale and shift" if len(found) > 2 else "scale and shift"
        caption = f"{counted(len(found[0][1]), noun)} · {what}"
        return LayerPicture(layer, caption, (None,) * len(KINDS), False, (), -1, tuple(found), look.scales)
    weight = moment.arrays[name]
    start = moment.starts.get(name)
    since = weight - start if start is not None else None
    arrays = (weight, moment.gradients.get(name), moment.changes.get(name), since)
    is_matrix, caption = False, ""
    blocks: tuple[Array | None, ...]
    if moment.program.arrays[name].axes[0] is Axis.FILTER:
        blocks = tuple(None if one is None else by_output_map(moment.program, name, one) for one in arrays)
        f, c, kh, kw = by_output_map(moment.program, name, weight).shape
        caption = f"{counted(f, 'filter')} {c}×{kh}×{kw}"
    elif (maps := maps_before(moment, layer)) is not None:
        blocks = tuple(None if one is None else one.T.reshape(-1, *maps) for one in arrays)
        caption = f"{counted(weight.shape[1], 'unit')}, each looks at {counted(maps[0], 'map')} {maps[1]}×{maps[2]}"
    else:
        is_matrix = True
        blocks = tuple(None if one is None else one.T[None, None] for one in arrays)
        caption = f"{counted(weight.shape[1], 'unit')} × {counted(weight.shape[0], 'input')}: one row a unit"
    silent = () if is_matrix else moment.silent.get(layer, ())
    is_chosen = look.watched.layer == layer and not is_matrix
    selected = min(look.watched.filter, len(blocks[0]) - 1) if is_chosen and blocks[0] is not None else -1
    return LayerPicture(layer, caption, blocks, is_matrix, silent, selected, (), look.scales)


def main_parameter(moment: Moment, layer: str) -> str:
    """The weights of a layer, or the scale of a normalisation; empty if it has neither."""
    return next((name for name in (f"{layer}.weight", f"{layer}.scale") if name in moment.arrays), "")


def maps_before(moment: Moment, layer: str) -> tuple[int, int, int] | None:
    """Shape (C, H, W) of the maps that a dense layer reads flattened; None if it reads units, or means of maps."""
    program = moment.program
    step = next((step for step in program.steps if step.layer == layer), None)
    before = program.producer(step.inputs[0]) if step is not None else None
    while before is not None and before.inputs:
        shape = program.arrays[before.inputs[0]].shape
        if len(shape) == 4 and len(program.arrays[before.output].shape) == 2:
            is_all_of_them = math.prod(shape[1:]) == program.arrays[before.output].shape[1]
            return (shape[1], shape[2], shape[3]) if is_all_of_them else None  # a mean of each map is a unit
        if not before.op.elementwise:
            return None
        before = program.producer(before.inputs[0])
    return None


def words_of(name: str, values: Array) -> str:
    """``mean −0.12 … 0.40``: the range of a statistic."""
    return f"{name} {format_value(float(values.min()), 3)} … {format_value(float(values.max()), 3)}"
