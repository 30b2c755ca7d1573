"""The layers of a design in Keras 3."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from convviz.core.design import Design
from convviz.core.init import Init
from convviz.core.layers import (
    GELU,
    AdaptiveAvgPool2D,
    AdaptiveMaxPool2D,
    AvgPool2D,
    BatchNorm2D,
    ChannelShuffle,
    Conv2D,
    ConvTranspose2D,
    Dense,
    GlobalAvgPool,
    GlobalMaxPool,
    Layer,
    LocalResponseNorm,
    MaxPool2D,
    Upsample,
    pair,
)
from convviz.present.code.common import counted_margins, decay_of, init_of, number, pair_text
from convviz.present.code.exporter import Calls
from convviz.present.code.norms import KERAS_NORMS
from convviz.present.design.layer_costs import LayerCosts
from convviz.storage.weights.ways import becomes_another

__all__ = ["LAYERS", "named"]


def named(call: str, name: str) -> str:
    """A call with the layer's name as its last argument."""
    return f'{call[:-1]}{"" if call.endswith("()") else ", "}name="{name}")'


def penalty_of(design: Design) -> float:
    """Weight decay that is part of the loss; decoupled decay belongs to the optimiser."""
    return 0.0 if design.training.optimiser.decoupled else decay_of(design)


def dense_calls(design: Design, layer: Dense, _cost: LayerCosts) -> list[str]:
    """A dense layer."""
    return [f"layers.Dense({', '.join([str(layer.units), *weight_parts(design, layer)])})"]


def mean_calls(_design: Design, _layer: GlobalAvgPool, _cost: LayerCosts) -> list[str]:
    """The mean of every map, as one row."""
    return ["layers.GlobalAveragePooling2D()"]


def gelu_calls(_design: Design, layer: GELU, _cost: LayerCosts) -> list[str]:
    """GELU, with the error function unless the layer asks for the approximation."""
    return [f"layers.Lambda(lambda x: keras.activations.gelu(x, approximate={layer.approximate == 'tanh'}))"]


def response_calls(_design: Design, layer: LocalResponseNorm, _cost: LayerCosts) -> list[str]:
    """Local response normalisation: squares of neighbouring channels, which are the last axis."""
    half = layer.size // 2
    squares = f"keras.ops.pad(x * x, ((0, 0), (0, 0), (0, 0), ({half}, {half})))"
    total = f"sum({squares}[..., i : i + x.shape[-1]] for i in range({layer.size}))"
    scale = f"{number(layer.k)} + {number(layer.alpha)} / {layer.size} * {total}"
    return [f"layers.Lambda(lambda x: x * ({scale}) ** {number(-layer.beta)})"]


def norm_calls(_design: Design, layer: BatchNorm2D, _cost: LayerCosts) -> list[str]:
    """Batch normalisation. Keras's momentum is the share that is kept; in convviz and PyTorch it is the new share."""
    kept = number(round(1.0 - layer.momentum, 12))
    return [f"layers.BatchNormalization(momentum={kept}, epsilon={number(layer.epsilon)})"]


def conv_calls(design: Design, layer: Conv2D, cost: LayerCosts) -> list[str]:
    """A convolution; padding given in numbers is a separate layer in Keras."""
    assert cost.window is not None
    window = cost.window
    calls = []
    parts = [str(layer.filters), pair_text(*window.kernel)]
    # Keras can't stride and dilate at once: every place is computed, and those in between are left out.
    sparse = window.stride != (1, 1) and window.dilation != (1, 1)
    if window.stride != (1, 1) and not sparse:
        parts.append(f"strides={pair_text(*window.stride)}")
    if any(cost.margins):
        if layer.padding == "same" and window.stride == (1, 1):
            parts.append('padding="same"')
        else:
            calls.append(padding_call(cost))
    if window.dilation != (1, 1):
        parts.append(f"dilation_rate={pair_text(*window.dilation)}")
    if layer.groups != 1:
        parts.append(f"groups={layer.groups}")
    parts += weight_parts(design, layer)
    call = f"layers.Conv2D({', '.join(parts)})"
    calls.append(named(call, layer.name) if sparse else call)
    if sparse:
        down, across = window.stride
        calls.append(f"layers.Lambda(lambda x: x[:, ::{down}, ::{across}])")
    return calls


def transposed_calls(design: Design, layer: ConvTranspose2D, cost: LayerCosts) -> list[str]:
    """A transposed convolution: Keras's own and a crop, or a convolution of cells spread out with zeros."""
    window, padding, more = layer.window, pair(layer.padding), pair(layer.output_padding)
    parts = [str(layer.filters), pair_text(*window.kernel)]
    weights = weight_parts(design, layer)
    if not becomes_another(layer):
        parts += [f"strides={pair_text(*window.stride)}"] if window.stride != (1, 1) else []
        # Without output_padding, Keras makes maps of another size where the filter is smaller than the stride.
        parts += [f"output_padding={more}"] if window.stride != (1, 1) else []
        parts += [f"dilation_rate={pair_text(*window.dilation)}"] if window.dilation != (1, 1) else []
        call = f"layers.Conv2DTranspose({', '.join([*parts, *weights])})"
        if not any(padding):
            return [call]
        return [named(call, layer.name), f"layers.Cropping2D({padding})"]
    (sh, sw), (down, across) = window.stride, ((reach - 1) for reach in window.reach)
    c, h, w = cost.inputs
    spread = f"keras.ops.pad(x[:, :, None, :, None], ((0, 0), (0, 0), (0, {sh - 1}), (0, 0), (0, {sw - 1}), (0, 0)))"
    last = f"[:, :{(h - 1) * sh + 1}, :{(w - 1) * sw + 1}]"
    around = f"((0, 0), ({down}, {down + more[0]}), ({across}, {across + more[1]}), (0, 0))"
    apart = f"keras.ops.reshape({spread}, (-1, {h * sh}, {w * sw}, {c})){last}"
    parts += [f"dilation_rate={pair_text(*window.dilation)}"] if window.dilation != (1, 1) else []
    parts += [f"groups={layer.groups}"] if layer.groups != 1 else []
    calls = [
        f"layers.Lambda(lambda x: keras.ops.pad({apart}, {around}))",
        named(f"layers.Conv2D({', '.join([*parts, *weights])})", layer.name),
    ]
    return [*calls, f"layers.Cropping2D({padding})"] if any(padding) else calls


def pool_calls(_design: Design, layer: MaxPool2D | AvgPool2D, cost: LayerCosts) -> list[str]:
    """A pooling layer; padding is ignored in a maximum and mostly counts as zeros in a mean."""
    assert cost.window is not None
    window = cost.window
    calls = []
    if isinstance(layer, AvgPool2D) and window.dilation != (1, 1):
        return [dilated_average_call(layer, cost)]
    if isinstance(layer, AvgPool2D) and counted_margins(layer, cost) != cost.margins:
        return [edge_average_call(layer, cost)]
    if any(cost.margins):
        if isinstance(layer, AvgPool2D):
            calls.append(padding_call(cost))
        else:
            around = f"{widths(cost.margins)}, constant_values=-float('inf')"
            calls.append(f"layers.Lambda(lambda x: keras.ops.pad(x, {around}))")
    if window.dilation != (1, 1):
        return [*calls, f"layers.Lambda(lambda x: keras.ops.max(keras.ops.stack({cells_of(cost, 'x')}), axis=0))"]
    word = "MaxPooling2D" if isinstance(layer, MaxPool2D) else "AveragePooling2D"
    strides = "" if window.stride == window.kernel else f", strides={pair_text(*window.stride)}"
    return [*calls, f"layers.{word}({pair_text(*window.kernel)}{strides})"]


def cells_of(cost: LayerCosts, maps: str) -> str:
    """A list of maps, one for each cell of the window, as Keras's pooling has no dilation."""
    assert cost.window is not None
    window, (oh, ow), (sh, sw) = cost.window, cost.output[1:], cost.window.stride
    rows, columns = (tuple(range(0, r, d)) for r, d in zip(window.reach, window.dilation, strict=True))
    cells = f"{maps}[:, i : i + {(oh - 1) * sh + 1} : {sh}, j : j + {(ow - 1) * sw + 1} : {sw}]"
    return f"[{cells} for i in {rows} for j in {columns}]"


def dilated_average_call(layer: AvgPool2D, cost: LayerCosts) -> str:
    """A dilated mean: the sum of the cells, divided by the number of those that count."""
    counted = counted_margins(layer, cost)
    rest = tuple(every - some for every, some in zip(cost.margins, counted, strict=True))
    inside = f"keras.ops.pad(keras.ops.ones_like(x[:1, ..., :1]), {widths(counted)}, constant_values=1.0)"
    x = f"keras.ops.pad(x, {widths(cost.margins)})"
    counts = f"keras.ops.pad({inside}, {widths(rest)})"
    total = f"(lambda x: sum({cells_of(cost, 'x')}))"
    return f"layers.Lambda(lambda x: {total}({x}) / {total}({counts}))"


def edge_average_call(layer: AvgPool2D, cost: LayerCosts) -> str:
    """A mean over the cells that count: the mean with zeros around the maps, divided by the share that counts."""
    assert cost.window is not None
    window, counted = cost.window, counted_margins(layer, cost)
    mean = f'{window.kernel}, {window.stride}, "valid", "channels_last")'
    ones = "keras.ops.ones_like(x[:1, ..., :1])"
    if any(counted):
        ones = f"keras.ops.pad({ones}, {widths(counted)}, constant_values=1.0)"
    rest = tuple(every - some for every, some in zip(cost.margins, counted, strict=True))
    return (
        f"layers.Lambda(lambda x: keras.ops.average_pool(keras.ops.pad(x, {widths(cost.margins)}), {mean} "
        f"/ keras.ops.average_pool(keras.ops.pad({ones}, {widths(rest)}), {mean})"
    )


def widths(margins: tuple[int, ...]) -> str:
    """Margins as the padding of maps with the channels last."""
    top, bottom, left, right = margins
    return f"((0, 0), ({top}, {bottom}), ({left}, {right}), (0, 0))"


def padding_call(cost: LayerCosts) -> str:
    """Zeros around the maps."""
    top, bottom, left, right = cost.margins
    return f"layers.ZeroPadding2D((({top}, {bottom}), ({left}, {right})))"


def upsample_calls(_design: Design, layer: Upsample, cost: LayerCosts) -> list[str]:
    """Upsampling; aligned corners, which Keras lacks, are two products with the shares of the cells."""
    if layer.mode == "nearest" or not layer.align_corners:
        return [f'layers.UpSampling2D({pair_text(*pair(layer.scale))}, interpolation="{layer.mode}")']
    shares = []
    for size, scale in zip(cost.inputs[1:], pair(layer.scale), strict=True):
        step = f"{size - 1} / {max(size * scale - 1, 1)}"
        at = f"np.arange({size * scale})[:, None] * {step}"
        shares.append(f'np.maximum(0, 1 - np.abs({at} - np.arange({size}))).astype("float32")')
    return [f'layers.Lambda(lambda x: keras.ops.einsum("nyxc,py,qx->npqc", x, {shares[0]}, {shares[1]}))']


def adaptive_calls(_design: Design, layer: AdaptiveAvgPool2D | AdaptiveMaxPool2D, cost: LayerCosts) -> list[str]:
    """Means or maxima of regions: as ordinary pooling if they have one size, since early Keras 3 has no other."""
    output, (height, width) = pair(layer.output), cost.inputs[1:]
    word = "Max" if isinstance(layer, AdaptiveMaxPool2D) else "Average"
    if height % output[0] == 0 and width % output[1] == 0:
        return [f"layers.{word}Pooling2D({pair_text(height // output[0], width // output[1])})"]
    return [f"layers.Adaptive{word}Pooling2D({output})"]


def shuffle_calls(_design: Design, layer: ChannelShuffle, cost: LayerCosts) -> list[str]:
    """Channel shuffle; the channels are the last axis."""
    channels, height, width = cost.output
    grouped = f"keras.ops.reshape(x, (-1, {height}, {width}, {layer.groups}, {channels // layer.groups}))"
    turns = f"keras.ops.swapaxes({grouped}, 3, 4)"
    return [f"layers.Lambda(lambda x: keras.ops.reshape({turns}, (-1, {height}, {width}, {channels})))"]


def weight_parts(design: Design, layer: Conv2D | ConvTranspose2D | Dense) -> list[str]:
    """Initial weights and biases, and weight decay."""
    penalty = penalty_of(design)
    parts = [] if layer.bias else ["use_bias=False"]
    parts.append(f"kernel_initializer={initialiser(init_of(design, layer), layer)}")
    if layer.bias and layer.bias_init:
        parts.append(f"bias_initializer=initializers.Constant({number(layer.bias_init)})")
    if penalty:
        half = number(penalty / 2)
        parts.append(f"kernel_regularizer=keras.regularizers.L2({half})")
        if layer.bias:
            parts.append(f"bias_regularizer=keras.regularizers.L2({half})")
    return parts


def initialiser(init: Init, layer: Conv2D | ConvTranspose2D | Dense) -> str:
    """The initialiser; Keras's own He and Glorot are truncated at two standard deviations, convviz's are not."""
    scale = number(abs(init.scale))
    match init.kind:
        case "zeros":
            return '"zeros"'
        case "constant":
            return f"initializers.Constant({number(init.scale)})"
        case "normal":
            return f"initializers.RandomNormal(stddev={scale})"
        case "truncated-normal":
            return f"initializers.TruncatedNormal(stddev={scale})"
        case "xavier-normal":
            return 'initializers.VarianceScaling(1.0, "fan_avg", "untruncated_normal")'
        case "xavier-uniform":
            return '"glorot_uniform"'
        case "he-normal":
            return 'initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")'
        case "he-uniform":
            return '"he_uniform"'
        case "course":
            if isinstance(layer, Conv2D):
                return f"initializers.RandomNormal(stddev=(2 / {layer.filters}) ** 0.5)"
            return 'initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")'


LAYERS: Mapping[type[Layer], Calls] = MappingProxyType(
    {
        Conv2D: conv_calls,
        MaxPool2D: pool_calls,
        AvgPool2D: pool_calls,
        ChannelShuffle: shuffle_calls,
        ConvTranspose2D: transposed_calls,
        Upsample: upsample_calls,
        AdaptiveAvgPool2D: adaptive_calls,
        AdaptiveMaxPool2D: adaptive_calls,
        GlobalAvgPool: mean_calls,
        GlobalMaxPool: lambda _design, _layer, _cost: ["layers.GlobalMaxPooling2D()"],
        GELU: gelu_calls,
        LocalResponseNorm: response_calls,
        Dense: dense_calls,
        BatchNorm2D: norm_calls,
        **KERAS_NORMS,
    }
)
