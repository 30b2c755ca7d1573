"""A pane, which is one picture of a step, and the scene, which is all panes of a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from convviz.core.arrays import Array, Index
from convviz.core.ops.cells import Cells
from convviz.core.program import Step
from convviz.present.step.slices import ArraySlice
from convviz.present.step.values import Values

Content = Literal["array", "hits", "after", "flipped", "flipped sum", "delta"]
"""What a pane's numbers are: the array itself, how many columns have been added, the sum after all of them, a filter
turned by 180°, the gradient recomputed as a convolution with such filters, or the change that an update makes."""
Picks = Literal["", "sample", "filter", "channel", "unit"]


@dataclass(frozen=True, slots=True)
class Pane:
    """One picture.

    Parameters
    ----------
    array : str
        Name of the array.
    view : ArraySlice
        The part of the array that is shown.
    title, caption : str
        ``weight[12]`` and ``7×7``.
    row : int
        Row of the arrangement.
    width : float
        Share of the row's width.
    free : bool
        Whether cells are stretched to fill the pane, as for wide matrices.
    strip : bool
        Whether an overview of the whole array is drawn below.
    picks : str
        What a click on a tile selects besides the cell.
    content : str
        See :data:`Content`.
    scale : bool
        Whether the pane has a scale bar, if there is room.
    """

    array: str
    view: ArraySlice
    title: str
    caption: str = ""
    row: int = 0
    width: float = 1.0
    free: bool = False
    strip: bool = False
    picks: Picks = ""
    content: Content = "array"
    scale: bool = True

    def index(self, tile: int, row: int, col: int) -> Index:
        """Logical index of a cell of the picture."""
        if self.content == "flipped":
            row, col = self.view.fold[1] - 1 - row, self.view.fold[2] - 1 - col
        return self.view.index(tile, row, col)

    def places(self, cells: Cells) -> Cells:
        """Return (tile, row, column) of the cells that are in the picture, ``(m, 3)``."""
        found = self.view.places(cells)
        if self.content == "flipped":
            found[:, 1:] = np.asarray(self.view.fold[1:]) - 1 - found[:, 1:]
        return found

    @property
    def numbers_name(self) -> str:
        """Name of the numbers: the array's, or the title if they are not the array's own numbers."""
        own = self.content in ("array", "after", "flipped")
        return self.array.rpartition(".")[2] if own else self.title

    def numbers(self, values: Values) -> Array:
        """The part of the array that the pane shows, ``(tiles, rows, columns)``.

        Columns of several images are taken from the array in its logical shape, which is cached.
        """
        spec = values.program.arrays[self.array]
        if spec.column_blocks > 1 and self.view.count[1] > spec.places:
            return self.view.take(values.array(self.array))
        return self.view.picture(values.stored(self.array), spec)


@dataclass(frozen=True, slots=True)
class Scene:
    """The panes of a step and the steps whose links connect them.

    Parameters
    ----------
    step : Step
    panes : tuple of Pane
    links : tuple of Step
        In the program's order, including the step itself.
    heights : tuple of float
        Share of the height for every row.
    choices : tuple of str
        Those of sample, filter, channel and unit that make a difference here.
    low : bool
        Whether every row needs only the height of its numbers.
    sample : int
        The selected image.
    """

    step: Step
    panes: tuple[Pane, ...]
    links: tuple[Step, ...]
    heights: tuple[float, ...]
    choices: tuple[str, ...] = ()
    low: bool = False
    sample: int = 0

    @property
    def arrays(self) -> frozenset[str]:
        """Names of the arrays that are shown."""
        return frozenset(pane.array for pane in self.panes)
