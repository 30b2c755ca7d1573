"""The arrays of a pass as pictures with words: padded input, im2col, filters, maps, scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import COLUMNS, Axis
from convviz.core.layers import Conv2D
from convviz.core.lower import IMAGES, PROBABILITIES
from convviz.present.colour import Role
from convviz.present.roles import colour_role
from convviz.present.words import counted

if TYPE_CHECKING:
    from convviz.core.arrays import Array
    from convviz.core.program import Program, Step
    from convviz.present.moment import Moment

Form = Literal["matrix", "maps", "scores"]


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One picture of the network strip.

    Parameters
    ----------
    name : str
        Full name of the array, ``conv1.z``; its scale is stored under this name.
    title, caption : str
        Texts above the picture.
    about : str
        One sentence for the tooltip.
    form : str
        ``matrix`` (h, w), ``maps`` (n, h, w) or ``scores`` (classes,).
    array : ndarray
    role : Role
    layer : str
    fixed : float, optional
        Upper end of the scale if it is known beforehand: 1 for pixels.
    filters : str
        Convolution whose filters the tiles represent: in its weights, its maps, and all maps made from them one by one.
    """

    name: str
    title: str
    caption: str
    about: str
    form: Form
    array: npt.NDArray[np.generic]
    role: Role
    layer: str = ""
    fixed: float | None = None
    filters: str = ""


def network_panels(moment: Moment) -> tuple[Panel, ...]:
    """The pictures of a forward pass, in the order of the network.

    The first convolution is shown in full (padded input, im2col, filters, maps); later layers only with filters and
    outputs.
    """
    program = moment.program
    panels: list[Panel] = []
    convolutions = [layer.name for layer in moment.design.layers if isinstance(layer, Conv2D)]
    if not convolutions:
        panels.append(_input_panel(moment, IMAGES, "", "the image"))
    for layer in moment.design.layers:
        steps = [step for step in program.steps if step.layer == layer.name]
        if layer.name in convolutions:
            panels += _convolution(
                moment, layer.name, steps, first=layer.name == convolutions[0], many=len(convolutions) > 1
            )
        elif steps and not steps[-1].op.view:
            panels += _output(moment, steps[-1], last=layer is moment.design.layers[-1])
    scores = moment.logical(PROBABILITIES)[0]
    panels.append(
        Panel(PROBABILITIES, "scores", "softmax", "Probability of every class", "scores", scores, Role.ACTIVATION)
    )
    return tuple(panels)


def convolution_layers(moment: Moment) -> tuple[str, ...]:
    """Names of the convolutions."""
    return tuple(layer.name for layer in moment.design.layers if isinstance(layer, Conv2D))


def _convolution(moment: Moment, layer: str, steps: list[Step], *, first: bool, many: bool) -> list[Panel]:
    panels = []
    program = moment.program
    im2col = next(step for step in steps if program.arrays[step.output].axes == COLUMNS)
    weights = moment.arrays[f"{layer}.weight"]
    f, c, kh, kw = weights.shape
    prefix = f"{layer}." if many else ""
    if first:
        panels.append(_input_panel(moment, im2col.inputs[0], prefix, "the image with its border of zeros"))
        x_col = moment.logical(im2col.output)
        panels.append(
            Panel(
                im2col.output,
                f"{prefix}x_col",
                f"{x_col.shape[0]}×{x_col.shape[1]:,}",
                "im2col: every window of the image is one column; each filter meets all of them in one matrix product",
                "matrix",
                x_col,
                Role.INPUT,
                layer,
                fixed=1.0,
            )
        )
    sort = f"{f}×{kh}×{kw}" if c == 1 else f"{f} of {c}×{kh}×{kw}, channel 0"
    panels.append(
        Panel(
            f"{layer}.weight",
            f"{prefix}weight",
            sort,
            "The filters; click one to see it in detail",
            "maps",
            weights[:, 0],
            Role.WEIGHT,
            layer,
            filters=layer,
        )
    )
    z = steps[-1].output
    maps = moment.logical(z)[0]
    panels.append(
        Panel(
            z,
            f"{prefix}z",
            f"{counted(maps.shape[0], 'map')} {maps.shape[1]}×{maps.shape[2]}",
            "The output of every filter at every place, before the activation",
            "maps",
            maps,
            Role.PREACTIVATION,
            layer,
            filters=layer,
        )
    )
    return panels


def _input_panel(moment: Moment, name: str, prefix: str, about: str) -> Panel:
    images = moment.logical(name)[0]
    h, w = images.shape[1:]
    title = prefix + name.rpartition(".")[2]
    many = f"{images.shape[0]} channels " if images.shape[0] > 1 else ""
    array = images[0] if images.shape[0] == 1 else images
    form: Form = "matrix" if images.shape[0] == 1 else "maps"
    return Panel(name, title, f"{many}{h}×{w}", f"The input: {about}", form, array, Role.INPUT, fixed=1.0)


def _output(moment: Moment, step: Step, *, last: bool) -> list[Panel]:
    spec = moment.program.arrays[step.output]
    array = moment.logical(step.output)[0]
    role = colour_role(spec.role)
    source = moment.program.arrays[step.inputs[0]].name
    if array.ndim == 3:
        zero = 100.0 * float((array == 0).mean())
        if step.op.rectifies:
            short = source.rpartition(".")[2]
            title, caption, about = (
                f"a = ReLU({short})",
                f"{zero:.0f} % zero",
                "The maps after ReLU: what was negative is zero",
            )
        else:
            title = step.output
            caption = f"{counted(array.shape[0], 'map')} {array.shape[1]}×{array.shape[2]}"
            about = step.op.title
        filters = origin(moment.program, step)
        return [Panel(step.output, title, caption, about, "maps", array, role, step.layer, filters=filters)]
    if last:
        return []
    rows = fold(array)
    return [
        Panel(step.output, step.output, counted(array.size, "unit"), step.op.title, "matrix", rows, role, step.layer)
    ]


def origin(program: Program, step: Step) -> str:
    """The convolution whose map c became the output map c; empty if there is none."""
    found: Step | None = step
    while found is not None:
        if not program.arrays[found.output].is_maps or not found.inputs:
            return ""
        if program.arrays[found.inputs[0]].axes == (Axis.FILTER, Axis.WINDOW):
            return found.layer
        found = program.producer(found.inputs[0])
    return ""


def fold(row: Array) -> Array:
    """Fold a row of units into a block about half as wide as high; unused cells are zero."""
    width = int(np.ceil(np.sqrt(row.size / 2.0))) or 1
    height = -(-row.size // width)
    block = np.zeros(height * width, row.dtype)
    block[: row.size] = row
    return block.reshape(height, width)
