"""A stage of a run, as a worker trains it; here without a worker."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from small_run import DESIGN, noise_data

import convviz
from convviz.core.errors import ConvvizError
from convviz.core.optim import SGD
from convviz.data.dataset import Dataset
from convviz.files.claim import claimed
from convviz.storage.designs import write_design
from convviz.storage.network_state import EpochMeasures
from convviz.storage.recording.write import RecordingWriter
from convviz.sweeps import stage as stages
from convviz.sweeps.errors import SweepError
from convviz.sweeps.images import ArrivedImages
from convviz.sweeps.stage import SweepStage, run_so_far, train_stage, wait_for_others

DATA = noise_data()
IMAGES = ArrivedImages(DATA)
EPOCHS = DESIGN.training.epochs


@pytest.fixture(scope="module")
def reference() -> tuple[EpochMeasures, ...]:
    return convviz.train(DESIGN, DATA, threads=1).history


def numbers(epochs: tuple[EpochMeasures, ...]) -> list[tuple[float, ...]]:
    return [(one.loss, one.train_accuracy, one.test_accuracy, one.test_loss) for one in epochs]


def stage_in(folder: Path, until: int = EPOCHS, **changes: object) -> SweepStage:
    given = {"number": 1, "folder": str(folder), "file": "1.cvz", "design": write_design(DESIGN), "until": until}
    return SweepStage(**{**given, "threads": 1, "topic": "none", **changes})  # type: ignore[arg-type]


def test_that_a_stage_is_what_train_does(tmp_path: Path, reference: tuple[EpochMeasures, ...]) -> None:
    done = train_stage(stage_in(tmp_path), IMAGES).so_far
    assert numbers(done.epochs) == numbers(reference)
    with convviz.open_run(tmp_path / "1.cvz") as run:
        assert run.ended == "finished"


def test_that_stages_one_after_the_other_are_the_same_run(tmp_path: Path, reference: tuple[EpochMeasures, ...]) -> None:
    for until in (1, 2, EPOCHS):
        done = train_stage(stage_in(tmp_path, until), IMAGES).so_far
        assert len(done.epochs) == until
    assert numbers(done.epochs) == numbers(reference)


def test_that_recordings_that_travel_are_the_same_run(tmp_path: Path, reference: tuple[EpochMeasures, ...]) -> None:
    begun = b""
    for until in range(1, EPOCHS + 1):
        outcome = train_stage(stage_in(tmp_path / "nowhere", until, sent=True, begun=begun), IMAGES)
        begun = outcome.recording
    (tmp_path / "came.cvz").write_bytes(begun)
    assert numbers(run_so_far(tmp_path / "came.cvz", DESIGN).epochs) == numbers(reference)


def test_that_a_stage_that_is_done_is_not_done_again(tmp_path: Path) -> None:
    train_stage(stage_in(tmp_path), IMAGES)
    before = (tmp_path / "1.cvz").read_bytes()
    train_stage(stage_in(tmp_path), IMAGES)
    assert (tmp_path / "1.cvz").read_bytes() == before


def test_that_a_damaged_recording_is_begun_anew(tmp_path: Path, reference: tuple[EpochMeasures, ...]) -> None:
    (tmp_path / "1.cvz").write_bytes(b"SQLite format 3\0 and nothing else")
    done = train_stage(stage_in(tmp_path), IMAGES).so_far
    assert numbers(done.epochs) == numbers(reference)


def test_that_another_run_is_not_written_over(tmp_path: Path) -> None:
    other = replace(DESIGN, training=replace(DESIGN.training, seed=7))
    train_stage(stage_in(tmp_path), IMAGES)
    with pytest.raises(SweepError, match="expected the recording of this run, course-3x3, got that of another"):
        train_stage(stage_in(tmp_path, design=write_design(other)), IMAGES)


def test_that_a_run_that_diverges_is_no_fault_of_the_machine(tmp_path: Path) -> None:
    # Without the ReLU, which would die instead.
    layers = tuple(layer for layer in DESIGN.layers if layer.name != "relu1")
    wild = replace(DESIGN, layers=layers, training=replace(DESIGN.training, optimiser=SGD(lr=1000.0), epochs=20))
    for _ in range(2):  # and is not tried again
        done = train_stage(stage_in(tmp_path, 20, design=write_design(wild)), IMAGES).so_far
        assert "NaN" in done.failure or "infinit" in done.failure


@pytest.mark.parametrize("commits", [0, 1])
def test_that_a_full_disk_is_an_error_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commits: int
) -> None:
    commit, left = RecordingWriter.commit, [commits]

    def until_full(self: RecordingWriter) -> None:
        if not left[0]:
            raise sqlite3.OperationalError("database or disk is full")
        left[0] -= 1
        commit(self)

    monkeypatch.setattr(RecordingWriter, "commit", until_full)
    with pytest.raises(ConvvizError, match="disk is full"):
        train_stage(stage_in(tmp_path), IMAGES)
    monkeypatch.undo()
    assert len(train_stage(stage_in(tmp_path), IMAGES).so_far.epochs) == EPOCHS


def test_that_it_waits_for_a_worker_that_still_writes(tmp_path: Path) -> None:
    with claimed(tmp_path / "1.cvz"), pytest.raises(SweepError, match="that another run is writing"):
        wait_for_others(tmp_path / "1.cvz", patience=0.0)
    wait_for_others(tmp_path / "1.cvz", patience=0.0)


def test_that_a_sweep_that_is_stopped_holds_its_runs_between_two_minibatches(
    tmp_path: Path, reference: tuple[EpochMeasures, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: Iterator[bool] = iter([True, True, False])
    monkeypatch.setattr(stages, "worker_and_question", lambda: (None, lambda: next(answers, False)))
    held = train_stage(stage_in(tmp_path, every=0.0), IMAGES).so_far
    assert 0 < held.step < EPOCHS * 6
    monkeypatch.undo()
    done = train_stage(stage_in(tmp_path), IMAGES).so_far
    assert numbers(done.epochs) == numbers(reference)


def test_that_a_copy_of_a_recording_that_was_cut_short_goes_on(
    tmp_path: Path, reference: tuple[EpochMeasures, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there after ``kill -9``: the file and its log, as they were at some commit."""
    train_stage(stage_in(tmp_path, 1), IMAGES)
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(tmp_path / "1.cvz", copy)
    done = train_stage(stage_in(copy), IMAGES).so_far
    assert numbers(done.epochs) == numbers(reference)


def test_that_data_sets_travel(tmp_path: Path) -> None:
    import pickle

    again = pickle.loads(pickle.dumps(DATA, protocol=5))  # as Dask does
    assert isinstance(again, Dataset)
    assert train_stage(stage_in(tmp_path, 1), ArrivedImages(again)).so_far.epochs
