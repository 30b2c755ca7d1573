"""Weights of other programs in the window: a table first, then a network that has them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from controls import nameless
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from weight_files import safetensors
from whole_window import WATCH, WholeWindow

from convviz.core.network import Network
from convviz.gui.files.weights.dialog import WeightsDialog


@pytest.fixture
def arrays(window: WholeWindow) -> dict[str, np.ndarray]:
    """Weights for the window's design, with dense layers as PyTorch has them."""
    found = {}
    for name, array in Network(window.edited.design).arrays.items():
        if name.startswith(("conv", "dense")):
            other = np.linspace(-0.5, 0.5, array.size, dtype=np.float32).reshape(array.shape)
            found[name] = np.ascontiguousarray(other.T) if name.startswith("dense") and array.ndim == 2 else other
    return found


def dropped(window: WholeWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    left = Qt.MouseButton.LeftButton
    window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, left, Qt.KeyboardModifier.NoModifier))


def shown(qtbot, window: WholeWindow) -> WeightsDialog:
    qtbot.waitUntil(lambda: window.weights.dialog is not None and window.weights.dialog.isVisible(), timeout=10000)
    return window.weights.dialog


def test_that_dropped_weights_are_shown_and_then_taken(
    qtbot, window: WholeWindow, arrays: dict[str, np.ndarray], tmp_path: Path
) -> None:
    window.go_to(WATCH)
    networks = window.run.networks
    dropped(window, safetensors(tmp_path / "theirs.safetensors", arrays))
    dialog = shown(qtbot, window)
    assert "get their weights" in dialog.verdict.text()
    assert not nameless(dialog)
    rows = {row.parameter: row for row in dialog.rows.rows}
    assert rows["conv1.weight"].says == "as it is"
    assert window.run.networks == networks
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "theirs.safetensors" in window.message.text(), timeout=10000)
    assert "Train begins a new run" in window.message.text()
    expected = np.squeeze(arrays["conv1.weight"])
    qtbot.waitUntil(
        lambda: (seen := window.seen("conv1.weight")) is not None and np.array_equal(seen, expected), timeout=10000
    )
    assert window.weights.dialog is None


def test_that_a_mismatch_is_said_and_cancel_changes_nothing(
    qtbot, window: WholeWindow, arrays: dict[str, np.ndarray], tmp_path: Path
) -> None:
    networks = window.run.networks
    name = next(name for name in arrays if name.startswith("dense") and name.endswith("bias"))
    arrays[name] = np.ones(77, np.float32)
    window.weights.open_path(safetensors(tmp_path / "other.safetensors", arrays))
    dialog = shown(qtbot, window)
    row = next(row for row in dialog.rows.rows if row.parameter == name)
    assert not row.fits
    assert "got 77" in row.says
    assert "would keep their initial ones" in dialog.verdict.text()
    assert dialog.take.text() == f"Take the {len(arrays) - 1} that fit"
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.weights.dialog is None, timeout=10000)
    assert window.run.networks == networks


def test_that_damaged_weights_are_a_sentence(qtbot, window: WholeWindow, tmp_path: Path) -> None:
    path = tmp_path / "damaged.safetensors"
    path.write_bytes((12).to_bytes(8, "little") + b"{not json at all")
    window.weights.open_path(path)
    qtbot.waitUntil(lambda: "expected a header as JSON" in window.message.text(), timeout=10000)
    assert window.weights.dialog is None


def test_that_the_menu_asks_for_a_file(
    qtbot, window: WholeWindow, arrays: dict[str, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "named.npz"
    ours = {name: array.T if name.startswith("dense") and array.ndim == 2 else array for name, array in arrays.items()}
    np.savez(path, **ours)
    monkeypatch.setattr(window.weights, "ask_which", lambda: path)
    window.menu.weights.trigger()
    dialog = shown(qtbot, window)
    assert all(row.fits and not row.is_turned for row in dialog.rows.rows)
    dialog.reject()
    qtbot.waitUntil(lambda: window.weights.dialog is None, timeout=10000)
