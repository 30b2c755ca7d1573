"""``convviz predict``: numbers that agree with each other and with the training that made the network."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from convviz.__main__ import main
from convviz.cli.predict import matrix, mixed_up
from convviz.core.plan import Plan
from convviz.data import save_hdf5
from convviz.data.builtin import load_builtin
from convviz.storage.formats.checkpoint_read import load_checkpoint


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of 300 and 120 images, and a network that was trained on it."""
    made = tmp_path_factory.mktemp("predict")
    save_hdf5(made / "data.h5", load_builtin().take(300, 120))
    flags = ["--dataroot", str(made / "data.h5"), "--epochs", "2", "--n_filter", "4", "--save", str(made / "model.h5")]
    assert main(["train", *flags]) == 0
    return made


def predict(folder: Path, *flags: str) -> int:
    return main(["predict", "--model", str(folder / "model.h5"), "--dataroot", str(folder / "data.h5"), *flags])


@pytest.mark.parametrize("split", ["test", "training"])
def test_that_accuracy_and_loss_are_those_of_the_last_epoch(
    folder: Path, split: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert predict(folder, "--split", split, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    last = load_checkpoint(folder / "model.h5").epochs[-1]
    accuracy, loss = (last.test_accuracy, last.test_loss) if split == "test" else (last.train_accuracy, last.train_loss)
    assert found["accuracy"] == accuracy
    assert found["loss"] == pytest.approx(loss, rel=1e-6)
    assert found["images"] == {"test": 120, "training": 300}[split]


def test_that_the_matrix_counts_every_image_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert predict(folder, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    confusion = np.array(found["confusion"])
    assert confusion.sum() == 120
    assert confusion.trace() / 120 == found["accuracy"]
    assert confusion.sum(axis=1).tolist() == np.bincount(load_builtin().y_test[:120], minlength=10).tolist()


def test_that_a_person_gets_an_aligned_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert predict(folder) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"course-7x7 ({folder / 'model.h5'}) on 120 test images"
    assert lines[1].startswith("Accuracy = 0.")
    table = lines[lines.index("Images by label (row) and predicted class (column):") + 1 :]
    assert table[0].split() == [*"0123456789", "right"]
    assert [row.split()[0] for row in table[1:11]] == [*"0123456789"]
    assert len({len(row) for row in table[:11]}) == 1


def test_that_every_image_has_its_row(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "p.csv"
    assert predict(folder, "--out", str(out), "--json") == 0
    accuracy = json.loads(capsys.readouterr().out)["accuracy"]
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert list(rows[0]) == ["index", "label", "predicted", "probability", *(f"p{i}" for i in range(10))]
    assert [int(row["index"]) for row in rows] == list(range(120))
    assert [int(row["label"]) for row in rows] == load_builtin().y_test[:120].tolist()
    assert sum(row["label"] == row["predicted"] for row in rows) / 120 == accuracy
    for row in rows:
        shares = [float(row[f"p{i}"]) for i in range(10)]
        assert sum(shares) == pytest.approx(1, abs=1e-5)
        assert (max(shares), shares.index(max(shares))) == (float(row["probability"]), int(row["predicted"]))


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--model", "nowhere.h5"], "nowhere.h5: expected a convviz checkpoint, found nothing there"),
        (["--dataroot", "nowhere.h5"], "nowhere.h5: expected an HDF5 file, found nothing there"),
        (["--out", "/nowhere/p.csv"], "--out /nowhere/p.csv: expected a folder to write in, found no /nowhere"),
        (["--out", "."], "--out .: expected a file to write, got a folder"),
    ],
)
def test_that_bad_files_are_one_sentence(
    folder: Path, flags: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert predict(folder, *flags) == 2
    assert capsys.readouterr().err == f"convviz predict: {sentence}\n"


def test_that_many_classes_are_told_by_their_mix_ups() -> None:
    confusion = np.zeros((40, 40), np.int64)
    confusion[3, 7], confusion[5, 1], confusion[2, 2] = 4, 9, 50
    assert mixed_up(confusion, [f"c{i}" for i in range(40)]) == ["     9 × c5 taken for c1", "     4 × c3 taken for c7"]


def test_that_a_class_without_images_has_no_share() -> None:
    lines = matrix(np.array([[3, 1], [0, 0]]), ["cat", "dog"])
    assert [line.split() for line in lines] == [
        ["cat", "dog", "right"],
        ["cat", "3", "1", "75.0%"],
        ["dog", "·", "·", "–"],
    ]


def test_that_it_is_said_on_stderr_that_kernels_are_compiled(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Pretended:
        def compile(self) -> bool:
            return True

    monkeypatch.setattr(Plan, "kernels", property(lambda plan: (Pretended(), Pretended())))
    assert predict(folder) == 0
    assert capsys.readouterr().err == "compiling kernels, first time only ...\n"
    assert predict(folder, "--json") == 0
    assert capsys.readouterr().err == ""
