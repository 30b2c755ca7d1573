"""The app itself, in a real window on a virtual screen, in a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from child import child
from patience import PATIENCE

SUPPORT = Path(__file__).resolve().parents[1] / "support"
DRIVE = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])  # what tests share
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from convviz.gui.app import application
from convviz.gui.shots import wait
from convviz.run.state import State
from whole_window import BUILD, WholeWindow

def click(widget):
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


out = Path(sys.argv[1])
app = application("light")
window = WholeWindow(QSettings(str(out / "s.ini"), QSettings.Format.IniFormat), kept=out / "kept")
window.resize(1100, 700)
window.show()
window.start()
wait(app, lambda: window.step is not None and window.run.state is State.IDLE and window.watch.frames, window)
seen = {"platform": app.platformName(), "exposed": window.windowHandle().isExposed()}
# Without a window manager no window is ever active, so shortcuts have to wait for tests that draw offscreen.
segments = {button.text(): button for button in window.top.switch.findChildren(QAbstractButton)}
click(window.top.train)
wait(app, lambda: window.run.position.step > 3, window)
frames = window.watch.frames
wait(app, lambda: window.watch.frames > frames, window)
seen["frames"] = window.watch.frames - frames
click(segments["Step"])
wait(app, lambda: window.step.run is not None, window)
seen["held"] = window.run.state is State.PAUSED
click(segments["Build"])
wait(app, lambda: window.stack.currentIndex() == BUILD, window)
seen["build"] = True
click(segments["Watch"])
click(window.top.train)
wait(app, lambda: window.run.state is State.RUNNING, window)
window.models.save_to(out / "model.h5")
wait(app, lambda: "Saved to model.h5" in window.message.text(), window)
seen["goes on"] = window.run.state is State.RUNNING
kept = window.run.position.step
wait(app, lambda: window.run.position.step > kept, window)  # now there is something to lose

window.models.open_path(out / "model.h5")
wait(app, lambda: "Opened model.h5" in window.message.text(), window)
wait(app, lambda: "is kept" in window.message.text(), window)
seen["kept"] = any((out / "kept").glob("*.h5"))
seen["opened"] = window.run.position.step > 3 and window.run.state is State.PAUSED
click(window.top.train)
wait(app, lambda: window.run.state is State.RUNNING, window)
seen["saved"] = window.grab().save(str(out / "window.png"))
window.close()
seen["ended"] = not window.run.bridge.running
print(json.dumps(seen))
"""


def test_that_the_app_is_driven_by_the_mouse_on_a_real_screen(real_window: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DRIVE, str(tmp_path), str(SUPPORT)],
        env=real_window,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["platform"] == "xcb"
    assert seen["exposed"]
    assert seen["frames"] > 0
    assert seen["held"], "going to Step holds the training"
    assert seen["build"]
    assert seen["goes on"], "saving leaves the run running"
    assert seen["kept"], "what was trained meanwhile is kept"
    assert seen["opened"]
    assert seen["saved"]
    assert seen["ended"]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("number", "ignored"),
    [(signal.SIGINT, signal.SIG_DFL), (signal.SIGTERM, signal.SIG_IGN), (signal.SIGHUP, signal.SIG_DFL)],
    ids=["INT", "TERM", "HUP"],
)
def test_that_a_signal_closes_the_window_cleanly(
    number: signal.Signals, ignored: signal.Handlers, real_window: dict[str, str], tmp_path: Path, interrupts: None
) -> None:
    signal.signal(signal.SIGINT, ignored)
    with child("-m", "convviz", env=real_window | {"XDG_CONFIG_HOME": str(tmp_path)}) as process:
        while not hears(process.pid, signal.SIGTERM):
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.01)
        if ignored is signal.SIG_IGN:
            assert not hears(process.pid, signal.SIGINT), "started as by nohup, it leaves Ctrl+C to others"
        process.send_signal(number)
        _, err = process.communicate()
    assert process.returncode == 128 + number, err
    assert "Traceback" not in err
    assert (tmp_path / "convviz" / "convviz.ini").exists(), "the window's size is remembered"


def hears(process: int, number: signal.Signals) -> bool:
    """Whether a process has a handler for a signal."""
    status = Path(f"/proc/{process}/status").read_text()
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (number - 1) & 1)
