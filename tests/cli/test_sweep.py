"""``convviz sweep``: flags, previews, refusals; killed and resumed; and the README's scheduler."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="sweeps need Dask: pip install 'convviz[sweep]'")


from patience import PATIENCE

import convviz
from convviz.__main__ import main
from convviz.cli.sweep import StopAsked
from convviz.sweeps.manifest import NAME, read_manifest

ROOT = Path(__file__).resolve().parents[2]
SMALL = "--n_filter 2 --train-size 200 --test-size 50 --epochs 1"
RATES = "--set training.optimiser.lr=0.01,0.1"


def flags(*parts: object) -> list[str]:
    return ["sweep", *(word for part in parts for word in shlex.split(str(part)))]


@contextmanager
def started(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A process in a group of its own, of which nothing is left at the end."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=environment,
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_that_a_preview_counts_runs_and_names_the_impossible_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = flags(
        SMALL, RATES, "--set layers.conv1.kernel=3,40 --seeds 3 --preview --workers 2 --out", tmp_path / "out"
    )
    assert main(given) == 0
    told = capsys.readouterr().out
    assert re.search(r">>> 6 runs, about \d+ s with 2 workers", told)
    assert ">>> 6 are impossible: conv1: filter 40×40 is larger than its padded input 30×30" in told
    assert not (tmp_path / "out").exists()
    assert main([*given, "--json"]) == 0
    assert json.loads(capsys.readouterr().out).items() >= {"event": "preview", "runs": 6, "impossible": 6}.items()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("--set layers.conv1.filters=0", "--set layers.conv1.filters=0: conv1: filters: expected a whole number"),
        ("--set nothing=1", "--set nothing: expected one of the fields of the design"),
        ("", "expected fields to try values of, or several seeds, got neither"),
        ("--seeds 2 --halving x", "--halving: expected EPOCHS or EPOCHS:KEEP, such as 1:3, got 'x'"),
        ("--seeds 2 --halving 1:1", "--halving: expected that one setting in 2 to 100 goes on, got 1"),
        ("--seeds 2 --scheduler tcp://127.0.0.1:1 --workers 2", "--workers: expected no such flag with --scheduler"),
        ("--seeds 2 --scheduler nonsense://x", "--scheduler nonsense://x: expected a Dask scheduler"),
        ("--resume", "expected a sweep, found nothing there"),
        ("--resume --seeds 2 --lr 1", "--lr, --seeds: expected no such flag with --resume"),
        ("--seeds 2 --dataroot /nowhere.h5", "nowhere.h5"),
    ],
)
def test_that_bad_input_is_a_sentence_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: str, sentence: str
) -> None:
    small = "" if "--resume" in given else SMALL
    assert main(flags(small, given, "--out", tmp_path / "out")) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1
    assert not list(tmp_path.glob("out/*"))


def test_that_a_scheduler_that_is_not_there_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convviz.sweeps.workers.CONNECTING", 0.3)
    assert main(flags(SMALL, RATES, "--scheduler tcp://127.0.0.1:1 --out", tmp_path / "out")) == 2
    assert "--scheduler tcp://127.0.0.1:1: expected a Dask scheduler" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_that_without_dask_a_sentence_says_how_to_get_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(flags(SMALL, RATES, "--out", tmp_path / "out")) == 2
    assert (
        "which is not installed: expected it from pip install 'convviz[sweep]', found none" in capsys.readouterr().err
    )


def test_that_a_command_that_is_killed_is_resumed_with_every_run_done_once(tmp_path: Path) -> None:
    out = tmp_path / "out"
    long = "--n_filter 2 --train-size 500 --test-size 50 --epochs 5"
    command = [sys.executable, "-m", "convviz", *flags(long, RATES, "--seeds 2 --workers 2 --json --out", out)]
    with started(*command) as process:
        assert process.stdout is not None
        for text in process.stdout:
            event = json.loads(text)
            if event["event"] == "progress" and any(live["step"] > 4 for live in event["live"]):
                break
        process.kill()  # alone: its workers see that it is gone
        process.wait()
    again = [sys.executable, "-m", "convviz", *flags("--resume --workers 2 --json --out", out)]
    with started(*again) as process:
        told, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told
    results = [event for event in map(json.loads, told.splitlines()) if event["event"] == "result"]
    assert [(one["state"], one["epochs"]) for one in results] == [("finished", 5)] * 4
    data = convviz.load_data()
    for one in results[:2]:
        with convviz.open_run(out / one["file"]) as recorded:
            wanted = convviz.train(recorded.design, data)
            assert [epoch.test_accuracy for epoch in recorded.history] == [
                epoch.test_accuracy for epoch in wanted.history
            ]
            assert recorded.minibatches.steps.tolist() == list(range(1, wanted.place.step + 1))


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs groups of processes")
@pytest.mark.parametrize("trained", [False, True], ids=["while the workers start", "while runs are trained"])
def test_that_ctrl_c_ends_it_without_a_trace_at_any_moment(tmp_path: Path, trained: bool) -> None:
    out = tmp_path / "out"
    long = "--n_filter 2 --train-size 500 --test-size 50 --epochs 4000"
    command = [sys.executable, "-m", "convviz", *flags(long, RATES, "--workers 2 --json --out", out)]
    with started(*command) as process:
        assert process.stdout is not None
        for text in process.stdout:
            event = json.loads(text)
            live = [one["step"] for one in event.get("live", [])]
            if any(step > 4 for step in live) if trained else event["event"] == "preview":
                break
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: all processes of the command
        told, _ = process.communicate(timeout=120)
    assert process.returncode == 130, told
    assert "Traceback" not in told
    if trained:
        assert "2 of 2 runs are not done; --resume --out" in told
        assert [run.state for run in read_manifest(out / NAME).runs] == ["waiting"] * 2
        begun = list(out.glob("*.cvz"))
        assert begun
        for path in begun:
            with convviz.open_run(path) as recorded:
                assert recorded.ended == "stopped"


def test_that_signals_only_ask_from_the_first_look_on() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with StopAsked() as asked:
        assert signal.getsignal(signal.SIGTERM) is before
        assert not asked.look()
        signal.raise_signal(signal.SIGTERM)
        assert asked.look()
    assert asked.signals.exit_code == 143
    assert signal.getsignal(signal.SIGTERM) is before


def test_that_a_real_scheduler_and_its_workers_run_it_by_the_readmes_own_words(tmp_path: Path) -> None:
    dask = Path(sys.executable).with_name("dask")
    if not dask.exists():
        dask = Path(shutil.which("dask") or "")
    if not dask.is_file():
        pytest.skip("needs the command dask")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"^(?:dask |convviz.*--scheduler).*", readme, re.MULTILINE)
    scheduler, worker, sweep = (line.partition(" #")[0].split() for line in found)
    assert [scheduler[:2], worker[:2], sweep[:2]] == [["dask", "scheduler"], ["dask", "worker"], ["convviz", "sweep"]]
    scheduler[scheduler.index("8786")] = "0"  # another one may be running here
    with started(str(dask), *scheduler[1:], "--no-dashboard") as first:
        address = found_in(first, r"Scheduler at: *(tcp://\S+)")
        here = [word.replace("tcp://127.0.0.1:8786", address) for word in worker[1:]]
        with started(str(dask), *here, "--no-dashboard") as second:
            found_in(second, "(Registered) to")  # a sweep waits for workers, but for seconds only
            words = [word.replace("tcp://127.0.0.1:8786", address) for word in sweep[1:]]
            words[words.index("seeds/")] = str(tmp_path / "seeds")
            words[words.index("5000")] = "200"
            assert main([*words, "--n_filter", "2", "--test-size", "50"]) == 0
    done = read_manifest(tmp_path / "seeds" / NAME)
    assert [run.state for run in done.runs] == ["finished"] * 8
    assert [run.values for run in done.runs] == [{"training.seed": seed} for seed in range(8)]


def found_in(process: subprocess.Popen[str], pattern: str) -> str:
    """The first thing that a process says in this form."""
    said = []
    assert process.stdout is not None
    for text in process.stdout:
        said.append(text)
        if found := re.search(pattern, text):
            return found[1]
    raise AssertionError("".join(said))
