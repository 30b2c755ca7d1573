"""The passes that Step goes through for Probe."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Array
from convviz.core.score import Target
from convviz.gui.workspaces.probe.moment import Moment
from convviz.training.events import Position
from convviz.training.pass_source import Kind, PassSource


def score_pass(
    moment: Moment, row: int, target: tuple[int, int | None], made: str, *, guided: bool = False
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
        What the pass has to do with the map that was looked at.
    guided : bool
        Whether ReLUs let back only positive gradients.
    """
    label, against = target
    score = f"The score of {moment.names[label]}"
    score += "" if against is None else f" minus that of {moment.names[against]}"
    note = f"{score} and its gradient, as in testing. {made[:1].upper()}{made[1:]}." if made else f"{score}."
    image = moment.images.images[row : row + 1]
    return source(moment, row, image, moment.split, note, Target.of_class(label, against), guided)


def changed_pass(moment: Moment, row: int, image: Array) -> PassSource:
    """The ordinary pass of an image that was changed, with the label of the image."""
    pixels = np.asarray(image[None], moment.images.images.dtype)
    return source(
        moment, row, pixels, f"changed {moment.split}", "The image at Probe's slider, as in testing, no update"
    )


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
        Kind.PROBED,
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
