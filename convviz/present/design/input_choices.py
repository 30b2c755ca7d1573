"""What a layer of a design can read: the entries of a list to choose from."""

from __future__ import annotations

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.wiring import IMAGES, reads_of
from convviz.present.design.build_text import written_shape
from convviz.present.design.costs import costs
from convviz.present.design.edits import read_from

__all__ = ["input_choices"]


def input_choices(design: Design, at: int) -> list[tuple[str, str, tuple[str, ...]]]:
    """The entries for one layer: every layer above it, the nearest first, and the images.

    An entry is a name, a description, and the inputs that the layer has once it is chosen. A layer that joins branches
    keeps its others: an entry that it reads already is taken out, another one is added. Entries that would leave too
    few inputs, or too many, are missing.
    """
    layer, reads = design.layers[at], reads_of(design.layers)[at]
    found = costs(design)
    entries = []
    for name in reversed([IMAGES, *(one.name for one in design.layers[:at])]):
        several = layer.takes[1] > 1
        after = _toggled(reads, name) if several else (name,)
        if not layer.takes[0] <= len(after) <= layer.takes[1]:
            continue
        shape = found.shape_of(name, design)
        words = [written_shape(shape)] if shape else []
        if name in reads:
            words.append("read now; choose it to take it out" if several else "read now")
        else:
            words.append("joins the others" if several else "")
            words.append(_trouble(design, at, after))
        title = "the images" if name == IMAGES else name
        entries.append((title, " · ".join(word for word in words if word), after))
    return entries


def _toggled(reads: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(one for one in reads if one != name) if name in reads else (*reads, name)


def _trouble(design: Design, at: int, names: tuple[str, ...]) -> str:
    """Words for a layer that would not fit with these inputs; empty if it would."""
    try:
        made = costs(read_from(design, at, names))
    except DesignError:
        return "does not fit"
    return "does not fit" if made.fault is not None and made.fault == at else ""
