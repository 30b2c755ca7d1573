"""The window's menu."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from convviz.gui.theme import ThemeMode, current_theme
from convviz.run.state import State

THEMES = ((ThemeMode.SYSTEM, "Like the system"), (ThemeMode.LIGHT, "Light"), (ThemeMode.DARK, "Dark"))


class WindowMenu(QMenu):
    """What concerns the window as a whole; its shortcuts count wherever the focus is.

    Parameters
    ----------
    window : QWidget

    Attributes
    ----------
    save_model, open_model, open_data, builtin, toggle_theme, about, quit : QAction
    recent_models : QMenu
        To be filled when the menu opens.
    themeChosen : Signal(object)
        A :class:`ThemeMode`.
    """

    themeChosen = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.save_model = self._add("Save trained model…")
        self.save_model.setEnabled(False)  # until there is a network
        self.open_model = self._add("Open trained model…")
        self.recent_models = self.addMenu("Open recent model")
        self.addSeparator()
        self.open_data = self._add("Open data file…", QKeySequence("Ctrl+Shift+O"))
        self.builtin = self._add("Use the built-in digits")
        self.addSeparator()
        self._themes = self._theme_menu()
        self.toggle_theme = self._add("Switch light and dark", QKeySequence("Ctrl+T"))
        self.addSeparator()
        self.about = self._add("About convviz")
        quit_keys = QKeySequence(QKeySequence.StandardKey.Quit)
        self.quit = self._add("Quit", quit_keys if not quit_keys.isEmpty() else QKeySequence("Ctrl+Q"))
        self.aboutToShow.connect(self._tick_theme)

    def show_state(self, state: State) -> None:
        """Let the trained model be saved once there is a network."""
        self.save_model.setEnabled(state is not State.EMPTY)

    def offer_file_keys(self, offered: bool) -> None:
        """Let Ctrl+S and Ctrl+O mean the trained model, or leave them to whoever is in front."""
        for action, key in (
            (self.save_model, QKeySequence.StandardKey.Save),
            (self.open_model, QKeySequence.StandardKey.Open),
        ):
            action.setShortcuts(QKeySequence.keyBindings(key)[:1] if offered else [])

    def _add(self, word: str, keys: QKeySequence | None = None) -> QAction:
        action = self.addAction(word)
        if keys is not None:
            action.setShortcut(keys)
        self._window.addAction(action)
        return action

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
