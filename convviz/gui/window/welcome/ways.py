"""Shows the front page at a first start or when asked, and follows the user's choice."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSettings

from convviz.data.sources import BuiltinDigits, DataFile
from convviz.gui.window.parts import WindowParts
from convviz.gui.window.welcome.page import Welcome
from convviz.run.state import State
from convviz.storage.presets import preset

SEEN = "window/welcomed"
"""Key in the settings: the page has been dismissed once."""
TOY = "toy-4x4"


class WaysIn(QObject):
    """The front page of a window.

    Parameters
    ----------
    window : WindowParts
        Assembled.
    settings : QSettings
    """

    def __init__(self, window: WindowParts, settings: QSettings) -> None:
        super().__init__(window)
        self._window, self._settings = window, settings
        self.page = Welcome(window.stack, window.data.downloads)
        self.page.data.builtinAsked.connect(window.data.open_builtin)
        self.page.data.pathAsked.connect(window.data.open_path)
        window.run.prepared.connect(self._show_used)
        self._show_used()
        self.page.chosen.connect(self._go)
        self.page.dismissed.connect(self._dismissed)
        top, stack = window.top, window.stack
        for asked in (top.trainPressed, top.stepPressed, top.goOnPressed, top.restartPressed, top.workspaceSelected):
            asked.connect(self.page.dismiss)
        for shown in (stack.entered, window.models.opening, window.designs.opened):
            shown.connect(self.page.dismiss)

    def _show_used(self, *_: object) -> None:
        source = self._window.run.source
        path = source.path if isinstance(source, DataFile) else None
        self.page.data.show_used(path, builtin=isinstance(source, BuiltinDigits))

    def offer(self) -> None:
        """Show the page if nobody has seen it."""
        if not self.is_seen:
            self.page.open()

    @property
    def is_seen(self) -> bool:
        """Whether the page has been dismissed once."""
        return self._settings.contains(SEEN)

    def _dismissed(self) -> None:
        self._settings.setValue(SEEN, True)
        self._window.stack.front.page.setFocus()

    def _go(self, way: str) -> None:
        stack, edited = self._window.stack, self._window.edited
        if way == "watch":
            stack.go_where_training_is_seen()
            if self._window.run.state is State.IDLE and not self._window.run.is_trained:
                self._window.top.train.click()
        elif way == "step":
            toy = preset(TOY)
            if edited.design != toy.named():
                edited.document.replace(toy, f"open {TOY}")
            stack.go_where_passes_are_stepped()
            stack.front.show_edited()
        else:
            stack.go_where_designs_are_edited()
