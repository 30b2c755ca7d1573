"""A network at one step, its images, and what it answers to them."""

from __future__ import annotations

from dataclasses import dataclass

from convviz.core.network import Network
from convviz.probe.mistakes import Mistakes
from convviz.training.images import Split


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A network at one step, with the images and answers that are probed.

    Parameters
    ----------
    network : Network
        A copy, which training does not change.
    step : int
        Minibatches that it was trained on.
    where : str
        The same in words.
    split : str
        ``test``, ``training`` or ``drawings``.
    images : Split
    names : tuple of str
        Of the classes.
    mistakes : Mistakes
    is_past : bool
        Whether it is a past moment of the run, which Watch shows, too.
    """

    network: Network
    step: int
    where: str
    split: str
    images: Split
    names: tuple[str, ...]
    mistakes: Mistakes
    is_past: bool = False

    @property
    def noun(self) -> str:
        """``test image``, ``training image`` or ``drawing``."""
        return "drawing" if self.split == "drawings" else f"{self.split} image"

    @property
    def array(self) -> str:
        """The images as an array: ``x_test``."""
        return {"test": "x_test", "training": "x_train"}.get(self.split, self.split)
