"""Without a screen the window says so, and how to go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from child import child
from patience import PATIENCE

from convviz.__main__ import with_file


def run(**changes: str) -> subprocess.CompletedProcess[str]:
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    env = {name: value for name, value in os.environ.items() if name not in hidden} | changes
    return subprocess.run([sys.executable, "-m", "convviz"], env=env, capture_output=True, text=True, timeout=PATIENCE)


def test_that_without_a_display_it_exits_with_2_and_says_how_to_go_on() -> None:
    done = run()
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "neither DISPLAY nor WAYLAND_DISPLAY is set" in done.stderr
    assert "convviz train" in done.stderr
    assert "offscreen" in done.stderr


def test_that_a_display_where_nothing_answers_is_named() -> None:
    done = run(DISPLAY=":9876")
    assert done.returncode == 2
    assert "expected an X server at DISPLAY=:9876, but nothing answers there" in done.stderr
    assert "Traceback" not in done.stderr


BEGINS = """
import signal, sys
import convviz.gui.app
from convviz.__main__ import main

def begin(*given, **more):
    print("begun", flush=True)
    signal.raise_signal(signal.SIGINT)

convviz.gui.app.run = begin
sys.exit(main([]))
"""


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the exit code is another one")
def test_that_ctrl_c_ends_a_window_that_is_coming_up_without_an_exception(interrupts: None) -> None:
    with child("-c", BEGINS, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}) as process:
        found, errors = process.communicate()
    assert (process.returncode, found, errors) == (-signal.SIGINT, "begun\n", "")


def test_that_a_file_in_the_place_of_a_command_is_opened(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    folder = str(tmp_path / "folder")
    assert with_file(["run.cvz", "--theme", "dark"]) == ["--open", "run.cvz", "--theme", "dark"]
    assert with_file([folder]) == ["--open", folder]
    for given in ([], ["train", "--epochs", "3"], ["--theme", "dark"], ["trian"]):
        assert with_file(given) == given
