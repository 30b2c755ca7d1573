"""A MATLAB file that ends the process that reads it ends only that one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

pytest.importorskip("scipy", reason="MATLAB 5 files are read with SciPy, and it is not installed")

from convviz.data.errors import DataError
from convviz.data.open import import_data
from convviz.data.readers import mat
from convviz.files.cancel import LoadCancelledError
from tests.data.layouts import emnist_mat
from tests.support.fuzzing import damaged

CRASHES = 130
"""Of the damaged files of this layout, one that leads SciPy 1.17 to memory that isn't there."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return emnist_mat(tmp_path).path


def test_that_a_file_on_which_scipy_crashes_is_refused_in_a_sentence(path: Path) -> None:
    path.write_bytes(damaged(path.read_bytes(), with_choice(path)))
    with pytest.raises(DataError) as caught:
        import_data(path)
    assert "expected" in str(caught.value)
    assert "\n" not in str(caught.value)


def with_choice(path: Path) -> random.Random:
    """The random numbers of that case, after its file was drawn."""
    draw = random.Random(f"emnist_mat {CRASHES}")
    assert draw.choice([path]) == path
    return draw


def test_that_a_process_that_ends_on_the_way_is_told(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "dies.py"
    program.write_text("import os\nos._exit(139)\n")
    monkeypatch.setattr(mat, "PROGRAM", program)
    with pytest.raises(DataError, match="so damaged that SciPy broke off"):
        import_data(path)


def test_that_reading_can_be_given_up(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "sleeps.py"
    program.write_text("import time\ntime.sleep(600)\n")
    monkeypatch.setattr(mat, "PROGRAM", program)
    answers = iter([False, False, True])
    with pytest.raises(LoadCancelledError):
        import_data(path, cancelled=lambda: next(answers, True))
