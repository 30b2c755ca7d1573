"""Sentences on a network that learns nothing: filters that are silent, a loss that is no better than guessing."""

from __future__ import annotations

from collections.abc import Sequence

from convviz.core.design import Design, Training
from convviz.core.layers import Dense
from convviz.present.layer_moment import Measures

__all__ = ["FEWEST_UNITS", "MANY", "no_better_than_guessing", "silent_layers", "silent_part", "silent_sentence"]

MANY = 0.4
"""Share of silent units from which a layer is worth a sentence."""
FEWEST_UNITS = 4
"""Of fewer units one is soon a large share."""
GUESSING = 0.99
"""Share of the loss of guessing from which a loss is called no better than guessing."""


def silent_layers(design: Design, measures: Sequence[Measures], images: str) -> dict[str, str]:
    """Layers many of whose units are silent, and a sentence on each.

    Parameters
    ----------
    design : Design
    measures : sequence of Measures
    images : str
        What they were judged on: ``256 test images``.

    Returns
    -------
    dict of str to str
        ``conv1`` → ``31 of 32 filters of conv1 are silent on all of 256 test images``.
    """
    return {
        one.layer: silent_sentence(design, one, images)
        for one in measures
        if one.units >= FEWEST_UNITS and one.silent >= MANY * one.units
    }


def silent_sentence(design: Design, one: Measures, images: str) -> str:
    """``31 of 32 filters of conv1 are silent on all of 256 test images``."""
    verb = "is" if one.silent == 1 else "are"
    return f"{silent_part(design, one)} {verb} silent on all of {images}"


def silent_part(design: Design, one: Measures) -> str:
    """``31 of 32 filters of conv1``."""
    layer = next((layer for layer in design.layers if layer.name == one.layer), None)
    word = "units" if isinstance(layer, Dense) else "filters"
    return f"{one.silent:.0f} of {one.units:.0f} {word} of {one.layer}"


def no_better_than_guessing(loss: float, classes: int, training: Training = Training()) -> str:  # noqa: B008 (frozen)
    """A sentence if a loss is that of guessing, or worse; empty if it is better."""
    chance = training.chance(classes)
    if not loss >= GUESSING * chance:
        return ""
    log = f"ln({classes}) = " if training.loss == "cross-entropy" else ""
    return f"the training loss of {loss:.4f} is no better than guessing: {log}{chance:.4f}"
