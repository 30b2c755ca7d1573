"""How two numbers of the kernels follow from the weights: a frequency that a filter passes, and the likeness of two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array
from convviz.present.numbers import format_value
from convviz.probe.kernels import Kernels


@dataclass(frozen=True, slots=True, eq=False)
class Worked:
    """Two small arrays, their products, and what follows from their sum.

    Parameters
    ----------
    title : str
    arrays : tuple of (str, ndarray)
        Left, right and their product, each ``(KH, KW)``, with what it is.
    lines : tuple of str
        The sums, in words and numbers; the last one ends in the result.
    result : float
        The number that was asked about.
    """

    title: str
    arrays: tuple[tuple[str, Array], ...]
    lines: tuple[str, ...]
    result: float


def frequency(kernels: Kernels, number: int, row: int, column: int) -> Worked:
    """A cell of a filter's Fourier magnitude.

    Parameters
    ----------
    kernels : Kernels
    number : int
        Of the filter.
    row, column : int
        Of the cell; the frequency 0 is in the middle.
    """
    weights = kernels.weights[number].astype(np.float64)
    channels, height, width = weights.shape
    bins = kernels.spectrum.shape[1]
    down, across = row - bins // 2, column - bins // 2
    i, j = np.indices((height, width))
    angle = 2 * np.pi * (down * i + across * j) / bins
    real, other = (weights * np.cos(angle)).sum(axis=(1, 2)), (weights * np.sin(angle)).sum(axis=(1, 2))
    squares = real**2 + other**2
    one = int(squares.argmax())
    result = float(np.sqrt(squares.mean()))
    of = f"{kernels.layer}.weight[{number}, {one}]"
    wave = np.cos(angle)
    cosine, sine, square = (format_value(float(found[one])) for found in (real, other, squares))
    most = ", of this channel, which has the most" if channels > 1 else ""
    lines = [
        f"Σ weight · cos = {cosine}, and with sin in place of cos {sine}.",
        f"{bracketed(cosine)}² + {bracketed(sine)}² = {square}{most}.",
    ]
    if channels > 1:
        mean = format_value(float(squares.mean()))
        lines.append(f"The mean of such squares over all {channels} channels is {mean}.")
    lines.append(f"Its root is {format_value(result)}: the number in the square.")
    waves = f"{down}/{bins} of a cycle a pixel down, {across}/{bins} across".replace("-", "−")
    return Worked(
        f"Filter {number} at {waves}",
        ((of, weights[one]), ("cos 2π(u·i + v·j)", wave), ("weight · cos", weights[one] * wave)),
        tuple(lines),
        result,
    )


def likeness(kernels: Kernels, first: int, second: int) -> Worked:
    """The correlation of two filters."""
    pair = [kernels.weights[number].astype(np.float64) for number in (first, second)]
    means = [float(one.mean()) for one in pair]
    left, right = (one - mean for one, mean in zip(pair, means, strict=True))
    products = left * right
    one = int(np.abs(products.sum(axis=(1, 2))).argmax())
    sizes = [float(np.linalg.norm(part)) for part in (left, right)]
    both = sizes[0] * sizes[1]
    total = float(products.sum())
    result = total / both if both > 0 else 0.0
    channels = len(left)
    every = f", over all {channels} channels, of which the one above adds most" if channels > 1 else ""
    lines = (
        f"Each filter less its mean, {format_value(means[0])} and {format_value(means[1])}.",
        f"Σ products = {format_value(total)}{every}.",
        f"√Σ squares of each: {format_value(sizes[0])} and {format_value(sizes[1])}.",
        f"{format_value(total)} / ({format_value(sizes[0])} · {format_value(sizes[1])}) = {result:.3f}"
        if both > 0
        else "All weights of one of them are equal: it is like none, 0.",
    )
    return Worked(
        f"Filters {first} and {second} compared",
        (
            (f"filter {first} − its mean", left[one]),
            (f"filter {second} − its mean", right[one]),
            ("product", products[one]),
        ),
        lines,
        result,
    )


def bracketed(number: str) -> str:
    """A negative number in brackets, so that its square is not read as the negative of one."""
    return f"({number})" if number.startswith(("-", "−")) else number
