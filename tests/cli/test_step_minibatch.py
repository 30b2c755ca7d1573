"""``convviz step --minibatch``: the pass in the file is the one that training makes next."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

import convviz
from convviz.__main__ import main
from convviz.core.design import course_design
from convviz.data import save_hdf5

DESIGN = ["--preset", "course-7x7"]


def test_that_the_next_minibatch_of_a_kept_run_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVVIZ_FAST", "0")
    data = convviz.load_data().take(train_size=150, test_size=20)
    path = tmp_path / "model.h5"
    design = course_design(filters=3)
    run = convviz.train(design, data, stop=lambda: True, save_to=path)
    last = list(convviz.step_through(run, data))[-1]
    save_hdf5(tmp_path / "data.h5", data)
    flags = ["--model", str(path), "--dataroot", str(tmp_path / "data.h5"), "--minibatch"]
    assert main(["step", "--export", str(tmp_path / "pass.h5"), *flags]) == 0
    trace = convviz.open_trace(tmp_path / "pass.h5")
    assert {name: trace.about[name] for name in ("epoch", "minibatch", "step")} == {
        "epoch": 1,
        "minibatch": 2,
        "step": 2,
    }
    again = list(trace)[-1]
    with h5py.File(tmp_path / "pass.h5") as file:
        for name in ("x", "lr", "conv1.weight", "conv1.weight_new", "dense1.bias_new"):
            np.testing.assert_array_equal(file[f"arrays/{name.replace('.', '/')}"][()], last.arrays[name], err_msg=name)
            np.testing.assert_array_equal(again.arrays[name], last.arrays[name], err_msg=name)


def test_that_images_cannot_be_chosen_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["step", "--export", str(tmp_path / "pass.h5"), *DESIGN, "--minibatch", "--sample", "3"]) != 0
    assert "--minibatch: expected no --image, --sample, --split or --batch" in capsys.readouterr().err
