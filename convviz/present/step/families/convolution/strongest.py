"""The channel or filter that adds most, in absolute value, to a sum over all of them; it is selected first."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from convviz.present.step.sentence import OutputCell
from convviz.present.step.stage import window_of_layer

Sums = npt.NDArray[np.float64]


def channel_sums(cell: OutputCell[Any]) -> tuple[npt.NDArray[np.intp], Sums]:
    """The channels that a filter's product reads, and how much each adds to it."""
    rows = cell.reads()[1][:, 0]
    window = window_of_layer(cell.program, cell.step.layer)
    taps = 1 if window is None else window.kernel[0] * window.kernel[1]
    return np.unique(rows // taps), _terms(cell).reshape(-1, taps).sum(axis=1)


def strongest_channel(cell: OutputCell[Any]) -> Mapping[str, int]:
    """The channel that adds most to a filter's product with a window."""
    channels, sums = channel_sums(cell)
    return MappingProxyType({"channel": int(channels[_strongest(sums)])})


def weights_channel(cell: OutputCell[Any]) -> Mapping[str, int]:
    """The channel that a weight multiplies; the cell is the weight's gradient."""
    row = int(cell.reads()[1][0][0])
    window = window_of_layer(cell.program, cell.step.layer)
    return MappingProxyType({"channel": row // (1 if window is None else window.kernel[0] * window.kernel[1])})


def strongest_filter(cell: OutputCell[Any]) -> Mapping[str, int]:
    """The filter that adds most to the gradient of a cell of a window."""
    return MappingProxyType({"filter": int(cell.reads()[0][_strongest(_terms(cell))][0])})


def _terms(cell: OutputCell[Any]) -> Sums:
    with np.errstate(all="ignore"):  # NaN and infinity are shown, not warned of
        return np.nan_to_num(cell.gathered(0) * cell.gathered(1))


def _strongest(sums: Sums) -> int:
    return int(np.abs(sums).argmax())
