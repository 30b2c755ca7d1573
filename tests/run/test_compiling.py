"""Kernels are compiled before a run needs them, in the background where there is time, and it is said."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("numba", reason="compiled kernels need numba")

from convviz.core.design import Design, Input
from convviz.core.fast import cache
from convviz.core.layers import Dense, Flatten
from convviz.core.plan import Plan
from convviz.run import ahead, commands, messages
from convviz.run.session import Session
from convviz.run.worker import run_in_thread
from convviz.storage.designs import save_design
from convviz.training.events import Compiling, MinibatchDone
from convviz.training.trainer import Trainer
from tests.support.drained import drain
from tests.support.patience import PATIENCE
from tests.support.small_run import DESIGN, noise, noise_data

DENSE = Design(input=Input(height=28, width=28), classes=10, layers=(Flatten(), Dense(units=10)))
"""Few kernels, and quickly compiled."""


@dataclass(frozen=True)
class Pretended:
    name: str
    has_to_be_made: bool

    def compile(self) -> bool:
        return self.has_to_be_made


def with_kernels(monkeypatch: pytest.MonkeyPatch, *made: bool) -> None:
    kernels = tuple(Pretended(str(number), has) for number, has in enumerate(made))
    monkeypatch.setattr(Plan, "kernels", property(lambda plan: kernels))


def test_that_a_run_tells_of_kernels_that_have_to_be_made_before_its_first_minibatch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_kernels(monkeypatch, False, True, False, True)
    with Trainer(DESIGN, *noise()) as trainer:
        events = list(itertools.islice(trainer.run(), 4))

    assert [(event.done, event.total) for event in events if isinstance(event, Compiling)] == [(2, 4), (3, 4), (4, 4)]
    assert isinstance(events[3], MinibatchDone)


def test_that_nothing_is_said_of_kernels_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with_kernels(monkeypatch, False, False)
    with Trainer(DESIGN, *noise()) as trainer:
        assert isinstance(next(iter(trainer.run())), MinibatchDone)


def test_that_kernels_can_be_compiled_from_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with_kernels(monkeypatch, True, False, False)
    with Trainer(DESIGN, *noise()) as trainer:
        assert [event.done for event in trainer.compile(last_first=True)] == [3]
        assert [event.done for event in trainer.compile()] == [1, 2, 3]


def test_that_all_kernels_of_a_run_are_compiled_before_it_begins() -> None:
    with Trainer(DESIGN, *noise()) as trainer:
        for _ in trainer.compile():
            pass
        made = [len(kernel.function.overloads) for plan in plans_of(trainer) for kernel in plan.kernels]  # type: ignore[attr-defined]
        functions = {kernel.function for plan in plans_of(trainer) for kernel in plan.kernels}  # type: ignore[attr-defined]
        before = {function: set(function.overloads) for function in functions}
        for _ in trainer.run():
            pass
    assert made
    assert min(made) > 0
    assert {function: set(function.overloads) for function in functions} == before


def plans_of(trainer: Trainer) -> list[Plan]:
    return [trainer.plan(16, train=True), trainer.plan(96, train=False), trainer.plan(20, train=False)]


# --- in the background -------------------------------------------------------------------------------------------

SAYS = """
import pathlib, sys, time
sys.stdin.read()
print("1 3", flush=True)
while not pathlib.Path({!r}).exists():
    time.sleep(0.01)
print("ready", flush=True)
"""


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr(cache, "kept", lambda: cache.CodeCache(tmp_path))
    monkeypatch.setattr(ahead, "PROGRAM", SAYS.format(str(tmp_path / "go")))
    made = Session(threads=2)
    thread = run_in_thread(made)
    made.send(commands.Prepare(DESIGN, noise_data()))
    made.send(commands.CompileAhead())
    yield made
    made.send(commands.Quit())
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_that_compiling_ahead_ends_when_a_run_has_all_its_kernels(session: Session) -> None:
    drain(session, lambda message: message == messages.CompilingAhead(1, 3))
    session.send(commands.Train())
    told = drain(session, lambda message: isinstance(message, MinibatchDone))

    assert messages.CompilingAhead(0, 0) in told


def test_that_it_goes_on_while_a_run_compiles(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    with_kernels(monkeypatch, True, True, True)
    drain(session, lambda message: message == messages.CompilingAhead(1, 3))
    session.send(commands.Train())
    told = drain(session, lambda message: isinstance(message, MinibatchDone))
    last = max(number for number, message in enumerate(told) if isinstance(message, Compiling))

    assert told.index(messages.CompilingAhead(0, 0)) > last


def test_that_a_run_compiles_for_itself_where_the_background_fails(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drain(session, lambda message: message == messages.CompilingAhead(1, 3))
    monkeypatch.setattr(ahead, "PROGRAM", "raise SystemExit(1)")
    session.send(commands.CompileAhead())
    session.send(commands.Train())

    drain(session, lambda message: isinstance(message, MinibatchDone))


def test_that_quitting_does_not_wait_for_what_is_being_compiled(session: Session) -> None:
    drain(session, lambda message: message == messages.CompilingAhead(1, 3))
    # The fixture ends the session while nothing lets the process go on.


def test_that_nothing_is_compiled_ahead_where_all_is_kept(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drain(session, lambda message: message == messages.CompilingAhead(1, 3))
    (tmp_path / cache.COMPLETE).touch()
    monkeypatch.setattr(ahead, "PROGRAM", "print('9 9')")
    session.send(commands.CompileAhead())
    session.send(commands.Train())

    told = drain(session, lambda message: isinstance(message, MinibatchDone))
    assert messages.CompilingAhead(9, 9) not in told


# --- with an empty folder ----------------------------------------------------------------------------------------


def python(folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder), "LOCALAPPDATA": str(folder), "HOME": str(folder)}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, input=given, check=True, capture_output=True, text=True
    )


def said_of_compiling(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Lines on stderr; others say that so short a run has learned nothing."""
    return [line for line in done.stderr.splitlines() if "compiling" in line]


COMPILE_FOR = """
from convviz.__main__ import main
from convviz.run.compile_ahead import compile_for
from convviz.storage.designs import load_design
import sys
compile_for(load_design(__import__("pathlib").Path(sys.argv[1])))
sys.exit(main(sys.argv[2:]) if sys.argv[2:] else 0)
"""


@pytest.mark.skipif(sys.platform == "darwin", reason="its cache folder can't be chosen")
def test_that_what_is_compiled_ahead_is_there_for_a_run_which_says_once_on_stderr_what_is_not(tmp_path: Path) -> None:
    folder, design = tmp_path / "cache", tmp_path / "dense.toml"
    save_design(DENSE, design)
    flags = ["train", "--design", str(design), "--epochs", "1", "--train-size", "64", "--test-size", "32"]
    train = ["-m", "convviz", *flags]

    told = python(folder, "-c", COMPILE_FOR, str(design)).stdout.split("\n")[:-1]
    assert told == [f"{done} {len(told)}" for done in range(1, len(told) + 1)]
    assert len(told) > 3
    again = python(folder, "-c", COMPILE_FOR, str(design), *flags)
    assert re.search(r"^\d+ \d+$", again.stdout, re.MULTILINE) is None
    assert "Accuracy" in again.stdout
    assert said_of_compiling(again) == []

    forget(folder, 2)
    first = python(folder, *train)
    assert said_of_compiling(first) == ["compiling kernels, first time only ..."]
    assert "compiling" not in first.stdout
    assert said_of_compiling(python(folder, *train)) == []

    forget(folder, 1)
    as_json = python(folder, *train, "--json")
    assert said_of_compiling(as_json) == []
    assert as_json.stdout.count("\n") == 1


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="its cache folder can't be chosen, or is private")
def test_that_a_run_says_why_its_kernels_are_compiled_at_every_start(tmp_path: Path) -> None:
    folder, design = tmp_path / "cache", tmp_path / "dense.toml"
    folder.mkdir()
    folder.chmod(0o777)
    save_design(DENSE, design)
    flags = ["train", "--design", str(design), "--epochs", "1", "--train-size", "64", "--test-size", "32"]
    for _ in range(2):
        told = said_of_compiling(python(folder, "-m", "convviz", *flags))
        why = f"{folder} can be written by others"
        assert told == [f"compiling kernels, as at every start, because they can't be kept: {why} ..."]


def forget(folder: Path, count: int) -> None:
    """Let so many kernels have to be made again."""
    for kept in sorted(folder.rglob("*.nbi"))[:count]:
        kept.unlink()
