"""The table of a file's weights, and the question whether to take them."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from convviz.gui.files.weights.rows import WeightRows
from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Heading, Note, ThemedLabel
from convviz.present.weight_table import remarks, rows_of, verdict
from convviz.run.messages import WeightsMatched

SIZE = (940, 620)
EDGE = 48
ROW = 26


class WeightsDialog(QDialog):
    """Shows which array each parameter of the design would get. Esc is Cancel, Enter takes what fits.

    Parameters
    ----------
    found : WeightsMatched
    window : QWidget

    Attributes
    ----------
    taken : Signal()
        The user wants the arrays that fit.
    """

    taken = Signal()

    def __init__(self, found: WeightsMatched, window: QWidget) -> None:
        super().__init__(window)
        self.found = found
        table = found.table
        self.setModal(True)
        title = f"Weights of {found.path.name} for {found.design.name or 'the design'}"
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.rows = WeightRows(rows_of(table), self)
        self.table = QTableView()
        self.table.setModel(self.rows)
        self.table.setAccessibleName("Parameters of the design and arrays of the file")
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(ROW)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        self.verdict = ThemedLabel(
            verdict(table), weight=QFont.Weight.DemiBold, token="ink" if table.is_whole else "danger"
        )
        self.remarks = Note(remarks(table))
        self.remarks.setVisible(bool(self.remarks.text()))
        fit = len(table.fitting)
        word = "Take them" if table.is_whole else f"Take the {fit:,} that fit"
        self.take = Button(word, kind="primary", tip="A new run begins with these weights (Enter)")
        self.take.setDefault(True)
        self.take.setVisible(fit > 0)
        self.cancel = Button("Cancel", tip="Keep the network as it is (Esc)")
        self._lay_out(title)
        self.resize(min(SIZE[0], window.width() - EDGE), min(SIZE[1], window.height() - EDGE))
        self.table.resizeColumnToContents(2)
        self.table.setColumnWidth(2, min(self.table.columnWidth(2) + 16, 300))
        self.take.clicked.connect(self._take)
        self.cancel.clicked.connect(self.reject)
        current_theme().changed.connect(self.table.viewport().update)
        self.finished.connect(self._end)
        (self.take if fit else self.cancel).setFocus()
        bad = next((number for number, row in enumerate(self.rows.rows) if not row.fits), None)
        if bad is not None:  # what doesn't fit is shown first
            self.table.setCurrentIndex(self.rows.index(bad, 0))
            self.table.clearSelection()
            QTimer.singleShot(0, self.table, self._show_current)

    def _lay_out(self, title: str) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.verdict, 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(Heading(title, level=1))
        column.addWidget(
            Note(
                f"The file is {article(self.found.table.kind)}. Its arrays are matched by name where names agree, else "
                "by shape and order; those with other axes are turned. Nothing is taken before you say so."
            )
        )
        column.addWidget(self.table, 1)
        column.addWidget(self.remarks)
        column.addLayout(foot)

    def _show_current(self) -> None:
        self.table.scrollTo(self.table.currentIndex(), QAbstractItemView.ScrollHint.PositionAtCenter)

    def _take(self) -> None:
        self.accept()
        self.taken.emit()

    def _end(self, _result: int) -> None:
        QTimer.singleShot(0, self.deleteLater)


def article(kind: str) -> str:
    """``an NPZ file``, ``a safetensors file``, ``the model small``."""
    if kind.startswith("the "):
        return kind
    first = "an" if kind[:1] in "NAEIO" else "a"
    return f"{first} {kind} file"
