"""The command beside the window, and what is said when it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QProcess

from convviz.gui.workspaces.compare.sweep_process import SweepProcess

pytest.importorskip("distributed", reason="sweeps need Dask: pip install 'convviz[sweep]'")


def test_that_the_commands_own_sentence_is_told(qtbot, tmp_path: Path) -> None:
    process = SweepProcess()
    with qtbot.waitSignal(process.ended, timeout=60000) as told:
        process.start(["--resume", "--out", str(tmp_path / "nothing")])
    assert str(tmp_path / "nothing") in told.args[0]
    assert not told.args[0].startswith("convviz sweep")
    assert not process.is_running


def test_that_an_end_without_words_is_told_too(qtbot, tmp_path: Path) -> None:
    process = SweepProcess()
    with qtbot.waitSignal(process.ended, timeout=60000) as told:
        process.start(["--resume", "--out", str(tmp_path)])
        (child,) = process.findChildren(QProcess)
        child.kill()
    assert told.args[0].startswith("The sweep has ended in the middle, with exit code")


def test_that_what_was_held_needs_no_words(qtbot, tmp_path: Path) -> None:
    process = SweepProcess()
    with qtbot.waitSignal(process.ended, timeout=60000) as told:
        process.start(["--resume", "--out", str(tmp_path)])
        process.stop()
        assert process.is_stopping
    assert told.args == [""]
    assert not process.is_stopping
