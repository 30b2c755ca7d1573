"""Reads a Keras model as a network: a design, and its weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from msgspec.structs import replace as changed

from convviz.core.design import Design, Input, checked
from convviz.core.errors import DesignError
from convviz.core.layers import Dense
from convviz.core.lower import lower
from convviz.files.cancel import Cancelled, go_on
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.keras.archive import OpenedArchive, opened
from convviz.storage.formats.keras.building import CHANNELS_LAST, Building, Call
from convviz.storage.formats.keras.layers import CONVERTERS, OPERATIONS
from convviz.storage.formats.keras.model import Model, model_of
from convviz.storage.formats.making import UnknownNodeError, Value, words
from convviz.storage.formats.npz import forward_arrays
from convviz.storage.formats.said import printable, some
from convviz.storage.network_state import NetworkState, RunProgress

WAY_OUT = 'keep the network without it, or export it to ONNX: model.export("model.onnx", format="onnx")'


def load(path: Path, cancelled: Cancelled | None = None) -> NetworkState:
    """Read a whole model, or refuse it.

    Raises
    ------
    CheckpointError
        One sentence: the file, the layer and its class, why no layer of a design expresses it, and a way out.
    """
    with opened(path, cancelled) as file:
        model = model_of(path, file.description)
        image = image_of(path, model)
        major = file.version.partition(".")[0]
        building = Building(image, file.stored, int(major) if major.isascii() and major.isdecimal() else 2)
        shape = (1, image.height, image.width, image.channels)
        last = run_through(path, building, model, Value("x", shape, CHANNELS_LAST), True, cancelled)
        design = finished(path, building, image, last, file)
    arrays = {name: building.arrays[name] for name in forward_arrays(design)}
    place = RunProgress(learning_rate=design.training.optimiser.lr)
    return NetworkState(design, arrays, place, weights_only=True, is_foreign=True)


def image_of(path: Path, model: Model) -> Input:
    """The images that the network takes."""
    if len(model.shape) != 3 or not all(model.shape):
        got = words(length or "?" for length in model.shape) if model.shape else "no shape"
        raise CheckpointError(
            f"{path}: expected images of a fixed size, height×width×channels, got {got}; make the model with "
            "keras.Input((height, width, channels))"
        )
    height, width, channels = model.shape
    try:
        return checked(Design(input=Input(channels=channels, height=height, width=width))).input
    except DesignError as error:
        raise CheckpointError(f"{path}: images: {error}") from None


def run_through(
    path: Path, building: Building, model: Model, image: Value, is_end: bool, cancelled: Cancelled | None
) -> Value:
    """Add the layers of a model and of the models nested in it; returns its output."""
    values = {model.image: image}
    for layer in model.layers:
        go_on(cancelled)
        inputs = tuple(values[name] for name in layer.reads)
        ends = is_end and layer.name == model.output
        try:
            if layer.calls > 1:
                raise UnknownNodeError(
                    f"it is used {layer.calls} times with the same weights, but a layer of a design only once"
                )
            if layer.inside is not None:
                if len(inputs) != 1:
                    raise UnknownNodeError(f"it expects one input, got {len(inputs)}")
                values[layer.name] = run_through(path, building, layer.inside, inputs[0], ends, cancelled)
            else:
                values[layer.name] = convert(Call(building, layer, inputs, ends))
        except UnknownNodeError as error:
            raise CheckpointError(f"{path}: {layer.words}: {error}", field=layer.name) from None
        except (ValueError, IndexError, TypeError, OverflowError, ZeroDivisionError, MemoryError) as error:
            if isinstance(error, CheckpointError):
                raise
            reason = printable(str(error), 120) or type(error).__name__
            raise CheckpointError(f"{path}: {layer.words}: it doesn't fit: {reason}", field=layer.name) from None
    return values[model.output]


def convert(call: Call) -> Value:
    """Add the layers that a layer of Keras becomes in a design.

    Raises
    ------
    UnknownNodeError
        No layers of a design express it.
    """
    layer = call.layer
    if layer.kind == "Lambda":
        raise UnknownNodeError(f"it is Python code, which is never run from a file; {WAY_OUT}")
    if layer.kind in ("TFOpLambda", "SlicingOpLambda"):
        raise UnknownNodeError(f"it calls a function of TensorFlow in place of a layer; {WAY_OUT}")
    known = OPERATIONS if layer.is_operation else CONVERTERS if layer.module else {**OPERATIONS, **CONVERTERS}
    is_custom = bool(layer.module) and layer.module.partition(".")[0] not in ("keras", "tf_keras", "tensorflow")
    if is_custom:
        raise UnknownNodeError(
            f"its class is of {printable(layer.module, 40)}, whose code isn't in the file; {WAY_OUT}"
        )
    converter = known.get(layer.kind)
    if converter is None:
        raise UnknownNodeError(f"no layer expresses this class; {WAY_OUT}")
    if not call.inputs:
        raise UnknownNodeError("it expects an input, got none")
    return converter(call)


def finished(path: Path, building: Building, image: Input, last: Value, file: OpenedArchive) -> Design:
    """The design, which must end in a score per class."""
    if building.is_maps(last):
        raise CheckpointError(f"{path}: expected a score per class at the end, got maps of {words(last.shape[1:])}")
    if last.features is not None or not building.is_last(last):
        raise CheckpointError(f"{path}: expected the scores of the last layer, got others")
    classes = last.shape[-1]
    if classes == 1 and building.is_single:
        two_scores(path, building)
        classes = 2
    about = ". ".join(told(path, building, file)) + "."
    design = building.design(path.stem[:60] or "model", image, classes, about)
    try:
        design = checked(design).named()
        lower(design, 1, train=False)
    except (DesignError, OverflowError, ValueError) as error:
        raise CheckpointError(f"{path}: {' '.join(str(error).split())}") from None
    return design


def two_scores(path: Path, building: Building) -> None:
    """Give the last layer two scores: 0 for the first class, and what Keras puts through a sigmoid for the second.

    The softmax of two scores is the sigmoid of their difference, so the probabilities stay the same.
    """
    layer = building.layers[-1]
    if not isinstance(layer, Dense):
        raise CheckpointError(f"{path}: expected a dense layer before the sigmoid at the end, got {layer.name}")
    building.layers[-1] = changed(layer, units=2)
    for name in (f"{layer.name}.weight", f"{layer.name}.bias"):
        if name in building.arrays:
            array = building.arrays[name]
            building.arrays[name] = np.concatenate([np.zeros_like(array), array], axis=-1)


def told(path: Path, building: Building, file: OpenedArchive) -> list[str]:
    """Sentences for the user about the origin of a network, and what was changed."""
    by = f", by Keras {printable(file.version, 20)}" if file.version else ""
    found = [f"From {path.name}{by}"]
    if file.widened:
        found.append(f"Its {' and '.join(file.widened)} weights became float32")
    if building.is_single:
        found.append("Its single output became the score of the second class, and that of the first is 0")
    if building.left_out:
        found.append(f"Left out, because it only acts in training: {some(list(building.left_out))}")
    return found
