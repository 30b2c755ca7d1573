"""The window records every run, and says it once if it can't."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from convviz.run.commands import Train
from convviz.run.state import State
from convviz.storage.recording.read import Recording
from tests.support.small_run import DESIGN, noise_data
from tests.support.whole_window import FIRST_FOUR, WholeWindow


@pytest.fixture
def opened(qtbot, theme, tmp_path: Path) -> Iterator[Callable[[], WholeWindow]]:
    windows: list[WholeWindow] = []

    def start() -> WholeWindow:
        settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
        made = WholeWindow(settings, recorded=tmp_path / "runs", workspaces=FIRST_FOUR)
        windows.append(made)
        made.show()
        made.start(DESIGN, noise_data())
        with qtbot.waitSignal(made.ready, timeout=20000):
            pass
        qtbot.waitUntil(lambda: made.run.state is State.IDLE, timeout=20000)
        return made

    yield start
    for one in windows:
        one.edited.document.reset(one.edited.design)
        one.close()
        one.deleteLater()


def train(qtbot, window: WholeWindow) -> None:
    run = window.run
    run.bridge.send(Train())
    qtbot.waitUntil(lambda: run.position.step == 18 and run.state is State.IDLE, timeout=30_000)


def test_that_a_run_of_the_window_is_recorded(qtbot, opened, tmp_path: Path) -> None:
    window = opened()
    assert window.run.recording is None
    train(qtbot, window)
    path = window.run.recording
    assert path is not None
    assert path.parent == tmp_path / "runs"
    with qtbot.waitSignal(window.run.recordingChanged, timeout=30_000):
        window.run.bridge.send(Train())
    assert window.run.recording != path
    with Recording(path) as recording:
        assert (recording.ended, recording.last_step) == ("finished", 18)


def test_that_it_says_once_that_a_run_is_not_recorded(qtbot, opened, tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file where the folder should be")
    window = opened()
    train(qtbot, window)
    said = "The run goes on, but it is not recorded any more: "
    qtbot.waitUntil(lambda: window.message.text().startswith(said))  # by the thread that writes
