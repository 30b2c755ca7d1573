"""The names that expressions may use: the arrays of a pass, as Step lists them, and a few numbers of the run."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache

from convviz.core.arrays import Shape
from convviz.core.design import Design
from convviz.core.network import lowered
from convviz.core.program import Program

CACHED = 8
"""Designs and sizes of minibatches whose names are kept: they are asked for in every minibatch."""
RUN_NUMBERS = ("loss", "accuracy", "step", "epoch", "gradient_norm")
"""Numbers of the minibatch that are no arrays of the pass."""


class Names:
    """The names of a design's pass over some images.

    Parameters
    ----------
    design : Design
        Every layer named.
    images : int
        Images of the minibatch.
    """

    def __init__(self, design: Design, images: int) -> None:
        self.program: Program = lowered(design, images, train=True, image_gradient=True)
        self._outputs: dict[str, str] = {}
        for step in self.program.steps:
            if step.layer and step.output not in self.program.updates.values() and ".d_" not in step.output:
                self._outputs[step.layer] = step.output
        self._follows = self._activations()

    def _activations(self) -> dict[str, str]:
        """``conv1.relu`` → the output of the activation behind a layer."""
        found = {}
        for layer, output in self._outputs.items():
            for reader in self.program.consumers(output):
                if reader.op.activates:
                    found[f"{layer}.{reader.op.name}"] = reader.output
        return found

    def resolve(self, name: str) -> str:
        """The array that a name means: its own name, a layer's output, or the activation behind it (``conv1.relu``).

        Raises
        ------
        KeyError
            None; its argument says so in words.
        """
        if name in RUN_NUMBERS or name in self.program.arrays:
            return name
        found = self._follows.get(name) or self._outputs.get(name)
        if found is None:
            near = get_close_matches(name, [*self.program.arrays, *RUN_NUMBERS, *self._follows, *self._outputs], 1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise KeyError(f"expected an array of the pass, got {name!r}{hint}")
        return found

    def shape_of(self, name: str) -> Shape:
        """The logical shape of what a name means.

        Raises
        ------
        KeyError
        """
        found = self.resolve(name)
        return () if found in RUN_NUMBERS else self.program.arrays[found].shape


@lru_cache(maxsize=CACHED)
def names_of(design: Design, images: int) -> Names:
    """The names of a design's pass; they are made once."""
    return Names(design, images)
