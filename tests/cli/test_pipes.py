"""A pipe in the place of a file is refused: nobody waits for somebody to write into it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from patience import PATIENCE

from convviz.__main__ import main
from convviz.storage.last_session import SessionFolder

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")

COMMANDS = [
    "train --design pipe.toml",
    "train --dataroot pipe.h5",
    "train --resume pipe.h5",
    "predict --model pipe.h5",
    "predict --model pipe.npz",
    "step --model pipe.h5 --export s.json",
    "step --design pipe.toml --export s.json",
    "export pipe.cvz out.h5",
    "export pipe.cvz out.py",
    "export pipe.h5 out.py",
    "export pipe.toml out.py",
    "train --epochs 1 --record pipe.cvz",
]


@pytest.fixture
def pipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for suffix in ("h5", "npz", "toml", "cvz"):
        os.mkfifo(tmp_path / f"pipe.{suffix}")
    os.mkfifo(tmp_path / "last.json")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_that_a_pipe_is_refused(command: str, pipes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(main(command.split())), daemon=True)
    thread.start()
    thread.join(PATIENCE)

    assert codes == [2]
    assert "got a device or pipe" in capsys.readouterr().err


def test_that_a_pipe_in_the_place_of_the_last_session_is_none(pipes: Path) -> None:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(SessionFolder(pipes).read()), daemon=True)
    thread.start()
    thread.join(PATIENCE)

    assert found == [None]
