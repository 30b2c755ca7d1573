"""Reads an ONNX file as a graph: nodes in the order in which they can run, and constants as NumPy arrays.

Nothing in the file is trusted before it is checked, and nothing in it is run. The package ``onnx`` is used only to
parse the protocol buffer.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.files.cancel import BLOCK, Cancelled, LoadCancelledError, go_on
from convviz.files.inputs import NotRegularError, open_regular
from convviz.plurals import counted
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.making import UnknownNodeError as UnknownNodeError
from convviz.storage.formats.onnx.external import External
from convviz.storage.formats.said import printable

WHAT = "an ONNX model"
OPSETS = range(7, 29)
"""Versions of ONNX's own operators (opsets) that are understood."""
MOST_BYTES = 2**31 - 1
"""Most bytes of the file itself: a protocol buffer can't be longer, so larger weights are in files beside it."""
MOST_NODES = 100_000
KINDS = {int: "a whole number", float: "a number", str: "a word", tuple: "a list"}
LARGEST = 1 << 31
"""Most bytes of one constant."""


@dataclass(frozen=True, slots=True)
class Node:
    """An operation.

    Parameters
    ----------
    op : str
        Its type, with its domain if that isn't ONNX's own.
    label : str
        Its name in the file; may be empty.
    inputs, outputs : tuple of str
        Names of values; an empty name is an input that is left out.
    attributes : mapping of str to object
        Numbers, texts, lists of them, and arrays.
    """

    op: str
    label: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    def attribute(self, name: str, default: Any = None) -> Any:
        """An attribute, or the given default if the file has none.

        Raises
        ------
        UnknownNodeError
            It is of another type than the default.
        """
        found = self.attributes.get(name, default)
        if default is not None and type(found) is not type(default):
            wanted, got = (KINDS.get(type(one), "something else") for one in (default, found))
            raise UnknownNodeError(f"its {printable(name, 40)}: expected {wanted}, got {got}")
        return found

    @property
    def name(self) -> str:
        """Its name in the file, or else that of its first output."""
        return self.label or self.outputs[0]

    @property
    def words(self) -> str:
        """The node's name and operator, for messages."""
        return f"node {printable(self.name, 60)} ({printable(self.op, 40)})"


@dataclass(frozen=True, slots=True)
class Graph:
    """A model.

    Parameters
    ----------
    opset : int
    producer : str
        The program that wrote the file, with its version.
    image : str
        Name of the input.
    shape : tuple of int
        Shape of the input; 0 for a length that the file leaves open.
    output : str
        Name of the output.
    nodes : tuple of Node
        In an order in which each comes after those whose outputs it reads.
    constants : dict of str to ndarray
    widened : tuple of str
        Types of the weights that were converted to float32.
    remarks : mapping of str to str
        The file's metadata, which the program that wrote it chose.
    """

    opset: int
    producer: str
    image: str
    shape: tuple[int, ...]
    output: str
    nodes: tuple[Node, ...]
    constants: dict[str, Array]
    widened: tuple[str, ...] = ()
    remarks: Mapping[str, str] = field(default_factory=dict)

    def readers(self) -> dict[str, list[Node]]:
        """Value → the nodes that read it. The graph's output counts as read by no node."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name in dict.fromkeys(node.inputs):
                found.setdefault(name, []).append(node)
        return found


def read_graph(path: Path, cancelled: Cancelled | None = None) -> Graph:
    """Read and check a file.

    Raises
    ------
    CheckpointError
        One sentence: the file, the node, what was expected and what came.
    LoadCancelledError
        ``cancelled`` returned True.
    """
    model = unpacked(path, cancelled)
    graph = model.graph
    opset = opset_of(path, model)
    if graph.sparse_initializer:
        raise CheckpointError(f"{path}: expected dense weights, got sparse ones")
    if model.functions:
        raise CheckpointError(f"{path}: expected ONNX's own operators, got a model with functions of its own")
    if len(graph.node) > MOST_NODES:
        raise CheckpointError(f"{path}: expected at most {MOST_NODES:,} nodes, got {len(graph.node):,}")
    external = External(path)
    constants: dict[str, Array] = {}
    widened: dict[str, None] = {}
    for tensor in graph.initializer:
        go_on(cancelled)
        array = array_of(path, tensor, external)
        if array.dtype.kind in "fV" or "float" in array.dtype.name:
            if array.dtype != np.float32:
                widened[array.dtype.name] = None
            go_on(cancelled)
            array = finite(path, plain(tensor.name), array)
        constants[plain(tensor.name)] = array
    inputs = [one for one in graph.input if plain(one.name) not in constants]
    if len(inputs) != 1:
        names = ", ".join(printable(plain(one.name), 30) for one in inputs[:6])
        raise CheckpointError(f"{path}: expected one input, the images, got {len(inputs)}: {names or 'none'}")
    if len(graph.output) != 1:
        names = ", ".join(printable(plain(one.name), 30) for one in graph.output[:6])
        raise CheckpointError(f"{path}: expected one output, a score per class, got {len(graph.output)}: {names}")
    nodes = ordered(path, [node_of(path, one, external) for one in graph.node], {plain(inputs[0].name), *constants})
    dimensions = inputs[0].type.tensor_type.shape.dim
    shape = tuple(int(one.dim_value) if one.HasField("dim_value") else 0 for one in dimensions)
    producer = printable(f"{plain(model.producer_name)} {plain(model.producer_version)}".strip(), 60)
    remarks = {plain(one.key): plain(one.value) for one in model.metadata_props}
    output = plain(graph.output[0].name)
    return Graph(opset, producer, plain(inputs[0].name), shape, output, nodes, constants, tuple(widened), remarks)


def unpacked(path: Path, cancelled: Cancelled | None) -> Any:
    """Read a file and parse its protocol buffer."""
    try:
        import onnx
    except ImportError:
        raise CheckpointError(
            f"{path}: ONNX models are read with the package onnx, which isn't installed: pip install 'convviz[onnx]'"
        ) from None
    contents = bytearray()
    with explained(path), open_regular(path) as file:
        while block := file.read(BLOCK):
            go_on(cancelled)
            contents += block
            if len(contents) > MOST_BYTES:
                raise CheckpointError(
                    f"{path}: expected at most 2 GB, with larger weights in files beside it; got more"
                )
    if not contents:
        raise CheckpointError(f"{path}: expected {WHAT}, got an empty file")
    model = onnx.ModelProto()
    go_on(cancelled)
    with explained(path):
        model.ParseFromString(bytes(contents))
    if not model.HasField("graph") or not model.graph.node:
        raise CheckpointError(f"{path}: expected {WHAT}, got a file without nodes")
    return model


def opset_of(path: Path, model: Any) -> int:
    """The version of ONNX's own operators."""
    found = {plain(one.domain): int(one.version) for one in model.opset_import}
    version = found.get("", found.get("ai.onnx", 0))
    if version not in OPSETS:
        wanted = f"{OPSETS[0]} to {OPSETS[-1]}"
        got = f"version {version}" if version else "none"
        raise CheckpointError(f"{path}: opset: expected version {wanted} of ONNX's operators, got {got}")
    return version


def plain(text: str | bytes) -> str:
    """A text in the file, which may not be valid text."""
    return text if isinstance(text, str) else text.decode("utf-8", "replace")


def node_of(path: Path, proto: Any, external: External) -> Node:
    """A node with its attributes as Python values."""
    op, domain, label = plain(proto.op_type), plain(proto.domain), plain(proto.name)
    op = op if domain in ("", "ai.onnx") else f"{domain}.{op}"
    attributes: dict[str, Any] = {}
    for one in proto.attribute:
        value = attribute_of(path, one, external)
        if value is not None:
            attributes[plain(one.name)] = value
    if not any(proto.output):
        raise CheckpointError(
            f"{path}: {printable(proto.name, 60)} ({printable(op, 40)}): expected an output, got none"
        )
    node = Node(op, label, tuple(map(plain, proto.input)), tuple(map(plain, proto.output)), attributes)
    if any(isinstance(value, Subgraph) for value in attributes.values()):
        raise CheckpointError(
            f"{path}: {node.words}: what is computed must not depend on the image; export the network without loops "
            "and conditions"
        )
    return node


class Subgraph:
    """Stands for an attribute that is itself a graph, as of a loop or a condition."""


def attribute_of(path: Path, proto: Any, external: External) -> Any:
    """The value of an attribute."""
    import onnx

    kinds = onnx.AttributeProto
    match proto.type:
        case kinds.FLOAT:
            return shortest(proto.f)
        case kinds.INT:
            return int(proto.i)
        case kinds.STRING:
            return proto.s.decode("utf-8", "replace")
        case kinds.FLOATS:
            return tuple(map(shortest, proto.floats))
        case kinds.INTS:
            return tuple(map(int, proto.ints))
        case kinds.STRINGS:
            return tuple(one.decode("utf-8", "replace") for one in proto.strings)
        case kinds.TENSOR:
            return array_of(path, proto.t, external)
        case kinds.GRAPH | kinds.GRAPHS:
            return Subgraph()
        case _:
            return None


def shortest(number: float) -> float:
    """The shortest number that rounds to this float32: 1e-5, not 9.99999974…e-6."""
    return float(str(np.float32(number)))


def array_of(path: Path, tensor: Any, external: External) -> Array:
    """A constant as a NumPy array, in the type that the file declares."""
    from onnx import numpy_helper

    name = printable(plain(tensor.name), 60) or "a constant"
    size = 1
    for length in tensor.dims:
        if length < 0:
            raise CheckpointError(f"{path}: {name}: expected a shape, got a length of {length}")
        size *= length
    if size * 8 > LARGEST * 2:
        raise CheckpointError(f"{path}: {name}: expected at most {LARGEST:,} bytes, got {counted(size, 'number')}")
    with explained(path, name):
        if tensor.data_location == type(tensor).EXTERNAL:
            return external.read(tensor, name)
        array: Array = numpy_helper.to_array(tensor)
    return array


def finite(path: Path, name: str, array: Array) -> Array:
    """A floating-point array as float32, in which every number must be finite."""
    with np.errstate(over="ignore"):
        widened: Array = np.ascontiguousarray(array, np.float32)
    if not np.isfinite(widened).all():
        words = "expected finite numbers that fit into 32 bits, got NaN or infinity"
        raise CheckpointError(f"{path}: {printable(name, 60)}: {words}")
    return widened


def ordered(path: Path, nodes: list[Node], given: set[str]) -> tuple[Node, ...]:
    """The nodes, sorted so that each comes after those whose outputs it reads.

    ONNX demands that order, but not every program keeps it.

    Raises
    ------
    CheckpointError
        Two nodes make the same output, no node makes an input, or nodes form a cycle.
    """
    maker: dict[str, Node] = {}
    for node in nodes:
        for name in node.outputs:
            if name and (name in maker or name in given):
                raise CheckpointError(f"{path}: {node.words}: its output {printable(name, 60)} is made twice")
            maker[name] = node
    waits = [{name for name in node.inputs if name and name not in given} for node in nodes]
    readers: dict[str, list[int]] = {}
    for number, node in enumerate(nodes):
        for name in waits[number]:
            if name not in maker:
                raise CheckpointError(f"{path}: {node.words}: nothing makes its input {printable(name, 60)}")
            readers.setdefault(name, []).append(number)
    ready = [number for number, names in enumerate(waits) if not names]
    found: list[Node] = []
    while ready:  # of those that can run, the first in the file comes next
        node = nodes[heapq.heappop(ready)]
        found.append(node)
        for name in node.outputs:
            for number in readers.get(name, []):
                waits[number].discard(name)
                if not waits[number]:
                    heapq.heappush(ready, number)
    if len(found) < len(nodes):
        left = next(node for node, names in zip(nodes, waits, strict=True) if names)
        raise CheckpointError(f"{path}: {left.words}: it reads, over others, its own output")
    return tuple(found)


@contextmanager
def explained(path: Path, name: str = "") -> Iterator[None]:
    """Turn whatever a damaged file raises into one sentence."""
    try:
        yield
    except (CheckpointError, LoadCancelledError):
        raise
    except FileNotFoundError:
        raise CheckpointError(f"{path}: expected {WHAT}, found nothing there") from None
    except NotRegularError as error:
        raise CheckpointError(f"{path}: expected {WHAT}, got {error.got}") from None
    except MemoryError:
        raise CheckpointError(f"{path}: expected numbers that fit in memory, got more than that") from None
    except Exception as error:  # noqa: BLE001 (a damaged file raises nearly anything)
        field = f": {name}" if name else ""
        reason = printable(str(error), 120) or type(error).__name__
        raise CheckpointError(f"{path}{field}: expected {WHAT}, whole and undamaged, got: {reason}") from None
