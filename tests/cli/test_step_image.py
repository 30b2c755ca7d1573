"""``convviz step --image``: a pass over an image from a file of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import convviz
from convviz.__main__ import main

PIXELS = np.random.default_rng(5).random((28, 28), np.float32)


def steps(tmp_path: Path, *flags: str) -> tuple[int, Path]:
    out = tmp_path / "trace.h5"
    return main(["step", "--preset", "lenet-5", "--export", str(out), *flags]), out


def test_that_an_array_is_stepped_with_the_class_that_is_most_probable(tmp_path: Path) -> None:
    image = tmp_path / "image.npy"
    np.save(image, PIXELS)
    code, out = steps(tmp_path, "--image", str(image))
    assert code == 0
    trace = convviz.open_trace(out)
    np.testing.assert_array_equal(trace.images[0, 0], PIXELS)
    probabilities = next(step.output for step in trace if step.name == "softmax.p")
    assert trace.labels[0] == probabilities[0].argmax()


def test_that_a_picture_is_brought_to_size_and_a_label_is_taken(tmp_path: Path) -> None:
    image = tmp_path / "image.png"
    Image.fromarray(np.zeros((56, 56), np.uint8)).save(image)
    code, out = steps(tmp_path, "--image", str(image), "--label", "7")
    assert code == 0
    trace = convviz.open_trace(out)
    assert trace.images.shape == (1, 1, 28, 28)
    assert trace.labels.tolist() == [7]


@pytest.mark.parametrize(
    ("array", "flags", "words"),
    [
        (np.zeros((3, 28, 28), np.float32), [], "expected an image of 1×28×28 numbers, or several, got 3×28×28"),
        (np.full((28, 28), np.inf, np.float32), [], "expected finite numbers, got NaN or infinity"),
        (np.array("text"), [], "expected an image of 1×28×28 numbers"),
        (PIXELS, ["--label", "10"], "--label: expected a class from 0 to 9, got 10"),
        (PIXELS, ["--sample", "3"], "--image: expected no --dataroot, --sample, --split or --batch beside it"),
    ],
)
def test_that_what_does_not_fit_is_refused(
    array: np.ndarray, flags: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = tmp_path / "image.npy"
    np.save(image, array)
    code, out = steps(tmp_path, "--image", str(image), *flags)
    assert code != 0
    assert words in capsys.readouterr().err
    assert not out.exists()


def test_that_a_label_without_an_image_and_a_pickle_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert steps(tmp_path, "--label", "3")[0] != 0
    assert "--label: expected it with --image" in capsys.readouterr().err
    image = tmp_path / "image.npy"
    np.save(image, np.array([{"a": 1}], object), allow_pickle=True)
    assert steps(tmp_path, "--image", str(image))[0] != 0
    assert "expected an image" in capsys.readouterr().err
