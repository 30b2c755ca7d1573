"""Checks the description of a Keras model, and converts it to values: the layers, and which layers each one reads.

The description is JSON of any depth and size. Only what is understood is taken from it, and nothing is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from convviz.storage.errors import CheckpointError
from convviz.storage.formats.keras.settings import Settings
from convviz.storage.formats.making import MOST_LAYERS
from convviz.storage.formats.said import printable

MODELS = frozenset({"Sequential", "Functional", "Model"})
DEEPEST = 16
"""Most models that may be nested within each other."""
OPERATIONS = "keras.src.ops."
"""Modules of the functions in Keras 3 that a model may call in place of layers."""


@dataclass(frozen=True, slots=True, eq=False)
class Layered:
    """A layer of a Keras model, or a model within it.

    Parameters
    ----------
    kind : str
        Its class.
    name : str
    module : str
        Module of its class; empty in files of older versions.
    settings : Settings
    reads : tuple of str
        Names of the layers that it reads.
    calls : int
        How often the model uses it.
    place : str
        Group of its weights in a ``.weights.h5``: ``layers/conv2d_1``.
    trail : tuple of str
        Names of the models that contain it, outermost first, and then its own.
    inside : Model, optional
        The nested model, if it is one.
    """

    kind: str
    name: str
    module: str
    settings: Settings
    reads: tuple[str, ...]
    calls: int
    place: str
    trail: tuple[str, ...]
    inside: Model | None = None

    @property
    def is_operation(self) -> bool:
        """Whether it is a function of Keras and not a layer."""
        return self.module.startswith(OPERATIONS)

    @property
    def words(self) -> str:
        """The layer's name and class, for messages."""
        return f"layer {printable('/'.join(self.trail), 60)} ({printable(self.kind, 40)})"


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A Keras model.

    Parameters
    ----------
    layers : tuple of Layered
        In an order in which each comes after those that it reads; without layers that only declare an input.
    image : str
        Name of its input.
    shape : tuple of int
        Shape of the input without the batch axis; 0 for a length that the file leaves open. Empty if it has no shape.
    output : str
        Name of the layer whose output is the model's.
    """

    layers: tuple[Layered, ...]
    image: str
    shape: tuple[int, ...]
    output: str


def model_of(path: Any, value: Any, place: str = "", trail: tuple[str, ...] = ()) -> Model:
    """Check the description of a model.

    Parameters
    ----------
    path : Path
        For messages.
    value : object
        The value that JSON gives: ``{"class_name": "Sequential", "config": {…}}``.
    place, trail
        Those of the model itself, as in :class:`Layered`.

    Raises
    ------
    CheckpointError
        It is not the description of a model of Keras's own classes, with one input and one output.
    """
    kind, config = part(path, value, "class_name", str), part(path, value, "config")
    where = f"{path}: {'/'.join(trail)}" if trail else str(path)
    if kind not in MODELS:
        raise CheckpointError(
            f"{where}: expected a Sequential or functional model, got the class {printable(kind, 40)}, whose code is "
            "not in the file; build it with keras.Sequential or keras.Model(inputs, outputs), or export it to ONNX: "
            'model.export("model.onnx", format="onnx")'
        )
    if len(trail) > DEEPEST:
        raise CheckpointError(f"{where}: expected at most {DEEPEST} models in one another, got more")
    if isinstance(config, list):  # Sequential, before Keras 2.2
        config = {"layers": config}
    listed = part(path, config, "layers", list)
    if len(listed) > MOST_LAYERS:
        raise CheckpointError(f"{where}: expected at most {MOST_LAYERS:,} layers, got {len(listed):,}")
    counted: dict[str, int] = {}
    found = [layer_of(path, one, place, trail, counted) for one in listed]
    if kind == "Sequential":
        return sequential(where, found, config)
    return functional(where, found, config)


def layer_of(path: Any, value: Any, place: str, trail: tuple[str, ...], counted: dict[str, int]) -> Layered:
    """Check a layer; its group in a file of weights is its class in snake case, numbered from the second one on."""
    kind, config = part(path, value, "class_name", str), part(path, value, "config")
    if not isinstance(config, Mapping | list):
        raise CheckpointError(f"{path}: {printable(kind, 40)}: expected its settings, got {type(config).__name__}")
    named = config.get("name") if isinstance(config, Mapping) else None
    name = value.get("name") or named
    name = name if isinstance(name, str) else kind
    module = value.get("module")
    module = module if isinstance(module, str) else ""
    own = (*trail, name)
    where = ""
    if not module.startswith(OPERATIONS):
        # The name of a custom class is registered as Package>Name.
        stem = snake_case(kind.rpartition(">")[2])
        counted[stem] = counted.get(stem, -1) + 1
        where = f"{place}/layers/{stem}".removeprefix("/") + (f"_{counted[stem]}" if counted[stem] else "")
    reads, calls = inputs_of(path, own, value.get("inbound_nodes"))
    inside = model_of(path, value, where, own) if kind in MODELS else None
    settings = Settings(config if isinstance(config, Mapping) else {})
    return Layered(kind, name, module, settings, reads, calls, where, own, inside)


def sequential(where: str, found: Sequence[Layered], config: Mapping[str, Any]) -> Model:
    """A chain of layers."""
    if not found:
        raise CheckpointError(f"{where}: expected layers, got none")
    shape = shape_of(found[0].settings)
    image = "" if found[0].kind != "InputLayer" else found[0].name
    if not shape:
        shape = shape_of(Settings({"batch_shape": config.get("build_input_shape")}))
    if not shape and found[0].inside is not None:
        shape = found[0].inside.shape
    chain = [one for one in found if one.kind != "InputLayer"]
    if not chain:
        raise CheckpointError(f"{where}: expected layers, got none")
    before = image
    layers = []
    for one in chain:
        layers.append(
            Layered(one.kind, one.name, one.module, one.settings, (before,), 1, one.place, one.trail, one.inside)
        )
        before = one.name
    refuse_twice(where, layers)
    return Model(tuple(layers), image, shape, before)


def functional(where: str, found: Sequence[Layered], config: Mapping[str, Any]) -> Model:
    """A graph of layers."""
    inputs, outputs = ends(config.get("input_layers")), ends(config.get("output_layers"))
    for names, what in ((inputs, "one input, the images"), (outputs, "one output, a score per class")):
        if len(names) != 1:
            got = ", ".join(printable(name, 30) for name in names[:6]) or "none"
            raise CheckpointError(f"{where}: expected {what}, got {len(names)}: {got}")
    [image], [output] = inputs, outputs
    refuse_twice(where, found)
    declared = {one.name: one for one in found if one.kind == "InputLayer"}
    if image not in declared:
        raise CheckpointError(f"{where}: expected an input layer {printable(image, 40)}, found none")
    layers = ordered(where, [one for one in found if one.kind != "InputLayer"], image)
    if output not in {one.name for one in layers}:
        raise CheckpointError(f"{where}: expected its output from a layer, got {printable(output, 40)}")
    return Model(needed(layers, output), image, shape_of(declared[image].settings), output)


def ordered(where: str, layers: Sequence[Layered], image: str) -> list[Layered]:
    """The layers, sorted so that each comes after those that it reads.

    Raises
    ------
    CheckpointError
        A layer reads one that isn't there, or the layers form a cycle.
    """
    names = {one.name for one in layers} | {image}
    known, found, left = {image}, [], list(layers)
    while left:
        later = []
        for one in left:
            strange = [name for name in one.reads if name not in names]
            if strange:
                raise CheckpointError(f"{where}: {one.words}: nothing makes its input {printable(strange[0], 40)}")
            if all(name in known for name in one.reads):
                known.add(one.name)
                found.append(one)
            else:
                later.append(one)
        if len(later) == len(left):
            raise CheckpointError(f"{where}: {later[0].words}: it reads, over others, its own output")
        left = later
    return found


def needed(layers: Sequence[Layered], output: str) -> tuple[Layered, ...]:
    """The layers that an output depends on."""
    wanted = {output}
    kept = []
    for one in reversed(layers):
        if one.name in wanted:
            kept.append(one)
            wanted.update(one.reads)
    return tuple(reversed(kept))


def refuse_twice(where: str, layers: Sequence[Layered]) -> None:
    """Refuse two layers with the same name."""
    seen: set[str] = set()
    for one in layers:
        if one.name in seen:
            raise CheckpointError(f"{where}: expected every layer to have its own name, got two of {one.words}")
        seen.add(one.name)


def shape_of(settings: Settings) -> tuple[int, ...]:
    """The shape of an input without the batch axis; 0 for a length that is left open."""
    for name in ("batch_shape", "batch_input_shape"):
        found = settings.get(name)
        if isinstance(found, Sequence) and not isinstance(found, str) and 1 < len(found) < 8:
            return tuple(one if isinstance(one, int) and not isinstance(one, bool) else 0 for one in found[1:])
    return ()


def inputs_of(path: Any, trail: tuple[str, ...], nodes: Any) -> tuple[tuple[str, ...], int]:
    """Names of the layers that a layer reads, and how often it is used.

    Keras 2 writes ``[[["conv", 0, 0, {}], …]]``; Keras 3 writes the arguments of each call, with tensors as objects.
    """
    if not isinstance(nodes, Sequence) or isinstance(nodes, str) or not nodes:
        return (), 0
    node = nodes[0]
    if isinstance(node, Mapping):
        names = tuple(histories(node))
    else:
        names = tuple(name for name in ends(node) if name)
    if not names:
        raise CheckpointError(f"{path}: {printable('/'.join(trail), 60)}: expected layers that it reads, got none")
    return names, len(nodes)


def histories(value: Any, depth: int = 0) -> Iterator[str]:
    """Names of the layers whose outputs are among the arguments of a call."""
    if depth > DEEPEST:
        return
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            config = value.get("config")
            history = config.get("keras_history") if isinstance(config, Mapping) else None
            if isinstance(history, Sequence) and history and isinstance(history[0], str):
                yield history[0]
            return
        for one in value.values():
            yield from histories(one, depth + 1)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for one in value:
            yield from histories(one, depth + 1)


def ends(value: Any) -> list[str]:
    """Names of the layers in ``["x", 0, 0]`` or ``[["x", 0, 0], …]``."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return []
    if isinstance(value[0], str):
        return [value[0]]
    return [one[0] for one in value if isinstance(one, Sequence) and one and isinstance(one[0], str)]


def part(path: Any, value: Any, name: str, kind: type | None = None) -> Any:
    """A part of the description.

    Raises
    ------
    CheckpointError
        It is missing, or of another type.
    """
    found = value.get(name) if isinstance(value, Mapping) else None
    if found is None or (kind is not None and not isinstance(found, kind)):
        got = "nothing" if found is None else type(found).__name__
        raise CheckpointError(f"{path}: expected the description of a Keras model, with {name} in it, got {got}")
    return found


def snake_case(name: str) -> str:
    """A class's name in Keras's files of weights: ``GlobalAveragePooling2D`` → ``global_average_pooling2d``."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
