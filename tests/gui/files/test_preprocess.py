"""What a network of another program wants done to its images is asked once in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from controls import nameless
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from whole_window import WholeWindow

from convviz.gui.files.preprocess.dialog import PreprocessDialog

MODEL = Path(__file__).parents[2] / "storage" / "fixtures" / "keras" / "sequential.keras"


def asked(qtbot, window: WholeWindow) -> PreprocessDialog:
    qtbot.waitUntil(
        lambda: window.preprocess.dialog is not None and window.preprocess.dialog.isVisible(), timeout=20000
    )
    return window.preprocess.dialog


def opened_without(qtbot, window: WholeWindow) -> None:
    """No data fit: it is opened all the same, and the message offers to open some."""
    qtbot.waitUntil(lambda: "so a black one stands in." in window.message.text(), timeout=20000)
    assert "Open data…" in [one.text() for one in window.message.findChildren(QPushButton)]


@pytest.fixture
def forgetful(window: WholeWindow):
    """Answers of other tests are forgotten."""
    window.preprocess.settings.remove("preprocess")
    yield window
    window.preprocess.settings.remove("preprocess")


def test_that_it_is_asked_once_and_becomes_the_first_layer(qtbot, forgetful: WholeWindow) -> None:
    window = forgetful
    window.models.open_path(MODEL)
    dialog = asked(qtbot, window)
    assert "Black becomes 0, and white 1." in dialog.outcome.text()
    assert not nameless(dialog)
    dialog.choose("imagenet")
    assert "red" in dialog.outcome.text()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    opened_without(qtbot, window)
    assert window.top.whole_subject.endswith("no data set open")
    networks = window.run.networks
    window.message.say("")  # so that what is waited for is said of the second time
    window.models.open_path(MODEL)
    opened_without(qtbot, window)
    assert window.preprocess.dialog is None
    qtbot.waitUntil(lambda: window.run.networks > networks, timeout=20000)
    assert window.run.design.layers[0].name == "preprocess"
    assert window.run.design.layers[1].name == "first"
    # What was answered can be changed.
    qtbot.waitUntil(lambda: "Its images are preprocessed as last time." in window.message.text(), timeout=20000)
    button = next(one for one in window.message.findChildren(QPushButton) if one.text() == "Ask again")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    asked(qtbot, window).reject()
    qtbot.waitUntil(lambda: window.preprocess.dialog is None, timeout=10000)


def test_that_numbers_of_ones_own_are_checked_and_named_classes_kept(qtbot, forgetful: WholeWindow) -> None:
    window = forgetful
    window.models.open_path(MODEL)
    dialog = asked(qtbot, window)
    dialog.mean.setFocus()
    dialog.mean.clear()
    qtbot.keyClicks(dialog.mean, "0.5, 0.5")
    assert dialog.chosen == "own"
    assert "expected one number, or 3, got 2" in dialog.fault.text()
    assert not dialog.open_button.isEnabled()
    qtbot.keyClicks(dialog.mean, ", 0.25")
    assert dialog.open_button.isEnabled()
    qtbot.keyClicks(dialog.called, "a, b, c, d, e")
    answer = dialog.answer()
    assert answer.mean == (0.5, 0.5, 0.25)
    assert answer.class_names == ("a", "b", "c", "d", "e")
    networks = window.run.networks
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.preprocess.dialog is None, timeout=10000)
    assert window.run.networks == networks
