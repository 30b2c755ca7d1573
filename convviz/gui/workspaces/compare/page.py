"""Compare's page: the list of runs at the left, what is compared at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from convviz.gui.widgets.tab_card import TabCard
from convviz.gui.widgets.tab_order import tab_in_order
from convviz.gui.workspaces.compare.curves_card import CurvesPage
from convviz.gui.workspaces.compare.pair_page import PairPage
from convviz.gui.workspaces.compare.runs_card import RunsCard
from convviz.gui.workspaces.compare.sweep_page import SweepPage

TABS = ("Curves", "A and B", "Sweep")


class ComparePage(QWidget):
    """Its parts are attributes, named after what they are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs = RunsCard()
        self.curves = CurvesPage()
        self.pair = PairPage()
        self.sweep = SweepPage()
        self.tabs = TabCard()
        self.tabs.add_tab(TABS[0], self.curves)
        self.tabs.add_tab(TABS[1], self.pair)
        self.tabs.add_tab(TABS[2], self.sweep)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(14)
        self.splitter.addWidget(self.runs)
        self.splitter.addWidget(self.tabs)
        self.splitter.setStretchFactor(0, 2)
        self.splitter.setStretchFactor(1, 3)
        self.splitter.setSizes([560, 840])
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 12, 14, 14)
        row.addWidget(self.splitter)
        if self.tabs.switch is not None:
            tab_in_order(self.runs, self.tabs.switch, self.curves, self.pair, self.sweep)

    @property
    def tab(self) -> str:
        """The visible one."""
        pages = (self.curves, self.pair, self.sweep)
        return next(title for title, page in zip(TABS, pages, strict=True) if page is self.tabs.front)
