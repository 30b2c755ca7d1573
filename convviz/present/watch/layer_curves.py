"""Curves of occasional measurements: norms by layer, the learning rate, the watched image's probability."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from convviz.present.colour import oklab_to_rgb
from convviz.present.history import History
from convviz.present.moment import sureness
from convviz.present.series import Series
from convviz.present.watch.look import Look

GOOD = (1e-4, 1e-2)
"""Usual range of ‖ΔW‖/‖W‖ in training that goes well: a rule of thumb."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerCurves:
    """Curves over the steps that were measured.

    Parameters
    ----------
    key : object
        Equal curves have equal keys.
    rate, gradients, updates, confidence : tuple of Series
        Learning rate; ‖dW‖ and ‖ΔW‖/‖W‖ by layer; probability of the watched image's class.
    image : str
        Names the watched image.
    """

    key: object = None
    rate: tuple[Series, ...] = ()
    gradients: tuple[Series, ...] = ()
    updates: tuple[Series, ...] = ()
    confidence: tuple[Series, ...] = ()
    image: str = ""


def layer_curves(look: Look) -> LayerCurves:
    """The curves so far."""
    history, moment = look.history, look.moment
    layers = history.layers
    image = ""
    if moment is not None:
        image = f"{look.watched.split} image {moment.sample}, label {look.class_name(moment.label)}"
    return LayerCurves(
        (history.runs, layers.revision, len(history.confidence), image),
        _rate(history),
        by_layer(history, "gradient_norm"),
        by_layer(history, "update_ratio"),
        (
            Series(
                f"{sureness(moment.design)} of {look.class_name(moment.label)}",
                *confidence(history),
                "training",
                "smooth",
            ),
        )
        if moment is not None and len(history.confidence)
        else (),
        image,
    )


def _rate(history: History) -> tuple[Series, ...]:
    """The rate of every update: a step where it jumps."""
    steps, rates = history.rates.column(0), history.rates.column(1)
    if not len(rates):
        return ()
    return (Series("learning rate", steps, rates, "training", "steps", begins=(history.runs, float(steps[0]))),)


def confidence(history: History) -> tuple[np.ndarray, np.ndarray]:
    """Steps and probabilities of the watched image's class."""
    return history.confidence.column(0), history.confidence.column(1)


def by_layer(history: History, measure: str) -> tuple[Series, ...]:
    """One curve for each layer that has the measure; colours follow the depth, from blue to orange."""
    layers = history.layers
    found = [(layer, layers.column(layer, measure)) for layer in layers.layers]
    found = [(layer, values) for layer, values in found if np.isfinite(values).any()]
    colours = depth_colours(len(found))
    return tuple(
        Series(layer, layers.steps, values, colour, "smooth")
        for (layer, values), colour in zip(found, colours, strict=True)
    )


@cache
def depth_colours(count: int) -> tuple[str, ...]:
    """So many colours of equal lightness, from blue at the input to orange at the output, legible on light and dark."""
    places = np.linspace(0.0, 1.0, max(count, 2))[:count]
    # Around the circle of hues by way of green; 0.64 has a contrast of 3 with white and with the dark panel.
    hues = np.radians(255 - 205 * places)
    lab = np.stack([np.full(count, 0.64), 0.13 * np.cos(hues), 0.13 * np.sin(hues)], axis=1)
    rgb = np.clip(np.rint(255 * np.clip(oklab_to_rgb(lab), 0, 1)), 0, 255).astype(int)
    return tuple("#{:02x}{:02x}{:02x}".format(*one) for one in rgb.tolist())
