"""The passes that Step goes through for Probe."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convviz.core.arrays import Array
from convviz.core.lower import PROBABILITIES
from convviz.core.score import Target
from convviz.gui.workspaces.probe.moment import Moment
from convviz.plurals import capital
from convviz.probe.pruning import prune
from convviz.probe.removal import without_filter
from convviz.training.events import Position
from convviz.training.pass_source import PassKind, PassSource


def score_pass(
    moment: Moment,
    row: int,
    target: tuple[int, int | None],
    made: str,
    *,
    guided: bool = False,
    shows: str = "",
    shows_gradient: bool = False,
) -> PassSource:
    """The pass of an image that ends in a score, and its gradient.

    Parameters
    ----------
    moment : Moment
    row : int
        Of the image.
    target : (int, int or None)
        The class whose score it is, and the one whose score is subtracted.
    made : str
        How the pass is related to the map that was shown.
    guided : bool
        Whether ReLUs let back only positive gradients.
    shows : str
        The array, or the layer, that the map is made from: there Step begins.
    shows_gradient : bool
        Whether it is the gradient of that array.
    """
    label, against = target
    score = f"The score of {moment.names[label]}"
    score += "" if against is None else f" minus that of {moment.names[against]}"
    note = f"{score} and its gradient, as in testing. {capital(made)}." if made else f"{score}."
    image = moment.images.images[row : row + 1]
    made_from = source(moment, row, image, moment.split, note, Target.of_class(label, against), guided)
    return replace(made_from, shows=shows, shows_gradient=shows_gradient)


def cell_pass(moment: Moment, row: int, layer: str, cell: tuple[int, int, int]) -> PassSource:
    """The pass of an image that ends in one cell of a layer's maps: channel, row, column; and its gradient."""
    channel, y, x = cell
    note = f"{layer}[{channel}, {y}, {x}]: what the filter makes of this patch, as in testing, and its gradient."
    made = source(moment, row, moment.images.images[row : row + 1], moment.split, note, Target(cell, layer=layer))
    return replace(made, shows=layer, shows_cell=cell)


def answer_pass(moment: Moment, row: int, made: str, shows: str = PROBABILITIES) -> PassSource:
    """The ordinary pass of an image, with a note on what the numbers of an array, or of a layer, are used for."""
    note = f"The pass of the image, as in testing: {made}."
    return replace(source(moment, row, moment.images.images[row : row + 1], moment.split, note), shows=shows)


def pruned_pass(moment: Moment, row: int, percent: int) -> PassSource:
    """The pass of an image through a copy without its smallest weights."""
    note = f"The pass of the image without {percent} % of the weights, as in testing: such answers are counted."
    made = source(moment, row, moment.images.images[row : row + 1], moment.split, note)
    return replace(made, arrays=prune(moment.network, percent / 100).network.arrays, shows=PROBABILITIES)


def removed_pass(moment: Moment, row: int, layer: str, number: int) -> PassSource:
    """The pass of an image through a copy with a filter's map set to 0."""
    without = without_filter(moment.network, number, layer)
    note = (
        f"The pass of the image, as in testing, with the map of {layer}'s filter {number} times 0. The worth of the "
        f"filter is how many more of {len(moment.images):,} such answers are right with it."
    )
    made = source(moment, row, moment.images.images[row : row + 1], moment.split, note)
    names = {one.name for one in moment.network.design.layers}
    added = next(one.name for one in without.design.layers if one.name not in names)
    return replace(made, design=without.design, arrays=without.arrays, shows=added)


def changed_pass(moment: Moment, row: int, image: Array) -> PassSource:
    """The ordinary pass of an image that was changed, with the label of the image."""
    pixels = np.asarray(image[None], moment.images.images.dtype)
    note = "The image at Probe's slider, as in testing, no update"
    return replace(source(moment, row, pixels, f"changed {moment.split}", note), shows=PROBABILITIES)


def source(
    moment: Moment,
    row: int,
    images: Array,
    split: str,
    note: str,
    target: Target | None = None,
    guided: bool = False,
) -> PassSource:
    """A pass of one image through the network of a moment."""
    network = moment.network
    return PassSource(
        PassKind.PROBED,
        network.design,
        network.arrays,
        split,
        (row,),
        images,
        moment.images.labels[row : row + 1],
        Position(0, 0, moment.step, 0, 0),
        class_names=moment.names,
        as_testing=True,
        target=target,
        guided=guided,
        note=note,
    )
