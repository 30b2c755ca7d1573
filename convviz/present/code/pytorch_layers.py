"""The layers of a design in PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from convviz.core.design import Design
from convviz.core.layers import (
    GELU,
    AdaptiveAvgPool2D,
    AdaptiveMaxPool2D,
    AvgPool2D,
    BatchNorm2D,
    Conv2D,
    ConvTranspose2D,
    Dense,
    GlobalAvgPool,
    GlobalMaxPool,
    Layer,
    MaxPool2D,
    Upsample,
    pair,
)
from convviz.present.code.common import counted_margins, fits_half, is_symmetric, number, pair_text
from convviz.present.code.exporter import Calls
from convviz.present.code.norms import TORCH_NORMS
from convviz.present.design.layer_costs import LayerCosts

__all__ = ["LAYERS"]


def gelu_calls(_design: Design, layer: GELU, _cost: LayerCosts) -> list[str]:
    """GELU, with the error function unless the layer asks for the approximation."""
    return ['nn.GELU(approximate="tanh")' if layer.approximate == "tanh" else "nn.GELU()"]


def dense_calls(_design: Design, layer: Dense, cost: LayerCosts) -> list[str]:
    """A dense layer."""
    bias = "" if layer.bias else ", bias=False"
    return [f"nn.Linear({cost.inputs[0]}, {layer.units}{bias})"]


def norm_calls(_design: Design, layer: BatchNorm2D, cost: LayerCosts) -> list[str]:
    """Batch normalisation."""
    return [f"nn.BatchNorm2d({cost.inputs[0]}, eps={number(layer.epsilon)}, momentum={number(layer.momentum)})"]


def mean_calls(_design: Design, _layer: GlobalAvgPool, _cost: LayerCosts) -> list[str]:
    """The mean of every map, as one row."""
    return ["nn.AdaptiveAvgPool2d(1)", "nn.Flatten()"]


def conv_calls(_design: Design, layer: Conv2D, cost: LayerCosts) -> list[str]:
    """A convolution, preceded by a padding layer if the padding is not the same on both sides."""
    assert cost.window is not None
    window = cost.window
    parts = [str(cost.inputs[0]), str(layer.filters), pair_text(*window.kernel)]
    if window.stride != (1, 1):
        parts.append(f"stride={pair_text(*window.stride)}")
    calls = []
    top, bottom, left, right = cost.margins
    if not is_symmetric(cost):
        calls.append(f"nn.ZeroPad2d(({left}, {right}, {top}, {bottom}))")
    elif top or left:
        parts.append(f"padding={pair_text(top, left)}")
    if window.dilation != (1, 1):
        parts.append(f"dilation={pair_text(*window.dilation)}")
    if layer.groups != 1:
        parts.append(f"groups={layer.groups}")
    if not layer.bias:
        parts.append("bias=False")
    return [*calls, f"nn.Conv2d({', '.join(parts)})"]


def transposed_calls(_design: Design, layer: ConvTranspose2D, cost: LayerCosts) -> list[str]:
    """A transposed convolution."""
    window = layer.window
    parts = [str(cost.inputs[0]), str(layer.filters), pair_text(*window.kernel)]
    for name in ("stride", "padding", "output_padding"):
        size = pair(getattr(layer, name))
        if size != ((1, 1) if name == "stride" else (0, 0)):
            parts.append(f"{name}={pair_text(*size)}")
    parts += [f"groups={layer.groups}"] if layer.groups != 1 else []
    parts += [] if layer.bias else ["bias=False"]
    parts += [f"dilation={pair_text(*window.dilation)}"] if window.dilation != (1, 1) else []
    return [f"nn.ConvTranspose2d({', '.join(parts)})"]


def pool_calls(_design: Design, layer: MaxPool2D | AvgPool2D, cost: LayerCosts) -> list[str]:
    """A pooling layer; padding is ignored in a maximum and mostly counts as zeros in a mean."""
    assert cost.window is not None
    window = cost.window
    if isinstance(layer, AvgPool2D) and window.dilation != (1, 1):
        return [dilated_average_call(layer, cost)]
    if isinstance(layer, AvgPool2D) and counted_margins(layer, cost) != cost.margins:
        return [edge_average_call(layer, cost)]
    parts = [pair_text(*window.kernel)]
    if window.stride != window.kernel:
        parts.append(f"stride={pair_text(*window.stride)}")
    dilation = [f"dilation={pair_text(*window.dilation)}"] if window.dilation != (1, 1) else []
    calls = []
    top, bottom, left, right = cost.margins
    if any(cost.margins) and not fits_half(cost):
        fill = "float('-inf')" if isinstance(layer, MaxPool2D) else "0.0"
        calls.append(f"nn.ConstantPad2d(({left}, {right}, {top}, {bottom}), {fill})")
    elif top or left:
        parts.append(f"padding={pair_text(top, left)}")
    word = "MaxPool2d" if isinstance(layer, MaxPool2D) else "AvgPool2d"
    return [*calls, f"nn.{word}({', '.join([*parts, *dilation])})"]


def edge_average_call(layer: AvgPool2D, cost: LayerCosts) -> str:
    """A mean in which not every cell of a window counts."""
    assert cost.window is not None
    window = cost.window
    padding, stride = pair(layer.padding) if not isinstance(layer.padding, str) else None, window.stride
    if layer.padding == "valid":
        padding = (0, 0)
    if padding is not None and all(2 * one <= size for one, size in zip(padding, window.kernel, strict=True)):
        parts = [pair_text(*window.kernel)]
        parts += [f"stride={pair_text(*stride)}"] if stride != window.kernel else []
        parts += [f"padding={pair_text(*padding)}"] if any(padding) else []
        parts += ["ceil_mode=True"] if layer.ceil else []
        parts += [] if layer.count_padding else ["count_include_pad=False"]
        return f"nn.AvgPool2d({', '.join(parts)})"
    counted = counted_margins(layer, cost)
    sums = f"{pair_text(*window.kernel)}, {pair_text(*stride)}, divisor_override=1)"
    pool, pad = "nn.functional.avg_pool2d(", "nn.functional.pad("
    ones = "torch.ones_like(x[:1, :1])"
    if any(counted):
        ones = f"{pad}{ones}, {sides(counted)}, value=1.0)"
    rest = tuple(all_ - some for all_, some in zip(cost.margins, counted, strict=True))
    return f"Apply(lambda x: {pool}{pad}x, {sides(cost.margins)}), {sums} / {pool}{pad}{ones}, {sides(rest)}), {sums})"


def dilated_average_call(layer: AvgPool2D, cost: LayerCosts) -> str:
    """A dilated mean, which PyTorch lacks: a convolution with ones, divided by the number of cells that count."""
    assert cost.window is not None
    window, counted, channels = cost.window, counted_margins(layer, cost), cost.inputs[0]
    rest = tuple(every - some for every, some in zip(cost.margins, counted, strict=True))
    conv, pad = "nn.functional.conv2d(", "nn.functional.pad("
    x = f"{pad}x, {sides(cost.margins)})" if any(cost.margins) else "x"
    ones = f"torch.ones({channels}, 1, {window.kernel[0]}, {window.kernel[1]})"
    moves = f"stride={window.stride}, dilation={window.dilation}"
    total = f"{conv}{x}, {ones}, {moves}, groups={channels})"
    if not any(rest):
        return f"Apply(lambda x: {total} / {window.kernel[0] * window.kernel[1]})"
    inside = f"{pad}torch.ones_like(x[:1, :1]), {sides(counted)}, value=1.0)"
    return f"Apply(lambda x: {total} / {conv}{pad}{inside}, {sides(rest)}), {ones}[:1], {moves}))"


def sides(margins: tuple[int, ...]) -> str:
    """Margins as PyTorch takes them: left, right, top, bottom."""
    top, bottom, left, right = margins
    return f"({left}, {right}, {top}, {bottom})"


def upsample_calls(_design: Design, layer: Upsample, _cost: LayerCosts) -> list[str]:
    """Upsampling."""
    corners = f", align_corners={layer.align_corners}" if layer.mode == "bilinear" else ""
    return [f'nn.Upsample(scale_factor={pair_text(*pair(layer.scale))}, mode="{layer.mode}"{corners})']


def adaptive_calls(_design: Design, layer: AdaptiveAvgPool2D | AdaptiveMaxPool2D, _cost: LayerCosts) -> list[str]:
    """Means or maxima of regions."""
    word = "Max" if isinstance(layer, AdaptiveMaxPool2D) else "Avg"
    return [f"nn.Adaptive{word}Pool2d({pair_text(*pair(layer.output))})"]


LAYERS: Mapping[type[Layer], Calls] = MappingProxyType(
    {
        Conv2D: conv_calls,
        MaxPool2D: pool_calls,
        AvgPool2D: pool_calls,
        GlobalAvgPool: mean_calls,
        GlobalMaxPool: lambda _design, _layer, _cost: ["nn.AdaptiveMaxPool2d(1)", "nn.Flatten()"],
        ConvTranspose2D: transposed_calls,
        Upsample: upsample_calls,
        AdaptiveAvgPool2D: adaptive_calls,
        AdaptiveMaxPool2D: adaptive_calls,
        GELU: gelu_calls,
        Dense: dense_calls,
        BatchNorm2D: norm_calls,
        **TORCH_NORMS,
    }
)
