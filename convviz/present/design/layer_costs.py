"""What one layer of a design costs, and the part of the image that its cells see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from convviz.core.arrays import Shape
from convviz.core.ops.base import Op
from convviz.core.ops.window import Window
from convviz.core.wiring import IMAGES

__all__ = ["LayerCosts", "ReceptiveField"]


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """The part of the image that one cell of a map was computed from.

    Parameters
    ----------
    size : (int, int)
        Rows and columns, padding included; at most those of the padded image.
    step : (int, int)
        How many rows and columns of the image the fields of neighbouring cells lie apart.
    start : (int, int)
        Row and column of the image where the field of the first cell begins; negative in the padding.
    whole : bool
        Whether every cell sees the whole image.
    maps : (int, int) or None
        Rows and columns of the maps that were flattened into a row of features.
    even : bool
        Whether neighbouring fields lie ``step`` apart everywhere; not where maps became larger on the way.
    """

    size: tuple[int, int] = (1, 1)
    step: tuple[int, int] = (1, 1)
    start: tuple[int, int] = (0, 0)
    whole: bool = False
    maps: tuple[int, int] | None = None
    even: bool = True

    def through(self, window: Window, margins: tuple[int, int, int, int]) -> ReceptiveField:
        """The field after a window (with padding top, bottom, left, right) has moved over these maps."""
        reach, before = window.reach, (margins[0], margins[2])
        size = (self.size[0] + (reach[0] - 1) * self.step[0], self.size[1] + (reach[1] - 1) * self.step[1])
        start = (self.start[0] - before[0] * self.step[0], self.start[1] - before[1] * self.step[1])
        step = (self.step[0] * window.stride[0], self.step[1] * window.stride[1])
        return replace(self, size=size, step=step, start=start)

    def joined(self, others: Sequence[ReceptiveField]) -> ReceptiveField:
        """The field of a cell that is computed from cells at its own place in several layers: all paths together."""
        every = (self, *others)
        start = min(one.start[0] for one in every), min(one.start[1] for one in every)
        end = max(one.start[0] + one.size[0] for one in every), max(one.start[1] + one.size[1] for one in every)
        step = max(one.step[0] for one in every), max(one.step[1] for one in every)
        maps = next((one.maps for one in every if one.maps is not None), None)
        size = end[0] - start[0], end[1] - start[1]
        return ReceptiveField(size, step, start, any(one.whole for one in every), maps, all(one.even for one in every))

    def of_cell(self, row: int, column: int) -> tuple[int, int, int, int]:
        """Top, left, height and width in the image of the field of one cell; may reach over the image's edges."""
        return (
            self.start[0] + row * self.step[0],
            self.start[1] + column * self.step[1],
            self.size[0],
            self.size[1],
        )


@dataclass(frozen=True, slots=True)
class LayerCosts:
    """What one layer of a design costs.

    Parameters
    ----------
    name : str
    inputs, output : tuple of int
        Shape per image, without the batch axis: (channels, height, width) or (features,). ``inputs`` is that of the
        first input.
    parameters : int
        Trainable numbers.
    mult_adds : int
        Multiply-adds of the matrix products of one image's forward pass.
    columns : (int, int) or None
        Shape of the im2col matrix of the whole minibatch.
    columns_bytes, activation_bytes : int
        Bytes of the im2col matrix and of the output, for the whole minibatch in float32.
    field : ReceptiveField
        The part of the image that a cell of the output sees.
    window : Window or None
        The moving window, if there is one.
    margins : (int, int, int, int)
        Padding top, bottom, left, right.
    reads : tuple of str
        Names of the layers that it reads; ``x`` for the images.
    everywhere : bool
        Whether a cell depends on all places of the maps that it reads, though they stay maps.
    moving : tuple of Op
        Its ops that compute a row or column from rows or columns in other places.
    """

    name: str
    inputs: Shape
    output: Shape
    parameters: int
    mult_adds: int
    columns: tuple[int, int] | None
    columns_bytes: int
    activation_bytes: int
    field: ReceptiveField
    window: Window | None = None
    margins: tuple[int, int, int, int] = (0, 0, 0, 0)
    reads: tuple[str, ...] = (IMAGES,)
    everywhere: bool = False
    moving: tuple[Op, ...] = ()
