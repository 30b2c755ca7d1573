"""Files to write are refused before anything is lost."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from convviz.files.errors import OutputError
from convviz.files.outputs import Output, check_output, check_outputs


def is_old(path: Path) -> bool:
    return path.read_bytes().startswith(b"old")


def output(path: Path, flag: str = "--out", **more: object) -> Output:
    return Output(path, "an old one", is_old, flag, **more)  # type: ignore[arg-type]


def refusal(outputs: list[Output], **inputs: Path) -> str:
    with pytest.raises(OutputError) as caught:
        check_outputs(outputs, {f"--{name}": path for name, path in inputs.items()})
    return str(caught.value)


@pytest.fixture
def read(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "read.h5"
    path.parent.mkdir()
    path.write_bytes(b"old data")
    return path


def symbolic(read: Path) -> Path:
    (read.parent / "link").symlink_to("read.h5")
    return read.parent / "link"


def hard(read: Path) -> Path:
    (read.parent / "hard").hardlink_to(read)
    return read.parent / "hard"


def around(read: Path) -> Path:
    return read.parent.parent / "data" / ".." / "data" / "read.h5"


def relative(read: Path) -> Path:
    return Path(os.path.relpath(read))


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
@pytest.mark.parametrize("way", [Path, symbolic, hard, around, relative])
def test_that_a_file_that_is_read_is_not_written_whatever_way_leads_to_it(read: Path, way) -> None:
    path = way(read)
    wanted = f"--out {path}: expected a file of its own, got the one that --model names"
    assert refusal([output(path)], model=read) == wanted
    assert read.read_bytes() == b"old data"


def test_that_the_input_that_an_output_goes_on_with_may_be_replaced(read: Path) -> None:
    check_outputs([output(read, replaces="--resume")], {"--resume": read})
    assert read.read_bytes() == b"old data"


@pytest.mark.parametrize("names", [("new.csv", "new.csv"), ("new.csv", "NEW.csv"), ("é.csv", "E\u0301.csv")])
def test_that_two_outputs_are_two_files_on_every_file_system(tmp_path: Path, names: tuple[str, str]) -> None:
    a, b = (tmp_path / name for name in names)
    told = refusal([output(a, "--save"), output(b, "--log")])
    assert told == f"--log {b}: expected a file of its own, got the one that --save names"


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_that_a_link_to_a_file_to_come_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "new.csv")
    assert "--save names" in refusal([output(tmp_path / "new.csv", "--save"), output(tmp_path / "link", "--log")])


@pytest.mark.parametrize(
    ("contents", "got"),
    [
        (b"\x89HDF\r\n\x1a\n....", "another HDF5 file"),
        (b"\x80\x02}q\x00(U", "a Python pickle"),
        (b"PK\x03\x04" + bytes(22) + b"\x05\x00\x00\x00x.npy", "a NumPy .npz archive"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"notes of mine\n", "plain text"),
    ],
)
def test_that_a_file_of_another_kind_is_not_replaced(tmp_path: Path, contents: bytes, got: str) -> None:
    path = tmp_path / "some.csv"
    path.write_bytes(contents)
    assert refusal([output(path)]) == f"--out {path}: expected a new file, or an old one to replace, got {got}"
    assert path.read_bytes() == contents


def test_that_its_own_kind_and_an_empty_file_may_be_replaced(tmp_path: Path) -> None:
    old, empty = tmp_path / "old", tmp_path / "empty"
    old.write_bytes(b"old one")
    empty.touch()
    check_outputs([output(old, "--a"), output(empty, "--b")])
    assert old.read_bytes() == b"old one"
    assert sorted(tmp_path.iterdir()) == [empty, old]


def test_that_a_place_where_nothing_can_be_is_refused(tmp_path: Path) -> None:
    nowhere = tmp_path / "none" / "x.csv"
    assert refusal([output(nowhere)]).endswith(f"expected a folder to write in, found no {nowhere.parent}")
    assert refusal([output(tmp_path)]).endswith("expected a file to write, got a folder")
    assert refusal([output(tmp_path / ("n" * 300))]).endswith("can't be written: File name too long")
    assert refusal([output(Path("a\0b"))]).endswith("can't be written: embedded null byte")


def test_that_any_name_that_is_possible_is_possible_to_write(tmp_path: Path) -> None:
    for name in ("n" * 252 + ".h5", "é" * 126, "." + "s" * 254):
        check_output(output(tmp_path / name))


def test_that_a_folder_that_can_not_be_written_to_is_found_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not chmod: the tests may run as a user whom no mode stops.
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    assert refusal([output(tmp_path / "x.csv")]).endswith("can't be written: Permission denied")


def test_that_a_protected_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert refusal([output(path)]).endswith("expected a file that may be replaced, got one that is protected")


def test_that_a_full_disk_is_found_before(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    told = refusal([output(tmp_path / "x.h5", nbytes=4 * free + 10**9)])
    assert " of free space on the disk, got " in told


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_that_a_pipe_takes_what_is_written_in_a_row_and_nothing_else(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    check_output(output(tmp_path / "pipe", stream=True))
    assert refusal([output(tmp_path / "pipe")]).endswith("expected a file to write, got a device or pipe")
