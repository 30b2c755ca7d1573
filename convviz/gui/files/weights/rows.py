"""The rows of the table as a model of Qt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from convviz.gui.theme import current_theme
from convviz.present.weight_table import COLUMNS, WeightRow

NUMBERS = (0, 1, 2, 3)
"""Columns in the font of code."""
Index = QModelIndex | QPersistentModelIndex


class WeightRows(QAbstractTableModel):
    """One row a parameter.

    Parameters
    ----------
    rows : sequence of WeightRow
    """

    def __init__(self, rows: Sequence[WeightRow], parent: Any = None) -> None:
        super().__init__(parent)
        self.rows = tuple(rows)

    def rowCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return len(self.rows)

    def columnCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column, theme = self.rows[index.row()], index.column(), current_theme()
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return row.cells[column]
            case Qt.ItemDataRole.FontRole:
                return theme.mono(12) if column in NUMBERS else theme.font(12)
            case Qt.ItemDataRole.ForegroundRole:
                if not row.fits:
                    return theme.colour("danger")
                said = "ink" if column in (0, 2) or (column == len(COLUMNS) - 1 and row.is_turned) else "muted"
                return theme.colour(said)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return COLUMNS[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None
