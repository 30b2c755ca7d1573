"""Matches the arrays of a file with the parameters of a design: by name where names agree, else by shape and order.

Arrays are matched layer by layer. A layer of the design gets the arrays of the layer with the same name in the file.
The remaining layers are paired in order, separately for convolutions, dense layers and others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from convviz.core.arrays import Shape
from convviz.core.design import Design
from convviz.storage.formats.npz import forward_arrays
from convviz.storage.formats.said import printable, shape_words
from convviz.storage.weights.ways import WORDS, Way, flattened, way_for
from convviz.storage.weights.weight_file import Convention, StoredArray, WeightFile

Kind = Literal["maps", "rows", "other"]
LEAVES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "weight": frozenset({"weight", "kernel", "depthwise_kernel", "pointwise_kernel", "w"}),
        "bias": frozenset({"bias", "b"}),
        "scale": frozenset({"scale", "gamma", "weight"}),
        "shift": frozenset({"shift", "beta", "bias"}),
        "running_mean": frozenset({"running_mean", "moving_mean", "mean"}),
        "running_variance": frozenset({"running_variance", "running_var", "moving_variance", "var", "variance"}),
        "slope": frozenset({"slope", "alpha", "weight"}),
    }
)
"""Parameter of a design → its names in other programs."""
UNUSED = frozenset({"num_batches_tracked"})
KERAS = frozenset({"kernel", "gamma", "moving_mean", "depthwise_kernel"})
PYTORCH = frozenset({"running_var"})
OURS = frozenset({"running_variance", "shift"})


@dataclass(frozen=True, slots=True)
class Match:
    """A parameter of a design, and the array that it gets.

    Parameters
    ----------
    parameter : str
        ``conv1.weight``.
    shape : tuple of int
    array : str
        Name of the array in the file; empty if there is none.
    given : tuple of int
        Shape of the array.
    way : str
        How the array is brought into the parameter's order; empty if it doesn't fit.
    maps : tuple of int
        Channels, height and width of the maps that were flattened to the layer's features, if their order matters.
    """

    parameter: str
    shape: Shape
    array: str = ""
    given: Shape = ()
    way: Way | Literal[""] = ""
    maps: Shape = ()

    @property
    def fits(self) -> bool:
        """Whether it can be taken."""
        return bool(self.way)

    @property
    def sentence(self) -> str:
        """How the array is brought into the parameter's order, or why it can't be taken."""
        if self.way:
            return WORDS[self.way]
        if not self.array:
            return "nothing in the file is left for it"
        return f"expected {shape_words(self.shape)}, got {shape_words(self.given) or 'one number'}"


@dataclass(frozen=True, slots=True)
class WeightTable:
    """The arrays that a file has for the parameters of a design.

    Parameters
    ----------
    kind : str
        Kind of the file: ``safetensors``, ``NPZ`` …
    matches : tuple of Match
        One for each parameter of the design, in its order.
    spare : tuple of str
        Names of arrays that no parameter gets.
    widened : tuple of str
        Types, other than float32, of the arrays that are taken.
    """

    kind: str
    matches: tuple[Match, ...]
    spare: tuple[str, ...] = ()
    widened: tuple[str, ...] = ()

    @property
    def fitting(self) -> tuple[Match, ...]:
        """The matches whose arrays can be taken."""
        return tuple(one for one in self.matches if one.fits)

    @property
    def is_whole(self) -> bool:
        """Whether every parameter gets an array that fits."""
        return all(one.fits for one in self.matches)


@dataclass(slots=True)
class Group:
    """The arrays of one layer in a file."""

    layer: str
    members: list[StoredArray] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        """Whether the layer is a convolution (``maps``), a dense layer (``rows``), or neither (``other``)."""
        return kind_of([one.shape for one in self.members])

    def member(self, leaf: str) -> StoredArray | None:
        """The array that is named like this parameter; None if there is none."""
        return next((one for one in self.members if one.leaf.lower() in LEAVES.get(leaf, frozenset({leaf}))), None)


def table(design: Design, file: WeightFile) -> WeightTable:
    """Match the arrays of a file with the parameters of a design.

    Raises
    ------
    DesignError
        The design is impossible.
    """
    design = design.named()
    wanted: dict[str, dict[str, Shape]] = {}
    for name, spec in forward_arrays(design).items():
        layer, _, leaf = name.rpartition(".")
        wanted.setdefault(layer, {})[leaf] = spec.stored
    convention = convention_of(file)
    maps = flattened(design) if convention == "keras" and not file.rows_first else {}
    groups = groups_of(file.arrays)
    pairs = by_name(wanted, groups)
    in_turn(wanted, groups, pairs, convention)
    matches = []
    used: set[str] = set()
    for layer, leaves in wanted.items():
        group = pairs.get(layer)
        for leaf, shape in leaves.items():
            array = group.member(leaf) if group is not None else None
            name = f"{layer}.{leaf}"
            if array is None:
                matches.append(Match(name, shape))
                continue
            used.add(array.name)
            way = way_for(leaf, shape, array.shape, convention, maps.get(layer, ()))
            rows = maps.get(layer, ()) if way == "rows reordered" else ()
            matches.append(Match(name, shape, array.name, array.shape, way or "", rows))
    spare = tuple(one.name for one in file.arrays if one.name not in used and one.leaf not in UNUSED)
    types = {one.name: one.dtype for one in file.arrays}
    widened = dict.fromkeys(types[one.array] for one in matches if one.fits and types[one.array] != "float32")
    return WeightTable(file.kind, tuple(matches), spare, tuple(widened))


def convention_of(file: WeightFile) -> Convention:
    """Whose order of axes a file has, judged by the names of its arrays, or else as the file says."""
    leaves = {one.leaf for one in file.arrays}
    if leaves & KERAS:
        return "keras"
    if leaves & OURS:
        return "convviz"
    if file.convention or not leaves & PYTORCH:
        return file.convention
    return "pytorch"


def groups_of(arrays: Sequence[StoredArray]) -> list[Group]:
    """The arrays, grouped by layer."""
    found: dict[str, Group] = {}
    for one in arrays:
        if one.leaf not in UNUSED:
            found.setdefault(one.layer, Group(one.layer)).members.append(one)
    return list(found.values())


def by_name(wanted: Mapping[str, Mapping[str, Shape]], groups: list[Group]) -> dict[str, Group]:
    """Layer of the design → the layer of the file with the same name, in full or in its last part."""
    whole: dict[str, list[Group]] = {}
    last: dict[str, list[Group]] = {}
    for group in groups:
        whole.setdefault(plain(group.layer), []).append(group)
        last.setdefault(plain(group.layer.replace("/", ".").rpartition(".")[2]), []).append(group)
    found: dict[str, Group] = {}
    for layer, leaves in wanted.items():
        for names in (whole, last):
            same = names.get(plain(layer), [])
            if len(same) == 1 and kind_of(list(leaves.values())) == same[0].kind:
                found[layer] = same[0]
                break
    return found


def in_turn(
    wanted: Mapping[str, Mapping[str, Shape]], groups: list[Group], pairs: dict[str, Group], convention: Convention
) -> None:
    """Add the remaining layers to ``pairs``, in order, each kind separately.

    If the file has more layers than are needed, those that don't fit are skipped.
    """
    taken = {id(group) for group in pairs.values()}
    kinds: tuple[Kind, ...] = ("maps", "rows", "other")
    for kind in kinds:
        layers = [
            name for name, leaves in wanted.items() if name not in pairs and kind_of(list(leaves.values())) == kind
        ]
        left = [group for group in groups if id(group) not in taken and group.kind == kind]
        passed_over = len(left) > len(layers)
        at = 0
        for layer in layers:
            there = range(at, len(left)) if passed_over else range(at, min(at + 1, len(left)))
            chosen = next((number for number in there if fits(wanted[layer], left[number], convention)), None)
            if chosen is None and at < len(left):
                chosen = at
            if chosen is not None:
                pairs[layer] = left[chosen]
                at = chosen + 1


def fits(leaves: Mapping[str, Shape], group: Group, convention: Convention) -> bool:
    """Whether a layer of the file has a fitting array for each parameter of a layer."""
    return all(
        (array := group.member(leaf)) is not None and way_for(leaf, shape, array.shape, convention) is not None
        for leaf, shape in leaves.items()
    )


def kind_of(shapes: Sequence[Shape]) -> Kind:
    """The kind of a layer, judged by the shapes of its arrays."""
    most = max((len(shape) for shape in shapes), default=0)
    return "maps" if most == 4 else "rows" if most == 2 else "other"


def plain(name: str) -> str:
    """A name in lower case and with a uniform separator of its parts; dense_1 and dense1 stay different."""
    return name.lower().replace(".", "-").replace("/", "-")


def told(found: WeightTable, most: int = 6) -> str:
    """What doesn't fit, in one sentence; empty if everything does."""
    bad = [one for one in found.matches if not one.fits]
    sources = [f" from {printable(one.array, 40)}" if one.array else "" for one in bad]
    said = [f"{one.parameter}{source}: {one.sentence}" for one, source in zip(bad[:most], sources, strict=False)]
    more = f"; and {len(bad) - most:,} more" if len(bad) > most else ""
    return "; ".join(said) + more
