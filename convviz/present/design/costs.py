"""What a design costs, known before it runs: shapes, parameters, arithmetic, memory and receptive fields by layer.

No formulas are repeated here: the layers are lowered, and the costs are read from the resulting steps. If a layer
does not fit, the layers before it still have costs, and the error names the layer at fault.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

from convviz.core.arrays import COLUMNS, ArraySpec, Axis, Shape
from convviz.core.design import Design
from convviz.core.errors import DesignError, ShapeError, UnfinishedError
from convviz.core.lower import check_ending, check_layers
from convviz.core.memory import BYTES, training_memory
from convviz.core.network import lowered
from convviz.core.ops.window import Window
from convviz.core.program import Builder, Step
from convviz.core.wiring import IMAGES, Wired, image_source, lower_layers
from convviz.present.design.layer_costs import LayerCosts, ReceptiveField
from convviz.present.design.lines import all_lines, span

__all__ = ["Costs", "costs", "memory"]


@dataclass(frozen=True, slots=True)
class Costs:
    """What a design costs.

    Parameters
    ----------
    batch : int
        Images of the minibatch that the sizes are for.
    layers : tuple of LayerCosts
        In order, up to the layer at fault.
    error : DesignError or None
        Why the design can't be trained; None if it can.
    fault : int or None
        Number of the layer at fault, from 0; None if there is no single one.
    """

    batch: int
    layers: tuple[LayerCosts, ...]
    error: DesignError | None = None
    fault: int | None = None

    @property
    def valid(self) -> bool:
        """Whether the design can be trained."""
        return self.error is None

    @property
    def unfinished(self) -> bool:
        """Whether only the last layers are missing and nothing else is wrong."""
        return isinstance(self.error, UnfinishedError)

    @property
    def parameters(self) -> int:
        """Trainable numbers of all layers that have costs."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def mult_adds(self) -> int:
        """Multiply-adds of one image's forward pass."""
        return sum(layer.mult_adds for layer in self.layers)

    def shape_of(self, name: str, design: Design) -> Shape | None:
        """Shape per image of what a layer makes, or of the images, ``x``; None where it isn't known."""
        if name == IMAGES:
            return design.input.channels, design.input.height, design.input.width
        found = self.layer(name)
        return None if found is None else found.output

    def layer(self, name: str) -> LayerCosts | None:
        """Costs of the layer with that name; None for the layer at fault and all after it."""
        return next((layer for layer in self.layers if layer.name == name), None)


@lru_cache(maxsize=256)
def costs(design: Design) -> Costs:
    """Read the costs of a design from the steps that its forward pass is lowered to.

    Returns
    -------
    Costs
        With ``error`` set for a design that can't be trained; no exception is raised.
    """
    batch = design.training.batch_size
    try:
        design = design.named()
    except DesignError as error:
        at = [number for number, layer in enumerate(design.layers) if layer.name == error.layer]
        return Costs(batch, (), error, at[-1] if at else None)
    found, refused = forward(design, batch)
    if refused is not None:
        return Costs(batch, found, refused, len(found))
    try:
        check_layers(design)
        check_ending(design, found[-1].output)
    except DesignError as error:
        named = [number for number, layer in enumerate(design.layers) if layer.name == error.layer]
        return Costs(batch, found, error, named[-1] if named else None)
    return Costs(batch, found)


@lru_cache(maxsize=64)
def memory(design: Design, threads: int = 2) -> int:
    """Bytes that training a design needs, estimated; takes three times as long as its costs.

    Parameters
    ----------
    design : Design
        One that can be trained.
    threads : int
        Threads that share a minibatch; each needs its own memory.
    """
    return training_memory(lowered(design.named(), design.training.batch_size), threads)


def forward(design: Design, batch: int) -> tuple[tuple[LayerCosts, ...], ShapeError | None]:
    """Costs of the layers up to the first that does not fit, and why it does not; None if all of them fit."""
    build = Builder(batch)
    x = image_source(build, design)
    fields = {IMAGES: ReceptiveField()}
    found: list[LayerCosts] = []
    first = known = 0
    try:
        for wired in lower_layers(build, design, x):
            steps, parameters = build.steps[first:], build.parameters[known:]
            first, known = len(build.steps), len(build.parameters)
            seen = [fields[name] for name in wired.reads]
            field = seen[0].joined(seen[1:]) if len(seen) > 1 else seen[0]
            made = layer_costs(wired, build.arrays, steps, parameters, field, batch)
            fields[made.name] = made.field
            found.append(made)
    except ShapeError as error:
        return with_exact_fields(found, design), error
    return with_exact_fields(found, design), None


def with_exact_fields(layers: list[LayerCosts], design: Design) -> tuple[LayerCosts, ...]:
    """The layers; the sizes of uneven receptive fields are measured by the rows and columns that are seen."""
    if all(layer.field.even for layer in layers):
        return tuple(layers)
    seen = [all_lines(layers, axis, size) for axis, size in enumerate((design.input.height, design.input.width))]
    return tuple(
        layer
        if layer.field.even
        else replace(layer, field=replace(layer.field, size=(span(seen[0][layer.name]), span(seen[1][layer.name]))))
        for layer in layers
    )


def layer_costs(
    wired: Wired,
    arrays: dict[str, ArraySpec],
    steps: list[Step],
    parameters: list[str],
    field: ReceptiveField,
    batch: int,
) -> LayerCosts:
    """Costs of one layer from its steps; ``field`` is that of its inputs."""
    window: Window | None = None
    margins = (0, 0, 0, 0)
    columns: tuple[int, int] | None = None
    mult_adds = 0
    for step in steps:
        op = step.op
        if op.is_even:
            window = op.sliding or window
            # Max pooling has its own border; the others are preceded by a step that pads.
            margins = op.border if any(op.border) else margins
        if arrays[step.output].axes == COLUMNS:
            rows, places = step.shape
            columns = (rows, places)
        mult_adds += op.multiply_adds(tuple(arrays[name].shape for name in step.inputs), step.shape) // batch
    moving = tuple(step.op for step in steps if step.op.moves)
    if not all(op.is_even for op in moving):
        field, window, margins = replace(field, even=False), None, (0, 0, 0, 0)
    made = arrays[wired.output]
    before, after = arrays[wired.inputs[0]].shape, made.shape
    everywhere = any(step.op.everywhere for step in steps)
    if everywhere and math.prod(before[2:] or field.maps or (1,)) > 1:
        field = replace(field, whole=True)
    if len(after) < len(before):
        window, margins, moving = None, (0, 0, 0, 0), ()  # one window that is the whole map
    elif window is None and any(margins):
        window = Window((1, 1), (1, 1))  # padding alone moves what the cells see
    if window is not None:
        field = field.through(window, margins)
    elif len(after) < len(before) and math.prod(after) == math.prod(before):
        field = replace(field, maps=(before[2], before[3]))  # the same cells in a row, with the same fields
    elif len(after) < len(before):
        field = replace(field, whole=field.whole or math.prod(before[2:]) > 1)
    elif field.maps is not None and made.axes[-1] is Axis.UNIT:
        # Every unit reads all places of the maps.
        field = replace(field, whole=field.whole or math.prod(field.maps) > 1, maps=None)
    return LayerCosts(
        name=wired.layer.name,
        inputs=before[1:],
        output=after[1:],
        parameters=sum(math.prod(arrays[one].shape) for one in parameters),
        mult_adds=mult_adds,
        columns=columns,
        columns_bytes=math.prod(columns) * BYTES if columns else 0,
        activation_bytes=math.prod(after) * BYTES,
        field=field,
        window=window,
        margins=margins,
        reads=wired.reads,
        everywhere=everywhere,
        moving=moving,
    )
