"""Weights of other programs: matched with a design's parameters, turned, and read without trust."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scored import scores
from weight_files import keras_weights, safetensors

from convviz.core.design import Design, Input
from convviz.core.layers import BatchNorm2D, Conv2D, Dense, Flatten, MaxPool2D, ReLU
from convviz.core.network import Network
from convviz.storage.errors import CheckpointError
from convviz.storage.model_files import load_model, save_model
from convviz.storage.network_state import NetworkState, RunProgress
from convviz.storage.weights.open_file import is_weights
from convviz.storage.weights.taking import weight_table, with_weights

DESIGN = Design(
    name="small",
    input=Input(channels=3, height=7, width=6),
    classes=4,
    layers=(
        Conv2D(filters=3, kernel=3),
        BatchNorm2D(),
        ReLU(),
        Conv2D(filters=6, kernel=(2, 3), groups=3, bias=False),
        MaxPool2D(),
        Flatten(),
        Dense(units=12),
        ReLU(),
        Dense(units=4),
    ),
).named()
RNG = np.random.default_rng(5)


def state_of(design: Design = DESIGN, dtype: Any = np.float32) -> NetworkState:
    network = Network(design, precision=dtype)
    arrays = {
        name: RNG.uniform(0.1, 1.0, array.shape).astype(dtype) if array.ndim else array
        for name, array in network.arrays.items()
    }
    return NetworkState(network.design, arrays, RunProgress(learning_rate=0.1))


STATE = state_of()
OURS = STATE.arrays
FEATURES = 6 * 2 * 1
"""A square dense layer: 12 features and 12 units."""


def as_pytorch() -> dict[str, Any]:
    """The state dictionary of an nn.Sequential."""
    return {
        "0.weight": OURS["conv1.weight"],
        "0.bias": OURS["conv1.bias"],
        "1.weight": OURS["bn1.scale"],
        "1.bias": OURS["bn1.shift"],
        "1.running_mean": OURS["bn1.running_mean"],
        "1.running_var": OURS["bn1.running_variance"],
        "1.num_batches_tracked": np.array(3),
        "3.weight": OURS["conv2.weight"],
        "6.weight": np.ascontiguousarray(OURS["dense1.weight"].T),
        "6.bias": OURS["dense1.bias"],
        "10.weight": np.ascontiguousarray(OURS["dense2.weight"].T),
        "10.bias": OURS["dense2.bias"],
    }


def as_keras() -> dict[str, list[Any]]:
    rows = OURS["dense1.weight"].reshape(6, 2, 1, 12).transpose(1, 2, 0, 3).reshape(12, 12)
    norm = [OURS[f"bn1.{name}"] for name in ("scale", "shift", "running_mean", "running_variance")]
    return {
        "batch_normalization": norm,
        "conv2d": [OURS["conv1.weight"].transpose(2, 3, 1, 0), OURS["conv1.bias"]],
        "conv2d_1": [OURS["conv2.weight"].transpose(2, 3, 1, 0)],
        "dense": [rows, OURS["dense1.bias"]],
        "dense_1": [OURS["dense2.weight"], OURS["dense2.bias"]],
        "flatten": [],
    }


def assert_ours(state: NetworkState) -> None:
    for name, array in state.arrays.items():
        np.testing.assert_array_equal(array, OURS[name], err_msg=name)
    assert state.weights_only


# --- taken -----------------------------------------------------------------------------------------------------------


def test_that_pytorch_weights_are_matched_in_order_and_dense_ones_turned(tmp_path: Path) -> None:
    path = safetensors(tmp_path / "model.safetensors", as_pytorch())
    with pytest.raises(CheckpointError, match="got a safetensors file, which has no design in it; open the design"):
        load_model(path)
    assert is_weights(path)
    found = weight_table(path, DESIGN)
    assert found.is_whole
    assert found.spare == ()
    ways = {one.parameter: (one.array, one.way) for one in found.matches}
    assert ways["dense1.weight"] == ("6.weight", "units first")  # square: its shape alone would not say so
    assert ways["dense2.weight"] == ("10.weight", "units first")
    assert ways["bn1.running_variance"] == ("1.running_var", "as it is")
    assert_ours(with_weights(path, DESIGN))


def test_that_keras_kernels_are_turned_and_rows_put_in_order(tmp_path: Path) -> None:
    path = keras_weights(tmp_path / "model.weights.h5", as_keras())
    assert is_weights(path)
    found = weight_table(path, DESIGN)
    ways = {one.parameter: one.way for one in found.matches}
    assert ways["conv1.weight"] == "filters last"  # 3×3×3×3: its shape alone would not say so
    assert ways["dense1.weight"] == "rows reordered"
    assert ways["dense2.weight"] == "as it is"
    assert_ours(with_weights(path, DESIGN))


def test_that_an_older_file_of_keras_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "old.h5"
    leaves = {"batch": ("gamma:0", "beta:0", "moving_mean:0", "moving_variance:0")}
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in as_keras()]
        for name, arrays in as_keras().items():
            for leaf, array in zip(leaves.get(name[:5], ("kernel:0", "bias:0")), arrays, strict=False):
                file[f"{name}/{name}/{leaf}"] = array
    assert is_weights(path)
    assert_ours(with_weights(path, DESIGN))


def test_that_names_go_before_order(tmp_path: Path) -> None:
    arrays = {name: array for name, array in OURS.items() if array.ndim and "." in name}
    design = Design(
        name="twins", input=Input(height=4, width=4), classes=4, layers=(Flatten(), Dense(units=4), Dense(units=4))
    ).named()
    own = state_of(design).arrays
    given = {"dense2.weight": own["dense2.weight"], "dense2.bias": own["dense2.bias"]}
    given |= {"dense1.weight": own["dense1.weight"], "dense1.bias": own["dense1.bias"]}
    np.savez(tmp_path / "named.npz", **given)
    state = with_weights(tmp_path / "named.npz", design)
    for name, array in state.arrays.items():
        np.testing.assert_array_equal(array, own[name])
    np.savez(tmp_path / "ours.npz", **{name.replace("optimiser", ""): array for name, array in arrays.items()})
    assert_ours(with_weights(tmp_path / "ours.npz", DESIGN))


def test_that_default_names_of_keras_do_not_agree_by_chance(tmp_path: Path) -> None:
    # dense_1 is Keras's second dense layer; dense1 is our first one.
    path = keras_weights(tmp_path / "model.weights.h5", as_keras())
    arrays = {one.parameter: one.array for one in weight_table(path, DESIGN).matches}
    assert arrays["dense1.weight"] == "layers/dense/vars/0"
    assert arrays["dense2.weight"] == "layers/dense_1/vars/0"


def test_that_a_whole_model_gives_its_weights_to_a_like_design(tmp_path: Path) -> None:
    save_model(tmp_path / "model.h5", STATE)
    other = Design(name="other", input=DESIGN.input, classes=4, layers=DESIGN.layers).named()
    assert_ours(with_weights(tmp_path / "model.h5", other))


def test_that_a_keras_model_and_its_weights_alone_compute_the_same() -> None:
    folder = Path(__file__).parent / "fixtures" / "keras"
    whole = load_model(folder / "sequential.keras")
    state = with_weights(folder / "sequential.weights.h5", whole.design)
    for name, array in state.arrays.items():
        np.testing.assert_array_equal(array, whole.arrays[name], err_msg=name)
    images = np.load(folder / "expected.npz")["sequential.images"].transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(scores(state, images), scores(whole, images))


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
def test_that_half_numbers_are_widened_and_said(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "half.safetensors"
    arrays = as_pytorch()
    if kind == "bfloat16":
        safetensors(path, {name: array for name, array in arrays.items() if array.dtype.kind == "f"}, bfloat16=True)
    else:
        safetensors(path, {n: a.astype("f2") if a.dtype.kind == "f" else a for n, a in arrays.items()})
    assert weight_table(path, DESIGN).widened == (kind,)
    found = with_weights(path, DESIGN).arrays
    for name, array in found.items():
        assert array.dtype == np.float32
        np.testing.assert_allclose(array, OURS[name], rtol=2**-7)


def test_that_numbers_of_64_bits_stay(tmp_path: Path) -> None:
    state = state_of(dtype=np.float64)
    np.savez(tmp_path / "wide.npz", **{name: array for name, array in state.arrays.items() if name.startswith(
        ("conv", "dense", "bn"))})  # fmt: skip
    assert with_weights(tmp_path / "wide.npz", DESIGN).precision == np.float64


def test_that_the_library_writes_what_is_read(tmp_path: Path) -> None:
    library = pytest.importorskip("safetensors.numpy", reason="the package safetensors is not installed")
    path = tmp_path / "library.safetensors"
    library.save_file(as_pytorch(), path)
    assert_ours(with_weights(path, DESIGN))


# --- what doesn't fit ------------------------------------------------------------------------------------------------


def test_that_another_head_is_named_and_the_rest_taken_if_wanted(tmp_path: Path) -> None:
    arrays = as_pytorch()
    arrays["10.weight"], arrays["10.bias"] = np.ones((9, 12), "f4"), np.ones(9, "f4")
    path = safetensors(tmp_path / "nine.safetensors", arrays)
    found = weight_table(path, DESIGN)
    assert [one.parameter for one in found.matches if not one.fits] == ["dense2.weight", "dense2.bias"]
    with pytest.raises(
        CheckpointError, match=r"9 of its 11 arrays: dense2.weight from 10.weight: expected 12×4, got 9"
    ):
        with_weights(path, DESIGN)
    state = with_weights(path, DESIGN, partly=True)
    np.testing.assert_array_equal(state.arrays["dense1.weight"], OURS["dense1.weight"])
    np.testing.assert_array_equal(state.arrays["dense2.weight"], Network(DESIGN).arrays["dense2.weight"])


def test_that_layers_too_many_are_passed_over_and_said(tmp_path: Path) -> None:
    arrays = {"stem.weight": np.ones((5, 3, 1, 1), "f4"), **{f"body.{name}": a for name, a in as_pytorch().items()}}
    path = safetensors(tmp_path / "more.safetensors", arrays)
    found = weight_table(path, DESIGN)
    assert found.is_whole
    assert found.spare == ("stem.weight",)


def test_that_nothing_in_common_is_an_error_even_partly(tmp_path: Path) -> None:
    path = safetensors(tmp_path / "other.safetensors", {"a.weight": np.ones((2, 2), "f4")})
    with pytest.raises(CheckpointError, match="got 0 of its 11 arrays"):
        with_weights(path, DESIGN, partly=True)


@pytest.mark.parametrize("kind", ["safetensors", "npz", "h5"])
def test_that_nan_is_said(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"bad.{kind}"
    arrays = as_pytorch()
    arrays["6.bias"] = np.full(12, np.nan, "f4")
    if kind == "safetensors":
        safetensors(path, arrays)
    elif kind == "npz":
        np.savez(path, **arrays)
    else:
        keras_weights(path, {**as_keras(), "dense": [as_keras()["dense"][0], arrays["6.bias"]]})
    with pytest.raises(CheckpointError, match=r"(?i)expected finite numbers, got NaN.* 12 of 12 cells"):
        with_weights(path, DESIGN)


# --- hostile ---------------------------------------------------------------------------------------------------------

HEADERS: dict[str, tuple[Any, str]] = {
    "beyond the end": ({"dtype": "F32", "shape": [4], "data_offsets": [0, 10**9]}, "a place within the file's"),
    "too few bytes": ({"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 16]}, "as many bytes as"),
    "backwards": ({"dtype": "F32", "shape": [1], "data_offsets": [8, 4]}, "a place within"),
    "negative": ({"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}, "whole numbers of 0 or more"),
    "true": ({"dtype": "F32", "shape": [True], "data_offsets": [0, 4]}, "whole numbers of 0 or more"),
    "no type": ({"shape": [1], "data_offsets": [0, 4]}, "expected a type, a shape and a place"),
    "text": ("all of it", "expected a type, a shape and a place"),
}


@pytest.mark.parametrize("case", HEADERS)
def test_that_a_header_that_lies_is_refused(case: str, tmp_path: Path) -> None:
    entry, sentence = HEADERS[case]
    path = safetensors(tmp_path / "lies.safetensors", as_pytorch(), **{"6.bias": entry})
    with pytest.raises(CheckpointError, match=sentence) as error:
        with_weights(path, DESIGN)
    assert "6.bias" in str(error.value)


def test_that_names_given_twice_are_refused(tmp_path: Path) -> None:
    entry = json.dumps({"dtype": "F32", "shape": [1], "data_offsets": [0, 4]})
    text = f'{{"a.weight":{entry},"a.weight":{entry}}}'.encode()
    path = tmp_path / "twice.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + bytes(4))
    with pytest.raises(CheckpointError, match="the same name twice"):
        with_weights(path, DESIGN)


def test_that_an_npz_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, **{"conv1.weight": np.zeros((1, 10**5), "f4")})
    import zipfile

    with zipfile.ZipFile(path, "w") as archive:
        header = np.lib.format.header_data_from_array_1_0(np.zeros((1, 1), "f4")) | {"shape": (10**6, 10**6)}
        with archive.open("conv1.weight.npy", "w") as file:
            np.lib.format.write_array_header_1_0(file, header)
    with pytest.raises(CheckpointError, match=r"bytes declared, and .* in the file"):
        with_weights(path, DESIGN)


@pytest.mark.parametrize("suffix", [".safetensors", ".npz", ".weights.h5"])
def test_that_damage_anywhere_is_one_sentence(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"model{suffix}"
    if suffix == ".safetensors":
        safetensors(path, as_pytorch())
    elif suffix == ".npz":
        np.savez(path, **{name: array for name, array in OURS.items() if array.ndim})
    else:
        keras_weights(path, as_keras())
    contents = path.read_bytes()
    rng = np.random.default_rng(6)
    for number in range(40):
        damaged = bytearray(contents[: int(rng.integers(1, len(contents)))] if number % 2 else contents)
        for place in rng.integers(0, len(damaged), 6):
            damaged[place] = int(rng.integers(0, 256))
        path.write_bytes(bytes(damaged))
        sentence = ""
        try:
            assert with_weights(path, DESIGN).arrays
        except CheckpointError as error:
            sentence = str(error)
        assert "\n" not in sentence
        assert not sentence or sentence.startswith(str(path))


def test_that_hdf5_of_weights_follows_no_link(tmp_path: Path) -> None:
    path = keras_weights(tmp_path / "model.weights.h5", as_keras())
    with h5py.File(path, "r+") as file:
        del file["layers/dense/vars/1"]
        file["layers/dense/vars/1"] = h5py.ExternalLink("/etc/passwd", "x")
    with pytest.raises(CheckpointError, match="in this file, got a link into"):
        weight_table(path, DESIGN)


@pytest.mark.parametrize("name", ["model.pt", "model.pth"])
def test_that_pickles_are_refused_with_the_way_out(name: str, tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / name
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02.")
    for ask in (lambda: load_model(path), lambda: with_weights(path, DESIGN)):
        with pytest.raises(
            CheckpointError, match=r"a PyTorch file, which is a pickle .*torch\.onnx\.export\(.*save_file"
        ):
            ask()
