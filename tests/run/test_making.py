"""Models of other programs are read once, and the names of their classes are part of what is opened."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from convviz.run import making
from convviz.run.commands import OpenModel
from convviz.run.making import Maker
from convviz.run.messages import PreprocessAsked
from convviz.run.opening import OpenedModel
from convviz.storage.model_files import load_model, save_model
from convviz.storage.network_state import NetworkState, RunProgress
from convviz.storage.preprocess import Preprocess

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


def opened(maker: Maker, command: OpenModel) -> OpenedModel:
    found = maker.make(command, None, 1, never)
    assert isinstance(found, OpenedModel)
    return found


def test_that_a_model_is_not_read_again_for_the_answer_unless_its_file_has_changed(
    read: list[Path], tmp_path: Path
) -> None:
    path, maker = tmp_path / "model.keras", Maker()
    shutil.copy(MODEL, path)
    for times in (1, 2):  # what was kept for one answer is not kept for longer
        assert isinstance(maker.make(OpenModel(path), None, 1, never), PreprocessAsked)
        opened(maker, OpenModel(path, preprocess=Preprocess())).trainer.close()
        assert len(read) == times

    assert isinstance(maker.make(OpenModel(path), None, 1, never), PreprocessAsked)
    shutil.copy(MODEL.with_name("functional.keras"), path)
    assert layers_of(maker, path) != layers_of(Maker(), MODEL)
    assert len(read) == 5


def layers_of(maker: Maker, path: Path) -> tuple[str, ...]:
    found = opened(maker, OpenModel(path, preprocess=Preprocess()))
    found.trainer.close()
    return tuple(layer.name for layer in found.trainer.design.layers)


def test_that_names_of_classes_go_with_a_model(tmp_path: Path) -> None:
    first = opened(Maker(), OpenModel(MODEL, preprocess=Preprocess(class_names=NAMES)))
    design, arrays = first.trainer.design, dict(first.trainer.network.arrays)
    assert design.class_names == NAMES
    assert first.data.names_for(5) == NAMES
    first.trainer.close()

    for ending in ("npz", "safetensors"):
        kept = tmp_path / f"kept.{ending}"
        state = NetworkState(design, arrays, RunProgress(learning_rate=0.1), weights_only=True)
        save_model(kept, state)
        again = opened(Maker(), OpenModel(kept))
        assert again.trainer.design.class_names == NAMES
        assert again.data.names_for(5) == NAMES
        again.trainer.close()
