"""A layer's output for one image with the initial weights of a design: real arrays, before any training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from convviz.core.arrays import Role
from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.core.execute import run_step
from convviz.core.layers import Dense, Flatten
from convviz.core.network import Network
from convviz.core.wiring import IMAGES, part_for, wired
from convviz.present.design.costs import Costs

__all__ = ["LayerPreview", "preview"]

MOST_WORK = 60_000_000
"""With more multiply-adds, a preview would be noticeably slow."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerPreview:
    """A layer's input and output for one image.

    Parameters
    ----------
    before, after : ndarray, ``(C, H, W)``
    before_role, after_role : Role
    """

    before: npt.NDArray[np.float32]
    after: npt.NDArray[np.float32]
    before_role: Role
    after_role: Role

    @property
    def backwards(self) -> LayerPreview:
        """The preview with input and output exchanged."""
        return LayerPreview(self.after, self.before, self.after_role, self.before_role)


def preview(design: Design, costs: Costs, at: int, image: npt.NDArray[np.float32]) -> LayerPreview | None:
    """Run the layers up to number ``at`` on one image.

    Parameters
    ----------
    design : Design
        Layers after ``at`` need not fit.
    costs : Costs
        Costs of the design.
    at : int
    image : ndarray of float32, ``(C, H, W)``

    Returns
    -------
    LayerPreview or None
        None if the layer doesn't fit or makes no maps, if the image doesn't have the design's size, or if it would take
        too long to compute on every edit.
    """
    if at >= len(costs.layers):
        return None
    here = costs.layers[at]
    layers = part_for(design.layers, at)
    needed = {layer.name for layer in layers}
    work = sum(layer.mult_adds + layer.parameters for layer in costs.layers[: at + 1] if layer.name in needed)
    takes = (design.input.channels, design.input.height, design.input.width)
    if len(here.output) != 3 or len(here.inputs) != 3 or work > MOST_WORK or image.shape != takes:
        return None
    # The rest of the network doesn't matter, but every design has to end with one score per class.
    ends = (Flatten(name="preview-flatten"), Dense(name="preview-scores", units=2))
    part = replace(design, layers=(*layers, *ends), classes=2)
    try:
        network = Network(part)
        program = network.program(1, train=False)
    except (ConvvizError, MemoryError):
        return None
    env = {**network.arrays, IMAGES: np.ascontiguousarray(image[None], dtype=np.float32)}
    for step in program.steps:
        if step.layer == ends[0].name:
            break
        run_step(program, step, env, np.float32)
    found = wired(part)[design.layers[at].name]
    before, after = found.inputs[0], found.output
    specs = program.arrays
    return LayerPreview(env[before][0], env[after][0], specs[before].role, specs[after].role)
