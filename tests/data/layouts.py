"""The same small data set in every layout that data sets are spread in."""

from __future__ import annotations

import gzip
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

TRAIN, TEST, SIDE = 24, 10, 28
NEEDS_SCIPY = ("svhn", "emnist_mat")
"""Names of the layouts that are read with SciPy, in a process of its own."""


@dataclass(frozen=True)
class Made:
    """What a layout was made of, and where.

    Parameters
    ----------
    path : Path
    x_train, x_test : ndarray of uint8, (N, C, H, W)
    y_train, y_test : ndarray of int64, (N,)
    """

    path: Path
    x_train: NDArray[np.uint8]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.uint8]
    y_test: NDArray[np.int64]


def pixels(count: int, channels: int = 1, side: int = SIDE, seed: int = 3) -> NDArray[np.uint8]:
    """Images that use all of 0…255 and are like none of their transposes."""
    values = np.random.default_rng(seed).integers(0, 256, (count, channels, side, side)).astype(np.uint8)
    values[:, :, 0, :] = 0
    values[0, 0, 1, 0], values[0, 0, 1, 1] = 255, 2
    return values


def labels(count: int, classes: int = 10) -> NDArray[np.int64]:
    """Every class occurs."""
    return np.arange(count) % classes


def skip_without_library(layout: Callable[[Path], Made]) -> None:
    """Skip a test of a layout for which a library is missing; only that excuses one that can't be read."""
    if layout.__name__ in NEEDS_SCIPY:
        pytest.importorskip("scipy")


def grey(path: Path) -> Made:
    """28×28 grey images of ten classes."""
    return Made(path, pixels(TRAIN), labels(TRAIN), pixels(TEST, seed=4), labels(TEST))


def colour(path: Path) -> Made:
    """32×32 images of three channels."""
    return Made(path, pixels(TRAIN, 3, 32), labels(TRAIN), pixels(TEST, 3, 32, 4), labels(TEST))


def hdf5(path: Path, **arrays: Any) -> Path:
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file.create_dataset(name.replace("__", "/"), data=values)
    return path


def idx(path: Path, values: NDArray[Any], kind: int = 8, packed: bool = False) -> None:
    data = struct.pack(">HBB", 0, kind, values.ndim) + struct.pack(f">{values.ndim}I", *values.shape)
    data += values.astype({8: ">u1", 0x0C: ">i4"}[kind]).tobytes()
    path.write_bytes(gzip.compress(data) if packed else data)


def pictures(root: Path, made: Made, ending: str = "png", parts: bool = True, **options: Any) -> Path:
    for part, images, classes in (("train", made.x_train, made.y_train), ("test", made.x_test, made.y_test)):
        for at, (image, label) in enumerate(zip(images, classes, strict=True)):
            folder = root / part / str(label) if parts else root / str(label)
            folder.mkdir(parents=True, exist_ok=True)
            values = image[0] if len(image) == 1 else image.transpose(1, 2, 0)
            Image.fromarray(values).save(folder / f"{part}{at:03d}.{ending}", **options)
    return root


def csv(path: Path, rows: NDArray[Any], heading: str = "", separator: str = ",") -> None:
    lines = [*([heading] if heading else []), *(separator.join(map(str, row)) for row in rows.tolist())]
    path.write_text("\n".join(lines) + "\n")


def _flat(images: NDArray[Any]) -> NDArray[Any]:
    return images.reshape(len(images), -1)


def _parts(made: Made, images: Callable[[NDArray[Any]], Any], classes: Callable[[NDArray[Any]], Any]) -> dict[str, Any]:
    return {
        "x_train": images(made.x_train),
        "y_train": classes(made.y_train),
        "x_test": images(made.x_test),
        "y_test": classes(made.y_test),
    }


def course(
    root: Path, images: Callable[[NDArray[Any]], Any], classes: Callable[[NDArray[Any]], Any] = np.array
) -> Made:
    made = grey(root / "course.h5")
    hdf5(made.path, **_parts(made, images, classes))
    return made


def course_bytes(root: Path) -> Made:
    return course(root, _flat)


def course_planes(root: Path) -> Made:
    return course(root, lambda x: x[:, 0])


def course_channel_first(root: Path) -> Made:
    return course(root, lambda x: x)


def course_channel_last(root: Path) -> Made:
    return course(root, lambda x: x.transpose(0, 2, 3, 1))


def course_float_labels(root: Path) -> Made:
    return course(root, lambda x: _flat(x) / np.float32(255), lambda y: y.astype(np.float32))


def course_one_hot(root: Path) -> Made:
    return course(root, lambda x: _flat(x) / np.float32(255), lambda y: np.eye(10)[y])


def course_float_0_to_255(root: Path) -> Made:
    return course(root, lambda x: _flat(x).astype(np.float64))


def course_capitals(root: Path) -> Made:
    made = grey(root / "some.h5")
    parts = _parts(made, lambda x: _flat(x) / np.float32(255), np.array)
    hdf5(made.path, **{name.title().replace("_", ""): values for name, values in parts.items()})
    return made


def usps(root: Path) -> Made:
    made = grey(root / "usps.h5")
    train = {"train__data": _flat(made.x_train) / np.float32(255), "train__target": made.y_train}
    hdf5(made.path, **train, test__data=_flat(made.x_test) / np.float32(255), test__target=made.y_test)
    return made


def signs(root: Path) -> Made:
    made = colour(root / "train_signs.h5")
    for part, path in (("train", made.path), ("test", root / "test_signs.h5")):
        images, classes = getattr(made, f"x_{part}"), getattr(made, f"y_{part}")
        arrays = {f"{part}_set_x": images.transpose(0, 2, 3, 1), f"{part}_set_y": classes}
        hdf5(path, **arrays, list_classes=np.arange(10))
    return made


def pcam(root: Path) -> Made:
    made = colour(root / "pcam_split_train_x.h5")
    for part in ("train", "test"):
        images, classes = getattr(made, f"x_{part}"), getattr(made, f"y_{part}")
        hdf5(root / f"pcam_split_{part}_x.h5", x=images.transpose(0, 2, 3, 1))
        hdf5(root / f"pcam_split_{part}_y.h5", y=classes.reshape(-1, 1, 1, 1).astype(np.uint8))
    return made


def matlab_73(root: Path) -> Made:
    made = colour(root / "train_32x32.mat")
    for part, path in (("train", made.path), ("test", root / "test_32x32.mat")):
        images, classes = getattr(made, f"x_{part}"), getattr(made, f"y_{part}")
        with h5py.File(path, "w", userblock_size=512) as file:
            # (H, W, C, N) in MATLAB.
            file.create_dataset("X", data=images.transpose(0, 1, 3, 2))
            file.create_dataset("y", data=classes.reshape(1, -1).astype(np.float64))
        with path.open("r+b") as raw:
            raw.write(b"MATLAB 7.3 MAT-file")
    return made


def svhn(root: Path) -> Made:
    from scipy.io import savemat

    made = colour(root / "train_32x32.mat")
    for part, path in (("train", made.path), ("test", root / "test_32x32.mat")):
        images, classes = getattr(made, f"x_{part}"), getattr(made, f"y_{part}")
        tens = np.where(classes == 0, 10, classes).astype(np.uint8)
        savemat(path, {"X": images.transpose(2, 3, 1, 0), "y": tens.reshape(-1, 1)})
    return made


def emnist_mat(root: Path) -> Made:
    from scipy.io import savemat

    made = grey(root / "emnist-digits.mat")
    part = {
        name: {"images": _flat(x.transpose(0, 1, 3, 2)), "labels": y.reshape(-1, 1)}
        for name, x, y in (("train", made.x_train, made.y_train), ("test", made.x_test, made.y_test))
    }
    mapping = np.array([[digit, 48 + digit] for digit in range(10)], np.uint8)
    savemat(made.path, {"dataset": {**part, "mapping": mapping}})
    return made


def idx_plain(root: Path, packed: bool = False, name: str = "") -> Made:
    ending = ".gz" if packed else ""
    made = grey(root)
    turned = "emnist" in name
    for part, x, y in (("train", made.x_train, made.y_train), ("t10k", made.x_test, made.y_test)):
        images = x[:, 0].transpose(0, 2, 1) if turned else x[:, 0]
        idx(root / f"{name}{part}-images-idx3-ubyte{ending}", images, packed=packed)
        idx(root / f"{name}{part}-labels-idx1-ubyte{ending}", y, packed=packed)
    return made


def idx_packed(root: Path) -> Made:
    return idx_plain(root, packed=True)


def emnist_idx(root: Path) -> Made:
    return idx_plain(root, packed=True, name="emnist-digits-")


def qmnist(root: Path) -> Made:
    made = grey(root)
    for part, x, y in (("train", made.x_train, made.y_train), ("test", made.x_test, made.y_test)):
        idx(root / f"qmnist-{part}-images-idx3-ubyte", x[:, 0])
        idx(root / f"qmnist-{part}-labels-idx2-int", np.stack([y, *([y * 3 + 1] * 7)], axis=1), kind=0x0C)
    return made


def keras_npz(root: Path) -> Made:
    made = grey(root / "mnist.npz")
    np.savez_compressed(made.path, **_parts(made, lambda x: x[:, 0], lambda y: y.astype(np.uint8)))
    return made


def medmnist(root: Path) -> Made:
    made = grey(root / "pathmnist.npz")
    arrays: dict[str, Any] = {}
    for part, x, y in (
        ("train", made.x_train, made.y_train),
        ("val", made.x_test[::-1], made.y_test[::-1]),
        ("test", made.x_test, made.y_test),
    ):
        arrays |= {f"{part}_images": x[:, 0], f"{part}_labels": y.reshape(-1, 1)}
    np.savez(made.path, **arrays)
    return made


def npy_files(root: Path) -> Made:
    made = grey(root)
    for name, values in _parts(made, lambda x: x[:, 0], np.array).items():
        np.save(root / f"{name}.npy", values)
    return made


def _rows(images: NDArray[Any], classes: NDArray[Any], last: bool = False) -> NDArray[Any]:
    columns = (_flat(images), classes.reshape(-1, 1))
    return np.concatenate(columns if last else columns[::-1], axis=1)


def _tables(root: Path, heading: str = "", separator: str = ",", last: bool = False) -> Made:
    made = grey(root / "mnist_train.csv")
    csv(made.path, _rows(made.x_train, made.y_train, last), heading, separator)
    csv(root / "mnist_test.csv", _rows(made.x_test, made.y_test, last), heading, separator)
    return made


def csv_plain(root: Path) -> Made:
    return _tables(root)


def csv_pixel_headings(root: Path) -> Made:
    return _tables(root, "label," + ",".join(f"pixel{at}" for at in range(SIDE * SIDE)))


def csv_place_headings(root: Path) -> Made:
    return _tables(root, "label," + ",".join(f"{row + 1}x{col + 1}" for row in range(SIDE) for col in range(SIDE)))


def csv_semicolons(root: Path) -> Made:
    return _tables(root, separator=";")


def csv_label_last(root: Path) -> Made:
    return _tables(root, last=True)


def csv_gz(root: Path) -> Made:
    made = _tables(root)
    for name in ("mnist_train.csv", "mnist_test.csv"):
        (root / f"{name}.gz").write_bytes(gzip.compress((root / name).read_bytes()))
        (root / name).unlink()
    return Made(root / "mnist_train.csv.gz", made.x_train, made.y_train, made.x_test, made.y_test)


def csv_zip(root: Path) -> Made:
    made = _tables(root)
    for name in ("mnist_train.csv", "mnist_test.csv"):
        with zipfile.ZipFile(root / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(root / name, name)
        (root / name).unlink()
    return Made(root / "mnist_train.csv.zip", made.x_train, made.y_train, made.x_test, made.y_test)


def in_folder_order(made: Made) -> Made:
    """Pictures come class by class."""
    train, test = np.argsort(made.y_train, kind="stable"), np.argsort(made.y_test, kind="stable")
    return Made(made.path, made.x_train[train], made.y_train[train], made.x_test[test], made.y_test[test])


def png_folders(root: Path) -> Made:
    made = grey(root / "digits")
    pictures(made.path, made)
    return in_folder_order(made)


def colour_folders(root: Path) -> Made:
    made = colour(root / "things")
    pictures(made.path, made, "bmp")
    return in_folder_order(made)


def tiff_folders(root: Path) -> Made:
    made = grey(root / "digits")
    pictures(made.path, made, "tiff")
    return in_folder_order(made)


def webp_folders(root: Path) -> Made:
    made = colour(root / "things")
    pictures(made.path, made, "webp", lossless=True)
    return in_folder_order(made)


def zipped_folders(root: Path) -> Made:
    made = grey(root / "digits.zip")
    folder = pictures(root / "digits", made)
    with zipfile.ZipFile(made.path, "w") as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, file.relative_to(root))
    return in_folder_order(made)


def cifar_10(root: Path) -> Made:
    made = colour(root)
    for name, part in (("data_batch_1", slice(0, 10)), ("data_batch_2", slice(10, TRAIN))):
        (root / f"{name}.bin").write_bytes(_records(made.x_train[part], made.y_train[part]))
    (root / "test_batch.bin").write_bytes(_records(made.x_test, made.y_test))
    (root / "batches.meta.txt").write_text("\n".join(f"class {at}" for at in range(10)) + "\n\n")
    return made


def cifar_100(root: Path) -> Made:
    made = colour(root)
    for name, x, y in (("train", made.x_train, made.y_train), ("test", made.x_test, made.y_test)):
        coarse = np.concatenate([(y % 3).reshape(-1, 1), y.reshape(-1, 1)], axis=1)
        (root / f"{name}.bin").write_bytes(_records(x, coarse))
    return made


def _records(images: NDArray[Any], classes: NDArray[Any]) -> bytes:
    columns = [classes.reshape(len(images), -1), _flat(images)]
    return np.concatenate(columns, axis=1).astype(np.uint8).tobytes()


LAYOUTS: tuple[Callable[[Path], Made], ...] = (
    course_bytes,
    course_planes,
    course_channel_first,
    course_channel_last,
    course_float_labels,
    course_one_hot,
    course_float_0_to_255,
    course_capitals,
    usps,
    signs,
    pcam,
    matlab_73,
    svhn,
    emnist_mat,
    idx_plain,
    idx_packed,
    emnist_idx,
    qmnist,
    keras_npz,
    medmnist,
    npy_files,
    csv_plain,
    csv_pixel_headings,
    csv_place_headings,
    csv_semicolons,
    csv_label_last,
    csv_gz,
    csv_zip,
    png_folders,
    colour_folders,
    tiff_folders,
    webp_folders,
    zipped_folders,
    cifar_10,
    cifar_100,
)
