"""Every signal that would end a command ends it as Ctrl+C does, and none is lost."""

from __future__ import annotations

import os
import signal
import sys
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from child import child
from patience import PATIENCE

from convviz.__main__ import main
from convviz.cli import presets
from convviz.cli.interruption import SIGNALS, Ending, Interruption
from convviz.files.atomic import atomic_path


@pytest.fixture(autouse=True)
def _as_in_a_terminal(interrupts: None) -> Iterator[None]:
    """All signals do what they do in a terminal."""
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, before)


def drop(number: int) -> None:
    """Raise a signal where Python can't raise its exception: in the callback of a weak reference."""

    class Thing:
        pass

    thing = Thing()
    keeps = weakref.ref(thing, lambda _: signal.raise_signal(number))
    del thing
    assert keeps() is None


def drop_and_wait(number: int) -> None:
    drop(number)
    wait()


def wait() -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        time.sleep(0.01)


@pytest.mark.parametrize("number", SIGNALS)
def test_that_an_interruption_that_python_drops_comes_again(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    hook = sys.unraisablehook
    with Ending() as ending, pytest.raises(KeyboardInterrupt):
        drop_and_wait(number)
    assert ending.exit_code == 128 + number
    assert capsys.readouterr().err == ""
    assert sys.unraisablehook is hook


@pytest.mark.parametrize("number", SIGNALS)
def test_that_a_command_leaves_nothing_half_written_whatever_signal_ends_it(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def write(_: object) -> int:
        with atomic_path(tmp_path / "out.csv") as part:
            part.write_text("half of it")
            signal.raise_signal(number)
            wait()
        return 0

    monkeypatch.setattr(presets, "run", write)
    handlers = [signal.getsignal(one) for one in SIGNALS]
    assert main(["presets"]) == 128 + number
    assert capsys.readouterr().err == "convviz presets: interrupted\n"
    assert list(tmp_path.iterdir()) == []
    assert [signal.getsignal(one) for one in SIGNALS] == handlers


def test_that_what_is_ignored_or_handled_is_left_alone() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with Ending():
            signal.raise_signal(signal.SIGTERM)
            with Interruption() as signals:
                signal.raise_signal(signal.SIGINT)
                assert signals.asked
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_that_a_run_that_is_not_kept_is_ended_with_a_sentence(name: str) -> None:
    number = getattr(signal, name, None)
    if number is None:
        pytest.skip(f"this system has no {name}")
    small = ("--epochs", "9999", "--train-size", "100", "--test-size", "20", "--n_filter", "2")
    with child("-m", "convviz", "train", *small, env={**os.environ, "CONVVIZ_FAST": "0"}) as process:
        assert process.stdout is not None
        assert any(line.startswith("Epoch 2") for line in process.stdout)
        process.send_signal(number)
        _, errors = process.communicate()
    assert process.returncode == 128 + number
    assert errors.splitlines()[-1] == "convviz train: interrupted"
    assert "Traceback" not in errors
