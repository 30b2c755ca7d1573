"""Signals close the window; where that asks something a second one ends the question."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from child import child

APP = """
import os, signal, sys
from pathlib import Path
from PySide6.QtCore import QSettings, QTimer
from convviz.gui.app import application
from convviz.gui.window.main_window import MainWindow
from convviz.gui.window.signals import EndingSignals
from convviz.run.state import State
from convviz.run.safekeeping import NotKeptError, Safekeeping

def refuse(self, run):
    raise NotKeptError("the disk is full")

Safekeeping.keep = refuse
app = application("light")
window = MainWindow(QSettings(str(Path(sys.argv[1]) / "s.ini"), QSettings.Format.IniFormat))
window.show()
window.start()
ending = EndingSignals(window)
done = set()
window.ready.connect(lambda: done.add("ready"))

def look():
    box = app.activeModalWidget()
    # While there is no network yet nothing is asked.
    if done == {"ready"} and window.run.state is State.IDLE:
        done.add("sent")
        os.kill(os.getpid(), int(sys.argv[2]))
    if box is not None and box.isVisible():
        print("asked:", box.sentence.text(), flush=True)
        looking.stop()

looking = QTimer()
looking.timeout.connect(look)
looking.start(20)
app.exec()
print("ended:", not window.run.bridge.running, flush=True)
sys.exit(ending.exit_code)
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_that_a_second_signal_ends_the_question_of_the_first(name: str, tmp_path: Path, interrupts: None) -> None:
    number = getattr(signal, name, None)
    if number is None:
        pytest.skip(f"this system has no {name}")
    with child("-c", APP, str(tmp_path), str(int(number))) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "asked: Save the trained model?\n"
        process.send_signal(number)
        found, errors = process.communicate()
    assert (process.returncode, found) == (128 + number, "ended: True\n"), errors
    assert "Traceback" not in errors
