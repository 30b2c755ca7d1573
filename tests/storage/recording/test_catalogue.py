"""What a list or a comparison of runs is told, and which recordings are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

import convviz
from convviz.core.design import Training
from convviz.files.claim import claimed, is_kept_in_place, kept_in_place
from convviz.storage.recording import catalogue
from convviz.storage.recording.catalogue import Catalogue, ListedRun, listed_run
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.folder import RecordingsFolder, plain_name
from tests.support.small_run import DESIGN, noise_data

OURS = ("a-20260102-030405-7.cvz", "b-20260102-030406-7.cvz")
SEEDED = replace(DESIGN, training=Training(batch_size=16, epochs=2, seed=5)).named()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("run") / "run.cvz"
    convviz.train(SEEDED, noise_data(), record=path)
    return path.read_bytes()


@pytest.fixture
def folder(tmp_path: Path, recorded: bytes) -> RecordingsFolder:
    for name in (*OURS, "mine.cvz"):
        (tmp_path / name).write_bytes(recorded)
    return RecordingsFolder(tmp_path, most_runs=0)


def names(folder: RecordingsFolder) -> set[str]:
    return {path.name for path in folder.recordings()}


def test_that_a_run_is_told_in_plain_values(folder: RecordingsFolder) -> None:
    path = folder.path / "mine.cvz"
    run = listed_run(path)
    with convviz.open_run(path) as opened:
        epochs = opened.history
    assert (run.step, run.steps, run.epoch, run.epochs, run.seed, run.begin) == (12, 12, 2, 2, 5, 0)
    assert (run.name, run.data_name, run.ended, run.problem) == (SEEDED.name, "noise", "finished", "")
    assert run.accuracy == epochs[-1].test_accuracy
    assert run.best_accuracy == max(one.test_accuracy for one in epochs)
    assert run.seconds == epochs[-1].seconds > 0
    assert run.design == SEEDED
    assert len(run.losses) == 12
    assert run.nbytes == path.stat().st_size


def test_that_a_file_is_read_once_until_it_changes(folder: RecordingsFolder, monkeypatch, recorded: bytes) -> None:
    read: list[Path] = []

    def counted(path: Path) -> ListedRun:
        read.append(path)
        return listed_run(path)

    monkeypatch.setattr(catalogue, "listed_run", counted)
    known, path = Catalogue(), folder.path / "mine.cvz"
    assert known.of([path]) == known.of([path])
    assert read == [path]
    path.write_bytes(recorded[:5000])
    (run,) = known.of([path])
    assert run.problem
    assert read == [path, path]


def test_that_what_is_open_or_named_or_recorded_stays(folder: RecordingsFolder) -> None:
    first, second = (folder.path / name for name in OURS)
    with kept_in_place(first), kept_in_place(first), claimed(second):
        folder.prune()
        assert names(folder) == {*OURS, "mine.cvz"}
        with pytest.raises(RecordingError, match="no window shows, got one that is open"):
            folder.remove(first)
        with pytest.raises(RecordingError, match="being recorded"):
            folder.rename(second, "other")
    assert not is_kept_in_place(first)
    assert not list(folder.path.glob(".*convviz*"))
    folder.prune()
    assert names(folder) == {"mine.cvz"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "a name that a file can have"),
        (".hidden", "a name that a file can have"),
        ("a/b", "a name that a file can have"),
        ("mine", "a name that is free"),
        (OURS[1].removesuffix(".cvz"), "a name of your own"),
    ],
)
def test_that_a_run_is_not_given_an_impossible_name(folder: RecordingsFolder, name: str, words: str) -> None:
    with pytest.raises(RecordingError, match=words):
        folder.rename(folder.path / OURS[0], name)
    assert names(folder) == {*OURS, "mine.cvz"}


def test_that_a_name_is_a_files(folder: RecordingsFolder) -> None:
    found = folder.rename(folder.path / OURS[0], " best so far.cvz ")
    assert found.name == "best so far.cvz"
    assert plain_name(found) == "best so far.cvz"
    assert plain_name(Path(OURS[1])) == "b"
    assert listed_run(found).step == 12
