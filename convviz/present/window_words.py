"""What is said of a window that moves over maps: what it shares with its neighbours, and what no window covers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from convviz.core.ops.window import Window
from convviz.present.words import counted

__all__ = ["missed_words", "most_windows"]


def most_windows(window: Window, height: int, width: int) -> int:
    """The most windows that any cell of maps (padding included) is in."""
    rows, columns = window.coverage(height, width)
    return int(rows.max() * columns.max())


def missed_words(window: Window, height: int, width: int) -> str:
    """Which cells of maps (padding included) are in no window, and how many; empty where there are none.

    ``1 row and 1 column at the edge and 6 rows and 6 columns between windows, 343 of 784 cells``
    """
    coverage = window.coverage(height, width)
    (rows_at_edge, rows_between), (columns_at_edge, columns_between) = map(_missed, coverage)
    edge = _rows_columns(rows_at_edge, columns_at_edge)
    between = _rows_columns(rows_between, columns_between)
    if not edge and not between:
        return ""
    parts = [f"{edge} at the edge"] * bool(edge)
    # A dilated window leaves out cells of its own too.
    where = "between windows" if window.dilation == (1, 1) else "between the cells of windows"
    parts += [f"{between} {where}"] * bool(between)
    total = height * width
    missed = total - int(np.count_nonzero(coverage[0]) * np.count_nonzero(coverage[1]))
    return f"{' and '.join(parts)}, {missed:,} of {counted(total, 'cell')}"


def _missed(covered: npt.NDArray[np.int64]) -> tuple[int, int]:
    """Lines of an axis that no window covers: after the last that one does, and before it."""
    at_edge = len(covered) - 1 - int(np.flatnonzero(covered)[-1])
    return at_edge, int(np.count_nonzero(covered == 0)) - at_edge


def _rows_columns(rows: int, columns: int) -> str:
    words = [counted(rows, "row")] * bool(rows) + [counted(columns, "column")] * bool(columns)
    return " and ".join(words)
