"""Where compiled kernels are kept between two runs, and where they are not read from."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("numba", reason="compiled kernels need numba")

from convviz.core.fast.cache import UNUSED, in_use

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a user's profile from others in its own way")
as_root = pytest.mark.skipif(
    getattr(os, "geteuid", lambda: 1)() != 0, reason="only root can give a file to another user"
)
SOMEBODY = 65534


def kept(parent: Path, name: str, seconds_ago: float) -> Path:
    folder = parent / name
    folder.mkdir(parents=True, mode=0o700)
    (folder / "kernel.nbc").write_bytes(b"code")
    then = time.time() - seconds_ago
    os.utime(folder, (then, then))
    return folder


def test_that_machine_code_of_versions_long_gone_is_removed(tmp_path: Path) -> None:
    old = kept(tmp_path, "compiled-old", UNUSED + 60)
    recent = kept(tmp_path, "compiled-recent", UNUSED - 60)
    foreign = kept(tmp_path, "datasets", UNUSED + 60)

    mine = in_use(tmp_path, "compiled-mine").folder

    assert mine is not None
    assert not old.exists()
    assert mine.is_dir()
    assert (recent / "kernel.nbc").exists()
    assert (foreign / "kernel.nbc").exists()


def test_that_machine_code_in_use_is_kept_however_old_it_is(tmp_path: Path) -> None:
    mine = kept(tmp_path, "compiled-mine", 3 * UNUSED)

    assert in_use(tmp_path, mine.name).folder == mine
    assert (mine / "kernel.nbc").exists()
    assert time.time() - mine.stat().st_mtime < UNUSED


def test_that_kernels_are_not_kept_where_no_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    found = in_use(tmp_path / "taken", "compiled-mine")

    assert found.folder is None
    assert str(tmp_path / "taken") in found.reason


# --- trust -------------------------------------------------------------------------------------------------------


@posix
def test_that_nobody_else_can_write_or_see_a_new_folder_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = in_use(tmp_path / "convviz", "compiled-mine").folder
        assert folder is not None
        (folder / "kernel.nbi").write_bytes(b"anybody may write this, but nobody gets there")
    finally:
        os.umask(before)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert in_use(tmp_path / "convviz", "compiled-mine").folder == folder


@posix
@pytest.mark.parametrize("where", ["", "convviz", "convviz/compiled-mine", "convviz/compiled-mine/fast"])
@pytest.mark.parametrize("mode", [0o777, 0o757], ids=oct)
def test_that_a_folder_that_others_can_write_is_refused(tmp_path: Path, where: str, mode: int) -> None:
    top = tmp_path / "cache"
    (top / "convviz/compiled-mine/fast").mkdir(parents=True)
    for folder in (top, *top.rglob("*")):
        folder.chmod(0o755)
    assert in_use(top / "convviz", "compiled-mine").folder is not None
    (top / where).chmod(mode)

    found = in_use(top / "convviz", "compiled-mine")

    assert found.folder is None
    assert found.reason == f"{top / where} can be written by others"


@posix
def test_that_a_file_that_others_can_write_is_refused(tmp_path: Path) -> None:
    folder = kept(tmp_path, "compiled-mine", 0)
    folder.chmod(0o755)
    (folder / "kernel.nbc").chmod(0o666)

    assert in_use(tmp_path, "compiled-mine").reason == f"{folder / 'kernel.nbc'} can be written by others"


@posix
def test_that_a_link_in_the_folder_is_refused(tmp_path: Path) -> None:
    folder = kept(tmp_path, "compiled-mine", 0)
    (folder / "kernel.nbi").symlink_to(tmp_path / "elsewhere")

    assert in_use(tmp_path, "compiled-mine").reason == f"{folder / 'kernel.nbi'} is no file"


@posix
def test_that_a_folder_of_ones_own_is_used_where_all_may_write_but_not_replace(tmp_path: Path) -> None:
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)

    assert in_use(shared / "convviz", "compiled-mine").folder == shared / "convviz" / "compiled-mine"


@posix
@as_root
@pytest.mark.parametrize("where", ["", "convviz", "convviz/compiled-mine", "convviz/compiled-mine/kernel.nbi"])
def test_that_what_belongs_to_another_user_is_refused(tmp_path: Path, where: str) -> None:
    top = tmp_path / "cache"
    kept(top / "convviz", "compiled-mine", 0).joinpath("kernel.nbi").write_bytes(b"code")
    os.chown(top / where, SOMEBODY, SOMEBODY)

    found = in_use(top / "convviz", "compiled-mine")

    assert found.folder is None
    assert found.reason == f"{top / where} belongs to another user"


@posix
@as_root
@pytest.mark.parametrize(("group", "used"), [(0, True), (SOMEBODY, False)])
def test_that_only_the_users_own_group_may_write(tmp_path: Path, group: int, used: bool) -> None:
    import grp

    if grp.getgrgid(0).gr_mem or grp.getgrgid(0).gr_name != "root":
        pytest.skip("root is not alone in its group here")
    folder = kept(tmp_path, "compiled-mine", 0)
    os.chown(folder, 0, group)
    folder.chmod(0o770)

    assert (in_use(tmp_path, "compiled-mine").folder == folder) is used


COMPILE = """
import numpy as np
from convviz.core.fast.cells import sum_squares
total = np.zeros(1)
sum_squares(np.arange(4.0), total)
print(total[0])
"""
PLANTED = "cos\nsystem\n(S'touch {}'\ntR."
"""A pickle that runs a command where it is read."""


@posix
def test_that_a_planted_file_runs_no_command(tmp_path: Path) -> None:
    top, ran = tmp_path / "cache", tmp_path / "ran"

    def compile_kernels() -> str:
        environment = {**os.environ, "XDG_CACHE_HOME": str(top)}
        done = subprocess.run(
            [sys.executable, "-c", COMPILE], env=environment, check=False, capture_output=True, text=True
        )
        return done.stdout.strip()

    assert compile_kernels() == "14.0"
    (index,) = top.glob("convviz/compiled-*/*/cells.sum_squares-*.nbi")
    index.write_text(PLANTED.format(ran))
    top.chmod(0o777)

    assert compile_kernels() == "14.0"
    assert not ran.exists()

    top.chmod(0o755)
    compile_kernels()
    assert ran.exists()  # so it was read and run where nobody else could have written it
