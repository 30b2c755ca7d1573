"""The table of a sweep's runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from convviz.gui.theme import current_theme
from convviz.present.compare.sweep_rows import SweepColumn, columns_of, sort_key, words_of
from convviz.present.compare.sweep_table import SweepRun

ROW = 26
NUMBERS = ("number", "field", "seed", "accuracy", "best", "loss", "epochs", "seconds")
"""Columns whose text is aligned to the right."""
INDENT = "\u2002"
"""Space before text that follows a column of right-aligned numbers."""
Index = QModelIndex | QPersistentModelIndex


class SweepRowsModel(QAbstractTableModel):
    """Runs as rows, sorted by a column."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.runs: list[SweepRun] = []
        self.columns: tuple[SweepColumn, ...] = ()
        self.best = ""
        self._order: tuple[str, bool] = ("#", False)

    def show_runs(self, runs: Sequence[SweepRun], best: str) -> None:
        """Show other runs in the order that was asked for."""
        self.beginResetModel()
        self.columns, self.best = columns_of(runs), best
        self.runs = list(runs)
        self._sort()
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        run, column = self.runs[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{INDENT if column.kind not in NUMBERS else ''}{words_of(run, column)}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.kind in NUMBERS else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole:
            if run.state in ("failed", "impossible") and column.kind in ("state", "sentence"):
                return self._theme.colour("danger")
            if run.file == self.best and column.kind == "accuracy":
                return self._theme.colour("accent_text")
            return self._theme.colour("ink" if column.kind in ("field", "accuracy") else "muted")
        if role == Qt.ItemDataRole.FontRole:
            return self._theme.font(12) if column.kind in ("state", "sentence") else self._theme.mono(12)
        if role == Qt.ItemDataRole.ToolTipRole:
            return run.sentence or run.file
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and section < len(self.columns):
            column = self.columns[section]
            if role == Qt.ItemDataRole.DisplayRole:
                arrow = ("", " ↑", " ↓")[1 + self._order[1] if column.name == self._order[0] else 0]
                return f"{INDENT if column.kind not in NUMBERS else ''}{column.name}{arrow}"
            if role == Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if column.kind in NUMBERS else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if 0 <= column < len(self.columns):
            self.layoutAboutToBeChanged.emit()
            self._order = self.columns[column].name, order == Qt.SortOrder.DescendingOrder
            self._sort()
            self.layoutChanged.emit()

    @property
    def order(self) -> tuple[str, bool]:
        """The title that the rows are sorted by, and whether from its high end."""
        return self._order

    def _sort(self) -> None:
        name, descending = self._order
        column = next((one for one in self.columns if one.name == name), None)
        if column is None:
            return
        there = [run for run in self.runs if not sort_key(run, column)[0]]
        # Rows without a value come last in either direction.
        nothing = [run for run in self.runs if sort_key(run, column)[0]]
        self.runs = sorted(there, key=lambda run: sort_key(run, column), reverse=descending) + nothing


class SweepRowsView(QTableView):
    """A row a run, sorted by a click on a title.

    Attributes
    ----------
    runChosen, runOpened : Signal(str)
        File of the run that the cursor is on, and of one that was asked for.
    """

    runChosen = Signal(str)
    runOpened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.rows = SweepRowsModel(self)
        self.setModel(self.rows)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setAccessibleName("Runs of the sweep, as a table")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        # Qt's own arrow would cover the titles, which are aligned to the right.
        header.setSectionsClickable(True)
        header.sectionClicked.connect(self._sort_by)
        self.selectionModel().currentRowChanged.connect(self._chosen)
        self.doubleClicked.connect(self._opened)
        self.activated.connect(self._opened)
        current_theme().changed.connect(self.viewport().update)
        self._sized: tuple[SweepColumn, ...] = ()

    def show_runs(self, runs: Sequence[SweepRun], best: str) -> None:
        """Show other runs; the cursor and the order stay."""
        row = self.currentIndex().row()
        kept = self.rows.runs[row].file if 0 <= row < len(self.rows.runs) else ""
        self.selectionModel().blockSignals(True)
        self.rows.show_runs(runs, best)
        self.selectionModel().blockSignals(False)
        if self.rows.columns != self._sized:
            self._sized = self.rows.columns
            self._size_columns()
        if kept:
            self.choose(kept)

    def choose(self, file: str) -> None:
        """Put the cursor on a run, without a signal."""
        at = next((at for at, run in enumerate(self.rows.runs) if run.file == file), None)
        if at is not None:
            self.selectionModel().blockSignals(True)
            self.selectRow(at)
            self.selectionModel().blockSignals(False)
            self.viewport().update()

    def _size_columns(self) -> None:
        metrics, mono = self.fontMetrics(), current_theme().mono(12)
        digit = self.fontMetrics().horizontalAdvance("0") if mono is None else 8
        for at, column in enumerate(self.rows.columns):
            longest = max((len(words_of(run, column)) for run in self.rows.runs[:200]), default=0)
            title = metrics.horizontalAdvance(column.name) + 34
            self.setColumnWidth(at, min(260, max(60, title, longest * digit + 24)))

    def _sort_by(self, column: int) -> None:
        name, descending = self.rows.order
        kind = self.rows.columns[column].kind
        # The most useful order first: the best results on top, fields from their low end.
        down = not descending if name == self.rows.columns[column].name else kind in ("accuracy", "best")
        self.rows.sort(column, Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder)
        self.horizontalHeader().viewport().update()

    def _chosen(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            self.runChosen.emit(self.rows.runs[index.row()].file)

    def _opened(self, index: QModelIndex) -> None:
        if index.isValid():
            self.runOpened.emit(self.rows.runs[index.row()].file)
