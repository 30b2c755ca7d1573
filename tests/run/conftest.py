"""Sessions that end with their test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from patience import PATIENCE
from session_hands import (
    begun,
)

from convviz.run import commands
from convviz.run.session import Session


@pytest.fixture
def sessions() -> Iterator[list[Session]]:
    """Sessions that are ended with the test."""
    made: list[Session] = []
    before = set(threading.enumerate())
    yield made
    for session in made:
        session.send(commands.Quit())
    for thread in set(threading.enumerate()) - before:
        if thread.name == "convviz-session":
            thread.join(PATIENCE)
            assert not thread.is_alive(), "the session's thread must end when asked"


@pytest.fixture
def session(sessions: list[Session]) -> Session:
    return begun(sessions)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.h5"
