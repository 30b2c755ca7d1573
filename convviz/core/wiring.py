"""Which layers a layer reads: the list of a design's layers as a graph.

A layer reads the one before it in the list, or the earlier layers that it names; ``x`` names the images. So a chain
needs no names at all, and a branch begins with a layer that names what it reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from msgspec.structs import replace

from convviz.core.arrays import MAPS, Role
from convviz.core.design import Design
from convviz.core.errors import ShapeError, UnreadError
from convviz.core.layers import AnyLayer, Layer
from convviz.core.program import Builder, Phase

IMAGES = "x"
"""Name of the images, both as an array and as an input of layers."""
L = TypeVar("L", bound=Layer)


@dataclass(frozen=True, slots=True)
class Wired:
    """A layer that has been lowered.

    Parameters
    ----------
    layer : Layer
    reads : tuple of str
        Names of the layers that it reads; ``x`` for the images.
    inputs : tuple of str
        Their output arrays.
    output : str
        Its own output array.
    """

    layer: AnyLayer
    reads: tuple[str, ...]
    inputs: tuple[str, ...]
    output: str


def reads_of(layers: Sequence[AnyLayer]) -> tuple[tuple[str, ...], ...]:
    """For every layer of a named design, the names of what it reads: layers (which may not exist), or ``x``."""
    before = (IMAGES, *(layer.name for layer in layers))
    return tuple(tuple(name or before[at] for name in layer.sources) for at, layer in enumerate(layers))


def links_of(layers: Sequence[AnyLayer]) -> tuple[tuple[int, int], ...]:
    """Every link of a named design: numbers of the layer that is read (-1: the images) and of the one that reads it.

    Names that no earlier layer has are left out.
    """
    numbers = {IMAGES: -1}
    found: list[tuple[int, int]] = []
    for at, names in enumerate(reads_of(layers)):
        found += [(numbers[name], at) for name in dict.fromkeys(names) if name in numbers]
        numbers[layers[at].name] = at
    return tuple(found)


def is_chain(layers: Sequence[AnyLayer]) -> bool:
    """Whether every layer of a named design reads the one before, and nothing else."""
    before = (IMAGES, *(layer.name for layer in layers))
    return all(names == (one,) for names, one in zip(reads_of(layers), before, strict=False))


def unread(layers: Sequence[AnyLayer]) -> tuple[int, ...]:
    """Numbers of the layers that the last layer's output does not depend on."""
    needed = needed_by(layers, len(layers) - 1)
    return tuple(at for at in range(len(layers)) if at not in needed)


def needed_by(layers: Sequence[AnyLayer], at: int) -> frozenset[int]:
    """Numbers of the layers that layer ``at`` is computed from, its own included."""
    before: dict[int, list[int]] = {}
    for source, to in links_of(layers):
        before.setdefault(to, []).append(source)
    found: set[int] = set()
    ahead = [at]
    while ahead:
        here = ahead.pop()
        if here >= 0 and here not in found:
            found.add(here)
            ahead += before.get(here, [])
    return frozenset(found)


def is_cut(layers: Sequence[AnyLayer], at: int) -> bool:
    """Whether every layer after layer ``at`` is computed from its output alone."""
    return all(source >= at for source, to in links_of(layers) if to > at)


def readers_of(layers: Sequence[AnyLayer], at: int) -> tuple[int, ...]:
    """Numbers of the layers that read layer ``at``."""
    return tuple(to for source, to in links_of(layers) if source == at)


def part_for(layers: Sequence[AnyLayer], at: int) -> tuple[AnyLayer, ...]:
    """Only the layers that layer ``at`` is computed from, and itself as the last one."""
    needed = needed_by(layers, at)
    reads = reads_of(layers)
    made: list[AnyLayer] = []
    for number in sorted(needed):
        before = made[-1].name if made else IMAGES
        layer = layers[number]
        stays = tuple(name or before for name in layer.sources) == reads[number]
        made.append(layer if stays else reading(layer, reads[number]))
    return tuple(made)


def reading(layer: L, names: Sequence[str]) -> L:
    """The layer with other inputs; a layer that takes a single input gets the name, not a tuple."""
    single = layer.takes == (1, 1) and len(names) == 1
    return replace(layer, input=names[0] if single else tuple(names))


def lower_layers(build: Builder, design: Design, x: str) -> Iterator[Wired]:
    """Emit the forward steps of a named design, layer by layer.

    Raises
    ------
    ShapeError
        A layer's input does not exist, comes later, or does not fit; the message names the layer.
    """
    made = {IMAGES: x}
    for layer, names in zip(design.layers, reads_of(design.layers), strict=True):
        check_reads(layer, names, made, design)
        inputs = tuple(made[name] for name in names)
        with build.at(Phase.FORWARD, layer.name):
            made[layer.name] = layer.lower(build, *inputs)
        yield Wired(layer, names, inputs, made[layer.name])


def image_source(build: Builder, design: Design) -> str:
    """Declare the images of a design."""
    image = design.input
    return build.source(IMAGES, (build.batch, image.channels, image.height, image.width), Role.INPUT, MAPS)


def wired(design: Design, *, train: bool = False) -> dict[str, Wired]:
    """Every layer of a named design, by name, with the arrays that it reads and makes.

    Raises
    ------
    ShapeError
        As :func:`lower_layers`.
    """
    build = Builder(1, train=train)
    return {one.layer.name: one for one in lower_layers(build, design, image_source(build, design))}


def check_reads(layer: AnyLayer, names: Sequence[str], made: dict[str, str], design: Design) -> None:
    """Refuse inputs that don't exist or come later, and more or fewer inputs than the layer takes."""
    fewest, most = layer.takes
    if not fewest <= len(names) <= most:
        wanted = "one input" if most == 1 else f"{fewest} inputs or more" if len(names) < fewest else f"at most {most}"
        got = "none" if not names else f"{len(names)}: {', '.join(names)}" if len(names) <= 4 else str(len(names))
        raise ShapeError(f"{layer.name}: expected {wanted}, got {got}", layer=layer.name, field="input")
    for name in names:
        if name in made:
            continue
        later = any(other.name == name for other in design.layers)
        why = f"{name}, which comes later" if later else f"{name}, which isn't there"
        why = "itself" if name == layer.name else why
        raise ShapeError(
            f"{layer.name}: expected to read a layer above it, or x for the images, got {why}",
            layer=layer.name,
            field="input",
        )


def check_all_read(design: Design) -> None:
    """Refuse layers that the scores don't depend on: they would compute for nothing, and could not learn.

    Raises
    ------
    UnreadError
        Naming the last of them.
    """
    found = unread(design.layers)
    if found:
        name = design.layers[found[-1]].name
        raise UnreadError(f"{name}: expected a layer that reads it, got none", layer=name)
