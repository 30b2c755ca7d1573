"""What the update of a held minibatch would do, a row a layer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from convviz.core.arrays import Array
from convviz.core.optim import Optimiser
from convviz.present.numbers import format_value
from convviz.present.watch.hold.look import HoldLook, LayerMoved
from convviz.present.watch.network_map.health import Health, health
from convviz.present.words import counted

ODD, ILL = 3.0, 8.0
"""Multiples of the usual norm from which a gradient is worth a look, and far from usual."""
MOST_TILES = 96

Kind = Literal["tiles", "bars"]


@dataclass(frozen=True, slots=True, eq=False)
class UpdateRow:
    """One layer.

    Parameters
    ----------
    layer : str
    gradient : ndarray
        Of a convolution ``(tiles, KH, KW)``, the slice of each filter with the largest norm; otherwise the norm of the
        gradient of each unit, ``(units,)``.
    kind : str
    norm, usual, times : str
        ‖dW‖, its earlier mean, and their ratio; a dash where that is unknown.
    times_at : float
        The ratio; NaN where it is unknown.
    state : str
        ``fine``, ``odd`` or ``ill``.
    ratio : Health
        ‖ΔW‖/‖W‖ on its axis.
    """

    layer: str
    gradient: Array
    kind: Kind
    norm: str
    usual: str
    times: str
    times_at: float
    state: Literal["fine", "odd", "ill"]
    ratio: Health

    @property
    def sentence(self) -> str:
        """The row in words, for screen readers."""
        usual = f", {self.times} the usual {self.usual}" if math.isfinite(self.times_at) else ""
        return f"{self.layer}: gradient norm {self.norm}{usual}, update {self.ratio.ratio} of the weights"


@dataclass(frozen=True, slots=True, eq=False)
class UpdatePicture:
    """All layers, and the losses before and after.

    Parameters
    ----------
    rows : tuple of UpdateRow
    caption : str
    usual : str
        What the usual norm is a mean of, or why it is unknown.
    after : str
        The last line.
    scale : float
        Largest ratio, for the bars.
    """

    rows: tuple[UpdateRow, ...]
    caption: str
    usual: str
    after: str
    scale: float


def optimiser_words(optimiser: Optimiser, rate: float) -> str:
    """``Momentum, lr 0.1, momentum 0.9``: the optimiser of the update."""
    words = [type(optimiser).__name__, f"lr {rate:.4g}"]
    momentum = getattr(optimiser, "momentum", None)
    if momentum is not None:
        words.append(f"momentum {momentum:g}")
    return ", ".join(words)


def update_picture(look: HoldLook) -> UpdatePicture | None:
    """The update; None while it is not known."""
    update = look.update
    if update is None:
        return None
    usual = {} if look.usual is None else dict(look.usual.gradients)
    rows = tuple(row_of(one, update.gradients[one.layer], usual.get(one.layer, math.nan)) for one in update.layers)
    if look.usual is not None and look.usual.count:
        said = f"usual: mean of the {counted(look.usual.count, 'minibatch', 'minibatches')} before, replayed"
    elif look.usual is not None:
        said = "no minibatch before it: nothing is usual yet"
    else:
        said = look.no_usual or "usual: computing …"
    largest = max((row.times_at for row in rows if math.isfinite(row.times_at)), default=1.0)
    when = f"update of step {look.step:,}" if look.is_past else "not done yet"
    caption = f"{look.settings} · {when}" if look.settings else when
    return UpdatePicture(rows, caption, said, after_words(look), max(largest, 1.0))


def row_of(moved: LayerMoved, gradient: Array, usual: float) -> UpdateRow:
    """One layer of the table."""
    times = moved.gradient_norm / usual if usual > 0 else math.nan
    kind, shown = gradient_tiles(gradient)
    return UpdateRow(
        moved.layer,
        shown,
        kind,
        format_value(moved.gradient_norm),
        format_value(usual) if math.isfinite(usual) else "–",
        f"{format_value(times, 2)}×" if math.isfinite(times) else "–",
        times,
        "ill" if times >= ILL else "odd" if times >= ODD else "fine",
        health(math.nan, math.nan, moved.ratio, judged=False),
    )


def gradient_tiles(gradient: Array) -> tuple[Kind, Array]:
    """A gradient as it is drawn: a tile for each filter, or a bar for each unit."""
    if gradient.ndim == 4:
        some = gradient[:MOST_TILES]
        strongest = np.einsum("fcij,fcij->fc", some, some, dtype=np.float64).argmax(axis=1)
        return "tiles", some[np.arange(len(some)), strongest]
    # einsum makes no array of squares: for a large dense layer that is a tenth of the time.
    flat = gradient.reshape(-1, gradient.shape[-1])  # units are the last axis of a dense layer
    return "bars", np.sqrt(np.einsum("ij,ij->j", flat, flat, dtype=np.float64))


def after_words(look: HoldLook) -> str:
    """``After it, this minibatch would have loss 1.993 (now 2.542); the first 2,000 test images 1.4 (now 0.8021).``"""
    seen, update = look.seen, look.update
    if seen is None or update is None:
        return ""
    verb, now = ("had", "before") if look.is_past else ("would have", "now")
    said = f"After it, this minibatch {verb} loss {format_value(update.loss_after)} ({now} {format_value(seen.loss)})"
    if look.tested is None:
        return f"{said}; the test images: computing …"
    before, after, images = look.tested
    which = f"the first {images:,} test images" if images > 1 else "the test image"
    return f"{said}; {which} {format_value(after)} ({now} {format_value(before)})."
