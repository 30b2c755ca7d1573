"""Where a test process crashed: a worker's last words would be lost among those of the others."""

from __future__ import annotations

import faulthandler
import tempfile
from pathlib import Path
from typing import TextIO

import pytest

WORDS = 4000
"""Characters of a stack that are shown: the innermost calls come first."""
_opened: list[TextIO] = []


def write_down(config: pytest.Config) -> None:
    """In a worker: have the stacks of all threads written into a file if the process crashes."""
    given = getattr(config, "workerinput", None)
    if given is not None:
        path = _file(given["testrunuid"], given["workerid"])
        _opened.append(path.open("w", encoding="utf-8"))  # for as long as the process lives
        faulthandler.enable(_opened[-1])


def last_words(config: pytest.Config, worker: str) -> str:
    """What a worker wrote when it crashed."""
    path = _file(_run(config), worker)
    return path.read_text(encoding="utf-8", errors="replace")[:WORDS] if path.is_file() else ""


def forget(config: pytest.Config) -> None:
    """In the process that started the workers: remove their files."""
    if _run(config):
        for path in _file(_run(config), "*").parent.glob(f"convviz-{_run(config)}-*.txt"):
            path.unlink(missing_ok=True)


def _run(config: pytest.Config) -> str:
    """Of the workers that this process has started; empty where it has none."""
    manager = getattr(config.pluginmanager.getplugin("dsession"), "nodemanager", None)
    return "" if manager is None else manager.testrunuid


def _file(run: str, worker: str) -> Path:
    return Path(tempfile.gettempdir(), f"convviz-{run}-{worker}.txt")
