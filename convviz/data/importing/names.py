"""Judges by an array's name whether it has images or labels, and of which part of a data set."""

from __future__ import annotations

import re
from collections.abc import Iterable

from convviz.data.importing.contents import Pair

__all__ = ["Role", "pairs_by_name", "role_of"]

Role = tuple[str, str]
"""Part (``train``, ``test``, ``valid`` or empty) and kind (``images`` or ``labels``)."""

_PARTS = {
    "train": ("train", "training", "trn", "tr"),
    "test": ("test", "testing", "tst", "te", "t10k"),
    "valid": ("val", "valid", "validation", "dev"),
}
_KINDS = {
    "images": ("x", "images", "image", "imgs", "img", "data", "pixels", "features", "inputs", "input", "fimages"),
    "labels": ("y", "labels", "label", "target", "targets", "classes", "class", "answers", "output", "outputs", "lbl"),
}


def words_of(name: str) -> list[str]:
    """A name's words in lower case: ``trainX`` and ``train_set_x`` both contain ``train`` and ``x``."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    found = re.findall(r"[a-z]+|t10k", re.sub(r"[\W_]+", " ", parted).lower())
    words: list[str] = []
    for word in found:
        words += _split(word)
    return words


def _split(word: str) -> list[str]:
    """Split words such as ``xtrain`` or ``testlabels``, which are written without a separator."""
    for part in ("train", "test", "val"):
        for kind in ("x", "y", "images", "labels", "data"):
            if word in (kind + part, part + kind):
                return [part, kind]
    return [word]


def role_of(name: str) -> Role | None:
    """The part and kind of an array, if its name says so."""
    words = words_of(name)
    kind = next((kind for word in reversed(words) for kind, known in _KINDS.items() if word in known), None)
    if kind is None or "list" in words or "names" in words:
        return None
    part = next((part for word in words for part, known in _PARTS.items() if word in known), "")
    return part, kind


def pairs_by_name(names: Iterable[str]) -> dict[str, Pair]:
    """Part → names of images and labels; a part without images is left out.

    ``valid`` takes the place of ``test`` if there is none.
    """
    found: dict[Role, str] = {}
    for name in names:
        role = role_of(name)
        if role is not None:
            found.setdefault(role, name)
    pairs = {part: (found[part, "images"], found.get((part, "labels"))) for part, kind in found if kind == "images"}
    if "train" not in pairs and "" in pairs:
        pairs["train"] = pairs.pop("")
    if "test" not in pairs and "valid" in pairs:
        pairs["test"] = pairs["valid"]
    return {part: pair for part, pair in pairs.items() if part in ("train", "test")}
