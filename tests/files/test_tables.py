"""Tables replace tables of their own kind, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from convviz.files.errors import OutputError
from convviz.files.tables import csv_path, has_columns, write_table


def test_that_a_table_replaces_its_own_kind_with_more_columns_too(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_table(path, [["run", "lr", "file"], [1, 0.5, "é, b"]], "a sweep", ("run", "file"))
    assert path.read_bytes().decode() == 'run,lr,file\r\n1,0.5,"é, b"\r\n'
    write_table(path, [["run", "file"]], "a sweep", ("run", "file"))
    assert path.read_bytes() == b"run,file\r\n"


@pytest.mark.parametrize(
    "contents",
    [b"name,run,file\n", b"run,accuracy\n", b"\xff\xfe\x00run,file", b"notes of mine", b"\x89HDF\r\n\x1a\n"],
)
def test_that_a_table_replaces_nothing_else(tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(contents)
    with pytest.raises(OutputError, match="expected a new file, or a sweep to replace, got "):
        write_table(path, [["run", "file"]], "a sweep", ("run", "file"))
    assert path.read_bytes() == contents


def test_that_a_table_has_its_ending(tmp_path: Path) -> None:
    assert csv_path(str(tmp_path / "runs")) == tmp_path / "runs.csv"
    assert csv_path("runs.txt") == Path("runs.txt")


def test_that_what_is_no_file_has_no_columns(tmp_path: Path) -> None:
    assert not has_columns(tmp_path, ("run",))
    assert not has_columns(tmp_path / "none", ("run",))
