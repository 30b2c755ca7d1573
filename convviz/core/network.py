"""A network: a design with its weights and its optimiser's state."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array, Shape
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.init import Init, draw
from convviz.core.lower import lower
from convviz.core.memory import refuse_without_room
from convviz.core.optim import LEARNING_RATE
from convviz.core.program import Program
from convviz.core.seeds import Stream, generator


class Network:
    """Weights and optimiser state of a design.

    Parameters
    ----------
    design : Design
        Every layer gets a name (:meth:`Design.named`).
    precision : dtype
        float32 to train; float64 for gradient checks.
    weights : mapping of str to ndarray, optional
        Replaces some or all initial weights; shapes must fit.

    Attributes
    ----------
    arrays : dict of str to ndarray
        Every source of the training program that lasts from one minibatch to the next: parameters, optimiser state,
        scalars. Training writes into these arrays in place.

    Raises
    ------
    DesignError
        The network is impossible or needs more memory than is free, or a given weight does not fit.
    """

    def __init__(
        self,
        design: Design,
        *,
        precision: npt.DTypeLike = np.float32,
        weights: Mapping[str, Array] | None = None,
    ) -> None:
        self.design = design.named()
        self.precision: np.dtype[Any] = np.dtype(precision)
        program = self.program(1)
        cells = sum(program.arrays[name].size for name in program.sources if not program.arrays[name].batched)
        refuse_without_room(self.design.name, cells * self.precision.itemsize, "keeps its weights")
        self.parameters = program.parameters
        self.arrays: dict[str, Array] = {}
        rng = generator(self.design.training.seed, Stream.WEIGHTS)
        given = weights or {}
        # A million random weights take a tenth of a second: none are drawn if all of them are to be replaced.
        is_drawn = any(name not in given for name in program.parameters if name not in program.initial)
        for name in program.sources:
            spec = program.arrays[name]
            if spec.batched:
                continue
            if name in program.parameters and name not in program.initial:
                drawn = self._drawn(name, spec.shape, rng) if is_drawn else np.zeros(spec.shape, self.precision)
                self.arrays[name] = drawn
            else:
                start = program.initial.get(name, 0.0)
                self.arrays[name] = np.full(spec.stored, start, spec.dtype(self.precision))
        self.arrays[LEARNING_RATE][...] = self.design.training.optimiser.lr
        for name, weight in given.items():
            self.set_weight(name, weight)

    def set_weight(self, name: str, given: Array) -> None:
        """Replace a parameter (or a piece of optimiser state) by an array of the same shape.

        Raises
        ------
        DesignError
            The network has no array of this name, or the shape differs.
        """
        if name not in self.arrays:
            raise DesignError(f"{name}: the network has no such array; it has {', '.join(self.arrays)}")
        here = self.arrays[name]
        if given.shape != here.shape:
            raise DesignError(f"{name}: expected shape {here.shape}, got {given.shape}")
        here[...] = given

    def program(self, batch: int, **options: Any) -> Program:
        """The design lowered for ``batch`` images; options as for :func:`lower`."""
        return lowered(self.design, batch, **options)

    def _drawn(self, name: str, shape: Shape, rng: np.random.Generator) -> Array:
        """Random initial weights by the layer's own initialiser, or else the design's."""
        layer = next(layer for layer in self.design.layers if layer.name == name.rpartition(".")[0])
        own: Init | None = getattr(layer, "init", None)
        return draw(own or self.design.training.init, shape, rng, self.precision)

    @property
    def size(self) -> int:
        """Number of trainable parameters."""
        return sum(self.arrays[name].size for name in self.parameters)


@lru_cache(maxsize=64)
def lowered(design: Design, batch: int, **options: Any) -> Program:
    """:func:`lower`, cached: designs and programs are frozen values."""
    return lower(design, batch, **options)
