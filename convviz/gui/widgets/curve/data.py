"""Curves as numbers: thinning them for the screen, and stable ranges of the axes."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt


def thin_extremes(
    x: npt.NDArray[np.generic], y: npt.NDArray[np.generic], pixels: int
) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.generic]]:
    """Return at most ``2 * pixels`` points: the lowest and highest of each pixel, in order; no spike is lost."""
    count = len(x)
    if count <= 2 * pixels:
        return x, y
    starts = np.arange(pixels) * count // pixels
    numbers = np.where(np.isfinite(y), y, np.nan)
    chunk = -(-count // pixels)
    index = np.minimum(starts[:, None] + np.arange(chunk), np.append(starts[1:], count)[:, None] - 1)
    block = numbers[index]
    low = np.argmin(np.where(np.isnan(block), np.inf, block), axis=1)
    high = np.argmax(np.where(np.isnan(block), -np.inf, block), axis=1)
    rows = np.arange(pixels)
    keep = np.sort(np.stack([index[rows, low], index[rows, high]]), axis=0).T.ravel()
    return x[keep], numbers[keep]


def thin_evenly(
    x: npt.NDArray[np.generic], y: npt.NDArray[np.generic], points: int = 1000
) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.generic]]:
    """Return at most ``points`` of the points, evenly spread, with the first and the last."""
    if len(x) <= points:
        return x, y
    keep = np.linspace(0, len(x) - 1, points).round().astype(np.intp)
    return x[keep], y[keep]


def as_steps(
    x: npt.NDArray[np.generic], y: npt.NDArray[np.generic]
) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.generic]]:
    """Return the corners of a line on which each value holds up to the next point."""
    return np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]


def nice_step(span: float, most: int) -> float:
    """Return the step of 1, 2 or 5 times a power of ten that divides a span into at most ``most`` parts."""
    if not span > 1e-300 * most:
        return 1.0
    power = 10.0 ** math.floor(math.log10(span / most))
    return next((power * step for step in (1, 2, 5, 10) if span / (power * step) <= most), power * 10)


def steady_range(
    low: float,
    high: float,
    held: tuple[float, float] | None,
    bounds: tuple[float | None, float | None] = (None, None),
    parts: int = 5,
) -> tuple[float, float]:
    """Return a rarely changing range of round numbers around the data.

    The previous range stays while the data lies in it and fills more than half of it. A new one is rounded to a
    step that divides the data into at most ``parts`` parts.
    """
    if held is not None:
        span = held[1] - held[0]
        if held[0] <= low and high <= held[1] and high - low > 0.5 * span:
            return held
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        pad = max(abs(low) * 0.1, 1e-3)
        low, high = low - pad, high + pad
    step = nice_step(high - low, parts)
    bottom, top = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    if bounds[0] is not None:
        bottom = max(bottom, bounds[0])
    if bounds[1] is not None:
        top = min(top, bounds[1])
    return bottom, max(top, bottom + step * 0.5)


def steady_end(value: float, held: float | None, most: int = 8) -> float:
    """Return the end of the x axis: a round number beyond the data, kept until the data passes it."""
    if held is not None and 0.5 * held < value <= held:
        return held
    step = nice_step(max(value, 1.0), most)
    return max(1.0, math.ceil(value / step) * step)


def log_ticks(low: float, high: float) -> list[float]:
    """Return the values, at most 7, that label a logarithmic axis from ``10**low`` to ``10**high``."""
    first, last = math.floor(low) - 1, math.ceil(high) + 1
    for parts in ((1, 2, 3, 4, 5, 6, 8), (1, 2, 5), (1, 3), (1,)):
        found = [part * 10.0**power for power in range(first, last) for part in parts]
        found = [one for one in found if low - 1e-9 <= math.log10(one) <= high + 1e-9]
        if len(found) <= 6:
            return found if len(found) > 2 else _even_ticks(10.0**low, 10.0**high)
    stride = -(-len(found) // 6)
    return found[::stride]


def _even_ticks(low: float, high: float) -> list[float]:
    """Evenly spaced round values, for a logarithmic axis that is too short for powers of ten and their multiples."""
    step = nice_step(high - low, 6)
    return [at * step for at in range(math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6) + 1)]


def whole_ticks(low: float, high: float, most: int) -> list[float]:
    """Round whole numbers, evenly spaced: at most ``most``, and at least two if there is room."""
    least = max(1.0, (high - low) / max(most, 1))
    power = 10.0 ** math.floor(math.log10(least))
    for parts in ((1, 2, 5, 10, 20, 50), (1, 2, 2.5, 4, 5, 8, 10)):
        for step in (part * power for part in parts):
            if step < least * (1 - 1e-9) or step != round(step):
                continue
            first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
            if last - first >= 1:
                return [at * step for at in range(first, last + 1)]
    return [float(at) for at in sorted({math.ceil(low), math.floor(high)}) if low <= at <= high]
