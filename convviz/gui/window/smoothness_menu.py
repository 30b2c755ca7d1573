"""The choice between training's speed and many pictures."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSettings
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from convviz.gui.run_model.bridge import Bridge
from convviz.gui.run_model.picture_budget import Smoothness

KEY = "window/smoothness"
WORDS = {
    Smoothness.CALM: "Calm: training keeps 95 % of its speed",
    Smoothness.SMOOTH: "Smooth: training keeps 85 % of its speed",
}


class SmoothnessMenu(QMenu):
    """Sets how often the bridge's pictures come, and remembers it.

    Parameters
    ----------
    bridge : Bridge
    settings : QSettings
    """

    def __init__(self, bridge: Bridge, settings: QSettings) -> None:
        super().__init__("Pictures while training")
        self._bridge, self._settings = bridge, settings
        group = QActionGroup(self)
        remembered = str(settings.value(KEY, ""))
        if remembered in list(Smoothness):
            bridge.set_smoothness(Smoothness(remembered))
        self.choices = {one: self.addAction(word) for one, word in WORDS.items()}
        for smoothness, action in self.choices.items():
            action.setCheckable(True)
            action.setChecked(smoothness is bridge.smoothness)
            action.triggered.connect(partial(self._chosen, smoothness))
            group.addAction(action)

    def _chosen(self, smoothness: Smoothness, *_: object) -> None:
        self._bridge.set_smoothness(smoothness)
        self._settings.setValue(KEY, str(smoothness))
