"""What passes are made from: a network and images, and which of them the pass has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.training.make_pass import make_pass
from convviz.training.stepping import Pass


@dataclass(frozen=True, slots=True, eq=False)
class PassSource:
    """A network, images, and the choice among them.

    Parameters
    ----------
    design : Design
    parameters : mapping of str to ndarray
    images : ndarray, ``(n, C, H, W)``
    labels : ndarray, ``(n,)``
    title : str
        What the images are.
    where : str
        Where the training stands.
    image : int
        The chosen image.
    minibatch : bool
        Whether the pass has the whole minibatch that the image is in, instead of the image alone.
    step : int
        Number of the pass in the run, from 0: decides the dropout masks.
    class_names : tuple of str
        What the classes are called; their numbers where it is shorter.

    Raises
    ------
    DesignError
        The images do not fit the design.
    """

    design: Design
    parameters: Mapping[str, Array]
    images: Array
    labels: Array
    title: str = ""
    where: str = ""
    image: int = 0
    minibatch: bool = False
    step: int = 0
    class_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        image = self.design.input
        wanted = (image.channels, image.height, image.width)
        if self.images.ndim != 4 or self.images.shape[1:] != wanted or not len(self.images):
            raise DesignError(f"{self.design.name}: expected images of {wanted}, got shape {self.images.shape}")
        if len(self.labels) != len(self.images):
            raise DesignError(f"{self.design.name}: expected {len(self.images)} labels, got {len(self.labels)}")

    @property
    def count(self) -> int:
        """Images to choose from."""
        return len(self.images)

    @property
    def size(self) -> int:
        """Images of a minibatch."""
        return max(1, min(self.design.training.batch_size, self.count))

    @property
    def place(self) -> int:
        """Which image of the pass the chosen one is."""
        return self.image % self.size if self.minibatch else 0

    def choosing(self, image: int) -> PassSource:
        """With another image chosen."""
        return replace(self, image=min(max(image, 0), self.count - 1))

    def in_minibatch(self, whole: bool) -> PassSource:
        """With a pass of the whole minibatch, or of one image."""
        return replace(self, minibatch=whole and self.count > 1)

    def same_pass(self, other: PassSource) -> bool:
        """Whether another choice among the same images needs no other pass."""
        here, there = self._chosen(), other._chosen()
        return self.images is other.images and here == there and self.parameters is other.parameters

    def make(self) -> Pass:
        """The pass.

        Raises
        ------
        DesignError
            The images do not fit the design.
        """
        chosen = self._chosen()
        return make_pass(
            self.design,
            self.parameters,
            self.images[chosen],
            self.labels[chosen],
            step=self.step,
            class_names=self.class_names,
        )

    def words(self) -> str:
        """What is stepped, for the status line: ``test · image 26 (label 4)``."""
        label = int(np.asarray(self.labels[self.image]))
        name = self.class_names[label] if label < len(self.class_names) else str(label)
        words = f"image {self.image:,} (label {name})"
        if self.minibatch:
            words += f" of {self.size}"
        return f"{self.title} · {words}" if self.title else words

    def _chosen(self) -> slice:
        if not self.minibatch:
            return slice(self.image, self.image + 1)
        first = self.image // self.size * self.size
        return slice(first, min(first + self.size, self.count))
