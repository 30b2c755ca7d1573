"""Help, in a window of its own."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.turns import paint_later
from convviz.gui.window.help.about import facts, links
from convviz.gui.window.help.pages import AboutPage, ColoursPage, Page, ShortcutsPage, WordsPage
from convviz.gui.window.workspace_stack import WorkspaceStack
from convviz.present.glossary import GLOSSARY

TITLES = ("Shortcuts", "Colours", "Words", "About")
WIDTH, HEIGHT = 900, 640
EDGE = 60
"""Least pixels of the main window that stay visible around it."""


class HelpDialog(QDialog):
    """Keys, colours, words, and about convviz. It blocks nothing; Esc closes it.

    Parameters
    ----------
    window : QWidget
    stack : WorkspaceStack
        Whose workspaces have keys.
    """

    def __init__(self, window: QWidget, stack: WorkspaceStack) -> None:
        super().__init__(window)
        self.setWindowTitle("Help")
        self.setAccessibleName("Help")
        self._window, self._stack = window, stack
        self.shortcuts = ShortcutsPage()
        self._pages: dict[str, Page] = {"Shortcuts": self.shortcuts}
        """Pages that were shown; making all of them takes long."""
        self._shown = QStackedWidget()
        self._shown.addWidget(self.shortcuts)
        self.tabs = SegmentedControl(TITLES, name="Help about")
        self.tabs.selected.connect(self.go_to)
        self.close_button = Button("Close", tip="Close Help (Esc)")
        self.close_button.clicked.connect(self.close)
        top = QHBoxLayout()
        top.addWidget(self.tabs)
        top.addStretch()
        top.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 12, 14)
        column.setSpacing(12)
        column.addLayout(top)
        column.addWidget(self._shown, 1)

    @property
    def front(self) -> QWidget:
        """The page that is shown."""
        return self._page(TITLES[self.tabs.index])

    @Slot(int)
    def go_to(self, number: int) -> None:
        """Show a page."""
        page = self._page(TITLES[number])
        if page is self.shortcuts:
            pages = {title: workspace.page for title, workspace in self._stack.every().items()}
            self.shortcuts.find_keys(self._window, pages)
        paint_later(self)
        self._shown.setCurrentWidget(page)
        self.tabs.set_index(number)

    def open_at(self, name: str) -> None:
        """Show the page of this name, in the middle of the window."""
        self.go_to(TITLES.index(name))
        if self.isHidden():
            size = self._window.size()
            self.resize(min(WIDTH, size.width() - EDGE), min(HEIGHT, size.height() - EDGE))
            self.move(self._window.geometry().center() - self.rect().center())
        self.show()
        self.raise_()
        self.activateWindow()
        self.front.setFocus()

    def _page(self, title: str) -> Page:
        if title not in self._pages:
            match title:
                case "Colours":
                    made: Page = ColoursPage()
                case "Words":
                    made = WordsPage("Words", GLOSSARY)
                case _:
                    made = AboutPage(facts(), links())
            self._pages[title] = made
            self._shown.addWidget(made)
        return self._pages[title]
