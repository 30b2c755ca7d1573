"""Edits of a design: each takes a design and returns another one, or raises an error that says why it can't.

An edit may leave layers that don't fit each other, which :func:`convviz.present.design.costs.costs` then explains; it
never leaves a value that the schema does not allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, get_args

import msgspec
from msgspec.structs import fields, replace

from convviz.core.design import RESERVED, Design
from convviz.core.errors import DesignError
from convviz.core.layers import AnyLayer, Dense, Layer
from convviz.core.lower import lower
from convviz.core.optim import AnyOptimiser, Optimiser
from convviz.core.wiring import IMAGES, reading, reads_of, wired
from convviz.present.design.fields import fields_of, normal

__all__ = [
    "add_layer",
    "duplicate_layer",
    "for_data",
    "is_name",
    "layer_kinds",
    "layer_named",
    "live_only",
    "move_layer",
    "optimiser_kinds",
    "read_from",
    "remove_layer",
    "rename_layer",
    "set_field",
    "with_kind",
    "with_live_edits",
]

Path = tuple[str | int, ...]
S = TypeVar("S", bound=msgspec.Struct)


def members(union: Any) -> tuple[type, ...]:
    """The types of a union, in order; for a single type, that type."""
    return get_args(union) or (union,)


def layer_kinds() -> tuple[type[Layer], ...]:
    """Every kind of layer."""
    return members(AnyLayer)


def optimiser_kinds() -> tuple[type[Optimiser], ...]:
    """Every kind of optimiser."""
    return members(AnyOptimiser)


def layer_named(design: Design, name: str) -> int:
    """Number of the layer with that name.

    Raises
    ------
    DesignError
        There is none.
    """
    for number, layer in enumerate(design.layers):
        if layer.name == name:
            return number
    raise DesignError(f"{design.name}: expected a layer named {name!r}, found none")


def add_layer(design: Design, layer: Layer | type[Layer], at: int | None = None) -> Design:
    """Insert a layer before number ``at``, or at the end; it gets the first free name of its kind.

    If the layer below joins branches and names the layer above among them, it reads the new layer instead. A new layer
    that joins branches reads the layer above and the nearest earlier one that fits.
    """
    made = layer() if isinstance(layer, type) else layer
    layers: list[Any] = list(design.layers)
    at = len(layers) if at is None else at
    made = replace(made, name=free_name(design, made.stem))
    if made.takes[0] > 1 and made.sources == type(made)().sources:
        made = reading(made, _branches(design, at, made))
    elif at < len(layers) and layers[at].takes[0] > 1 and at and made.sources == ("",):
        above = layers[at - 1].name
        layers[at] = _renamed(layers[at], above, made.name)
    layers.insert(at, made)
    return _with_layers(design, layers)


def _branches(design: Design, at: int, layer: Layer) -> tuple[str, ...]:
    """What a new layer that joins branches reads: the layer above it, and the nearest earlier one that fits."""
    names = (IMAGES, *(one.name for one in design.layers[:at]))
    others = names[-2::-1]
    for name in others:
        made = reading(layer, (names[-1], name))
        try:
            wired(replace(design, layers=(*design.layers[:at], made)))
        except DesignError:
            continue
        return names[-1], name
    return (names[-1], *others[:1])


def remove_layer(design: Design, at: int) -> Design:
    """Remove a layer; the others keep their names. Layers that read it now read its first input."""
    gone = design.layers[at]
    reads = reads_of(design.layers)[at]
    instead = reads[0] if reads else IMAGES
    layers = [_renamed(one, gone.name, instead) for number, one in enumerate(design.layers) if number != at]
    above = layers[at - 1].name if at else IMAGES
    if at < len(layers) and "" in layers[at].sources and instead != above:
        # The layer below names no input, and so read the one that is gone.
        layers[at] = reading(layers[at], tuple(name or instead for name in layers[at].sources))
    return _with_layers(design, layers)


def duplicate_layer(design: Design, at: int) -> Design:
    """Insert a copy of a layer below it, with a new name; the copy reads the original."""
    layer = design.layers[at]
    return add_layer(design, reading(layer, ("",)) if layer.takes == (1, 1) else layer, at + 1)


def read_from(design: Design, at: int, names: Sequence[str]) -> Design:
    """Choose what a layer reads: names of layers, ``x`` for the images; empty is the layer before.

    Raises
    ------
    DesignError
        A name isn't that of a layer above it, or the layer takes more inputs or fewer.
    """
    layer = design.layers[at]
    above = [one.name for one in design.layers[:at]]
    known = {"", IMAGES, *above}
    wrong = next((name for name in names if name not in known), None)
    if wrong is not None:
        there = ", ".join([IMAGES, *above])
        raise DesignError(f"input: expected a layer above it ({there}), got “{wrong}”", layer=layer.name, field="input")
    fewest, most = layer.takes
    if not fewest <= len(names) <= most:
        wanted = "one input" if most == 1 else f"{fewest} inputs or more"
        raise DesignError(f"input: expected {wanted}, got {len(names) or 'none'}", layer=layer.name, field="input")
    before = above[-1] if above else IMAGES
    if most == 1 and names[0] == before:
        names = ("",)
    return set_field(design, ("layers", at, "input"), reading(layer, names).input)


def _renamed(layer: AnyLayer, old: str, new: str) -> AnyLayer:
    """The layer, reading ``new`` wherever it named ``old``."""
    if old not in layer.sources:
        return layer
    return reading(layer, tuple(new if name == old else name for name in layer.sources))


def move_layer(design: Design, at: int, to: int) -> Design:
    """Move a layer so that it is number ``to`` afterwards."""
    layers = list(design.layers)
    layers.insert(to, layers.pop(at))
    return _with_layers(design, layers)


def rename_layer(design: Design, at: int, name: str) -> Design:
    """Give a layer another name.

    Raises
    ------
    DesignError
        The name is not made of letters, digits, - and _, or is taken.
    """
    name = name.strip()
    here = design.layers[at].name
    if not is_name(name):
        raise DesignError(f"name: expected up to 40 letters, digits, - and _, got “{name}”", layer=here, field="name")
    if any(layer.name == name for number, layer in enumerate(design.layers) if number != at):
        raise DesignError(f"name: expected one that no other layer has, got “{name}”", layer=here, field="name")
    renamed = set_field(design, ("layers", at, "name"), name)
    return _with_layers(renamed, [_renamed(layer, here, name) for layer in renamed.layers])


def is_name(name: str) -> bool:
    """Whether a layer may have this name."""
    return name.replace("_", "").replace("-", "").isalnum() and len(name) <= 40 and name not in RESERVED


def free_name(design: Design, stem: str) -> str:
    """The first of stem1, stem2 … that is not taken."""
    taken = {layer.name for layer in design.layers}
    number = 1
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"


def set_field(design: Design, path: Path, value: Any) -> Design:
    """Set one field, anywhere in the design.

    Parameters
    ----------
    design : Design
    path : tuple
        Such as ``("layers", 2, "kernel")`` or ``("training", "optimiser", "lr")``.
    value
        A pair of two equal numbers becomes that number.

    Raises
    ------
    DesignError
        The schema has no such field or does not allow the value; ``field`` is the last part of the path.
    """
    made = _set(design, path, value)
    assert isinstance(made, Design)
    return made


def for_data(design: Design, shape: tuple[int, int, int] | None = None, classes: int | None = None) -> Design:
    """The design for other images, ``(C, H, W)``, and another number of classes.

    The last dense layer gets a unit for each class if it had one for each before.
    """
    if shape is not None:
        channels, height, width = shape
        design = replace(design, input=replace(design.input, channels=channels, height=height, width=width))
    if classes is None:
        return design
    layers = list(design.layers)
    for at in reversed(range(len(layers))):
        layer = layers[at]
        if isinstance(layer, Dense):
            if layer.units == design.classes:
                layers[at] = replace(layer, units=classes)
            break
    names = design.class_names if classes == design.classes else ()
    return replace(design, layers=tuple(layers), classes=classes, class_names=names)


def with_kind(old: msgspec.Struct, kind: type[msgspec.Struct]) -> msgspec.Struct:
    """Change to another kind of optimiser (or schedule); edits in fields that both have are carried over."""
    if type(old) is kind:
        return old
    known = {field.name for field in fields(kind)}
    carried = {
        field.name: getattr(old, field.name)
        for field in fields(old)
        if field.name in known and getattr(old, field.name) != field.default
    }
    try:
        return kind(**carried)
    except TypeError:
        return kind()


def _with_layers(design: Design, layers: list[Any]) -> Design:
    return replace(design, layers=tuple(layers))


def _set(value: Any, path: Path, new: Any) -> Any:
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        if not 0 <= first < len(value):
            raise DesignError(f"expected a layer from 1 to {len(value)}, got {first + 1}")
        return (*value[:first], _set(value[first], rest, new), *value[first + 1 :])
    known = {field.name: field for field in fields(value)}
    if first not in known:
        raise DesignError(f"{first}: expected one of {', '.join(known)}", field=str(first))
    if rest:
        return replace(value, **{first: _set(getattr(value, first), rest, new)})
    try:
        found = msgspec.convert(msgspec.to_builtins(normal(new)), known[first].type)
    except (msgspec.ValidationError, TypeError) as error:
        raise DesignError(f"{first}: {error}", field=first) from None
    return replace(value, **{first: found})


def live_only(before: Design, after: Design) -> bool:
    """Whether two designs differ only in settings that apply while training runs.

    The optimiser must also keep the same arrays between two minibatches: RMSProp's momentum, for example, can't start
    in the middle of a run.
    """
    if before == after or _without_live(before) != _without_live(after):
        return False
    try:
        return set(lower(before, 1).sources) == set(lower(after, 1).sources)
    except DesignError:
        return False


def with_live_edits(running: Design, before: Design, after: Design) -> Design:
    """The design of a run, with the live settings that an edit changed in another design.

    A new learning rate reaches the run even while another edit waits for the next run.

    Parameters
    ----------
    running : Design
        Design of the run; returned unchanged if nothing can be taken over.
    before, after : Design
        The designs before and after an edit; the optimiser's settings are taken over if the run has the same optimiser.
    """
    if not live_only(before, after):
        return running
    old, new = before.training, after.training
    training = _with_changes(running.training, old, new, but=("optimiser",))
    if type(training.optimiser) is type(new.optimiser) is type(old.optimiser):
        training = replace(training, optimiser=_with_changes(training.optimiser, old.optimiser, new.optimiser))
    made = replace(running, training=training)
    return made if live_only(running, made) else running


def _with_changes(to: S, before: msgspec.Struct, after: msgspec.Struct, but: Path = ()) -> S:
    names = [field.name for field in fields(after) if field.name not in but]
    changed = {name: getattr(after, name) for name in names if getattr(before, name) != getattr(after, name)}
    return replace(to, **changed)


def _without_live(design: Design) -> Design:
    """The design with every live setting, and its name and description, at the default."""
    training = design.training
    for spec in fields_of(type(training)):
        if spec.words.live:
            training = replace(training, **{spec.name: spec.default})
    optimiser = training.optimiser
    known = {field.name: field for field in fields(optimiser)}
    for spec in fields_of(type(optimiser)):
        if spec.words.live:
            optimiser = replace(optimiser, **{spec.name: known[spec.name].default})
    return replace(design, name="", about="", training=replace(training, optimiser=optimiser))
