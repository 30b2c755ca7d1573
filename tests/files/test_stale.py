"""What a process leaves that is killed while it writes, and two processes that write one file."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from child import child

from convviz.files.atomic import STALE, part_path, write_bytes_atomically
from convviz.files.claim import claimed, refuse_claimed
from convviz.files.errors import OutputError

WRITING = """
import sys, time
from pathlib import Path
from convviz.files.atomic import atomic_path
with atomic_path(Path(sys.argv[1])) as part:
    part.write_bytes(b"half")
    print("half", flush=True)
    time.sleep(3600)
"""
CLAIMING = """
import sys, time
from pathlib import Path
from convviz.files.claim import claimed
with claimed(Path(sys.argv[1])):
    print("mine", flush=True)
    time.sleep(3600)
"""


@pytest.mark.skipif(os.name != "posix", reason="whether a process lives can't be asked without harm")
def test_that_the_next_write_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    target = tmp_path / "model.h5"
    target.write_bytes(b"old")
    with child("-c", WRITING, str(target)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        write_bytes_atomically(tmp_path / "other.csv", b"beside it")
        assert len(list(tmp_path.iterdir())) == 3, "it still writes"
        process.kill()
        process.wait()
    assert len(list(tmp_path.iterdir())) == 3
    write_bytes_atomically(tmp_path / "other.csv", b"again")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.h5", "other.csv"]
    assert target.read_bytes() == b"old"


def test_that_a_part_of_another_computer_is_left_until_it_is_old(tmp_path: Path) -> None:
    part = part_path(tmp_path / "model.h5")
    far = part.rename(part.with_name(part.name.replace(f"-{os.getpid()}-", "-99999999-").replace("model-", "model-f")))
    other = far.with_name(".model-ffffff-99999999-00000000.part.h5")
    far.rename(other)
    write_bytes_atomically(tmp_path / "x", b"")
    assert other.exists()
    long_ago = time.time() - STALE - 60
    os.utime(other, (long_ago, long_ago))
    write_bytes_atomically(tmp_path / "x", b"")
    assert not other.exists()


def test_that_nothing_else_is_removed(tmp_path: Path) -> None:
    for name in (".hidden", ".model-abcdef.h5", "a.part", ".x-ffffff-1-00000000.partly"):
        (tmp_path / name).write_bytes(b"kept")
    write_bytes_atomically(tmp_path / "x", b"")
    assert len(list(tmp_path.iterdir())) == 5


@pytest.mark.skipif(os.name != "posix", reason="Windows lets nobody replace a file that is open")
def test_that_a_file_that_another_process_goes_on_writing_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "model.h5"
    with child("-c", CLAIMING, str(target)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "mine\n"
        for take in (refuse_claimed, lambda path: claimed(path).__enter__()):
            with pytest.raises(OutputError) as caught:
                take(target)
            wanted = f"another run (process {process.pid}) is writing"
            assert str(caught.value) == f"{target}: expected a file that nobody else is writing, got one that {wanted}"
        process.kill()
        process.wait()
    refuse_claimed(target)
    with claimed(target):
        refuse_claimed(target)  # our own
        with pytest.raises(OutputError, match="another training of this process"), claimed(target):
            pass
    assert list(tmp_path.iterdir()) == []
