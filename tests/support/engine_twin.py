"""The same networks in PyTorch: what the engine is compared with. Needs torch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from convviz.core.design import Design, Training
from convviz.core.layers import (
    ELU,
    GELU,
    AdaptiveAvgPool2D,
    AdaptiveMaxPool2D,
    Add,
    AnyLayer,
    AvgPool2D,
    BatchNorm2D,
    ChannelShuffle,
    Clip,
    Concat,
    Conv2D,
    ConvTranspose2D,
    Crop2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    HardSigmoid,
    HardSwish,
    InstanceNorm,
    LayerNorm,
    LeakyReLU,
    LocalResponseNorm,
    MaxPool2D,
    Mish,
    Multiply,
    PReLU,
    ReflectPad2D,
    ReLU,
    Rescale,
    ScaleShift,
    Sigmoid,
    SiLU,
    Slice,
    Softmax,
    Softplus,
    Tanh,
    Upsample,
    ZeroPad2D,
)
from convviz.core.optim import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    Momentum,
    Nesterov,
    RMSProp,
)
from convviz.core.wiring import reads_of

Array = np.ndarray[Any, np.dtype[Any]]
Tensor = torch.Tensor


def two(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def edges(layer: Conv2D | MaxPool2D | AvgPool2D, x: Tensor, stride: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, right, top and bottom padding, in the order of ``functional.pad``."""
    if layer.padding == "valid":
        return 0, 0, 0, 0
    if layer.padding != "same":
        vertical, horizontal = two(layer.padding)
        return horizontal, horizontal, vertical, vertical
    dilation = two(layer.dilation)
    found: list[int] = []
    for axis in (1, 0):
        size, reach = x.shape[2 + axis], (two(layer.kernel)[axis] - 1) * dilation[axis] + 1
        over = max((-(-size // stride[axis]) - 1) * stride[axis] + reach - size, 0)
        found += [over // 2, over - over // 2]
    return found[0], found[1], found[2], found[3]


def average(layer: AvgPool2D, x: Tensor, stride: tuple[int, int]) -> Tensor:
    """Mean of every window; where PyTorch's own knows the padding, its own."""
    around, kernel = edges(layer, x, stride), two(layer.kernel)
    if two(layer.dilation) != (1, 1):
        return dilated_average(layer, x, stride, around)
    left, right, top, bottom = around
    if left == right and top == bottom and 2 * top <= kernel[0] and 2 * left <= kernel[1]:
        return functional.avg_pool2d(x, kernel, stride, (top, left), layer.ceil, layer.count_padding)
    counts = functional.pad(torch.ones_like(x), around, value=float(layer.count_padding))
    total = functional.avg_pool2d(functional.pad(x, around), kernel, stride, 0, layer.ceil, False)
    return total / functional.avg_pool2d(counts, kernel, stride, 0, layer.ceil, False)


def dilated_average(layer: AvgPool2D, x: Tensor, stride: tuple[int, int], around: tuple[int, int, int, int]) -> Tensor:
    """The sum of the cells of every window over how many of them count, by PyTorch's columns of cells."""
    counts = functional.pad(torch.ones_like(x[:1, :1]), around, value=float(layer.count_padding))
    maps = [functional.pad(x, around), counts]
    more, places = [], []
    for axis in (0, 1):
        reach = (two(layer.kernel)[axis] - 1) * two(layer.dilation)[axis] + 1
        size, before = maps[0].shape[2 + axis], around[2 - 2 * axis]
        count = (size - reach) // stride[axis] + 1
        wanted = -(-(size - reach) // stride[axis]) + 1 if layer.ceil else count
        count = wanted if (wanted - 1) * stride[axis] < x.shape[2 + axis] + before else count
        more.append(max((count - 1) * stride[axis] + reach - size, 0))
        places.append(count)
    sums = []
    for one in maps:
        wide = functional.pad(one, (0, more[1], 0, more[0]))
        columns = functional.unfold(wide, two(layer.kernel), two(layer.dilation), 0, stride)
        cells = two(layer.kernel)[0] * two(layer.kernel)[1]
        sums.append(columns.view(len(one), one.shape[1], cells, *places).sum(2))
    return sums[0] / sums[1]


class Twin:
    """A design in PyTorch, with the same arrays under the same names.

    Parameters
    ----------
    design : Design
        With names.
    arrays : mapping of str to ndarray
        The sources of the program.
    dtype : torch.dtype
    """

    def __init__(self, design: Design, arrays: Mapping[str, Array], dtype: torch.dtype = torch.float64) -> None:
        self.design = design
        self.arrays = {
            name: torch.tensor(array) if array.dtype.kind in "iu" else torch.tensor(array, dtype=dtype)
            for name, array in arrays.items()
        }

    def weights(self, names: Iterable[str]) -> list[Tensor]:
        """Arrays that are to have gradients."""
        return [self.arrays[name].requires_grad_() for name in names]

    def scores(self, *, train: bool = True) -> Tensor:
        """Forward pass up to the scores; running statistics are renewed in place."""
        made = {"x": self.arrays["x"]}
        x = made["x"]
        for layer, names in zip(self.design.layers, reads_of(self.design.layers), strict=True):
            x = made[layer.name] = self._layer(layer, [made[name] for name in names], train)
        return x

    def loss(self, scores: Tensor) -> Tensor:
        """The loss, its mean by the weights of the images."""
        training, labels, classes = self.design.training, self.arrays["labels"], self.design.classes
        smoothing = training.label_smoothing
        match training.loss:
            case "hinge":
                losses = functional.multi_margin_loss(scores, labels, reduction="none") * classes
            case "mse":
                target = functional.one_hot(labels, classes).to(scores.dtype) * (1 - smoothing) + smoothing / classes
                losses = functional.mse_loss(scores, target, reduction="none").mean(1)
            case _:
                losses = functional.cross_entropy(scores, labels, label_smoothing=smoothing, reduction="none")
        weights = training.image_weights(classes)
        own = torch.ones_like(losses) if weights is None else torch.tensor(weights, dtype=losses.dtype)[labels]
        total = own.sum()
        return (own * losses).sum() / total if total > 0 else (own * losses).sum()

    def _affine(self, layer: Any) -> tuple[Tensor | None, Tensor | None]:
        """Scale and shift of a normalisation."""
        if not layer.affine:
            return None, None
        return self.arrays[f"{layer.name}.scale"], self.arrays[f"{layer.name}.shift"]

    def _layer(self, layer: AnyLayer, inputs: list[Tensor], train: bool) -> Tensor:
        name = layer.name
        x = inputs[0]
        match layer:
            case Add():
                return sum(inputs[1:], x)
            case Multiply():
                whole = any(one.ndim == 4 for one in inputs)
                spread = [one if one.ndim == 4 or not whole else one[:, :, None, None] for one in inputs]
                return math.prod(spread[1:], start=spread[0])
            case Concat():
                return torch.cat(inputs, 1)
            case Conv2D():
                stride = two(layer.stride)
                x = functional.pad(x, edges(layer, x, stride))
                bias = self.arrays[f"{name}.bias"] if layer.bias else None
                weight, dilation = self.arrays[f"{name}.weight"], two(layer.dilation)
                return functional.conv2d(x, weight, bias, stride, 0, dilation, layer.groups)
            case MaxPool2D() | AvgPool2D():
                stride = two(layer.kernel if layer.stride is None else layer.stride)
                if isinstance(layer, AvgPool2D):
                    return average(layer, x, stride)
                x = functional.pad(x, edges(layer, x, stride), value=-torch.inf)
                return functional.max_pool2d(x, two(layer.kernel), stride, 0, two(layer.dilation), layer.ceil)
            case GlobalAvgPool():
                return functional.adaptive_avg_pool2d(x, 1).flatten(1)
            case GlobalMaxPool():
                return functional.adaptive_max_pool2d(x, 1).flatten(1)
            case ConvTranspose2D():
                bias = self.arrays[f"{name}.bias"] if layer.bias else None
                sizes = (two(layer.stride), two(layer.padding), two(layer.output_padding))
                weight = self.arrays[f"{name}.weight"]
                return functional.conv_transpose2d(x, weight, bias, *sizes, layer.groups, two(layer.dilation))
            case Upsample():
                corners = layer.align_corners if layer.mode == "bilinear" else None
                return functional.interpolate(x, scale_factor=two(layer.scale), mode=layer.mode, align_corners=corners)
            case AdaptiveMaxPool2D():
                return functional.adaptive_max_pool2d(x, two(layer.output))
            case AdaptiveAvgPool2D():
                return functional.adaptive_avg_pool2d(x, two(layer.output))
            case ReflectPad2D():
                return functional.pad(x, (layer.left, layer.right, layer.top, layer.bottom), mode="reflect")
            case Crop2D():
                return x[:, :, layer.top : x.shape[2] - layer.bottom, layer.left : x.shape[3] - layer.right]
            case Slice():
                return x[:, layer.start : layer.stop]
            case ChannelShuffle():
                return functional.channel_shuffle(x, layer.groups)
            case ZeroPad2D():
                return functional.pad(x, (layer.left, layer.right, layer.top, layer.bottom))
            case LocalResponseNorm():
                return functional.local_response_norm(x, layer.size, layer.alpha, layer.beta, layer.k)
            case GroupNorm() | InstanceNorm():
                groups = layer.groups if isinstance(layer, GroupNorm) else x.shape[1]
                return functional.group_norm(x, groups, *self._affine(layer), layer.epsilon)
            case LayerNorm() if layer.over == "channels" and x.ndim == 4:
                last = functional.layer_norm(x.permute(0, 2, 3, 1), x.shape[1:2], *self._affine(layer), layer.epsilon)
                return last.permute(0, 3, 1, 2)
            case LayerNorm():
                return functional.layer_norm(x, x.shape[1:], *self._affine(layer), layer.epsilon)
            case PReLU():
                return functional.prelu(x, self.arrays[f"{name}.slope"])
            case Softmax():
                return functional.softmax(x, 1)
            case ScaleShift():
                per = (-1, *(1,) * (x.ndim - 2))
                return x * self.arrays[f"{name}.scale"].view(per) + self.arrays[f"{name}.shift"].view(per)
            case Rescale():
                return layer.scale * x + layer.shift
            case Clip():
                return functional.hardtanh(x, layer.low, layer.high)
            case HardSigmoid():
                return functional.relu6(x + 3) / 6  # its own hardsigmoid has a sixth in float32, whatever it is given
            case BatchNorm2D():
                mean, variance = self.arrays[f"{name}.running_mean"], self.arrays[f"{name}.running_variance"]
                scale, shift = self.arrays[f"{name}.scale"], self.arrays[f"{name}.shift"]
                return functional.batch_norm(x, mean, variance, scale, shift, train, layer.momentum, layer.epsilon)
            case Dropout():
                return x * self.arrays[f"{name}.mask"] if train and layer.rate else x
            case ReLU():
                return functional.relu(x)
            case LeakyReLU():
                return functional.leaky_relu(x, layer.slope)
            case Sigmoid():
                return torch.sigmoid(x)
            case Tanh():
                return torch.tanh(x)
            case GELU():
                return functional.gelu(x, approximate=layer.approximate)
            case ELU():
                return functional.elu(x, layer.alpha)
            case SiLU():
                return functional.silu(x)
            case Softplus():
                return functional.softplus(x, threshold=40.0)
            case Mish():
                return functional.mish(x)
            case HardSwish():
                return functional.hardswish(x)
            case Flatten():
                return x.flatten(1)
            case Dense():
                z = x @ self.arrays[f"{name}.weight"]
                return z + self.arrays[f"{name}.bias"] if layer.bias else z
        raise TypeError(f"no twin for {layer}")


def optimiser_of(training: Training, weights: list[Tensor]) -> torch.optim.Optimizer:
    """The same optimiser in PyTorch."""
    o = training.optimiser
    decay = training.weight_decay
    l2 = decay or 0.0
    match o:
        case AdamW():
            own = 0.01 if decay is None else decay
            return torch.optim.AdamW(weights, o.lr, (o.beta1, o.beta2), o.epsilon, weight_decay=own)
        case Adam():
            return torch.optim.Adam(weights, o.lr, (o.beta1, o.beta2), o.epsilon, weight_decay=l2)
        case Nesterov():
            return torch.optim.SGD(weights, o.lr, momentum=o.momentum, weight_decay=l2, nesterov=True)
        case Momentum():
            return torch.optim.SGD(weights, o.lr, momentum=o.momentum, weight_decay=l2)
        case SGD():
            return torch.optim.SGD(weights, o.lr, weight_decay=l2)
        case Adagrad():
            return torch.optim.Adagrad(
                weights, o.lr, weight_decay=l2, initial_accumulator_value=o.initial, eps=o.epsilon
            )
        case Adadelta():
            return torch.optim.Adadelta(weights, o.lr, o.rho, o.epsilon, weight_decay=l2)
        case RMSProp():
            return torch.optim.RMSprop(weights, o.lr, o.alpha, o.epsilon, weight_decay=l2, momentum=o.momentum)
    raise TypeError(f"no twin for {o}")


def clip(training: Training, weights: list[Tensor]) -> None:
    """Clip gradients as the training says."""
    if training.clip_norm is not None:
        torch.nn.utils.clip_grad_norm_(weights, training.clip_norm)
