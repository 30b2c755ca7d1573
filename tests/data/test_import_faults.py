"""What is wrong with a file of another layout is said in one sentence, within bounded time and memory."""

from __future__ import annotations

import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from PIL import Image

from convviz.data.errors import DataError, LoadCancelledError
from convviz.data.open import import_data, open_data
from convviz.data.sources import ImageSpec
from tests.data import layouts
from tests.data.layouts import Made


def message(path: Path, like: ImageSpec | None = None) -> str:
    with pytest.raises(DataError) as caught:
        open_data(path, like or ImageSpec())
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 600
    return said


def test_that_a_hostile_array_is_not_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "sprung",)

    np.save(tmp_path / "x_train.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "some.npz", x_train=np.array([Trap()], dtype=object), y_train=np.arange(1))
    (tmp_path / "data_batch_1").write_bytes(pickle.dumps({"data": Trap()}))
    for name in ("x_train.npy", "some.npz", "data_batch_1"):
        assert "could run any program" in message(tmp_path / name)
    assert not (tmp_path / "sprung").exists()


def test_that_a_folder_of_cifar_pickles_is_sent_to_the_binary_version(tmp_path: Path) -> None:
    (tmp_path / "data_batch_1").write_bytes(pickle.dumps({"data": [1]}))
    assert "take CIFAR's binary version" in message(tmp_path)


def test_that_an_uneven_row_is_named(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    layouts.csv(path, np.arange(30 * 785).reshape(30, 785) % 10)
    lines = path.read_text().splitlines()
    lines[16] = lines[16].rsplit(",", 1)[0]
    path.write_text("\n".join(lines))
    assert message(path).endswith("row 17: expected 785 values, got 784")


def test_that_a_row_beyond_the_first_thousand_is_named_too(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    layouts.csv(path, np.arange(1100 * 17).reshape(1100, 17) % 7, "label," + ",".join(f"p{at}" for at in range(16)))
    lines = path.read_text().splitlines()
    lines[1050] = lines[1050].replace(",3,", ",x,", 1)
    column = lines[1050].split(",").index("x") + 1
    path.write_text("\n".join(lines))
    assert f"row 1,051, column {column}: expected a number, got 'x'" in message(path)


def test_that_labels_as_text_are_classes(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    rows = [[name, *map(str, range(16))] for name in ("dog", "cat") * 7]
    path.write_text("\n".join(",".join(row) for row in rows))
    data = import_data(path).data
    assert data.class_names == ("cat", "dog")
    assert sorted(np.concatenate([data.y_train, data.y_test]).tolist()) == [0] * 7 + [1] * 7


def test_that_a_test_set_is_held_back_from_every_class(tmp_path: Path) -> None:
    path = tmp_path / "some.npz"
    y = np.arange(70) % 5
    x = np.arange(70 * 16).reshape(70, 4, 4) % 256
    np.savez(path, x=x.astype(np.uint8), y=y)
    data = import_data(path).data
    assert np.bincount(data.y_test).tolist() == [2] * 5
    every = np.concatenate([data.x_train, data.x_test])
    assert sorted(map(tuple, every.reshape(70, 16).tolist())) == sorted(
        map(tuple, (x.reshape(70, 16) / np.float32(255)).astype(np.float32).tolist())
    )


@pytest.mark.parametrize(
    ("low", "high"), [(0, 255), (0, 65535), (-1, 1), (-2.5, 3.25)], ids=["bytes", "words", "signed", "standardised"]
)
def test_that_values_become_0_to_1(tmp_path: Path, low: float, high: float) -> None:
    x = np.linspace(low, high, 30 * 16).reshape(30, 4, 4)
    if high > 255:
        x = np.rint(x).astype(np.uint16)
    np.savez(tmp_path / "some.npz", x_train=x, y_train=np.arange(30) % 2, x_test=x, y_test=np.arange(30) % 2)
    found = import_data(tmp_path / "some.npz")
    assert np.allclose(found.data.x_test[:, 0], (x - low) / (high - low), atol=1e-6)
    assert any(line.startswith("values: ") for line in found.recognised.changes)


def test_that_parts_of_different_scales_are_refused(tmp_path: Path) -> None:
    x = np.linspace(0, 255, 30 * 16).reshape(30, 4, 4)
    np.savez(tmp_path / "some.npz", x_train=x, y_train=np.arange(30) % 2, x_test=x / 255, y_test=np.arange(30) % 2)
    said = message(tmp_path / "some.npz", ImageSpec(1, 4, 4))
    assert said.endswith("x_test: expected values in 0…255 as in x_train, got values in 0…1")


def test_that_nan_is_placed(tmp_path: Path) -> None:
    x = np.zeros((30, 4, 4))
    x[17, 2, 1] = np.nan
    np.savez(tmp_path / "some.npz", x_train=x, y_train=np.arange(30) % 2)
    assert message(tmp_path / "some.npz", ImageSpec(1, 4, 4)).endswith("NaN or infinite ones in image 17")


def test_that_images_of_another_size_or_more_classes_name_both(tmp_path: Path) -> None:
    made = layouts.keras_npz(tmp_path)
    with pytest.raises(DataError, match="expected 1×8×8 images, got 1×28×28") as caught:
        open_data(made.path, ImageSpec(1, 8, 8))
    assert caught.value.fits == (1, 28, 28)
    assert "expected at most 4 classes, got 10: 0, 1" in message(made.path, ImageSpec(1, 28, 28, 4))


def test_that_missing_labels_are_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "some.npz", x_train=np.zeros((4, 28, 28)))
    assert "expected labels beside the images, found none" in message(tmp_path / "some.npz")
    np.savez(tmp_path / "some.npz", x_train=np.zeros((4, 28, 28)), y_train=np.arange(3))
    assert "expected one label for each of the 4 images, got 3" in message(tmp_path / "some.npz")


def test_that_other_arrays_are_listed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "some.h5", "w") as file:
        file["weights"] = np.zeros((3, 3))
        file["more"] = np.zeros((5, 3))
    assert message(tmp_path / "some.h5").endswith("got more (5, 3), weights (3, 3)")


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def test_that_a_huge_picture_is_refused_by_its_header(tmp_path: Path) -> None:
    made = layouts.png_folders(tmp_path)
    (made.path / "train" / "3" / "huge.png").write_bytes(png_header(100_000, 100_000))
    assert "expected a picture of at most 33,554,432 pixels, got" in message(made.path)


def test_that_a_header_that_claims_billions_of_images_is_refused(tmp_path: Path) -> None:
    head = struct.pack(">HBBIII", 0, 8, 3, 4_000_000_000, 28, 28)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(head + bytes(784))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(struct.pack(">HBBI", 0, 8, 1, 4_000_000_000) + bytes(1))
    assert "expected" in message(tmp_path)
    declared = BytesIO()
    np.lib.format.write_array_header_1_0(
        declared, {"descr": "|u1", "fortran_order": False, "shape": (4_000_000_000, 28, 28)}
    )
    with zipfile.ZipFile(tmp_path / "some.npz", "w") as archive:
        archive.writestr("x_train.npy", declared.getvalue() + bytes(784))
        archive.writestr("y_train.npy", declared.getvalue() + bytes(784))
    assert "expected" in message(tmp_path / "some.npz")


def test_that_a_zip_bomb_of_a_table_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "some.csv.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("some.csv", (b"0," * 784 + b"1\n") * 45_000)
    assert "expected at most 64 MiB of text, got more" in message(tmp_path / "some.csv.zip")


def test_that_every_kind_of_picture_is_read(tmp_path: Path) -> None:
    values = layouts.pixels(1)[0, 0]
    turned = Image.fromarray(np.rot90(values, 1))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90° clockwise
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
    turned.save(tmp_path / "a" / "1.png", exif=exif)
    Image.fromarray(values.astype(np.uint16) * 257).save(tmp_path / "a" / "2.png")
    Image.fromarray(values).convert("P").save(tmp_path / "a" / "3.gif")
    seen = np.dstack([np.zeros((28, 28, 3), np.uint8), 255 - values])  # black ink, as opaque as it is dark
    Image.fromarray(seen).save(tmp_path / "b" / "1.png")
    Image.fromarray(np.dstack([values] * 3)).save(tmp_path / "b" / "2.bmp")
    Image.fromarray(values).save(tmp_path / "b" / "3.tif", compression="tiff_lzw")
    data = import_data(tmp_path).data
    images = np.concatenate([data.x_train, data.x_test])
    assert images.shape == (6, 1, 28, 28)
    assert np.allclose(images, values / 255, atol=0.5 / 255)


def test_that_pictures_of_mixed_sizes_become_one(tmp_path: Path) -> None:
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for side in (20, 28, 40):
            Image.new("L", (side, side // 2), 255).save(tmp_path / label / f"{side}.png")
    found = import_data(tmp_path)
    assert found.data.image_shape == (1, 28, 28)
    assert any("3 different sizes" in finding.words for finding in found.recognised.findings)
    # The ink fills the width and keeps its proportions.
    assert 0.4 < found.data.x_train.mean() < 0.6


@pytest.mark.parametrize("layout", [layouts.keras_npz, layouts.csv_plain, layouts.png_folders, layouts.cifar_10])
def test_that_reading_can_be_cancelled(layout: Callable[[Path], Made], tmp_path: Path) -> None:
    made = layout(tmp_path)
    with pytest.raises(LoadCancelledError):
        import_data(made.path, cancelled=lambda: True)


def declared(shape: tuple[int, ...]) -> bytes:
    """The header of a NumPy file."""
    held = BytesIO()
    np.lib.format.write_array_header_1_0(held, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return held.getvalue()


def test_that_a_numpy_file_that_claims_billions_of_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x_train.npy").write_bytes(declared((4_000_000_000, 28, 28)) + bytes(784))
    (tmp_path / "y_train.npy").write_bytes(declared((4_000_000_000,)) + bytes(9))
    assert "expected 3,136,000,000,000 bytes of values as declared, got 784" in message(tmp_path)


def test_that_an_archive_of_nothing_but_zeros_is_refused(tmp_path: Path) -> None:
    count = 400_000
    with zipfile.ZipFile(tmp_path / "some.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("x_train.npy", "w") as member:
            member.write(declared((count, 28, 28)))
            for _ in range(count // 10_000):
                member.write(bytes(10_000 * 784))
        archive.writestr("y_train.npy", declared((count,)) + bytes(count))
    said = message(tmp_path / "some.npz")
    assert "expected images, got 1,196 MiB of values" in said
    assert said.endswith("which can only be one value again and again")


def test_that_a_file_of_many_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    count = 12_000_000
    with (tmp_path / "train-images-idx3-ubyte").open("wb") as file:
        file.write(struct.pack(">HBBIII", 0, 8, 3, count, 28, 28))
        file.truncate(16 + 784 * count)  # a hole: it takes no room on the disk
    with (tmp_path / "train-labels-idx1-ubyte").open("wb") as file:
        file.write(struct.pack(">HBBI", 0, 8, 1, count))
        file.truncate(8 + count)
    assert "expected at most 4 GiB of values, got " in message(tmp_path)


def test_that_a_photograph_whose_header_lies_is_refused(tmp_path: Path) -> None:
    held = BytesIO()
    Image.new("L", (16, 16)).save(held, "JPEG")
    whole = bytearray(held.getvalue())
    at = whole.find(b"\xff\xc0") + 5
    whole[at : at + 4] = struct.pack(">HH", 65_500, 65_500)
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "1.jpg").write_bytes(whole)
    assert "expected a picture of at most 33,554,432 pixels" in message(tmp_path)


def test_that_a_picture_that_unpacks_to_hundreds_of_megabytes_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "some.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for label in ("a", "b"):
            archive.writestr(f"{label}/1.png", bytes(70_000_000))
    assert "1.png: expected a picture of at most 64 MiB, got 67 MiB" in message(tmp_path / "some.zip")


def test_that_pictures_larger_than_any_network_takes_are_made_smaller(tmp_path: Path) -> None:
    pixels = np.zeros((600, 1200, 3), np.uint8)
    pixels[:, :600] = 255, 128, 0
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        Image.fromarray(pixels).save(tmp_path / label / "1.png")
    found = import_data(tmp_path)
    assert found.data.image_shape == (3, 128, 128)
    assert any("pictures of 1,200×600, larger than a network takes" in one.words for one in found.recognised.findings)
    image = found.data.x_train[0]
    np.testing.assert_allclose(image[:, 64, 10], (1, 128 / 255, 0), atol=0.01)
    np.testing.assert_allclose(image[:, 64, 120], 0, atol=0.01)


def test_that_labels_of_another_form_in_the_test_part_are_refused(tmp_path: Path) -> None:
    images = np.zeros((6, 4, 4), np.uint8)
    np.savez(tmp_path / "some.npz", x_train=images, y_train=np.eye(6), x_test=images, y_test=np.arange(6.0))
    assert "expected one-hot rows, got one value per image" in message(tmp_path / "some.npz", ImageSpec(1, 4, 4, 6))
