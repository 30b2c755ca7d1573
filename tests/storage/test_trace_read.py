"""Traces open again, and give every array as it is in the file."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

import convviz
from convviz.__main__ import main
from convviz.core.design import Design, Training
from convviz.core.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU
from convviz.core.optim import Adam
from convviz.storage.trace import TraceError
from convviz.storage.trace_read import is_trace

MEMORY = Design(
    name="with-memory",
    layers=(Conv2D(filters=2), BatchNorm2D(), ReLU(), MaxPool2D(), Flatten(), Dropout(), Dense(units=10)),
    training=Training(optimiser=Adam(), batch_size=32, epochs=4, train_size=150, test_size=40),
)


def held(path: Path) -> dict[str, np.ndarray]:
    """Every array of a file by its name."""
    found: dict[str, np.ndarray] = {}

    def note(name: str, part: object) -> None:
        if isinstance(part, h5py.Dataset):
            found[name.replace("/", ".")] = part[()]

    with h5py.File(path) as file:
        file["arrays"].visititems(note)
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pass of a toy, and with a model that has state of every kind, within its second epoch."""
    folder = tmp_path_factory.mktemp("made")
    assert main(["step", "--preset", "toy-4x4", "--export", str(folder / "toy.h5")]) == 0
    asked = iter([False] * 8 + [True] * 99)
    convviz.train(MEMORY, convviz.load_data(), save_to=folder / "kept.h5", stop=lambda: next(asked))
    return folder


@pytest.fixture
def toy(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made / "toy.h5", tmp_path))


@pytest.fixture
def kept(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made / "kept.h5", tmp_path))


@pytest.mark.parametrize("flags", [[], ["--float64"], ["--batch", "3", "--sample", "5", "--split", "training"]])
def test_that_a_saved_models_pass_is_written_and_opens_again(kept: Path, tmp_path: Path, flags: list[str]) -> None:
    path = tmp_path / "pass.h5"
    assert main(["step", "--model", str(kept), "--export", str(path), *flags]) == 0
    trace, inside = convviz.open_trace(path), held(path)
    run = convviz.load(kept)
    assert trace.design == run.design
    assert trace.about["model"] == "kept.h5"
    np.testing.assert_array_equal(trace.weights["conv1.weight"], run.weights["conv1.weight"])
    steps = list(trace)
    for step in steps:
        np.testing.assert_array_equal(step.output, inside[step.name], err_msg=step.name)
    assert len(steps) == len(trace)
    assert {step.name for step in steps} <= set(inside)


def test_that_the_pass_of_a_run_is_the_one_that_comes_next(kept: Path, tmp_path: Path) -> None:
    path = tmp_path / "pass.h5"
    assert main(["step", "--model", str(kept), "--export", str(path), "--sample", "7"]) == 0
    data = convviz.load_data()
    inside = held(path)
    for step in convviz.step_through(convviz.load(kept), data.x_test[7:8], data.y_test[7:8]):
        np.testing.assert_array_equal(step.output, inside[step.name], err_msg=step.name)


def test_that_flags_that_the_model_decides_are_refused(kept: Path, tmp_path: Path, capsys) -> None:
    flags = ["--preset", "course-7x7", "--lr", "0.5"]
    assert main(["step", "--model", str(kept), "--export", str(tmp_path / "p.h5"), *flags]) == 2
    assert capsys.readouterr().err.startswith("convviz step: --preset, --lr: expected no such flag with --model")


def test_that_images_that_are_not_there_are_one_sentence(tmp_path: Path, capsys) -> None:
    for flags, told in (
        (["--sample", "2"], "--sample: expected an image from 0 to 1, got 2"),
        (["--batch", "3"], "--batch: expected at most the 2 test images, got 3"),
    ):
        design = tmp_path / "d.toml"
        convviz.save_design(design, convviz.preset("toy-4x4"))
        assert main(["step", "--design", str(design), "--export", str(tmp_path / "p.h5"), *flags]) == 2
        assert capsys.readouterr().err == f"convviz step: {told}\n"


def test_that_a_trace_is_told_from_other_files(toy: Path, kept: Path, tmp_path: Path) -> None:
    assert is_trace(toy)
    (tmp_path / "notes.txt").write_text("notes")
    assert not any(is_trace(path) for path in (kept, tmp_path, tmp_path / "none.h5", tmp_path / "notes.txt"))


def changed_design(file: h5py.File) -> None:
    design = json.loads(file.attrs["design"])
    design["layers"][0]["filters"] = 4096
    file.attrs["design"] = json.dumps(design)


def huge_pieces(file: h5py.File) -> None:
    del file["arrays/conv1/weight"]
    file.create_dataset("arrays/conv1/weight", (1, 1, 2, 2), "f4", chunks=(1, 1, 20000, 20000), maxshape=(None,) * 4)


def link_away(file: h5py.File) -> None:
    del file["arrays/x"]
    file["arrays/x"] = h5py.ExternalLink("/etc/secret.h5", "/x")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda file: file.attrs.update(version=2), "version: expected 1 or an earlier one, got 2, which a newer"),
        (lambda file: file.attrs.update(format="other"), "expected a convviz trace, got another HDF5 file"),
        (lambda file: file.attrs.update(batch=10**9), "batch: expected a whole number from 1 to 4,096"),
        (lambda file: file.attrs.update(precision="float16"), "precision: expected float32 or float64, got float16"),
        (lambda file: file.attrs.update(design="{"), "design: expected a design, got a mistake"),
        (lambda file: file.attrs.update(design=np.zeros(9)), "design: expected text of at most"),
        (changed_design, "arrays/conv1/weight: expected 4,096×1×2×2 float32, got 1×1×2×2 float32"),
        (huge_pieces, "arrays/conv1/weight: expected pieces no larger than the whole, got larger ones"),
        (link_away, "arrays/x: expected it in this file, got a link into /etc/secret.h5"),
        (lambda file: file.pop("arrays/labels"), "arrays/labels: expected it in the file, found nothing of that name"),
    ],
)
def test_that_a_spoiled_trace_is_one_sentence(toy: Path, spoil, told: str) -> None:
    with h5py.File(toy, "r+") as file:
        spoil(file)
    with pytest.raises(TraceError) as caught:
        convviz.open_trace(toy)
    assert str(caught.value).startswith(f"{toy}: {told}")
    assert "\n" not in str(caught.value)


def test_that_a_trace_of_the_first_version_opens(tmp_path: Path) -> None:
    path = tmp_path / "old.h5"
    path.write_bytes(gzip.decompress((Path(__file__).parents[1] / "golden" / "trace-1.h5.gz").read_bytes()))
    trace, inside = convviz.open_trace(path), held(path)
    assert (trace.design.name, trace.about) == ("toy-4x4", {"sample": 0, "label": 0, "data": "toy-4x4"})
    assert len(trace) == 31
    for step in trace:
        np.testing.assert_allclose(step.output, inside[step.name], rtol=1e-6, err_msg=step.name)


def test_that_what_is_no_trace_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match=r"none\.h5: expected a convviz trace, found nothing there"):
        convviz.open_trace(tmp_path / "none.h5")
