"""Trained weights in a Keras script, where the channels are last."""

from __future__ import annotations

from convviz.core.design import Design
from convviz.core.layers import (
    BatchNorm2D,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Flatten,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    PReLU,
    ScaleShift,
)
from convviz.present.code.common import KERAS_WEIGHTS
from convviz.present.code.norms import keras_order, over_channels
from convviz.present.design.costs import Costs
from convviz.storage.weights.ways import becomes_another, rows_are_first

__all__ = ["load_weights_lines"]


def load_weights_lines(design: Design, found: Costs, weights: str) -> list[str]:
    """A function that puts the trained weights into the model, in Keras's order of axes."""
    if weights.endswith(KERAS_WEIGHTS):
        return [
            "",
            "def load_weights():",
            '    """Put the trained weights into the model."""',
            "    model.load_weights(Path(__file__).with_name(WEIGHTS))",
            "",
        ]
    rows = []
    chain = not rows_are_first(design)
    maps = (1, 1, 1)  # what the flattened features were before
    for layer, cost in zip(design.layers, found.layers, strict=True):
        if isinstance(layer, Flatten) and len(cost.inputs) == 3 and chain:
            channels, height, width = cost.inputs
            maps = channels, height, width
        first = f'data["{layer.name}.weight"]'
        match layer:
            case Conv2D():
                arrays = [f"{first}.transpose(2, 3, 1, 0)"]
            case ConvTranspose2D():
                arrays = [transposed_array(layer, first)]
            case Dense() if maps[0] > 1 and maps[1] * maps[2] > 1:
                turned = f"reshape({', '.join(map(str, maps))}, -1).transpose(1, 2, 0, 3)"
                arrays = [f"{first}.{turned}.reshape(-1, {layer.units})"]
            case Dense():
                arrays = [first]
            case BatchNorm2D():
                names = ("scale", "shift", "running_mean", "running_variance")
                arrays = [f'data["{layer.name}.{name}"]' for name in names]
            case PReLU():
                alpha = f'data["{layer.name}.slope"]'
                spread = len(cost.inputs) == 3
                arrays = [
                    f"{alpha}.reshape(1, 1, -1)"
                    if spread
                    else keras_order(alpha, cost.inputs, (1, 1, 1) if layer.shared else maps)
                ]
            case ScaleShift():
                both = (f'data["{layer.name}.{name}"]' for name in ("scale", "shift"))
                arrays = [
                    keras_order(array, cost.inputs[:1], maps if len(cost.inputs) == 1 else (1, 1, 1)) for array in both
                ]
            case GroupNorm() | InstanceNorm() | LayerNorm() if layer.affine:
                every_cell = isinstance(layer, LayerNorm) and not over_channels(layer, cost)
                shape = cost.inputs if every_cell else cost.inputs[:1]
                both = (f'data["{layer.name}.{name}"]' for name in ("scale", "shift"))
                arrays = [keras_order(array, shape, maps) for array in both]
            case _:
                continue
        if isinstance(layer, Dense):
            maps = (1, 1, 1)
        if isinstance(layer, Conv2D | ConvTranspose2D | Dense) and layer.bias:
            arrays.append(f'data["{layer.name}.bias"]')
        rows += [
            f'        model.get_layer("{layer.name}").set_weights([',
            *(f"            {array}," for array in arrays),
            "        ])",
        ]
    return [
        "",
        "def load_weights():",
        '    """Put the trained weights into the model."""',
        "    with np.load(Path(__file__).with_name(WEIGHTS)) as data:",
        *(rows or ["        pass"]),
        "",
    ]


def transposed_array(layer: ConvTranspose2D, array: str) -> str:
    """A transposed convolution's weights, for Keras's own layer or for the convolution that replaces it."""
    window = layer.window
    if not becomes_another(layer):
        return f"{array}.transpose(2, 3, 1, 0)"
    shape = f"({layer.groups}, -1, {layer.filters // layer.groups}, {window.kernel[0]}, {window.kernel[1]})"
    turned = f"{array}.reshape({shape})[..., ::-1, ::-1].transpose(3, 4, 1, 0, 2)"
    return f"{turned}.reshape({window.kernel[0]}, {window.kernel[1]}, -1, {layer.filters})"
