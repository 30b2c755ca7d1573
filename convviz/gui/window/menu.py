"""The window's menu."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from convviz.gui.theme import ThemeMode, current_theme

if TYPE_CHECKING:
    from convviz.gui.files.data_files import DataFiles
    from convviz.gui.files.model_files import ModelFiles
    from convviz.gui.files.opener import FileOpener
    from convviz.gui.files.run_files import RunFiles
    from convviz.gui.files.weights.files import WeightFiles

THEMES = ((ThemeMode.SYSTEM, "Like the system"), (ThemeMode.LIGHT, "Light"), (ThemeMode.DARK, "Dark"))


class WindowMenu(QMenu):
    """Actions of the window as a whole; their shortcuts work wherever the focus is.

    Parameters
    ----------
    window : QWidget

    designs : mapping of str to QAction
        Actions of a design: ``new``, ``save``, ``save_as``, ``copy``, ``paste``.

    Attributes
    ----------
    open, runs, save_model, weights, keep_run, open_data, builtin, toggle_theme, quit : QAction
    recent : QMenu
        Has to be filled when the menu opens.
    help : QMenu
    themeChosen : Signal(object)
        A :class:`ThemeMode`.
    """

    themeChosen = Signal(object)

    def __init__(self, window: QWidget, designs: Mapping[str, QAction]) -> None:
        super().__init__(window)
        self._window = window
        self._take(designs["new"])
        self.open = self._add("Open…", QKeySequence("Ctrl+O"), "Open a design, trained model, run or data set")
        self.recent = self.addMenu("Open recent")
        self.runs = self._add("Recorded runs…", QKeySequence("Ctrl+Shift+R"), "Every run that was recorded")
        self.addSeparator()
        self._take(designs["save"])
        self._take(designs["save_as"])
        self.save_model = self._add("Save trained model…", QKeySequence("Ctrl+Shift+M"))
        self.weights = self._add(
            "Take weights from a file…", None, "Weights of another program, for the design at hand"
        )
        self.keep_run = self._add("Keep this run as…", QKeySequence("Ctrl+Shift+K"), "Copy its recording to a file")
        self.addSeparator()
        self._take(designs["copy"])
        self._take(designs["paste"])
        self.addSeparator()
        self.open_data = self._add("Open data set…", QKeySequence("Ctrl+Shift+O"))
        self.builtin = self._add("Use the built-in digits")
        self.addSeparator()
        self._themes = self._theme_menu()
        self.toggle_theme = self._add("Switch light and dark", QKeySequence("Ctrl+T"))
        self.help = self.addMenu("Help")
        self.addSeparator()
        quit_keys = QKeySequence(QKeySequence.StandardKey.Quit)
        self.quit = self._add("Quit", quit_keys if not quit_keys.isEmpty() else QKeySequence("Ctrl+Q"))
        self.aboutToShow.connect(self._tick_theme)

    def connect_files(
        self, opener: FileOpener, models: ModelFiles, runs: RunFiles, data: DataFiles, weights: WeightFiles
    ) -> None:
        """Connect everything about files but designs, whose actions are given."""
        self.open.triggered.connect(opener.choose)
        self.aboutToShow.connect(partial(opener.fill_recent, self.recent))
        self.save_model.triggered.connect(models.save)
        self.weights.triggered.connect(weights.choose)
        self.keep_run.triggered.connect(lambda: runs.keep())
        self.open_data.triggered.connect(data.choose)
        self.builtin.triggered.connect(data.open_builtin)

    def add_help(self, word: str, keys: Sequence[str] = ()) -> QAction:
        """Add an entry to the Help menu, with its keys."""
        action = self.help.addAction(word)
        action.setShortcuts([QKeySequence(text) for text in keys])
        self._window.addAction(action)
        return action

    def _take(self, action: QAction) -> None:
        """Take over an existing action, so that its keys work in the whole window."""
        self.addAction(action)
        self._window.addAction(action)

    def _add(self, word: str, keys: QKeySequence | None = None, tip: str = "") -> QAction:
        action = self.addAction(word)
        action.setToolTip(tip or word)
        if keys is not None:
            action.setShortcut(keys)
        self._window.addAction(action)
        return action

    def add_choice(self, choice: QMenu) -> None:
        """Add a menu beside that of the themes."""
        choice.setParent(self, choice.windowFlags())
        self.insertMenu(self.toggle_theme, choice)

    def _theme_menu(self) -> dict[ThemeMode, QAction]:
        themes = self.addMenu("Theme")
        group = QActionGroup(themes)
        made = {}
        for mode, word in THEMES:
            made[mode] = themes.addAction(word)
            made[mode].setCheckable(True)
            made[mode].triggered.connect(partial(self._theme_chosen, mode))
            group.addAction(made[mode])
        return made

    def _theme_chosen(self, mode: ThemeMode, *_: object) -> None:
        self.themeChosen.emit(mode)

    def _tick_theme(self) -> None:
        self._themes[current_theme().mode].setChecked(True)
