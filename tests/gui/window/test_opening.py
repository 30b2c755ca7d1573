"""The window opens with its bars first; what takes long to import and to make comes while it already answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from patience import PATIENCE
from PySide6.QtCore import QEvent, QObject, QSettings, QSize, Qt
from PySide6.QtWidgets import QApplication
from whole_window import BUILD, TITLES, WATCH, WholeWindow

from convviz.gui.theme import Theme
from convviz.gui.window.main_window import first_size
from convviz.gui.window.opening import Opening
from convviz.run.state import State

HEAVY = {
    "convviz.core.design",
    "convviz.gui.workspaces.builder.page",
    "convviz.gui.workspaces.watch.page",
    "convviz.run.session",
    "h5py",
    "msgspec",
    "numba",
    "numpy",
    "pygments",
    "pyqtgraph",
    "qtawesome",
    "ziamath",
}
START = """
import json, sys
from PySide6.QtCore import QEvent, QObject, QTimer
from convviz.gui.app import application
from convviz.__main__ import main


class FirstPaint(QObject):
    window = None

    def eventFilter(self, watched, event):
        if event.type() is QEvent.Type.Paint and self.window is None and type(watched).__name__ == "MainWindow":
            self.window = watched
            self.modules = sorted(sys.modules)  # before the window's own filter starts to import
            QTimer.singleShot(0, self.painted)
        return False

    def painted(self):
        print(json.dumps({"modules": self.modules, "assembled": self.window.is_assembled}))
        if sys.argv[1] == "stays":
            self.window.ready.connect(self.ready)
        else:
            self.window.close()

    def ready(self):
        made = list(self.window.stack.made)
        print(json.dumps({"made": made, "loaded": [name for name in HEAVY if name in sys.modules]}))
        self.window.close()


HEAVY = ("pyqtgraph", "numpy", "convviz.core.design")
first = FirstPaint()
application().installEventFilter(first)
code = main([])
print(json.dumps({"code": code}))
"""


def start(home: Path, how: str) -> list[dict[str, object]]:
    """What a process says that opens the window as a user does."""
    command = [sys.executable, "-c", START, how]
    env = {"XDG_CONFIG_HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "CONVVIZ_FAST": "1"}
    done = subprocess.run(command, env=os.environ | env, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_that_the_first_paint_waits_for_nothing_heavy(tmp_path: Path) -> None:
    painted, ready, ended = start(tmp_path, "stays")
    modules = painted["modules"]
    assert isinstance(modules, list)
    loaded = {name for name in HEAVY if name in modules}
    assert not loaded, f"imported before the first paint: {', '.join(sorted(loaded))}"
    assert not painted["assembled"]
    assert ready == {"made": TITLES, "loaded": ["pyqtgraph", "numpy", "convviz.core.design"]}
    assert ended == {"code": 0}


def test_that_a_window_closed_at_once_ends_without_having_begun(tmp_path: Path) -> None:
    painted, ended = start(tmp_path, "goes")
    assert not painted["assembled"]
    assert ended == {"code": 0}


class Shown(QObject):
    """Windows that were shown."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[QObject] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Show and watched.isWidgetType() and watched.isWindow():
            self.windows.append(watched)
        return False


@pytest.fixture
def window(qtbot, theme: Theme, tmp_path: Path) -> Iterator[WholeWindow]:
    """A window that has not been shown."""
    made = WholeWindow(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    yield made
    made.close()
    made.deleteLater()


def test_that_it_answers_before_it_is_assembled(qtbot, window: WholeWindow) -> None:
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    assert window.top.switch.index == WATCH
    assert not window.top.train.isEnabled()
    qtbot.keyClick(window, Qt.Key(Qt.Key.Key_1 + BUILD), Qt.KeyboardModifier.ControlModifier)
    assert window.stack.currentIndex() == window.top.switch.index == BUILD
    window.start()
    assert list(window.stack.made) == ["Build"], "the page that was asked for is made first"
    assert window.stack.currentWidget() is window.build
    assert window.menu.open.isEnabled()


def test_that_no_other_window_flashes_up_while_it_is_assembled(qtbot, window: WholeWindow) -> None:
    shown = Shown()
    QApplication.instance().installEventFilter(shown)
    try:
        opening = Opening(window)
        opening.show()
        with qtbot.waitSignal(window.ready, timeout=20000):
            pass
        qtbot.waitUntil(lambda: window.run.state is State.IDLE, timeout=20000)
    finally:
        QApplication.instance().removeEventFilter(shown)
    assert list(window.stack.made) == TITLES
    assert shown.windows == [window]
    opening.stop()


@pytest.mark.parametrize(("screen", "size"), [((2560, 1440), (1440, 900)), ((1280, 760), (1264, 712))])
def test_that_a_first_window_fits_on_its_screen(screen: tuple[int, int], size: tuple[int, int]) -> None:
    assert first_size(QSize(*screen)) == QSize(*size)
