"""Layers that join branches: sum, product, maps side by side."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from convviz.core.arrays import ArraySpec
from convviz.core.errors import ShapeError
from convviz.core.layers.base import Layer, Source
from convviz.core.ops import arithmetic, join
from convviz.core.ops.base import Op
from convviz.core.program import Builder

MOST = 64


class Join(Layer, frozen=True, kw_only=True):
    """Base of the layers that join branches.

    Parameters
    ----------
    input : tuple of str
        Names of two earlier layers or more, ``x`` for the images; an empty one is the layer before.
    """

    takes: ClassVar[tuple[int, int]] = (2, MOST)
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 3})

    input: Source = ()

    def pairwise(self, build: Builder, op: Op, inputs: tuple[str, ...]) -> str:
        """Emit the op for the first two inputs, then for its output and the next one …; returns the last output."""
        total = inputs[0]
        for number, name in enumerate(inputs[1:], 1):
            role = join.joined_role([build.arrays[total].role, build.arrays[name].role])
            last = number == len(inputs) - 1
            total = build.emit(op, (total, name), "z" if last else f"z_{number}", role=role)
        return total


def refuse_unequal(layer: str, specs: list[ArraySpec]) -> None:
    """Refuse inputs of different shapes.

    Raises
    ------
    ShapeError
    """
    for other in specs[1:]:
        if other.shape != specs[0].shape:
            raise ShapeError(
                f"{layer}: expects inputs of one shape, got {join.words_of(specs[0])} and {join.words_of(other)}",
                layer=layer,
                field="input",
            )


class Add(Join, frozen=True, kw_only=True, tag="add"):
    """The sum of its inputs, cell by cell: how a residual block adds its input to its output."""

    stem: ClassVar[str] = "add"
    summary: ClassVar[str] = "Two branches or more are added, cell by cell"
    exports: ClassVar[Mapping[str, str]] = MappingProxyType({"ONNX": "Sum()"})

    def lower(self, build: Builder, x: str, *more: str) -> str:
        refuse_unequal(self.name, [build.arrays[name] for name in (x, *more)])
        return self.pairwise(build, arithmetic.Add(), (x, *more))


class Multiply(Join, frozen=True, kw_only=True, tag="multiply"):
    """The product of its inputs, cell by cell; or every map times its own factor, from a row of features."""

    stem: ClassVar[str] = "multiply"
    summary: ClassVar[str] = "Two branches or more are multiplied, cell by cell or map by map"

    def lower(self, build: Builder, x: str, *more: str) -> str:
        shapes = [len(build.arrays[name].shape) for name in (x, *more)]
        if len(shapes) == 2 and set(shapes) == {2, 4}:
            maps, factors = (x, *more) if shapes[0] == 4 else (*more, x)
            role = join.joined_role([build.arrays[name].role for name in (maps, factors)])
            return build.emit(join.ScaleMaps(), (maps, factors), "z", role=role)
        refuse_unequal(self.name, [build.arrays[name] for name in (x, *more)])
        return self.pairwise(build, arithmetic.Multiply(), (x, *more))


class Concat(Join, frozen=True, kw_only=True, tag="concat"):
    """The maps of its inputs one after the other: as many channels as they have together."""

    stem: ClassVar[str] = "concat"
    summary: ClassVar[str] = "The maps of two branches or more are put one after the other"

    def lower(self, build: Builder, x: str, *more: str) -> str:
        return build.emit(join.Concat(), (x, *more), "z")
