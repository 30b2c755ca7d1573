"""The arithmetic of every layer again, as plain loops: slow, obvious, and the oracle of the tests.

Nothing here shares code with the ops. Arrays only store numbers; every sum, product and comparison is written out one
number at a time, in float64, from the definition of the layer.

Notation as in :mod:`convviz.core.ops.conv`. A window at output place (p, q) covers the rows p·SH − top + i·DH and the
columns q·SW − left + j·DW; cells outside the image are 0 for convolution and mean, and ignored by the maximum.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Margins = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Sliding:
    """How a window moves: kernel, stride, dilation as (vertical, horizontal), margins as (top, bottom, left, right)."""

    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    margins: Margins = (0, 0, 0, 0)

    def places(self, height: int, width: int) -> tuple[int, int]:
        """Output size, counted by trying."""
        top, bottom, left, right = self.margins
        found = []
        for axis, size in enumerate((height + top + bottom, width + left + right)):
            count = 0
            while count * self.stride[axis] + self.dilation[axis] * (self.kernel[axis] - 1) < size:
                count += 1
            found.append(count)
        return found[0], found[1]

    def cells(self, p: int, q: int, height: int, width: int) -> Iterator[tuple[int, int, int, int]]:
        """(i, j, y, x) of the cells of a window that lie in the image."""
        for i in range(self.kernel[0]):
            for j in range(self.kernel[1]):
                y = p * self.stride[0] + i * self.dilation[0] - self.margins[0]
                x = q * self.stride[1] + j * self.dilation[1] - self.margins[2]
                if 0 <= y < height and 0 <= x < width:
                    yield i, j, y, x


def conv2d(x: Array, weight: Array, bias: Array | None, sliding: Sliding, groups: int = 1) -> Array:
    """Cross-correlation of images ``(N, C, H, W)`` with filters ``(F, C/groups, KH, KW)``."""
    images, channels, height, width = x.shape
    filters = weight.shape[0]
    oh, ow = sliding.places(height, width)
    z = np.zeros((images, filters, oh, ow))
    for n in range(images):
        for f in range(filters):
            first = f // (filters // groups) * (channels // groups)
            for p in range(oh):
                for q in range(ow):
                    total = 0.0 if bias is None else float(bias[f])
                    for c in range(channels // groups):
                        for i, j, y, k in sliding.cells(p, q, height, width):
                            total += weight[f, c, i, j] * x[n, first + c, y, k]
                    z[n, f, p, q] = total
    return z


def conv2d_backward(
    x: Array, weight: Array, d_z: Array, sliding: Sliding, groups: int = 1
) -> tuple[Array, Array, Array]:
    """Gradients of images, filters and biases: every product of the forward pass passes a gradient to both factors."""
    d_x, d_weight, d_bias = np.zeros(x.shape), np.zeros(weight.shape), np.zeros(weight.shape[0])
    images, filters, oh, ow = d_z.shape
    channels, height, width = x.shape[1:]
    for n in range(images):
        for f in range(filters):
            first = f // (filters // groups) * (channels // groups)
            for p in range(oh):
                for q in range(ow):
                    gradient = d_z[n, f, p, q]
                    d_bias[f] += gradient
                    for c in range(channels // groups):
                        for i, j, y, k in sliding.cells(p, q, height, width):
                            d_weight[f, c, i, j] += gradient * x[n, first + c, y, k]
                            d_x[n, first + c, y, k] += gradient * weight[f, c, i, j]
    return d_x, d_weight, d_bias


def max_pool2d(x: Array, sliding: Sliding) -> Array:
    """Largest cell of every window."""
    images, channels, height, width = x.shape
    oh, ow = sliding.places(height, width)
    a = np.zeros((images, channels, oh, ow))
    for n, c, p, q in np.ndindex(a.shape):
        a[n, c, p, q] = max(x[n, c, y, k] for _, _, y, k in sliding.cells(p, q, height, width))
    return a


def max_pool2d_backward(x: Array, d_a: Array, sliding: Sliding) -> Array:
    """Every window's gradient goes to the first of its largest cells."""
    d_x = np.zeros(x.shape)
    for n, c, p, q in np.ndindex(d_a.shape):
        best, where = -math.inf, (0, 0)
        for _, _, y, k in sliding.cells(p, q, x.shape[2], x.shape[3]):
            if x[n, c, y, k] > best:
                best, where = float(x[n, c, y, k]), (y, k)
        d_x[n, c, where[0], where[1]] += d_a[n, c, p, q]
    return d_x


def avg_pool2d(x: Array, sliding: Sliding) -> Array:
    """Mean of every window, zeros of the padding included."""
    images, channels, height, width = x.shape
    oh, ow = sliding.places(height, width)
    a = np.zeros((images, channels, oh, ow))
    for n, c, p, q in np.ndindex(a.shape):
        total = 0.0
        for _, _, y, k in sliding.cells(p, q, height, width):
            total += x[n, c, y, k]
        a[n, c, p, q] = total / (sliding.kernel[0] * sliding.kernel[1])
    return a


def avg_pool2d_backward(shape: tuple[int, ...], d_a: Array, sliding: Sliding) -> Array:
    """Every cell of a window gets an equal share of its gradient."""
    d_x = np.zeros(shape)
    for n, c, p, q in np.ndindex(d_a.shape):
        for _, _, y, k in sliding.cells(p, q, shape[2], shape[3]):
            d_x[n, c, y, k] += d_a[n, c, p, q] / (sliding.kernel[0] * sliding.kernel[1])
    return d_x


def global_avg_pool(x: Array) -> Array:
    """Mean of every map."""
    images, channels, height, width = x.shape
    a = np.zeros((images, channels))
    for n, c, y, k in np.ndindex(x.shape):
        a[n, c] += x[n, c, y, k] / (height * width)
    return a


def global_avg_pool_backward(shape: tuple[int, ...], d_a: Array) -> Array:
    """Every cell gets an equal share of its map's gradient."""
    d_x = np.zeros(shape)
    for n, c, y, k in np.ndindex(shape):
        d_x[n, c, y, k] = d_a[n, c] / (shape[2] * shape[3])
    return d_x


def dense(x: Array, weight: Array, bias: Array | None) -> Array:
    """Features ``(N, I)`` weighed by ``(I, O)``."""
    z = np.zeros((x.shape[0], weight.shape[1]))
    for n, o in np.ndindex(z.shape):
        total = 0.0 if bias is None else float(bias[o])
        for i in range(x.shape[1]):
            total += x[n, i] * weight[i, o]
        z[n, o] = total
    return z


def dense_backward(x: Array, weight: Array, d_z: Array) -> tuple[Array, Array, Array]:
    """Gradients of features, weights and biases."""
    d_x, d_weight, d_bias = np.zeros(x.shape), np.zeros(weight.shape), np.zeros(weight.shape[1])
    for n, o in np.ndindex(d_z.shape):
        d_bias[o] += d_z[n, o]
        for i in range(x.shape[1]):
            d_x[n, i] += d_z[n, o] * weight[i, o]
            d_weight[i, o] += d_z[n, o] * x[n, i]
    return d_x, d_weight, d_bias


def flatten(x: Array) -> Array:
    """All maps of an image as one row, channel by channel, row by row."""
    images, channels, height, width = x.shape
    out = np.zeros((images, channels * height * width))
    for n, c, y, k in np.ndindex(x.shape):
        out[n, (c * height + y) * width + k] = x[n, c, y, k]
    return out


# --- normalisation -----------------------------------------------------------------------------------------------


def group_norm(x: Array, groups: int, epsilon: float) -> Array:
    """Each group of channels of an image minus its mean, over its deviation."""
    x_hat = np.zeros(x.shape)
    for n, cells in groups_of(x.shape, groups):
        mean = math.fsum(x[n, *at] for at in cells) / len(cells)
        variance = math.fsum((x[n, *at] - mean) ** 2 for at in cells) / len(cells)
        for at in cells:
            x_hat[n, *at] = (x[n, *at] - mean) / math.sqrt(variance + epsilon)
    return x_hat


def group_norm_backward(x: Array, d_x_hat: Array, groups: int, epsilon: float) -> Array:
    """Every number moves itself, the mean of its group and the group's variance."""
    d_x = np.zeros(x.shape)
    for n, cells in groups_of(x.shape, groups):
        count = len(cells)
        mean = math.fsum(x[n, *at] for at in cells) / count
        deviation = math.sqrt(math.fsum((x[n, *at] - mean) ** 2 for at in cells) / count + epsilon)
        for at in cells:
            for other in cells:
                same = 1.0 if other == at else 0.0
                moved = (same - 1.0 / count) / deviation
                stretched = (x[n, *at] - mean) * (x[n, *other] - mean) / (count * deviation**3)
                d_x[n, *at] += d_x_hat[n, *other] * (moved - stretched)
    return d_x


def groups_of(shape: tuple[int, ...], groups: int) -> Iterator[tuple[int, list[tuple[int, ...]]]]:
    """Every image, with the cells of each of its groups."""
    size = shape[1] // groups
    for n in range(shape[0]):
        for g in range(groups):
            inside = np.ndindex(size, *shape[2:])
            yield n, [(g * size + first, *rest) for first, *rest in inside]


# --- activations -------------------------------------------------------------------------------------------------


def value_and_slope(kind: str, z: float, *, slope: float = 0.01, alpha: float = 1.0) -> tuple[float, float]:
    """An activation at one number, and its derivative there.

    Parameters
    ----------
    kind : str
        relu, leaky_relu, sigmoid, tanh, gelu, gelu_tanh, elu, silu, hard_swish, hard_sigmoid, softplus or mish.
    z : float
    slope : float
        Of leaky_relu.
    alpha : float
        Of elu.
    """
    match kind:
        case "relu":
            return (z, 1.0) if z > 0.0 else (0.0, 0.0)
        case "leaky_relu":
            return (z, 1.0) if z > 0.0 else (slope * z, slope)
        case "sigmoid":
            a = 1.0 / (1.0 + math.exp(-z))
            return a, a * (1.0 - a)
        case "tanh":
            a = math.tanh(z)
            return a, 1.0 / math.cosh(z) ** 2
        case "gelu":
            chance = 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))
            return z * chance, chance + z * math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi)
        case "gelu_tanh":
            root = math.sqrt(2.0 / math.pi)
            u = root * (z + 0.044715 * z**3)
            rate = root * (1.0 + 3.0 * 0.044715 * z * z)
            return 0.5 * z * (1.0 + math.tanh(u)), 0.5 * (1.0 + math.tanh(u)) + 0.5 * z * rate / math.cosh(u) ** 2
        case "elu":
            return (z, 1.0) if z > 0.0 else (alpha * (math.exp(z) - 1.0), alpha * math.exp(z))
        case "silu":
            share = 1.0 / (1.0 + math.exp(-z))
            return z * share, share + z * share * (1.0 - share)
        case "softplus":
            return math.log(1.0 + math.exp(z)), 1.0 / (1.0 + math.exp(-z))
        case "mish":
            t = math.tanh(math.log(1.0 + math.exp(z)))
            return z * t, t + z * (1.0 - t * t) / (1.0 + math.exp(-z))
        case "hard_sigmoid":
            return (z / 6.0 + 0.5, 1.0 / 6.0) if -3.0 < z < 3.0 else (float(z > 0.0), 0.0)
        case "hard_swish":
            return (z, 1.0) if z > 3.0 else (0.0, 0.0) if z <= -3.0 else (z * (z + 3.0) / 6.0, (2.0 * z + 3.0) / 6.0)
    raise ValueError(f"no activation is called {kind!r}")


def activation(kind: str, z: Array, *, slope: float = 0.01, alpha: float = 1.0) -> Array:
    """An activation, cell by cell."""
    a = np.zeros(z.shape)
    for index in np.ndindex(z.shape):
        a[index] = value_and_slope(kind, float(z[index]), slope=slope, alpha=alpha)[0]
    return a


def activation_backward(kind: str, z: Array, d_a: Array, *, slope: float = 0.01, alpha: float = 1.0) -> Array:
    """Its gradient, cell by cell."""
    d_z = np.zeros(z.shape)
    for index in np.ndindex(z.shape):
        d_z[index] = d_a[index] * value_and_slope(kind, float(z[index]), slope=slope, alpha=alpha)[1]
    return d_z


def dropout(x: Array, mask: Array) -> Array:
    """The input times the mask, cell by cell; the same function computes the gradient."""
    out = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        out[index] = x[index] * mask[index]
    return out


# --- batch normalisation -----------------------------------------------------------------------------------------


def moments(x: Array, c: int) -> tuple[float, float]:
    """Mean and (biased) variance of a channel over images and places."""
    values = [float(x[n, c, y, k]) for n in range(x.shape[0]) for y in range(x.shape[2]) for k in range(x.shape[3])]
    mean = sum(values) / len(values)
    return mean, sum((value - mean) ** 2 for value in values) / len(values)


def batch_norm2d(x: Array, scale: Array, shift: Array, epsilon: float) -> Array:
    """Training: mean and variance are those of ``x`` itself."""
    z = np.zeros(x.shape)
    for c in range(x.shape[1]):
        mean, variance = moments(x, c)
        for n, y, k in np.ndindex(x.shape[0], x.shape[2], x.shape[3]):
            z[n, c, y, k] = scale[c] * (x[n, c, y, k] - mean) / math.sqrt(variance + epsilon) + shift[c]
    return z


def batch_norm2d_backward(x: Array, scale: Array, d_z: Array, epsilon: float) -> tuple[Array, Array, Array]:
    """Gradients of input, scale and shift, by way of the gradients of variance and mean."""
    d_x, d_scale, d_shift = np.zeros(x.shape), np.zeros(scale.shape), np.zeros(scale.shape)
    places = [(n, y, k) for n in range(x.shape[0]) for y in range(x.shape[2]) for k in range(x.shape[3])]
    for c in range(x.shape[1]):
        mean, variance = moments(x, c)
        deviation = math.sqrt(variance + epsilon)
        d_variance, d_mean = 0.0, 0.0
        for n, y, k in places:
            off, gradient = x[n, c, y, k] - mean, d_z[n, c, y, k]
            d_shift[c] += gradient
            d_scale[c] += gradient * off / deviation
            d_variance += gradient * scale[c] * off * -0.5 / deviation**3
            d_mean += gradient * scale[c] * -1.0 / deviation
        for n, y, k in places:
            direct = d_z[n, c, y, k] * scale[c] / deviation
            d_x[n, c, y, k] = direct + (d_variance * 2.0 * (x[n, c, y, k] - mean) + d_mean) / len(places)
    return d_x, d_scale, d_shift


# --- loss --------------------------------------------------------------------------------------------------------


def softmax(z: Array) -> Array:
    """Scores to probabilities, row by row."""
    p = np.zeros(z.shape)
    for n in range(z.shape[0]):
        top = max(z[n])
        total = sum(math.exp(value - top) for value in z[n])
        for k in range(z.shape[1]):
            p[n, k] = math.exp(z[n, k] - top) / total
    return p


def target(classes: int, label: int, k: int, smoothing: float) -> float:
    """Probability that class k should have."""
    return (1.0 - smoothing if k == label else 0.0) + smoothing / classes


def cross_entropy(z: Array, labels: npt.NDArray[np.int64], smoothing: float = 0.0) -> float:
    """Mean over the images of −Σ target · log p."""
    p = softmax(z)
    total = 0.0
    for n, k in np.ndindex(z.shape):
        total -= target(z.shape[1], int(labels[n]), k, smoothing) * math.log(p[n, k])
    return float(total / z.shape[0])


def cross_entropy_backward(z: Array, labels: npt.NDArray[np.int64], smoothing: float = 0.0) -> Array:
    """Gradient of the scores."""
    p, d_z = softmax(z), np.zeros(z.shape)
    for n, k in np.ndindex(z.shape):
        d_z[n, k] = (p[n, k] - target(z.shape[1], int(labels[n]), k, smoothing)) / z.shape[0]
    return d_z
