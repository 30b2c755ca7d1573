"""Probe's page: the tabs, what was measured, and how far a measurement is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.widgets.labels import Note
from convviz.gui.widgets.turns import paint_later
from convviz.gui.workspaces.probe.filters_tab import FiltersTab
from convviz.gui.workspaces.probe.map_tab import MapTab
from convviz.gui.workspaces.probe.mistakes_tab import MistakesTab
from convviz.gui.workspaces.probe.why_tab import WhyTab

TABS = ("Mistakes", "Why?", "Filters", "Map")
SPLITS = ("test", "training", "drawings")
MEASURE, MEASURE_PAST = "Measure the network as it is now", "Measure the network of the past moment that Watch shows"


class ProbePage(QWidget):
    """Tabs above, the one that is chosen below.

    Parameters
    ----------
    views : sequence of (str, str)
        Titles of the workspaces that show the watched image, and the texts of their buttons.

    Attributes
    ----------
    measureAsked, cancelAsked, saveAsked, liveAsked : Signal()
    tabShown : Signal()
        Another tab is visible.
    splitChosen : Signal(str)
        ``test``, ``training`` or ``drawings``.
    """

    KEYS = WhyTab.KEYS
    measureAsked = Signal()
    cancelAsked = Signal()
    saveAsked = Signal()
    liveAsked = Signal()
    tabShown = Signal()
    splitChosen = Signal(str)

    def __init__(self, views: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tabs = SegmentedControl(list(TABS), name="What is probed")
        self.split = SegmentedControl(["test", "training", "drawings"], small=True, name="Images")
        self.said = FittingLabel(token="muted", size=12, cut=True)
        self.measure = Button("Measure again", small=True, tip=MEASURE, shortcut="Ctrl+R")
        self.cancel = Button("Cancel", small=True, tip="Stop measuring")
        self.cancel.hide()
        self.live = Button(
            "Back to live", icon_name="end", small=True, tip="Measure the live network, and show it in Watch as well"
        )
        self.live.hide()
        self.save = Button("Save as CSV…", small=True, tip="Save every image's label, answer and probabilities")
        self.save.hide()
        self.empty = Note()
        self.mistakes = MistakesTab()
        self.why = WhyTab(views)
        self.filters = FiltersTab(views)
        self.map = MapTab(views)
        self._pages = QStackedWidget()
        for page in (self.mistakes, self.why, self.filters, self.map):
            self._pages.addWidget(page)
        self._pages.hide()
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.tabs)
        head.addWidget(self.split)
        head.addWidget(self.said, 1)
        head.addWidget(self.live)
        head.addWidget(self.save)
        head.addWidget(self.measure)
        head.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 14)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.empty)
        column.addWidget(self._pages, 1)
        column.addStretch(0)
        self.empty.hide()
        self.tabs.selected.connect(self.go_to)
        self.split.selected.connect(self._split_selected)
        self.measure.clicked.connect(self.measureAsked)
        self.cancel.clicked.connect(self.cancelAsked)
        self.save.clicked.connect(self.saveAsked)
        self.live.clicked.connect(self.liveAsked)

    @property
    def tab(self) -> str:
        """The visible one."""
        return TABS[self._pages.currentIndex()]

    def go_to(self, number: int) -> None:
        """Show a tab."""
        paint_later(self)
        self.tabs.set_index(number)
        self._pages.setCurrentIndex(number)
        self._show_save()
        self.tabShown.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that nothing on the page has used are those of Why?."""
        if not (self.tab == "Why?" and self.why.isVisible() and self.why.handle_key(event)):
            super().keyPressEvent(event)

    def show_split(self, split: str, drawings: int) -> None:
        """Show which images are measured; drawings can be chosen if there are any."""
        reason = "" if drawings else "There are no drawings yet: draw in Data"
        self.split.set_segment_enabled(SPLITS.index("drawings"), bool(drawings), reason)
        self.split.set_index(SPLITS.index(split))

    def show_past(self, shown: bool, looked_at: bool) -> None:
        """Show whether the numbers are those of a past moment, and whether one would be measured; then, the way back.

        The two differ while a past moment loads or is measured, and after that was cancelled.
        """
        self.said.set_token("accent_text" if shown else "muted")
        self.measure.setToolTip(f"{MEASURE_PAST if looked_at else MEASURE} (Ctrl+R)")
        self.live.setVisible(looked_at)

    def show_results(self, shown: bool, sentence: str = "") -> None:
        """Show the tabs' contents, or a sentence in their place."""
        paint_later(self)
        self._pages.setVisible(shown)
        self._show_save()
        self.empty.setText(sentence)
        self.empty.setVisible(bool(sentence))

    def _show_save(self) -> None:
        self.save.setVisible(self.tab == "Mistakes" and not self._pages.isHidden())

    def set_busy(self, busy: bool) -> None:
        """Show the button that cancels instead of the one that measures."""
        self.measure.setVisible(not busy)
        self.cancel.setVisible(busy)

    def _split_selected(self, number: int) -> None:
        self.splitChosen.emit(SPLITS[number])
