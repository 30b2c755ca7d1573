"""HDF5 files whose contents are not in the course's form: one sentence each, and nothing coerced silently."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from convviz.data import DataError, load_hdf5
from convviz.data.checks import LARGEST_DATA
from tests.data.conftest import Arrays, WriteFile, small_arrays


def message(path: Path, **settings: int) -> str:
    with pytest.raises(DataError) as caught:
        load_hdf5(path, **settings)
    text = str(caught.value)
    assert "\n" not in text
    field = caught.value.field
    if text.startswith(f"{path}: "):
        assert text.startswith(f"{path}: {field}: ")
    return text.removeprefix(f"{path}: ")


def with_value(array: np.ndarray[Any, Any], at: tuple[int, ...], value: float) -> np.ndarray[Any, Any]:
    changed = array.copy()
    changed[at] = value
    return changed


def test_that_a_missing_data_set_is_reported_with_what_the_file_has(write_file: WriteFile, arrays: Arrays) -> None:
    path = write_file(arrays | {"y_test": None, "labels": np.zeros(5)})
    assert message(path) == (
        "y_test: expected the data sets x_train, y_train, x_test and y_test, "
        "got a file with labels, x_test, x_train, y_train"
    )


def test_that_a_file_with_nothing_in_it_says_so(write_file: WriteFile) -> None:
    assert message(write_file({})).endswith("got a file with nothing in it")


def test_that_a_crowded_file_is_not_listed_to_the_end(write_file: WriteFile) -> None:
    path = write_file({f"set{i:03}": np.zeros(1) for i in range(100)})
    assert message(path).endswith("set010, set011, more")


def test_that_unprintable_names_stay_on_one_line(write_file: WriteFile) -> None:
    text = message(write_file({"two\nlines\x1b[2J": np.zeros(1)}))
    assert text.endswith("got a file with two lines\N{REPLACEMENT CHARACTER}[2J")


def test_that_a_group_is_no_data_set(write_file: WriteFile, arrays: Arrays) -> None:
    path = write_file(arrays | {"x_test": None})
    with h5py.File(path, "a") as file:
        file["x_test/images"] = np.zeros((5, 784))
    assert message(path) == "x_test: expected a data set, got a group with images"


def test_that_a_named_type_is_no_data_set(write_file: WriteFile, arrays: Arrays) -> None:
    path = write_file(arrays | {"x_test": None})
    with h5py.File(path, "a") as file:
        file["x_test"] = np.dtype("f4")
    assert message(path) == "x_test: expected a data set, got a named type"


@pytest.mark.parametrize(
    ("link", "got"),
    [
        (h5py.ExternalLink("/etc/secret.h5", "/x"), "got a link into /etc/secret.h5"),
        (h5py.SoftLink("/elsewhere"), "got a link to /elsewhere"),
    ],
)
def test_that_links_are_not_followed(write_file: WriteFile, arrays: Arrays, link: Any, got: str) -> None:
    path = write_file(arrays | {"x_test": None})
    with h5py.File(path, "a") as file:
        file["x_test"] = link
    assert message(path) == f"x_test: expected a data set stored in this file, {got}"


def test_that_a_virtual_data_set_is_not_followed(write_file: WriteFile, arrays: Arrays) -> None:
    path = write_file(arrays | {"x_test": None})
    layout = h5py.VirtualLayout((5, 784), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (5, 784))
    with h5py.File(path, "a") as file:
        file.create_virtual_dataset("x_test", layout)
    assert message(path) == "x_test: expected a data set stored in this file, got a virtual one"


def test_that_values_in_another_file_are_not_read(write_file: WriteFile, arrays: Arrays) -> None:
    path = write_file(arrays | {"y_test": None})
    with h5py.File(path, "a") as file:
        file.create_dataset("y_test", (5, 1), "i4", external=[("raw.bin", 0, 20)])
    assert message(path) == "y_test: expected a data set stored in this file, got one with its values in raw.bin"


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        (np.zeros((12, 784), np.complex64), "complex numbers (complex64)"),
        (np.zeros((12, 784), bool), "true/false values (bool)"),
        (np.full((12, 784), b"0"), "strings (bytes8)"),
        (np.zeros((12, 784), [("a", "f4")]), "records (void32)"),
    ],
)
def test_that_pixels_of_another_type_are_refused(
    write_file: WriteFile, arrays: Arrays, stored: np.ndarray[Any, Any], words: str
) -> None:
    path = write_file(arrays | {"x_train": stored})
    assert message(path) == f"x_train: expected pixels as floating-point numbers, got {words}"


def test_that_pixels_as_text_are_refused(write_file: WriteFile, arrays: Arrays) -> None:
    path = write_file(arrays | {"x_train": None})
    with h5py.File(path, "a") as file:
        file.create_dataset("x_train", (12, 784), h5py.string_dtype())
    assert message(path) == (
        "x_train: expected pixels as floating-point numbers, got strings or objects of varying length"
    )


@pytest.mark.parametrize(
    ("shape", "got"),
    [
        ((12, 700), "(12, 700)"),
        ((12, 1024), "(12, 1024), which would fit 1×32×32"),
        ((12, 3072), "(12, 3072), which would fit 3×32×32"),
        ((12, 28, 28), "(12, 28, 28)"),
        ((12, 1, 28, 28), "(12, 1, 28, 28)"),
        ((784,), "(784,)"),
        ((), "a single value"),
    ],
)
def test_that_pixels_of_another_shape_are_refused(
    write_file: WriteFile, arrays: Arrays, shape: tuple[int, ...], got: str
) -> None:
    path = write_file(arrays | {"x_train": np.zeros(shape, np.float32)})
    assert message(path) == f"x_train: expected shape (N, 784) for 1×28×28 images, got {got}"


def test_that_the_hint_at_another_size_counts_the_channels(write_file: WriteFile) -> None:
    path = write_file(small_arrays(pixels=3 * 16 * 16))
    assert message(path, channels=3, height=32, width=32) == (
        "x_train: expected shape (N, 3072) for 3×32×32 images, got (12, 768), which would fit 3×16×16"
    )


def test_that_a_data_set_without_any_value_is_refused(write_file: WriteFile, arrays: Arrays) -> None:
    path = write_file(arrays | {"x_test": h5py.Empty("f4")})
    assert message(path) == "x_test: expected shape (N, 784) for 1×28×28 images, got no values at all"


@pytest.mark.parametrize("shape", [(12, 2), (12, 1, 1), ()])
def test_that_labels_of_another_shape_are_refused(
    write_file: WriteFile, arrays: Arrays, shape: tuple[int, ...]
) -> None:
    path = write_file(arrays | {"y_train": np.zeros(shape, np.int32)})
    assert message(path).startswith("y_train: expected shape (N, 1) or (N,), got ")


def test_that_labels_as_floating_point_numbers_are_refused_even_when_whole(
    write_file: WriteFile, arrays: Arrays
) -> None:
    path = write_file(arrays | {"y_train": arrays["y_train"].astype(np.float64)})
    assert message(path) == "y_train: expected labels stored as whole numbers, got floating-point numbers (float64)"


def test_that_an_empty_part_is_refused(write_file: WriteFile, arrays: Arrays) -> None:
    path = write_file(arrays | {"x_test": np.zeros((0, 784), np.float32), "y_test": np.zeros((0, 1), int)})
    assert message(path) == "x_test: expected at least one image, got none"


@pytest.mark.parametrize(("labels", "got"), [(11, "11 labels"), (13, "13 labels"), (1, "1 label")])
def test_that_as_many_labels_as_images_are_needed(write_file: WriteFile, arrays: Arrays, labels: int, got: str) -> None:
    path = write_file(arrays | {"y_train": np.zeros((labels, 1), int)})
    assert message(path) == f"y_train: expected one label for each of the 12 images in x_train, got {got}"


@pytest.mark.parametrize(
    ("value", "words"),
    [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf")],
)
def test_that_a_pixel_that_is_no_number_is_located(
    write_file: WriteFile, arrays: Arrays, value: float, words: str
) -> None:
    path = write_file(arrays | {"x_train": with_value(arrays["x_train"], (7, 3 * 28 + 5), value)})
    assert message(path) == (
        "x_train: expected finite pixels, got one value that is NaN or infinite, "
        f"the first ({words}) in image 7, channel 0, row 3, column 5"
    )


def test_that_non_finite_pixels_are_counted_over_all_blocks(write_file: WriteFile) -> None:
    arrays = small_arrays(train=3000)
    arrays["x_train"][[1500, 2999], 10] = np.nan
    assert message(write_file(arrays)) == (
        "x_train: expected finite pixels, got 2 values that are NaN or infinite, "
        "the first (nan) in image 1,500, channel 0, row 0, column 10"
    )


@pytest.mark.parametrize(
    ("value", "got"),
    [
        (1.5, "0…1.5; divide them by 255"),
        (-0.25, "−0.25…1"),
        (1e30, "0…1e+30"),
        (1.0000001, "0…1.0000001192092896; divide them by 255"),
    ],
)
def test_that_pixels_outside_zero_to_one_are_refused_with_their_range(
    write_file: WriteFile, arrays: Arrays, value: float, got: str
) -> None:
    pixels = with_value(with_value(arrays["x_test"], (0, 0), 0.0), (0, 1), 1.0)
    path = write_file(arrays | {"x_test": with_value(pixels, (4, 9), value)})
    assert message(path) == f"x_test: expected values in 0…1, got {got}"


def test_that_a_double_too_large_for_float32_is_not_called_infinite(write_file: WriteFile, arrays: Arrays) -> None:
    pixels = with_value(arrays["x_test"].astype(np.float64), (0, 0), 0.0)
    path = write_file(arrays | {"x_test": with_value(pixels, (4, 9), 1e300)})
    assert message(path) == "x_test: expected values in 0…1, got 0…1e+300"


def test_that_bytes_of_0_to_255_are_refused_with_the_remedy(write_file: WriteFile, arrays: Arrays) -> None:
    pixels = (arrays["x_train"] * 255).astype(np.uint8)
    pixels[0, :2] = 0, 255
    path = write_file(arrays | {"x_train": pixels})
    assert message(path) == (
        "x_train: expected floating-point numbers in 0…1, got whole numbers in 0…255 (uint8); divide them by 255"
    )


def test_that_floating_point_numbers_of_0_to_255_are_refused_with_the_remedy(
    write_file: WriteFile, arrays: Arrays
) -> None:
    pixels = np.round(arrays["x_train"] * 255)
    pixels[0, :2] = 0, 255
    path = write_file(arrays | {"x_train": pixels})
    assert message(path) == "x_train: expected values in 0…1, got 0…255; divide them by 255"


@pytest.mark.parametrize(("label", "span"), [(10, "0…10"), (-1, "−1…9"), (2**31 - 1, "0…2147483647")])
def test_that_labels_outside_the_classes_are_located(
    write_file: WriteFile, arrays: Arrays, label: int, span: str
) -> None:
    labels = np.array([[0], [9], [1], [2], [label], [3], [4], [5], [6], [7], [8], [label]], np.int32)
    path = write_file(arrays | {"y_train": labels})
    assert message(path) == (
        f"y_train: expected labels in 0…9 for 10 classes, got {span}, the first outside at image 4"
    )


def test_that_labels_beyond_int64_do_not_wrap_around(write_file: WriteFile, arrays: Arrays) -> None:
    labels = arrays["y_train"].astype(np.uint64)
    labels[3] = 2**64 - 1
    path = write_file(arrays | {"y_train": labels})
    assert "…18446744073709551615, the first outside at image 3" in message(path)


def test_that_fewer_classes_than_labels_are_refused(write_file: WriteFile) -> None:
    arrays = small_arrays()
    arrays["y_train"][:] = np.arange(12).reshape(12, 1) % 7
    assert message(write_file(arrays), classes=5) == (
        "y_train: expected labels in 0…4 for 5 classes, got 0…6, the first outside at image 5"
    )


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"height": 0}, "height: expected a whole number of at least 1, got 0"),
        ({"width": -3}, "width: expected a whole number of at least 1, got -3"),
        ({"channels": 0}, "channels: expected a whole number of at least 1, got 0"),
        ({"classes": 1}, "classes: expected a whole number of at least 2, got 1"),
    ],
)
def test_that_impossible_settings_are_refused(
    write_file: WriteFile, arrays: Arrays, settings: dict[str, int], expected: str
) -> None:
    assert message(write_file(arrays), **settings) == expected


def declared_file(tmp_path: Path, shape: tuple[int, int], **options: Any) -> Path:
    path = tmp_path / "declared.h5"
    with h5py.File(path, "w") as file:
        for name, values in small_arrays().items():
            if name != "x_train":
                file[name] = values
        file.create_dataset("x_train", shape, "f4", **options)
    return path


def test_that_a_tiny_file_cannot_declare_more_than_the_limit(tmp_path: Path) -> None:
    rows = LARGEST_DATA // (4 * 784) + 1
    path = declared_file(tmp_path, (rows, 784), chunks=(1000, 784))
    with h5py.File(path, "a") as file:
        file["x_train"][:2] = 0.5
    assert path.stat().st_size < 4_000_000
    assert message(path) == (f"x_train: expected at most 4 GiB of values, got 4.0 GiB declared by shape ({rows}, 784)")


@pytest.mark.parametrize("options", [{"chunks": (1000, 784)}, {}])
def test_that_values_that_were_never_written_are_not_taken_for_black_images(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    path = declared_file(tmp_path, (1_000_000, 784), **options)
    assert message(path) == "x_train: expected 1,000,000 rows of values, got a declaration without any value written"


def test_that_a_file_written_in_part_is_refused(tmp_path: Path) -> None:
    path = declared_file(tmp_path, (12, 784), chunks=(4, 784))
    with h5py.File(path, "a") as file:
        file["x_train"][:8] = 0.5
    assert message(path) == (
        "x_train: expected 3 written chunks of values, got 2; the file was probably not written to its end"
    )


def test_that_a_chunk_larger_than_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chunk.h5"
    with h5py.File(path, "w") as file:
        for name, values in small_arrays().items():
            if name != "x_train":
                file[name] = values
        try:
            file.create_dataset("x_train", (12, 784), "f8", chunks=(70_000, 784), maxshape=(None, 784))
        except ValueError as error:
            pytest.skip(f"this HDF5 makes no such file: {error}")
        file["x_train"][0] = 0.5
    assert message(path) == (
        "x_train: expected chunks of at most 256 MiB, and no larger than all values, got chunks of shape (70000, 784)"
    )
