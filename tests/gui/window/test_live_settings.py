"""The panel of the settings that apply while training."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from convviz.gui.run_model.edited_design import EditedDesign
from convviz.gui.theme import Theme
from convviz.gui.window.live_settings import ABOUT, WAITS, LiveSettings


class Follower(QObject):
    """Says whether an edit waits."""

    changed = Signal()
    waits = False


def test_that_the_panel_keeps_its_size_when_its_sentence_changes(qtbot, theme: Theme) -> None:
    window, follower = QWidget(), Follower()
    qtbot.addWidget(window)
    button = QPushButton("…", window)
    panel = LiveSettings(EditedDesign(window), follower, window)
    window.resize(600, 400)
    window.show()
    qtbot.waitExposed(window)
    panel.open_below(button)
    qtbot.waitExposed(panel)
    before, above = panel.size(), {place: field.geometry() for place, field in panel.fields.items()}
    assert panel.caption.text() == ABOUT
    for waits in (True, False):
        follower.waits = waits
        follower.changed.emit()
        panel.layout().activate()
        assert panel.caption.text() == (WAITS if waits else ABOUT)
        assert panel.heightForWidth(panel.width()) <= before.height()
        assert panel.size() == before
        assert {place: field.geometry() for place, field in panel.fields.items()} == above
        assert panel.caption.height() >= panel.caption.heightForWidth(panel.caption.width())
    panel.close()
