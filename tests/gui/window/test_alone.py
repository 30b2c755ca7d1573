"""Every workspace runs alone, with a real run behind it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from convviz.gui.theme import Theme
from convviz.gui.window.__main__ import window
from convviz.gui.workspaces.registry import WORKSPACES
from convviz.run.state import State


@pytest.mark.parametrize("title", [entry.title for entry in WORKSPACES])
def test_that_a_workspace_runs_without_the_others(qtbot, theme: Theme, tmp_path: Path, title: str) -> None:
    made = window(title.lower(), "toy-4x4", QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    made.show()
    qtbot.waitUntil(lambda: made.run.state is State.IDLE, timeout=20000)
    assert list(made.stack.made) == [title]
    assert made.stack.front.page.isVisible()
    made.close()
    made.deleteLater()
