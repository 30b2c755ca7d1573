"""``convviz train`` takes MNIST's own files where it takes an HDF5 file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from convviz.__main__ import main
from tests.support.idx_files import write_pair


def test_that_a_folder_is_trained_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    for part, count in (("train", 40), ("t10k", 10)):
        write_pair(tmp_path, part, rng.integers(0, 256, (count, 28, 28)), rng.integers(0, 10, count), packed=True)
    assert main(["train", "--dataroot", str(tmp_path), "--n_filter", "2", "--epochs", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["epoch"] == 1
