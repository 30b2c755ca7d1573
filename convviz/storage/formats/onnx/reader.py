"""Reads an ONNX file as a network: a design, and its weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from msgspec.structs import replace

from convviz.core.design import Design, Input, checked
from convviz.core.errors import DesignError
from convviz.core.lower import lower
from convviz.files.cancel import Cancelled, go_on
from convviz.storage.designs import read_design
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.npz import forward_arrays
from convviz.storage.formats.onnx.assembly import CHANNELS_LAST, Assembly, Value, words
from convviz.storage.formats.onnx.folding import fold
from convviz.storage.formats.onnx.graph import Graph, Node, UnknownNodeError, read_graph
from convviz.storage.formats.onnx.nodes import CONVERTERS
from convviz.storage.formats.onnx.spelled import spelled
from convviz.storage.formats.onnx.writer import DESIGN
from convviz.storage.network_state import NetworkState, RunProgress

ENDS = frozenset({"Softmax", "LogSoftmax"})


def load(path: Path, cancelled: Cancelled | None = None) -> NetworkState:
    """Read a whole model, or refuse it.

    Raises
    ------
    CheckpointError
        One sentence: the file, the node and its type, why no layer expresses it, and a way out.
    """
    graph = read_graph(path, cancelled)
    image, first = image_of(path, graph)
    assembly = Assembly(graph, image)
    assembly.values[graph.image] = first
    for node in graph.nodes:
        go_on(cancelled)
        try:
            convert(assembly, node)
        except UnknownNodeError as error:
            raise CheckpointError(f"{path}: {node.words}: {error}", field=node.name) from None
    design = finished(path, assembly, image)
    arrays = {name: assembly.arrays.get(name) for name in forward_arrays(design)}
    missing = [name for name, array in arrays.items() if array is None]
    if missing:
        raise CheckpointError(f"{path}: {missing[0]}: expected it in the file, found nothing", field=missing[0])
    found = {name: array for name, array in arrays.items() if array is not None}
    place, is_ours = RunProgress(learning_rate=design.training.optimiser.lr), DESIGN in graph.remarks
    return NetworkState(design, found, place, weights_only=True, is_foreign=not is_ours)


def image_of(path: Path, graph: Graph) -> tuple[Input, Value]:
    """The images that the network takes, and the graph's input as a value."""
    shape = graph.shape
    readers = graph.readers().get(graph.image, [])
    is_last = len(readers) == 1 and readers[0].op == "Transpose" and readers[0].attribute("perm") == (0, 3, 1, 2)
    lengths = shape[1:4]
    if len(shape) != 4 or not all(lengths):
        got = words(length or "?" for length in shape) if shape else "no shape"
        raise CheckpointError(
            f"{path}: {graph.image}: expected images of a fixed size, N×channels×height×width, got {got}; export it "
            "with its height and width"
        )
    channels, height, width = (lengths[2], lengths[0], lengths[1]) if is_last else lengths
    try:
        image = checked(Design(input=Input(channels=channels, height=height, width=width))).input
    except DesignError as error:
        raise CheckpointError(f"{path}: {graph.image}: {error}") from None
    seen = (1, *lengths)
    return image, Value("x", seen, CHANNELS_LAST if is_last else ())


def convert(assembly: Assembly, node: Node) -> None:
    """Convert a node, and note what its outputs are: constants, or outputs of layers.

    Raises
    ------
    UnknownNodeError
        No layers of a design express it.
    """
    if node.outputs[0] in assembly.values:
        return  # an earlier node's converter has included this one
    inputs = [assembly.given(node, number) for number in range(len(node.inputs))]
    if node.op == "Shape" and isinstance(inputs[0], Value):
        cut = slice(node.attribute("start", 0), node.attribute("end"))
        assembly.values[node.outputs[0]] = np.array(inputs[0].shape[cut], np.int64)
        return
    if not any(isinstance(one, Value) for one in inputs):
        assembly.values[node.outputs[0]] = folded(node, [one for one in inputs if not isinstance(one, Value)])
        return
    if node.op in ENDS and node.outputs[0] == assembly.graph.output and is_over_classes(assembly, node):
        assembly.values[node.outputs[0]] = assembly.value(node)  # left out: a design has its own softmax
        return
    try:
        found = spelled(assembly, node)
    except (ValueError, IndexError, TypeError, MemoryError):
        found = None  # not a known spelling: the node's own converter says what is wrong
    if found is not None:
        return
    converter = CONVERTERS.get(node.op)
    if converter is None:
        raise UnknownNodeError("no layer expresses this operator; export the network without it, or up to it")
    try:
        assembly.values[node.outputs[0]] = converter(assembly, node)
    except (ValueError, IndexError, TypeError, OverflowError, ZeroDivisionError) as error:
        raise UnknownNodeError(f"its inputs don't fit: {' '.join(str(error).split())[:120]}") from None


def is_over_classes(assembly: Assembly, node: Node) -> bool:
    """Whether a softmax goes over the classes: along the only axis longer than 1, or along the second one."""
    shape = assembly.value(node).shape
    if assembly.graph.opset < 13:  # where a softmax goes over this axis and all after it
        return int(node.attribute("axis", 1)) % len(shape) == 1
    axis = int(node.attribute("axis", -1)) % len(shape)
    return axis == 1 and all(length == 1 for length in shape[2:])


def folded(node: Node, inputs: list[np.ndarray | None]) -> np.ndarray:
    """The constant that a node computes from constants."""
    try:
        found = fold(node, inputs)
    except MemoryError:
        raise UnknownNodeError("it makes a constant that is too large") from None
    except (ValueError, IndexError, TypeError, OverflowError, KeyError, AttributeError) as error:
        raise UnknownNodeError(f"its inputs don't fit: {' '.join(str(error).split())[:120]}") from None
    if found is None:
        raise UnknownNodeError("it computes a constant by an unknown operator; fold constants when exporting")
    return found


def finished(path: Path, assembly: Assembly, image: Input) -> Design:
    """The design, which must end in a score per class."""
    graph = assembly.graph
    last = assembly.values.get(graph.output)
    if not isinstance(last, Value):
        raise CheckpointError(f"{path}: {graph.output}: expected scores that depend on the image, got a constant")
    if len(last.shape) > 2 and any(length != 1 for length in last.shape[2:]):
        raise CheckpointError(f"{path}: {graph.output}: expected a score per class, got {words(last.shape[1:])}")
    try:
        row = assembly.row(last)
    except UnknownNodeError as error:
        raise CheckpointError(f"{path}: {graph.output}: {error}") from None
    if row.features is not None or not assembly.is_last(row):
        raise CheckpointError(f"{path}: {graph.output}: expected the scores of the last layer, got others")
    about = ". ".join(told(path, graph)) + "."
    design = assembly.design(path.stem[:60] or "model", image, row.shape[1], about)
    try:
        design = as_it_was(checked(design).named(), graph.remarks.get(DESIGN, ""))
        lower(design, 1, train=False)
    except (DesignError, OverflowError, ValueError) as error:
        raise CheckpointError(f"{path}: {' '.join(str(error).split())}") from None
    return design


def as_it_was(design: Design, text: str) -> Design:
    """The design, with name and settings of the one in the file's metadata if both have the same layers."""
    if not text:
        return design
    try:
        before = read_design(text, "the design in the file").named()
    except (DesignError, ValueError):
        return design
    kinds = [[(layer.name, type(layer)) for layer in one.layers] for one in (before, design)]
    if kinds[0] != kinds[1]:
        return design
    names = before.class_names if before.classes == design.classes else ()
    return replace(design, name=before.name, about=before.about, training=before.training, class_names=names)


def told(path: Path, graph: Graph) -> list[str]:
    """Sentences for the user about the origin of a network, and what was changed."""
    by = f", by {graph.producer}" if graph.producer else ""
    found = [f"From {path.name}, opset {graph.opset}{by}"]
    if graph.widened:
        found.append(f"Its {' and '.join(graph.widened)} weights became float32")
    return found
