"""Sentences on a network that learns nothing: filters that are silent, a loss that is no better than guessing."""

from __future__ import annotations

import math
from collections.abc import Sequence

from convviz.core.design import Design
from convviz.core.layers import Dense
from convviz.present.layer_moment import Measures

__all__ = ["no_better_than_guessing", "silent_layers"]

MANY = 0.4
"""Share of silent units from which a layer is worth a sentence."""
GUESSING = 0.99
"""Share of ln(classes) from which a loss is called no better than guessing."""


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
    layers = {layer.name: layer for layer in design.layers}
    found = {}
    for one in measures:
        layer = layers.get(one.layer)
        if not (one.units >= 2 and one.silent >= MANY * one.units):
            continue
        word = "units" if isinstance(layer, Dense) else "filters"
        is_one = one.silent == 1
        found[one.layer] = (
            f"{one.silent:.0f} of {one.units:.0f} {word} of {one.layer} {'is' if is_one else 'are'} silent on all of "
            f"{images}"
        )
    return found


def no_better_than_guessing(loss: float, classes: int) -> str:
    """A sentence if a loss is that of guessing, or worse; empty if it is better."""
    chance = math.log(max(classes, 2))
    if not loss >= GUESSING * chance:
        return ""
    return f"the training loss of {loss:.4f} is no better than guessing: ln({classes}) = {chance:.4f}"
