"""The card of the list of runs: search, choice of the folder, and actions on the chosen run."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.theme.icon import icon
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.labels import ElidedLabel, Note
from convviz.gui.workspaces.compare.runs_list import RunsList
from convviz.present.compare.runs import RunRow

ACTIONS = (
    ("a", "Make it A", "A"),
    ("b", "Make it B", "B"),
    ("open", "Open in Watch", "Enter"),
    ("star", "Star", "S"),
    ("rename", "Rename…", "F2"),
    ("note", "Note…", ""),
    ("remove", "Delete", "Del"),
)


class RunsCard(Card):
    """Search above, the list, and a line below that says how many there are.

    Attributes
    ----------
    searched : Signal(str)
    folderAsked, ownFolderAsked, csvAsked, refreshAsked, allAsked, noneAsked : Signal()
    acted : Signal(str)
        The action on the chosen run: the first item of one of ``ACTIONS``.
    """

    searched = Signal(str)
    folderAsked = Signal()
    ownFolderAsked = Signal()
    csvAsked = Signal()
    refreshAsked = Signal()
    allAsked = Signal()
    noneAsked = Signal()
    acted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Runs", parent=parent)
        self._theme = current_theme()
        self.search = QLineEdit()
        self.search.setPlaceholderText("lr, seed 1, a note")
        self.search.setToolTip("Keep the runs that have these words in their name, differences or note; * the starred")
        self.search.setAccessibleName("Search runs")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(90)
        self.search.setMaximumWidth(190)
        self._glass = self.search.addAction(
            icon("search", self._theme.palette.muted), QLineEdit.ActionPosition.LeadingPosition
        )
        self.folder = Button("Folder…", small=True, icon_name="folder", tip="List the runs of a folder or a sweep")
        self.more = Button(icon_name="menu", small=True, tip="More: the list, and the chosen run")
        self.menu = QMenu(self)
        self.actions_by_name: dict[str, QAction] = {}
        for name, words, keys in ACTIONS:
            made = self.menu.addAction(f"{words}\t{keys}" if keys else words)
            made.triggered.connect(lambda _=False, name=name: self.acted.emit(name))
            self.actions_by_name[name] = made
        self.menu.addSeparator()
        for words, signal in (
            ("Show all curves", self.allAsked),
            ("Hide all curves but A and B", self.noneAsked),
            ("Export the list as CSV…", self.csvAsked),
            ("Runs that convviz recorded", self.ownFolderAsked),
            ("Read the folder again", self.refreshAsked),
        ):
            self.menu.addAction(words).triggered.connect(signal)
        self.more.clicked.connect(self._show_menu)
        self.add_action(self.search)
        self.add_action(self.folder)
        self.add_action(self.more)
        self.list = RunsList()
        self.empty = Note("")
        self.about = Note("")
        self.foot = ElidedLabel(token="muted", size=12, mode=Qt.TextElideMode.ElideMiddle)
        self.add(self.empty)
        self.add(self.list, 1)
        self.add(self.about)
        self.add(self.foot)
        self.empty.hide()
        self.about.hide()
        self.search.textChanged.connect(self.searched)
        self.folder.clicked.connect(self.folderAsked)
        self._theme.changed.connect(self._recolour)

    def show_empty(self, sentence: str) -> None:
        """Say why there is nothing; an empty sentence hides it."""
        self.empty.setText(sentence)
        self.empty.setVisible(bool(sentence))

    def show_chosen(self, row: RunRow | None) -> None:
        """Show the facts about the chosen run below the list, and enable the actions that need one."""
        for name in self.actions_by_name.values():
            name.setEnabled(row is not None)
        self.about.setText("" if row is None else row.about)
        self.about.setVisible(row is not None)

    def _show_menu(self) -> None:
        self.menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _recolour(self) -> None:
        self._glass.setIcon(icon("search", self._theme.palette.muted))
