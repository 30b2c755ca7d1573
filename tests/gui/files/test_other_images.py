"""A data set of other images than the network takes: the window shows which, and changes the network in one click."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from PySide6.QtCore import Qt

from convviz.data.errors import DataError
from convviz.data.open import open_data
from convviz.data.sources import ImageSpec
from convviz.run.messages import Failed
from tests.support.whole_window import WholeWindow


def data_file(path: Path, pixels: int, classes: int = 10) -> Path:
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        for part, count in (("train", 40), ("test", 20)):
            file[f"x_{part}"] = rng.random((count, pixels), np.float32)
            file[f"y_{part}"] = (np.arange(count) % classes).reshape(-1, 1).astype(np.int32)
    return path


@pytest.fixture
def coloured(tmp_path: Path) -> Path:
    return data_file(tmp_path / "cifar.h5", 3072)


def test_that_a_click_changes_the_network_and_opens_the_file(qtbot, window: WholeWindow, coloured: Path) -> None:
    before = window.edited.design
    window.data.open_path(coloured)
    qtbot.waitUntil(lambda: window.data.dialog is not None and window.data.dialog.seen is not None, timeout=10000)
    dialog = window.data.dialog
    assert dialog.look.remarks[0].text.text() == "The network takes 1×10×10: with 3×32×32 its input is changed."
    assert dialog.accepted_button.text() == "Change the network and import"
    assert window.edited.design == before
    qtbot.mouseClick(dialog.accepted_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.run.data_name == "cifar", timeout=10000)
    assert window.run.train is not None
    assert window.run.train.images.shape == (40, 3, 32, 32)
    qtbot.waitUntil(lambda: window.run.design.input.channels == 3, timeout=10000)
    assert window.edited.design.layers == before.layers
    window.edited.document.undo_stack.undo()
    assert window.edited.design.input == before.input


def test_that_the_images_can_be_resized_instead(qtbot, window: WholeWindow, coloured: Path) -> None:
    before = window.edited.design
    window.data.open_path(coloured)
    qtbot.waitUntil(lambda: window.data.dialog is not None and window.data.dialog.seen is not None, timeout=10000)
    dialog = window.data.dialog
    for key, value in (("size", (10, 10)), ("colour", "grey")):
        combo = dialog.making.combos[key]
        combo.setFocus()
        qtbot.keyClick(combo, Qt.Key.Key_Home)
        while combo.value != value:
            qtbot.keyClick(combo, Qt.Key.Key_Down)
        qtbot.waitUntil(lambda: dialog.accepted_button.isEnabled(), timeout=10000)
    assert dialog.accepted_button.text() == "Import"
    assert dialog.look.pictures[0].values.shape == (1, 10, 10)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.run.data_name == "cifar", timeout=10000)
    assert window.run.train.images.shape == (40, 1, 10, 10)
    assert window.edited.design == before


def test_that_more_classes_change_the_last_layer(qtbot, window: WholeWindow, tmp_path: Path) -> None:
    before = window.edited.design
    window.data.open_path(data_file(tmp_path / "letters.h5", 100, 13))
    qtbot.waitUntil(lambda: window.data.dialog is not None and window.data.dialog.seen is not None, timeout=10000)
    dialog = window.data.dialog
    assert dialog.look.remarks[0].text.text() == "The network knows 10 classes: with 13 its last layer is changed."
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.run.data_name == "letters", timeout=10000)
    assert (window.run.design.classes, window.run.design.layers[-1].units) == (13, 13)
    assert window.run.train.labels.max() == 12
    window.edited.document.undo_stack.undo()
    assert window.edited.design == before


def test_that_the_error_says_how_many_classes_there_are(tmp_path: Path) -> None:
    path = tmp_path / "letters.npz"
    np.savez(path, x_train=np.zeros((26, 10, 10), np.uint8), y_train=np.arange(26))
    with pytest.raises(DataError, match="expected at most 10 classes, got 26") as error:
        open_data(path, ImageSpec(1, 10, 10, 10))
    assert (error.value.fits, error.value.classes) == (None, 26)


def test_that_a_file_refused_for_its_images_offers_to_change_the_network(qtbot, window, coloured: Path) -> None:
    """As when a network is opened again with data that were changed meanwhile."""
    window.data.open_path(coloured)
    qtbot.waitUntil(lambda: window.data.dialog is not None, timeout=10000)
    qtbot.keyClick(window.data.dialog, Qt.Key.Key_Escape)
    window.run.failed.emit(Failed("cifar.h5: expected 1×10×10 images, got 3×32×32", (3, 32, 32), classes=12))
    (offer,) = window.message.action_buttons
    assert offer.text() == "Change the network to 3×32×32, 12 classes"


def test_that_the_error_about_a_file_goes_when_another_is_opened(qtbot, window: WholeWindow, tmp_path: Path) -> None:
    odd, good = data_file(tmp_path / "odd.h5", 97), data_file(tmp_path / "good.h5", 100)
    window.data.open_path(odd)
    qtbot.waitUntil(lambda: "odd.h5" in window.message.text() and window.message.isVisible())
    window.data.open_path(good)
    qtbot.waitUntil(lambda: window.run.data_name == "good.h5")
    assert not (window.message.isVisible() and "odd.h5" in window.message.text())
