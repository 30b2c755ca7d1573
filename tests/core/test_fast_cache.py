"""Where compiled kernels are kept between two runs."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

pytest.importorskip("numba", reason="compiled kernels need numba")

from convviz.core.fast.jit import UNUSED, in_use


def kept(parent: Path, name: str, seconds_ago: float) -> Path:
    folder = parent / name
    folder.mkdir(parents=True)
    (folder / "kernel.nbc").write_bytes(b"code")
    then = time.time() - seconds_ago
    os.utime(folder, (then, then))
    return folder


def test_that_machine_code_of_versions_long_gone_is_removed(tmp_path: Path) -> None:
    old = kept(tmp_path, "compiled-old", UNUSED + 60)
    recent = kept(tmp_path, "compiled-recent", UNUSED - 60)
    foreign = kept(tmp_path, "datasets", UNUSED + 60)

    mine = in_use(tmp_path, "compiled-mine")

    assert mine is not None
    assert not old.exists()
    assert mine.is_dir()
    assert (recent / "kernel.nbc").exists()
    assert (foreign / "kernel.nbc").exists()


def test_that_machine_code_in_use_is_kept_however_old_it_is(tmp_path: Path) -> None:
    mine = kept(tmp_path, "compiled-mine", 3 * UNUSED)

    assert in_use(tmp_path, mine.name) == mine
    assert (mine / "kernel.nbc").exists()
    assert time.time() - mine.stat().st_mtime < UNUSED


def test_that_kernels_are_not_kept_where_no_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    assert in_use(tmp_path / "taken", "compiled-mine") is None
