"""Files that are not convviz's own: opened at once where all is sure, otherwise asked about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QInputDialog

from convviz.data.importing.choices import ANOTHER
from convviz.gui.files.importing.code import ImportCode
from convviz.gui.files.importing.dialog import ImportDialog
from convviz.gui.files.importing.rows import ChoiceRows
from tests.support.whole_window import WholeWindow

RNG = np.random.default_rng(1)
BYTES = RNG.integers(0, 256, (40, 10, 10)).astype(np.uint8)
LABELS = np.arange(40) % 10


def drop(window: WholeWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)


def asked(qtbot, window: WholeWindow) -> ImportDialog:
    qtbot.waitUntil(lambda: window.data.dialog is not None and window.data.dialog.seen is not None, timeout=10000)
    assert window.data.dialog is not None
    return window.data.dialog


def choose(qtbot, dialog: ImportDialog, rows: ChoiceRows, key: str, value: object) -> None:
    """With the keys, as in any drop-down choice."""
    combo = rows.combos[key]
    qtbot.keyClick(combo, Qt.Key.Key_Home)
    while combo.value != value:
        qtbot.keyClick(combo, Qt.Key.Key_Down)
    seen = dialog.seen
    qtbot.waitUntil(lambda: dialog.seen is not seen and combo.value == value, timeout=10000)


@pytest.fixture
def guessed(tmp_path: Path) -> Path:
    """Standardised pixels: nothing says which value is black."""
    path = tmp_path / "standard.npz"
    images = (BYTES.astype(np.float32) - 128) / 60
    np.savez(path, x_train=images, y_train=LABELS, x_test=images[:10], y_test=LABELS[:10])
    return path


def test_that_a_dropped_file_opens_at_once_and_says_what_was_changed(qtbot, window: WholeWindow, tmp_path) -> None:
    path = tmp_path / "sure.npz"
    np.savez(path, x_train=BYTES, y_train=LABELS, x_test=BYTES[:10], y_test=LABELS[:10])
    drop(window, path)
    qtbot.waitUntil(lambda: window.run.data_name == "sure.npz", timeout=10000)
    np.testing.assert_array_equal(window.run.train.images[:, 0], BYTES / np.float32(255))
    assert window.message.text() == "sure.npz: values 0…255, divided by 255."
    assert window.message.kind == "info"
    (other,) = window.message.action_buttons
    qtbot.mouseClick(other, Qt.MouseButton.LeftButton)
    dialog = asked(qtbot, window)
    assert dialog.rows.combos["values"].value == (0.0, 255.0)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert window.data.dialog is None


def test_that_a_guess_is_asked_about_and_everything_can_be_chosen(qtbot, window: WholeWindow, guessed: Path) -> None:
    before = window.run.data_name
    drop(window, guessed)
    dialog = asked(qtbot, window)
    qtbot.waitUntil(lambda: dialog.focusWidget() is dialog.rows.combos["values"], timeout=5000)
    assert dialog.rows.evidence["values"].token == "warning"
    assert dialog.outcome.text() == "40 training + 10 test images, 1×10×10, 10 classes"
    first = dialog.look.pictures[0].values.copy()
    choose(qtbot, dialog, dialog.rows, "invert", True)
    np.testing.assert_allclose(dialog.look.pictures[0].values, 1 - first, atol=1e-6)
    choose(qtbot, dialog, dialog.rows, "axes", ("WH", (1, 10, 10)))
    np.testing.assert_allclose(dialog.look.pictures[0].values, 1 - first.transpose(0, 2, 1), atol=1e-6)
    dialog.name.selectAll()
    qtbot.keyClicks(dialog.name, "my set")
    qtbot.waitUntil(lambda: dialog.seen.recognised.recipe.name == "my set", timeout=10000)
    assert window.run.data_name == before, "nothing is opened while it is asked about"
    qtbot.mouseClick(dialog.accepted_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.run.data_name == "my set", timeout=10000)
    low, high = (float(value) for value in ((BYTES.min() - 128.0) / 60, (BYTES.max() - 128.0) / 60))
    wanted = 1 - ((BYTES.astype(np.float32) - 128) / 60 - low) / (high - low)
    np.testing.assert_allclose(window.run.train.images[:, 0], wanted.transpose(0, 2, 1), atol=1e-5)


def test_that_a_choice_that_does_not_fit_says_so(qtbot, window: WholeWindow, guessed: Path) -> None:
    window.data.open_path(guessed)
    dialog = asked(qtbot, window)
    choose(qtbot, dialog, dialog.rows, "values", (0.0, 1.0))
    assert "expected values in 0…1" in dialog.fault.text()
    assert not dialog.accepted_button.isEnabled()
    choose(qtbot, dialog, dialog.rows, "labels", None)
    assert dialog.fault.text() == "Choose the labels: training needs one for each image."
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_that_the_preview_shows_other_images_and_counts_all_labels(qtbot, window: WholeWindow, guessed: Path) -> None:
    window.data.open_path(guessed)
    dialog = asked(qtbot, window)
    assert dialog.look.title.text() == "First 24 of 40"
    assert [label.text() for label in dialog.look.labels[:3]] == ["0", "1", "2"]
    assert dialog.look.bars.counts.tolist() == [4] * 10
    qtbot.mouseClick(dialog.look.another, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.look.title.text().startswith("Images "), timeout=10000)
    start = dialog.seen.preview.start
    assert dialog.look.labels[0].text() == str(LABELS[start])
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_that_a_share_for_testing_can_be_chosen(qtbot, window: WholeWindow, tmp_path: Path) -> None:
    path = tmp_path / "alone.npz"
    np.savez(path, images=BYTES, labels=LABELS)
    window.data.examine(path, ask=True)
    dialog = asked(qtbot, window)
    choose(qtbot, dialog, dialog.making, "test", 0.5)
    assert dialog.outcome.text() == "20 training + 20 test images, 1×10×10, 10 classes"
    qtbot.mouseClick(dialog.accepted_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.run.data_name == "alone", timeout=10000)
    assert np.bincount(window.run.test.labels).tolist() == [2] * 10


@pytest.mark.parametrize("contents", [b"", b"\x80\x04 pickle", b"PK\x03\x04 broken"])
def test_that_what_is_no_data_set_is_one_sentence(qtbot, window: WholeWindow, tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "odd.npz"
    path.write_bytes(contents)
    before = window.run.data_name
    drop(window, path)
    qtbot.waitUntil(lambda: window.message.isVisible() and window.message.kind == "error", timeout=10000)
    assert "odd.npz: expected " in window.message.text()
    assert "\n" not in window.message.text()
    assert window.data.dialog is None
    assert window.run.data_name == before


def test_that_the_second_opening_asks_nothing(qtbot, window: WholeWindow, guessed: Path) -> None:
    drop(window, guessed)
    dialog = asked(qtbot, window)
    choose(qtbot, dialog, dialog.rows, "invert", True)
    dialog.called.setFocus()
    dialog.called.selectAll()
    qtbot.keyClicks(dialog.called, ", ".join("abcdefghij"))
    dialog.called.editingFinished.emit()
    qtbot.waitUntil(lambda: dialog.seen.recognised.recipe.called == tuple("abcdefghij"), timeout=10000)
    qtbot.mouseClick(dialog.accepted_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.run.data_name == "standard", timeout=10000)
    images = window.run.train.images.copy()
    assert window.run.class_names == tuple("abcdefghij")
    sure = guessed.with_name("sure.npz")
    np.savez(sure, x_train=BYTES, y_train=LABELS, x_test=BYTES[:10], y_test=LABELS[:10])
    drop(window, sure)
    qtbot.waitUntil(lambda: window.run.data_name == "sure.npz", timeout=10000)
    drop(window, guessed)
    qtbot.waitUntil(lambda: window.run.data_name == "standard", timeout=10000)
    assert window.data.dialog is None
    np.testing.assert_array_equal(window.run.train.images, images)
    assert window.message.text().startswith("standard.npz: opened as last time, ")
    (other,) = window.message.action_buttons
    qtbot.mouseClick(other, Qt.MouseButton.LeftButton)
    dialog = asked(qtbot, window)
    assert dialog.rows.combos["invert"].value is True
    assert dialog.called.text() == ", ".join("abcdefghij")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_that_another_file_can_have_the_test_images(qtbot, window: WholeWindow, tmp_path: Path) -> None:
    path, other = tmp_path / "alone.npz", tmp_path / "apart.npz"
    np.savez(path, images=BYTES[:30], labels=LABELS[:30])
    np.savez(other, images=BYTES[30:], labels=LABELS[30:])
    window.data.examine(path, ask=True)
    dialog = asked(qtbot, window)
    dialog.take_test_file(other)
    qtbot.waitUntil(lambda: dialog.outcome.text().startswith("30 training + 10 test images"), timeout=10000)
    dialog.take_test_file(tmp_path / "nowhere.npz")
    qtbot.waitUntil(lambda: "nowhere.npz" in dialog.fault.text(), timeout=10000)
    dialog.take_test_file(other)
    qtbot.waitUntil(dialog.accepted_button.isEnabled, timeout=10000)
    qtbot.mouseClick(dialog.as_code, Qt.MouseButton.LeftButton)
    code = dialog.findChild(ImportCode)
    assert f"test_file={str(other)!r}" in code.text.toPlainText()
    qtbot.mouseClick(code.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == code.text.toPlainText()
    code.kinds.selected.emit(1)
    assert code.text.toPlainText().startswith("convviz data convert ")
    qtbot.mouseClick(code.close_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(dialog.accepted_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.run.data_name == "alone", timeout=10000)
    np.testing.assert_array_equal(window.run.test.images[:, 0], BYTES[30:] / np.float32(255))


def test_that_any_size_can_be_asked_for(qtbot, window: WholeWindow, guessed: Path, monkeypatch) -> None:
    window.data.open_path(guessed)
    dialog = asked(qtbot, window)
    for typed, shape in (("12 x 9", "1×12×9"), ("large", "1×12×9"), ("2000×3", "1×12×9")):
        monkeypatch.setattr(QInputDialog, "getText", lambda *_, typed=typed, **__: (typed, True))
        dialog.making.chosen.emit("size", ANOTHER)
        if typed == "12 x 9":
            qtbot.waitUntil(lambda shape=shape: shape in dialog.outcome.text(), timeout=10000)
            assert dialog.making.combos["size"].value == (12, 9)
        else:
            qtbot.waitUntil(lambda: dialog.fault.text().startswith("size: expected "), timeout=10000)
            dialog.making.chosen.emit("size", (12, 9))
            qtbot.waitUntil(lambda: not dialog.fault.isVisible(), timeout=10000)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
