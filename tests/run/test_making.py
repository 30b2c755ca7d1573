"""Models of other programs are read once, the names of their classes are part of what is opened, and a run is spoken of
before its file is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from convviz.run import making
from convviz.run.commands import OpenModel, OpenRecording
from convviz.run.making import Maker
from convviz.run.messages import Busy, PreprocessAsked
from convviz.run.opening import OpenedModel
from convviz.storage.model_files import load_model, save_model
from convviz.storage.network_state import NetworkState, RunProgress
from convviz.storage.preprocess import Preprocess
from convviz.storage.recording.errors import RecordingError

MODEL = Path(__file__).parents[1] / "storage" / "fixtures" / "keras" / "sequential.keras"
NAMES = ("ape", "bee", "cat", "dog", "elk")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read, each time."""
    found: list[Path] = []

    def counted(path: Path, cancelled: object = None) -> NetworkState:
        found.append(path)
        return load_model(path)

    monkeypatch.setattr(making, "load_model", counted)
    return found


def never() -> bool:
    return False


def silent_maker() -> Maker:
    """One that nobody listens to."""
    return Maker(lambda _busy: None)


def opened(maker: Maker, command: OpenModel) -> OpenedModel:
    found = maker.make(command, None, 1, never)
    assert isinstance(found, OpenedModel)
    return found


def test_that_a_model_is_not_read_again_for_the_answer_unless_its_file_has_changed(
    read: list[Path], tmp_path: Path
) -> None:
    path, maker = tmp_path / "model.keras", silent_maker()
    shutil.copy(MODEL, path)
    for times in (1, 2):  # what was kept for one answer is not kept for longer
        assert isinstance(maker.make(OpenModel(path), None, 1, never), PreprocessAsked)
        opened(maker, OpenModel(path, preprocess=Preprocess())).trainer.close()
        assert len(read) == times

    assert isinstance(maker.make(OpenModel(path), None, 1, never), PreprocessAsked)
    shutil.copy(MODEL.with_name("functional.keras"), path)
    assert layers_of(maker, path) != layers_of(silent_maker(), MODEL)
    assert len(read) == 5


def layers_of(maker: Maker, path: Path) -> tuple[str, ...]:
    found = opened(maker, OpenModel(path, preprocess=Preprocess()))
    found.trainer.close()
    return tuple(layer.name for layer in found.trainer.design.layers)


def test_that_names_of_classes_go_with_a_model(tmp_path: Path) -> None:
    first = opened(silent_maker(), OpenModel(MODEL, preprocess=Preprocess(class_names=NAMES)))
    design, arrays = first.trainer.design, dict(first.trainer.network.arrays)
    assert design.class_names == NAMES
    assert first.data.names_for(5) == NAMES
    first.trainer.close()

    for ending in ("npz", "safetensors"):
        kept = tmp_path / f"kept.{ending}"
        state = NetworkState(design, arrays, RunProgress(learning_rate=0.1), weights_only=True)
        save_model(kept, state)
        again = opened(silent_maker(), OpenModel(kept))
        assert again.trainer.design.class_names == NAMES
        assert again.data.names_for(5) == NAMES
        again.trainer.close()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mine-20200102-030405-77.cvz", "the run mine of 2 Jan 2020"),
        ("course-7×7-20200102-030405-77-2.cvz", "the run course-7×7 of 2 Jan 2020"),
        ("mine-99999999-030405-77.cvz", "the run mine"),
        ("the good one.cvz", "the good one.cvz"),
    ],
)
def test_that_a_run_is_spoken_of_before_its_file_is_opened(tmp_path: Path, name: str, words: str) -> None:
    told: list[Busy] = []
    with pytest.raises(RecordingError):  # there is no such file: nothing was learnt from it
        Maker(told.append).make(OpenRecording(tmp_path / name), None, 1, never)
    assert told == [Busy(f"Opening {words}", replays=True), Busy("")]
