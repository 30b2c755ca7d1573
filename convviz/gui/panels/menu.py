"""The window's menu."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from convviz.gui.theme import ThemeMode, current_theme

THEMES = ((ThemeMode.SYSTEM, "Like the system"), (ThemeMode.LIGHT, "Light"), (ThemeMode.DARK, "Dark"))


class WindowMenu(QMenu):
    """What concerns the window as a whole; its shortcuts count wherever the focus is.

    Parameters
    ----------
    window : QWidget

    Attributes
    ----------
    open_data, builtin, toggle_theme, about, quit : QAction
    themeChosen : Signal(object)
        A :class:`ThemeMode`.
    """

    themeChosen = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
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
