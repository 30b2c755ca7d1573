"""Known sets are fetched from servers that are slow, broken or lie, and opened from the cache."""

from __future__ import annotations

import bz2
import io
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from convviz.__main__ import main
from convviz.data.errors import DataError, LoadCancelledError
from convviz.data.known import cache as caches
from convviz.data.known.cache import cached, fetch, forget
from convviz.data.known.catalogue import KNOWN, KnownFile, KnownSet, known_set
from convviz.data.known.download import download
from convviz.data.open import import_data
from tests.data import layouts
from tests.data.conftest import REAL_MNIST
from tests.support.known_server import Server, served_file, server

__all__ = ["server"]


@pytest.fixture
def small(server: Server, tmp_path: Path) -> tuple[KnownSet, layouts.Made]:
    """A set that is spread as MNIST is."""
    (tmp_path / "made").mkdir()
    made = layouts.idx_packed(tmp_path / "made")
    files = [served_file(server, file.name, file.read_bytes()) for file in sorted(made.path.iterdir())]
    names = tuple(f"class {at}" for at in range(10))
    return replace(known_set("mnist"), files=tuple(files), class_names=names), made


def test_that_a_set_is_fetched_once(server: Server, small: tuple[KnownSet, layouts.Made], tmp_path: Path) -> None:
    known, made = small
    told: list[tuple[str, int, int]] = []
    assert cached(known, tmp_path) is None
    path = fetch(known, tmp_path, told=lambda *state: told.append(state))
    data = import_data(path).data
    assert np.array_equal(data.x_test, made.x_test / np.float32(255))
    assert data.class_names == known.class_names
    assert {(name, done) for name, done, total in told if done == total} == {
        (file.name, len(server.files[f"/{file.name}"])) for file in known.files
    }
    asked = len(server.asked)
    assert fetch(known, tmp_path) == path == cached(known, tmp_path)
    assert len(server.asked) == asked
    forget(known, tmp_path)
    assert cached(known, tmp_path) is None


def test_that_the_real_mnist_comes_through(server: Server, tmp_path: Path) -> None:
    if not REAL_MNIST.is_file():
        pytest.skip(f"the real MNIST is not on this machine ({REAL_MNIST})")
    known = known_set("mnist")
    files = []
    for file in known.files:
        server.files[f"/{file.name}"] = (REAL_MNIST.parent / file.name).read_bytes()
        files.append(replace(file, urls=(f"{server.url}/{file.name}",)))
    server.manner = "redirecting"
    data = import_data(fetch(replace(known, files=tuple(files)), tmp_path)).data
    with h5py.File(REAL_MNIST) as real:
        for part in ("train", "test"):
            ours = getattr(data, f"x_{part}").reshape(-1, 784)
            assert np.array_equal(np.rint(ours * 255), np.rint(real[f"x_{part}"][()] * 255))
            assert np.array_equal(getattr(data, f"y_{part}"), real[f"y_{part}"][:, 0])


@pytest.mark.parametrize(
    ("manner", "fault"),
    [
        ("truncated", "bytes|broke off"),
        ("corrupted", "a file with another checksum"),
        ("failing", "HTTP 503"),
        ("missing", "HTTP 404"),
    ],
)
def test_that_a_server_s_fault_is_told_in_one_sentence(server: Server, tmp_path: Path, manner: str, fault: str) -> None:
    file = served_file(server, "some.gz", bytes(range(256)) * 400)
    # As long as half a file is sent each time, three times are not enough.
    server.manner = manner
    with pytest.raises(DataError, match=f"some.gz: expected to download it, got 127.0.0.1:.*({fault})") as caught:
        download(file, tmp_path, pause=0)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "some.gz").exists()


def test_that_a_mirror_is_asked_next(server: Server, tmp_path: Path) -> None:
    file = served_file(server, "some.gz", b"contents")
    file = replace(file, urls=(f"{server.url}/elsewhere.gz", *file.urls))
    assert download(file, tmp_path, pause=0).read_bytes() == b"contents"


def test_that_a_broken_download_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    contents = bytes(range(256)) * 4000
    file = served_file(server, "some.gz", contents)
    server.manner = "broken once"
    assert download(file, tmp_path, pause=0).read_bytes() == contents
    start = int(server.asked[1][1].removeprefix("bytes=").removesuffix("-"))
    assert 0 < start <= len(contents) // 2


def test_that_a_cancelled_download_keeps_what_it_has(server: Server, tmp_path: Path) -> None:
    contents = bytes(range(256)) * 4000
    file = served_file(server, "some.gz", contents)
    seen: list[int] = []
    with pytest.raises(LoadCancelledError):
        download(file, tmp_path, told=lambda done, _: seen.append(done), cancelled=lambda: len(seen) > 2)
    kept = (tmp_path / "some.gz.part").stat().st_size
    assert 0 < kept < len(contents)
    assert download(file, tmp_path).read_bytes() == contents
    assert server.asked[-1][1] == f"bytes={kept}-"


def test_that_a_silent_server_is_given_up(server: Server, tmp_path: Path) -> None:
    file = served_file(server, "some.gz", bytes(1000))
    server.manner = "silent"
    with pytest.raises(DataError, match=r"no answer in time|no connection|broke off"):
        download(file, tmp_path, pause=0, patience=0.1)


def test_that_being_offline_is_said(tmp_path: Path) -> None:
    file = KnownFile("some.gz", "0" * 32, ("http://127.0.0.1:9/some.gz",))
    with pytest.raises(DataError, match="is this computer online"):
        download(file, tmp_path, pause=0)


def test_that_archives_are_unpacked_into_one_folder(server: Server, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    made = layouts.emnist_idx(tmp_path / "made")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../evil-emnist-letters-ubyte.gz", b"not wanted")
        for file in made.path.iterdir():
            archive.write(file, f"gzip/{file.name.replace('t10k', 'test')}")
    known = replace(known_set("emnist-digits"), files=(served_file(server, "gzip.zip", packed.getvalue()),))
    data = import_data(fetch(known, tmp_path / "cache")).data
    assert np.array_equal(data.x_train, made.x_train / np.float32(255))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "made"]


def test_that_cifar_is_unpacked_with_its_names(server: Server, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    made = layouts.cifar_10(tmp_path / "made")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for file in made.path.iterdir():
            archive.add(file, f"cifar-10-batches-bin/{file.name}")
    known = replace(known_set("cifar-10"), files=(served_file(server, "cifar-10-binary.tar.gz", packed.getvalue()),))
    data = import_data(fetch(known, tmp_path / "cache")).data
    assert np.array_equal(data.x_train, made.x_train / np.float32(255))
    assert data.class_names[3] == "class 3"


def test_that_usps_is_read_from_sparse_rows(server: Server, tmp_path: Path) -> None:
    files = []
    for name, count in (("usps.bz2", 6), ("usps.t.bz2", 4)):
        rows = "".join(f"{at % 3 + 1} 1:-1 {at + 2}:0.5\n" for at in range(count))
        files.append(served_file(server, name, bz2.compress(rows.encode())))
    data = import_data(fetch(replace(known_set("usps"), files=tuple(files)), tmp_path)).data
    assert data.x_train.shape == (6, 1, 16, 16)
    assert data.x_train[2, 0, 0, :5].tolist() == [0, 0.5, 0.5, 0.75, 0.5]
    assert data.y_test.tolist() == [0, 1, 2, 0]


def test_that_a_damaged_archive_is_refused(server: Server, tmp_path: Path) -> None:
    known = replace(known_set("cifar-10"), files=(served_file(server, "cifar-10-binary.tar.gz", b"x" * 500),))
    with pytest.raises(DataError, match="expected to unpack it"):
        fetch(known, tmp_path)


def test_that_the_command_line_lists_and_fetches(
    server: Server,
    small: tuple[KnownSet, layouts.Made],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(caches, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr("convviz.data.known.catalogue.KNOWN", (small[0], *KNOWN[1:]))
    assert main(["data", "get"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [one.key for one in KNOWN]
    assert main(["data", "get", "mnist", "--out", str(tmp_path / "mnist.h5")]) == 0
    assert "24 training + 10 test images, 1×28×28, 10 classes" in capsys.readouterr().out
    assert main(["data", "get", "minst"]) == 2
    assert "expected one of mnist, fashion-mnist" in capsys.readouterr().err


@pytest.fixture
def table(tmp_path: Path) -> layouts.Made:
    return layouts.csv_plain(tmp_path)


def test_that_show_says_what_was_recognised(table: layouts.Made, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "show", str(table.path)]) == 0
    said = capsys.readouterr().out
    assert "24 training + 10 test images, 1×28×28, 10 classes" in said
    assert "CSV, no heading row" in said
    assert "784 numbers per image, 28×28" in said
    assert "mnist_test.csv beside it has the test images" in said


def test_that_convert_writes_what_opens_again(table: layouts.Made, tmp_path: Path) -> None:
    out = tmp_path / "out.h5"
    assert main(["data", "convert", str(table.path), str(out), "--size", "14x14", "--invert"]) == 0
    data = import_data(out).data
    assert data.image_shape == (1, 14, 14)
    assert np.array_equal(data.y_train, table.y_train)
    means = table.x_train.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4))
    # Pillow's bilinear filter weighs a window of two source pixels on each side.
    assert abs(float((1 - data.x_train[:, 0]).mean()) - float(means.mean()) / 255) < 0.01


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--size", "0x3"], "--size: expected 2 whole numbers such as 28x28, got '0x3'"),
        (["--axes", "XY"], "--axes: expected the letters H, W and perhaps C, got 'XY'"),
        (["--range", "5"], "--range: expected LOW..HIGH such as 0..255, got '5'"),
        (["--range", "0..9"], "expected values in 0…9, got"),
        (["--images", "nothing"], "expected one of the file's arrays"),
        (["--test-share", "2"], "test share: expected a number between 0 and 1, got 2"),
        (["--image", "3x28x28"], "expected"),
    ],
)
def test_that_choices_that_make_no_sense_are_refused(
    table: layouts.Made, capsys: pytest.CaptureFixture[str], flags: list[str], sentence: str
) -> None:
    assert main(["data", "show", str(table.path), *flags]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said
