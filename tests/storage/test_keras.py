"""Models of Keras: what is opened computes what Keras computed, and what can't be opened is named."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scored import scores

from convviz.core.layers import AvgPool2D
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.keras import FORMAT
from convviz.storage.formats.keras.archive import CONFIG, WEIGHTS
from convviz.storage.model_files import is_model, load_model, save_model
from convviz.storage.network_state import NetworkState

FIXTURES = Path(__file__).parent / "fixtures" / "keras"
NAMES = ("sequential", "functional", "single", "normalised", "resized")
Change = Callable[[dict[str, Any]], Any]


def expected(name: str) -> tuple[Any, Any]:
    """Images with the channels first, and Keras's outputs."""
    with np.load(FIXTURES / "expected.npz") as data:
        return data[f"{name}.images"].transpose(0, 3, 1, 2), data[f"{name}.outputs"]


def outputs(state: NetworkState, name: str, images: Any) -> Any:
    """What Keras's model gives: probabilities, scores, or the probability of the second class."""
    found = scores(state, images).astype(np.float64)
    if name in ("functional", "normalised", "resized"):
        return found
    found = np.exp(found - found.max(axis=1, keepdims=True))
    found /= found.sum(axis=1, keepdims=True)
    return found[:, 1:] if name == "single" else found


# --- equal -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("name", NAMES)
def test_that_a_model_computes_what_keras_computed(name: str, suffix: str) -> None:
    path = FIXTURES / f"{name}{suffix}"
    assert is_model(path)
    state = load_model(path)
    assert state.weights_only
    assert "Keras 3" in state.design.about
    images, wanted = expected(name)
    assert np.ptp(wanted) > 0.01
    np.testing.assert_allclose(outputs(state, name, images), wanted, rtol=2e-5, atol=1e-6)


def test_that_names_that_were_given_are_kept() -> None:
    names = [layer.name for layer in load_model(FIXTURES / "sequential.keras").design.layers]
    assert names[:3] == ["first", "relu1", "bn1"]
    assert names[-1] == "scores"


def test_that_keras_momentum_becomes_the_share_of_the_new() -> None:
    norm = load_model(FIXTURES / "sequential.keras").design.layers[2]
    assert norm.momentum == pytest.approx(0.1)
    assert norm.epsilon == pytest.approx(0.02)


def test_that_what_only_acts_in_training_is_said_to_be_left_out() -> None:
    design = load_model(FIXTURES / "single.keras").design
    assert "random_flip" in design.about
    assert "spatial_dropout2d" in design.about
    assert design.classes == 2


def test_that_a_file_of_keras_2_opens(tmp_path: Path) -> None:
    path = tmp_path / "old.h5"
    rng = np.random.default_rng(2)
    kernel, depth = rng.normal(size=(3, 3, 1, 2)).astype("f4"), rng.normal(size=(2, 2, 2, 1)).astype("f2")
    dense = rng.normal(size=(2 * 2 * 4, 3)).astype("f4")

    def layer(kind: str, name: str, reads: list[str], **settings: Any) -> dict[str, Any]:
        nodes = [[[one, 0, 0, {}] for one in reads]] if reads else []
        return {"class_name": kind, "name": name, "config": {"name": name, **settings}, "inbound_nodes": nodes}

    layers = [
        layer("InputLayer", "photo", [], batch_input_shape=[None, 5, 5, 1]),
        layer("Conv2D", "conv2d", ["photo"], filters=2, kernel_size=[3, 3], strides=[1, 1], use_bias=False),
        layer("LeakyReLU", "leaky", ["conv2d"], alpha={"class_name": "__numpy__", "config": {"value": 0.25}}),
        layer("DepthwiseConv2D", "depth", ["leaky"], kernel_size=[2, 2], use_bias=False),
        layer("MaxPooling2D", "pool", ["leaky"], pool_size=[2, 2], strides=[1, 1]),
        layer("Concatenate", "cat", ["depth", "pool"], axis=3),
        layer("Flatten", "flatten", ["cat"]),
        layer("Dense", "dense", ["flatten"], units=3, activation="softmax", use_bias=False),
    ]
    config = {"name": "m", "layers": layers, "input_layers": [["photo", 0, 0]], "output_layers": [["dense", 0, 0]]}
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Functional", "config": config}).encode()
        file.attrs["keras_version"] = np.bytes_("2.11.0")
        file["model_weights/conv2d/conv2d/kernel:0"] = kernel
        file["model_weights/depth/depth/depthwise_kernel:0"] = depth
        file["model_weights/dense/dense/kernel:0"] = dense
        file["optimizer_weights/iteration:0"] = 3
    state = load_model(path)
    assert "float16 weights became float32" in state.design.about
    x = rng.random((1, 1, 5, 5), np.float32)
    maps = np.zeros((2, 3, 3))
    for i, j in np.ndindex(3, 3):
        maps[:, i, j] = np.einsum("hw,hwf->f", x[0, 0, i : i + 3, j : j + 3], kernel[:, :, 0])
    maps = np.where(maps > 0, maps, 0.25 * maps)
    found = np.zeros((2, 2, 4))
    for i, j in np.ndindex(2, 2):
        window = maps[:, i : i + 2, j : j + 2]
        found[i, j, :2] = np.einsum("chw,hwc->c", window, depth[..., 0])
        found[i, j, 2:] = window.max(axis=(1, 2))
    np.testing.assert_allclose(scores(state, x)[0], found.reshape(-1) @ dense, rtol=1e-4)


def test_that_such_models_are_not_written(tmp_path: Path) -> None:
    state = load_model(FIXTURES / "single.keras")
    with pytest.raises(CheckpointError, match=r"can be opened, but not written; expected a name in \.h5"):
        save_model(tmp_path / "again.keras", state)
    assert not list(tmp_path.iterdir())
    save_model(tmp_path / "again.npz", state)
    assert load_model(tmp_path / "again.npz").design == state.design


# --- refused ---------------------------------------------------------------------------------------------------------


def edited(folder: Path, change: Change, name: str = "sequential") -> Path:
    """A fixture with another description."""
    path = folder / f"{name}.keras"
    with zipfile.ZipFile(FIXTURES / path.name) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    config = json.loads(parts[CONFIG])
    config = change(config) or config
    parts[CONFIG] = json.dumps(config).encode()
    packed(path, parts)
    return path


def packed(path: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in parts.items():
            archive.writestr(name, contents)


def setting(number: int, name: str, value: Any) -> Change:
    return lambda config: config["config"]["layers"][number]["config"].update({name: value})


def layer(number: int, **values: Any) -> Change:
    return lambda config: config["config"]["layers"][number].update(values)


REFUSED: dict[str, tuple[Change, str]] = {
    "Lambda": (layer(5, class_name="Lambda"), r"max_pooling2d\S* \(Lambda\): it is Python code, which is never run"),
    "unknown class": (layer(5, class_name="Attention"), r"\(Attention\): no layer expresses this class; keep .* ONNX"),
    "custom class": (layer(5, module="mine.layers"), "its class is of mine.layers, whose code isn't in the file"),
    "any size": (setting(0, "batch_shape", [None, None, None, 3]), r"of a fixed size, .* got \?×\?×3"),
    "rows": (setting(0, "batch_shape", [None, 10]), "of a fixed size, height×width×channels, got 10"),
    "a huge image": (setting(0, "batch_shape", [None, 10**9, 8, 3]), "images: "),
    "no filters": (setting(1, "filters", 0), "weights|filters"),
    "a billion units": (setting(8, "units", 10**9), "dense.* it expects 36×1,000,000,000 weights, got 36×7"),
    "negative units": (setting(8, "units", -7), "dense"),
    "text for a number": (setting(1, "filters", "four"), "layer first .*its filters: expected a whole number"),
    "odd padding": (setting(1, "padding", "causal"), "its padding: expected same or valid, got causal"),
    "channels first": (setting(1, "data_format", "channels_first"), "channels last, got channels first"),
    "other weights": (setting(1, "kernel_size", [2, 3]), r"first \(Conv2D\): it expects 2×3×3×4 weights, got 3×2×3×4"),
    "no bias": (setting(1, "use_bias", False), "it expects kernel in the file, got 2 arrays"),
    "unknown activation": (setting(8, "activation", "softsign"), "no layer expresses the activation softsign"),
    "softmax within": (setting(8, "activation", "softmax"), "softmax is expected only at the end of a network"),
    "two of a name": (setting(8, "name", "scores"), "every layer to have its own name"),
    "other axis": (setting(2, "axis", 1), "it expects the last axis, the channels, got another one"),
    "no layers": (lambda config: config["config"].update(layers=[]), "expected layers, got none"),
    "own class": (lambda config: config.update(class_name="MyNet"), "expected a Sequential or functional model, got"),
    "a list": (lambda _config: [1, 2], "expected the description of a Keras model"),
    "layers by name": (lambda config: config["config"].update(layers={}), "with layers in it, got dict"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_that_what_cannot_be_expressed_is_named(case: str, tmp_path: Path) -> None:
    change, sentence = REFUSED[case]
    with pytest.raises(CheckpointError, match=sentence) as error:
        load_model(edited(tmp_path, change))
    assert "\n" not in str(error.value)
    assert str(error.value).startswith(str(tmp_path))


def graph(change: Callable[[dict[str, Any], dict[str, Any]], Any]) -> Change:
    """Changes a functional model: its settings, and its layers by name."""

    def apply(config: dict[str, Any]) -> None:
        change(config["config"], {one["name"]: one for one in config["config"]["layers"]})

    return apply


def read_from(layers: dict[str, Any], name: str, source: str) -> None:
    text = json.dumps(layers[name]["inbound_nodes"])
    before = json.loads(text)[0]["args"][0]["config"]["keras_history"][0]
    layers[name]["inbound_nodes"] = json.loads(text.replace(f'"{before}"', f'"{source}"'))


GRAPHS: dict[str, tuple[Change, str]] = {
    "two outputs": (
        graph(lambda config, _: config.update(output_layers=[["scores", 0, 0], ["row", 0, 0]])),
        "expected one output, a score per class, got 2: scores, row",
    ),
    "no input": (graph(lambda config, _: config.update(input_layers=[])), "one input, the images, got 0: none"),
    "a circle": (graph(lambda _, layers: read_from(layers, "depth", "scores")), "over others, its own output"),
    "what isn't there": (graph(lambda _, layers: read_from(layers, "depth", "nobody")), "nothing makes its input nob"),
    "used twice": (
        graph(lambda _, layers: layers["depth"]["inbound_nodes"].append(layers["depth"]["inbound_nodes"][0])),
        r"depth \(DepthwiseConv2D\): it is used 2 times with the same weights, but a layer of a design only once",
    ),
}


@pytest.mark.parametrize("case", GRAPHS)
def test_that_a_graph_that_makes_no_sense_is_refused(case: str, tmp_path: Path) -> None:
    change, sentence = GRAPHS[case]
    with pytest.raises(CheckpointError, match=sentence):
        load_model(edited(tmp_path, change, "functional"))


def test_that_a_mean_over_the_edge_leaves_out_what_lies_beyond(tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        config["config"]["layers"][5]["class_name"] = "AveragePooling2D"

    [layer] = [one for one in load_model(edited(tmp_path, change)).design.layers if isinstance(one, AvgPool2D)]
    assert (layer.padding, layer.count_padding) == ("same", False)


# --- hostile ---------------------------------------------------------------------------------------------------------


def with_weights(folder: Path, contents: bytes) -> Path:
    path = folder / "other.keras"
    with zipfile.ZipFile(FIXTURES / "sequential.keras") as archive:
        packed(path, {CONFIG: archive.read(CONFIG), WEIGHTS: contents})
    return path


def test_that_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    path = with_weights(tmp_path, bytes(2**26))
    assert path.stat().st_size < 2**17
    with pytest.raises(CheckpointError, match=r"model\.weights\.h5: expected at most .* bytes in it, got more"):
        load_model(path)


def test_that_a_description_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "deep.keras"
    packed(path, {CONFIG: b"[" * 200_000, WEIGHTS: b""})
    with pytest.raises(CheckpointError, match="description of a model as JSON"):
        load_model(path)
    packed(path, {CONFIG: b" " * 2**25, WEIGHTS: b""})
    with pytest.raises(CheckpointError, match="expected at most"):
        load_model(path)


def test_that_an_archive_without_weights_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.keras"
    packed(path, {CONFIG: b"{}"})
    with pytest.raises(CheckpointError, match=r"expected model\.weights\.h5 in it, got none"):
        load_model(path)


@pytest.mark.parametrize("what", ["external", "soft", "NaN", "whole numbers", "elsewhere"])
def test_that_weights_from_elsewhere_and_no_numbers_are_refused(what: str, tmp_path: Path) -> None:
    path, name = tmp_path / "sequential.h5", "model_weights/first/sequential/first/bias"
    shutil.copy(FIXTURES / path.name, path)
    other = tmp_path / "secret.h5"
    with h5py.File(other, "w") as file:
        file["bias"] = np.ones(4, np.float32)
    (tmp_path / "raw").write_bytes(bytes(16))
    with h5py.File(path, "r+") as file:
        values = file[name][:]
        del file[name]
        if what == "external":
            file[name] = h5py.ExternalLink(str(other), "bias")
        elif what == "soft":
            file[name] = h5py.SoftLink("/model_weights/scores/sequential/scores/bias")
        elif what == "elsewhere":
            file.create_dataset(name, (4,), "f4", external=[(str(tmp_path / "raw"), 0, 16)])
        else:
            file[name] = values * np.nan if what == "NaN" else values.astype(np.int32)
    sentence = {"NaN": "expected finite numbers, got nan", "whole numbers": "float64, got int32"}
    with pytest.raises(CheckpointError, match=sentence.get(what, "in this file|elsewhere")):
        load_model(path)


def test_that_weights_alone_are_no_model() -> None:
    path = FIXTURES / "sequential.weights.h5"
    assert not FORMAT.recognises(path)
    with pytest.raises(CheckpointError, match="open the design first, and then the weights into it"):
        FORMAT.load(path, None)


@pytest.mark.parametrize("name", ["sequential.keras", "sequential.h5"])
def test_that_damage_anywhere_is_one_sentence(name: str, tmp_path: Path) -> None:
    contents = (FIXTURES / name).read_bytes()
    rng = np.random.default_rng(4)
    path = tmp_path / name
    for number in range(40):
        if number % 2:
            damaged = contents[: int(rng.integers(0, len(contents)))]
        else:
            places = rng.integers(0, len(contents), 6)
            mutable = bytearray(contents)
            for place in places:
                mutable[place] = int(rng.integers(0, 256))
            damaged = bytes(mutable)
        path.write_bytes(damaged)
        sentence = ""
        try:
            assert FORMAT.load(path, None).design.layers
        except CheckpointError as error:
            sentence = str(error)
        assert "\n" not in sentence
        assert not sentence or sentence.startswith(str(path))
