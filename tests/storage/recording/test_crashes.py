"""After a crash, on a full disk, in a folder that can't be written: what was recorded is there."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from convviz.files.claim import claimed
from convviz.files.network_drive import is_on_network
from convviz.run.recording.recorder import Bounds, Recorder
from convviz.run.recording.replay import Replayer
from convviz.storage.recording import schema, write
from convviz.storage.recording.copying import copy_recording
from convviz.storage.recording.head import DataRecord
from convviz.storage.recording.read import Recording
from convviz.storage.recording.schema import companions, connect_writer, is_recording
from convviz.training.events import MinibatchDone
from convviz.training.trainer import Trainer
from tests.support.depth import cases
from tests.support.recorded import noise_for, recorded_run
from tests.support.small_run import DESIGN, noise

ROOT = Path(__file__).resolve().parents[3]


def crash(path: Path, after: int) -> int:
    """Kill a recording process after so many lines; the last step that it said was in the file."""
    command = [sys.executable, "-m", "tests.support.recording_child", str(path), "50"]
    env = os.environ | {"CONVVIZ_FAST": "0", "PYTHONPATH": str(ROOT)}
    flushed = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env) as child:
        assert child.stdout is not None
        for number, line in enumerate(child.stdout):
            word, step = line.split()
            flushed = int(step) if word == "flushed" else flushed
            if number >= after:
                child.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
                break
        child.stdout.read()
    return flushed


def test_that_a_killed_run_opens_with_all_that_was_written(tmp_path: Path) -> None:
    rng = np.random.default_rng(int.from_bytes(os.urandom(4)))
    for case in range(cases(3)):
        path = tmp_path / f"run{case}.cvz"
        flushed = crash(path, int(rng.integers(60, 400)))
        assert flushed
        with Recording(path) as run:
            assert run.last_step >= flushed
            assert run.ended == "ended unexpectedly"
            curve = run.minibatches()
            assert curve.steps.tolist() == list(range(1, run.last_step + 1))
            with Replayer(run, *noise(), threads=1) as replayer:
                replayer.go_to(run.last_step)
                assert replayer.agreement.count < 17


def test_that_a_crashed_run_is_read_in_a_folder_that_cant_be_written(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "there").mkdir()
    path = tmp_path / "there" / "run.cvz"
    flushed = crash(path, 120)
    log = companions(path)[0]
    assert log.stat().st_size
    companions(path)[1].unlink(missing_ok=True)
    before = {one.name: one.read_bytes() for one in (path, log)}
    real = sqlite3.connect

    def connect(target: object, **options: object) -> sqlite3.Connection:
        if "/there/" in str(target) and "immutable" not in str(target):
            raise sqlite3.OperationalError("unable to open database file")
        return real(target, **options)

    monkeypatch.setattr(sqlite3, "connect", connect)
    with Recording(path) as run:
        assert run.last_step >= flushed
    assert {one.name: one.read_bytes() for one in (path, log)} == before
    log.unlink()
    with Recording(path) as run:  # as far as the file itself goes
        assert run.last_step <= flushed + 400


def test_that_a_crashed_run_is_one_file_again_once_it_was_opened(tmp_path: Path) -> None:
    path = tmp_path / "run.cvz"
    flushed = crash(path, 120)
    assert is_recording(path)
    with Recording(path) as run:
        assert run.last_step >= flushed
    assert [one.name for one in tmp_path.glob("[!.]*")] == ["run.cvz"]


def failing_run(path: Path, when: Callable[[int, Recorder], object]) -> tuple[list[str], int]:
    """Train to the end; what was told of the recording, and the last step."""
    told: list[str] = []
    with Trainer(DESIGN, *noise(), threads=1) as trainer:
        recorder = Recorder(path, trainer, DataRecord("noise"), failed=told.append, bounds=Bounds(fine=2))
        for event in trainer.run():
            recorder.heard(event, 1.0)
            if isinstance(event, MinibatchDone):
                when(event.position.step, recorder)
        recorder.ended(finished=True)
        recorder.close()
        return told, trainer.position.step


def test_that_training_goes_on_where_the_disk_is_full(tmp_path: Path, monkeypatch) -> None:
    def small(path: Path) -> sqlite3.Connection:
        db = connect_writer(path)
        db.execute("PRAGMA max_page_count=16")
        return db

    monkeypatch.setattr(write, "connect_writer", small)
    path = tmp_path / "run.cvz"
    told, last = failing_run(path, lambda step, recorder: recorder.flush())
    assert told == [f"{path}: can't be written: the disk is full"]
    assert last == 18
    with Recording(path) as run:
        assert 0 < run.last_step < 18
        assert run.minibatches().steps.tolist() == list(range(1, run.last_step + 1))
        assert run.ended == "ended unexpectedly"


@pytest.mark.skipif(not Path("/dev/full").exists() or os.geteuid() == 0, reason="root may write anywhere")
def test_that_training_goes_on_in_a_folder_that_cant_be_written(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(mode=0o500)
    told, last = failing_run(tmp_path / "there" / "run.cvz", lambda step, recorder: None)
    assert len(told) == 1
    assert last == 18


def test_that_two_runs_dont_write_one_recording(tmp_path: Path) -> None:
    path = tmp_path / "run.cvz"
    with claimed(path):
        told, _ = failing_run(path, lambda step, recorder: None)
    assert len(told) == 1
    assert told[0].startswith(f"{path}: expected a file that nobody else is writing")


def test_that_it_can_be_read_and_copied_while_it_is_written(tmp_path: Path) -> None:
    path, seen = tmp_path / "run.cvz", list[int]()

    def look(step: int, recorder: Recorder) -> None:
        recorder.flush()
        with Recording(path) as run:
            assert run.ended == "running"
            assert run.last_step == step
            seen.append(len(run.minibatches().steps))
        if step == 9:
            copy_recording(path, tmp_path / "copy.cvz")

    assert failing_run(path, look) == ([], 18)
    assert seen == list(range(1, 19))
    assert [one.name for one in sorted(tmp_path.iterdir())] == ["copy.cvz", "run.cvz"]
    with Recording(tmp_path / "copy.cvz") as copy:
        assert (copy.ended, copy.last_step) == ("stopped", 9)
    (tmp_path / "text.cvz").write_text("mine")
    for target in (tmp_path / "text.cvz", tmp_path / "none" / "copy.cvz"):
        with pytest.raises(ValueError, match="expected a"):
            copy_recording(path, target)
    assert (tmp_path / "text.cvz").read_text() == "mine"


def test_that_a_reader_of_a_run_that_is_written_sees_one_moment(tmp_path: Path) -> None:
    path, images = tmp_path / "run.cvz", noise_for(DESIGN, 6)
    recorded_run(path, DESIGN, images, images, bounds=Bounds(fine=1, key_bytes=60_000, fewest=4))
    steps: list[int] = []

    def look() -> None:
        with Recording(path) as run:
            for _ in range(20):
                with run.steady():
                    states = [run.state(point) for point in run.key_points()]
                steps.append(len(states))

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(steps) == 40
    assert len(set(steps)) == 1
    assert steps[0] < 18


def test_that_a_network_drive_gets_a_journal(tmp_path: Path, monkeypatch) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 8:1 / / rw - ext4 /dev/sda rw\n"
        "30 22 0:40 / /home/my\\040name rw - nfs4 server:/home rw\n"
        "31 30 8:2 / /home/my\\040name/disk rw - ext4 /dev/sdb rw\n"
    )
    assert is_on_network(Path("/home/my name/runs/run.cvz"), mounts)
    assert not is_on_network(Path("/home/my name/disk/run.cvz"), mounts)
    assert not is_on_network(Path("/home/my"), mounts)
    assert not is_on_network(Path("/home"), tmp_path / "none")
    monkeypatch.setattr(schema, "is_on_network", lambda path: True)
    path = tmp_path / "run.cvz"

    def look(step: int, recorder: Recorder) -> None:
        recorder.flush()
        assert not companions(path)[0].exists()
        with Recording(path) as run:
            assert run.last_step == step

    assert failing_run(path, look) == ([], 18)


def test_that_a_name_of_its_own_is_never_removed(tmp_path: Path) -> None:
    from convviz.storage.recording.folder import RecordingsFolder

    folder = RecordingsFolder(tmp_path / "runs", most_runs=2)
    images = noise_for(DESIGN, 2)
    made = []
    for number in range(4):
        path = folder.place_for("course 3×3")
        recorded_run(path, DESIGN, images, images, stop=2)
        os.utime(path, (number, number))
        made.append(path)
    shutil.copyfile(made[0], folder.path / "the good one.cvz")
    os.utime(folder.path / "the good one.cvz", (0, 0))
    with claimed(made[0]):
        folder.prune()
    assert set(folder.recordings()) == {made[0], made[2], made[3], folder.path / "the good one.cvz"}
    folder.prune()
    assert folder.recordings() == [made[3], made[2], folder.path / "the good one.cvz"]
    (folder.path / "bad.cvz").write_text("no")
    runs = {run.path.name: run for run in folder.runs()}
    assert runs[made[3].name].step == 2
    assert runs[made[3].name].ended == "stopped"
    assert "expected a convviz recording" in runs["bad.cvz"].problem


def test_that_reading_a_damaged_log_gives_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.cvz"
    flushed = crash(path, 200)
    log = companions(path)[0]
    contents = bytearray(log.read_bytes())
    contents[len(contents) // 2 :] = bytes(len(contents) - len(contents) // 2)
    log.write_bytes(contents)
    companions(path)[1].unlink(missing_ok=True)
    with Recording(path) as run:
        assert run.last_step <= flushed + 200
        assert run.minibatches().steps.tolist() == list(range(1, run.last_step + 1))
