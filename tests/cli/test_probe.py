"""``convviz probe``: pictures and arrays of a kept network, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from engine_zoo import net
from msgspec.structs import replace
from PIL import Image
from probed import labelled

import convviz
from convviz.__main__ import main
from convviz.core.design import Design
from convviz.core.layers import Add, Conv2D, Dense, Flatten, ReLU, Tanh
from convviz.core.network import Network
from convviz.data import save_hdf5
from convviz.data.builtin import load_builtin
from convviz.data.dataset import Dataset


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of 200 and 60 images, and a network that was trained on it."""
    made = tmp_path_factory.mktemp("probe")
    save_hdf5(made / "data.h5", load_builtin().take(200, 60))
    flags = ["--dataroot", str(made / "data.h5"), "--epochs", "1", "--n_filter", "3", "--save", str(made / "model.h5")]
    assert main(["train", *flags]) == 0
    return made


def probe(folder: Path, *flags: str) -> int:
    return main(["probe", "--model", str(folder / "model.h5"), "--dataroot", str(folder / "data.h5"), *flags])


def test_that_it_writes_pictures_and_all_arrays(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    what = "confusion,saliency,filters,ablation,map"
    assert probe(folder, "--out", str(tmp_path), "--what", what, "--images", "7") == 0
    said = capsys.readouterr().out
    assert "on 60 test images" in said
    names = {path.name for path in tmp_path.iterdir()}
    maps = ("gradient", "gradient_times_input", "integrated_gradients", "smooth_gradient", "guided_backprop")
    wanted = {"probe.h5", "confusion.png", "filters_conv1.png", "image_7.png", "image_7_grad_cam_conv1.png"}
    assert names == wanted | {f"image_7_{name}.png" for name in (*maps, "occlusion")}
    for path in tmp_path.glob("*.png"):
        assert str(path) in said
        with Image.open(path) as picture:
            assert min(picture.size) > 20
            assert len(picture.convert("RGB").getcolors(1 << 20)) > 3
    run, data = convviz.load(folder / "model.h5"), convviz.load_data(folder / "data.h5")
    predicted = convviz.predict(run, data)
    target = convviz.probe.Target.of_class(int(predicted.predicted[7]))
    with h5py.File(tmp_path / "probe.h5") as file:
        assert file.attrs["step"] == run.place.step
        np.testing.assert_array_equal(file["confusion/matrix"][:], predicted.confusion)
        parts = file["saliency/7/contributions"][:].sum() + sum(part[()] for part in file["saliency/7/biases"].values())
        assert parts == pytest.approx(convviz.probe.contributions(run.network, data.x_test[7], target).score, abs=1e-10)
        assert file["filters/conv1/patches"].shape == (3, 9, 1, 7, 7)
        assert sorted(file["ablation/conv1/ranking"][:]) == [0, 1, 2]
        assert file["map/dense1"].shape == (60, 2)


def test_that_weights_are_written_too(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert probe(folder, "--out", str(tmp_path), "--what", "kernels,evidence,pruning") == 0
    said = capsys.readouterr().out
    run, data = convviz.load(folder / "model.h5"), convviz.load_data(folder / "data.h5")
    test = convviz.probe.Split(data.x_test, data.y_test)
    half = convviz.probe.measure_mistakes(convviz.probe.prune(run.network, 0.5).network, test).accuracy
    assert f"{half:.2%} right without 50 % of the weights" in said
    with h5py.File(tmp_path / "probe.h5") as file:
        assert file["kernels/conv1/correlation"].shape == (3, 3)
        found = convviz.probe.weights_of_evidence(run.network)
        np.testing.assert_array_equal(file["evidence/weights"][:], found.weights)
        assert file["pruning/accuracy"][2] == pytest.approx(half)
    pictures = {path.name for path in tmp_path.glob("*.png")}
    expected = {"kernels_conv1_correlation.png", "kernels_conv1_spectrum.png"}
    assert pictures == expected | {f"evidence_{k}.png" for k in range(10)}


def test_that_changes_towards_a_class_are_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert probe(folder, "--out", str(tmp_path), "--what", "change", "--images", "7", "--to", "3") == 0
    said = capsys.readouterr().out
    run, data = convviz.load(folder / "model.h5"), convviz.load_data(folder / "data.h5")
    found = convviz.probe.smallest_change(run.network, data.x_test[7], to=3)
    assert found.found
    assert found.after.argmax() == 3
    assert f"becomes 3, L2 {found.norm:.4f}" in said
    with h5py.File(tmp_path / "probe.h5") as file:
        np.testing.assert_array_equal(file["change/7/smallest/change"][:], found.change)
    names = {path.name for path in tmp_path.glob("*.png")}
    assert {"image_7_change_smallest.png", "image_7_changed_smallest.png"} <= names


def test_that_ignored_labels_are_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    design = replace(ODD["curved"], training=replace(ODD["curved"].training, ignored_label=1))
    flags = odd_model(tmp_path, design, labels=[0, 1, 2])
    assert main(["probe", *flags, "--out", str(tmp_path / "out"), "--what", "confusion"]) == 0
    said = capsys.readouterr().out
    assert "(untrained) on 6 test images" in said
    assert "3 with the label 1, ignored, left out" in said

    assert main(["predict", *flags, "--json"]) == 0
    predicted = json.loads(capsys.readouterr().out)
    with h5py.File(tmp_path / "out" / "probe.h5") as file:
        matrix = file["confusion/matrix"][:]
    assert predicted["images"] == 6 == matrix.sum()
    np.testing.assert_array_equal(predicted["confusion"], matrix)


def test_that_without_images_the_surest_mistakes_are_explained(folder: Path, tmp_path: Path) -> None:
    assert probe(folder, "--out", str(tmp_path), "--what", "saliency,confusion") == 0
    with h5py.File(tmp_path / "probe.h5") as file:
        worst = file["confusion/worst"][:4].tolist()
        assert set(file["saliency"]) == {str(row) for row in worst}


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--images", "60"], "--images: expected images from 0 to 59, got 60"),
        (["--to", "ten"], "--to: expected a class, one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, got ten"),
        (["--what", "filters", "--layer", "conv9"], "expected a convolution (conv1), got conv9"),
    ],
)
def test_that_what_is_not_there_is_refused(
    folder: Path, tmp_path: Path, flags: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert probe(folder, "--out", str(tmp_path), *flags) == 2
    assert sentence in capsys.readouterr().err


def test_that_flags_without_sense_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for flags, words in (("--what dreams", "got dreams"), ("--images x", "expected numbers"), ("--images -1", "0 or")):
        with pytest.raises(SystemExit):
            probe(folder, "--out", "x", *flags.split())
        assert words in capsys.readouterr().err


ALL = "confusion,saliency,filters,change,ablation,kernels,evidence,pruning,map"
ODD = {
    "three channels, not square": net(Conv2D(filters=3, kernel=3), ReLU(), image=(3, 8, 11), classes=3),
    "no convolution": net(Flatten(), Dense(units=4), ReLU(), image=(1, 6, 7), classes=3),
    "curved": net(Conv2D(filters=2, kernel=3), Tanh(), image=(1, 7, 7), classes=3),
    "branches": net(
        *(Conv2D(filters=3, padding="same"), ReLU(), Conv2D(filters=3, padding="same"), ReLU()),
        Add(input=("relu1", "relu2")),
        image=(1, 7, 8),
        classes=3,
    ),
}


def odd_model(folder: Path, design: Design, *, labels: list[int] | None = None, ill: bool = False) -> tuple[str, ...]:
    """An untrained network and images that fit it, as the flags that name them."""
    network = Network(design)
    some = labelled(network, 9)
    y = some.labels if labels is None else np.resize(labels, 9)
    data = Dataset("odd", some.images, y, some.images, y, design.classes, "")
    save_hdf5(folder / "odd.h5", data)
    convviz.save(folder / "odd-model.h5", network)
    if ill:
        with h5py.File(folder / "odd-model.h5", "r+") as file:
            file["arrays/conv1.weight"][0] = np.nan
    return "--model", str(folder / "odd-model.h5"), "--dataroot", str(folder / "odd.h5")


@pytest.mark.parametrize("name", ODD)
def test_that_every_part_works_or_says_why_not(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = odd_model(tmp_path, ODD[name])
    done = main(["probe", *flags, "--out", str(tmp_path / "out"), "--what", ALL, "--images", "0"])
    said = capsys.readouterr()
    assert "(untrained) on 9 test images" in said.out
    without = name == "no convolution"
    assert done == (2 if without else 0)
    for part in ("filters", "ablation", "kernels"):
        assert (f"{part}: untitled: expected a network with a convolution, it has none" in said.err) == without
    with h5py.File(tmp_path / "out" / "probe.h5") as file:
        assert file["confusion/matrix"][:].sum() == 9
        assert file["saliency/0/gradient"].shape == file["saliency/0/image"].shape
        assert ("contributions" in file["saliency/0"]) == (name != "curved")
        assert file["pruning/accuracy"].shape == (6,)
        assert "map" in file


def test_that_what_is_not_asked_for_is_left_out_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = odd_model(tmp_path, ODD["no convolution"])
    assert main(["probe", *flags, "--out", str(tmp_path / "out"), "--images", "1"]) == 0
    assert "filters: untitled: expected a network with a convolution" in capsys.readouterr().err
    assert (tmp_path / "out" / "confusion.png").exists()


def test_that_one_class_is_enough(tmp_path: Path) -> None:
    flags = odd_model(tmp_path, ODD["curved"], labels=[2])
    assert main(["probe", *flags, "--out", str(tmp_path / "out"), "--what", ALL]) == 0
    with h5py.File(tmp_path / "out" / "probe.h5") as file:
        assert file["confusion/matrix"][:2].sum() == 0
        assert np.isnan(file["confusion/recall"][:2]).all()


def test_that_nan_and_missing_files_are_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = odd_model(tmp_path, ODD["curved"], ill=True)
    assert main(["probe", *flags, "--out", str(tmp_path / "out"), "--what", ALL]) == 2
    assert "arrays/conv1.weight: expected finite numbers, got nan" in capsys.readouterr().err
    assert main(["probe", "--model", str(tmp_path / "no.h5"), *flags[2:], "--out", str(tmp_path / "out")]) == 2
    assert "no.h5" in capsys.readouterr().err
