"""The process from which workers are forked: it has all ready, and says nothing if it hasn't."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_run import DESIGN

from convviz.storage.designs import save_design, write_design
from convviz.sweeps.warming import DESIGN as VARIABLE
from convviz.sweeps.warming import METHOD, design_from, warm

ROOT = Path(__file__).resolve().parents[2]


def test_that_a_design_is_warmed_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    warm(DESIGN)
    assert list(tmp_path.iterdir()) == []


def test_that_a_design_is_told_as_text_as_a_file_or_by_its_name(tmp_path: Path) -> None:
    save_design(DESIGN, tmp_path / "a design.toml")
    assert design_from("text", write_design(DESIGN)) == DESIGN
    assert design_from("file", str(tmp_path / "a design.toml")) == DESIGN
    assert design_from("preset", "lenet-5").name == "lenet-5"


@pytest.mark.skipif(METHOD != "forkserver", reason="workers are forked on Linux only")
@pytest.mark.parametrize("text", [f"text {write_design(DESIGN)}", "preset course-7x7", "file /nowhere.toml", ""])
def test_that_the_process_has_no_threads_of_its_own_and_ignores_ctrl_c(text: str) -> None:
    code = (
        "import convviz.sweeps.preloaded, signal, threading, os\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
        "assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN\n"
        f"assert {VARIABLE!r} not in os.environ\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), VARIABLE: f"{os.getpid()} {text}"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(METHOD != "forkserver", reason="workers are forked on Linux only")
def test_that_it_ends_with_the_command() -> None:
    code = "import convviz.sweeps.preloaded; print('ready')"
    environment = os.environ | {"PYTHONPATH": str(ROOT), VARIABLE: f"{2**22 + 1} text {write_design(DESIGN)}"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
