"""The window opens MNIST's own files: from its dialog, and a folder that is dropped on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog

from convviz.gui.window.main_window import MainWindow
from tests.support.idx_files import names, write_pair


def written(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    folder.mkdir()
    for part, count in (("train", 30), ("t10k", 8)):
        write_pair(folder, part, rng.integers(0, 256, (count, 10, 10)), rng.integers(0, 10, count))
    return folder


def test_that_the_dialog_offers_and_opens_them(qtbot, window: MainWindow, tmp_path: Path, monkeypatch) -> None:
    path = written(tmp_path / "mnist") / names("train")[0]
    offered: list[str] = []

    def chosen(_parent, _title, _folder, filters):
        offered.append(filters)
        return str(path), filters

    monkeypatch.setattr(QFileDialog, "getOpenFileName", chosen)
    window.data.choose()
    qtbot.waitUntil(lambda: window.run.data_name == path.name, timeout=10000)
    assert (len(window.run.train), len(window.run.test)) == (30, 8)
    assert "MNIST's IDX files (*-ubyte" in offered[0]
    assert offered[0].startswith("Data sets (*.h5 ")


def test_that_a_folder_can_be_dropped_on_the_window(qtbot, window: MainWindow, tmp_path: Path) -> None:
    folder = written(tmp_path / "mnist")
    urls = QMimeData()
    urls.setUrls([QUrl.fromLocalFile(str(folder))])
    copy, no_button, no_key = Qt.DropAction.CopyAction, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(5, 5), copy, urls, no_button, no_key))
    qtbot.waitUntil(lambda: window.run.data_name == "mnist", timeout=10000)
    assert len(window.run.train) == 30
