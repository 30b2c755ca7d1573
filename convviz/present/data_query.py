"""What is searched for among images: ``930``, ``label:4 wrong``, ``p<0.6``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.errors import ConvvizError

__all__ = ["WORDS", "Judged", "Query", "QueryError", "ordered", "parse"]

Rows = npt.NDArray[np.intp]
WORDS = "930 · label:4 · taken:9 · wrong · right · p<0.6 · twice"
"""What can be searched for, by example."""
COMPARISONS: dict[str, Callable[[Array, float], npt.NDArray[np.bool_]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


class QueryError(ConvvizError, ValueError):
    """A word was not understood; the message says which."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What a network says of the images of a split.

    Parameters
    ----------
    taken : ndarray of int64, ``(n,)``
        The most probable class of each image.
    probability : ndarray, ``(n,)``
        Its probability.
    of_label : ndarray, ``(n,)``
        Probability of the class that it is labelled with.
    wrong : ndarray of bool, ``(n,)``
    step : int
        Minibatches that the network had been trained on.
    """

    taken: npt.NDArray[np.int64]
    probability: Array
    of_label: Array
    wrong: npt.NDArray[np.bool_]
    step: int = 0

    @classmethod
    def of(cls, probabilities: Array, labels: npt.NDArray[np.int64], step: int = 0) -> Judged:
        """From the probabilities of all classes, ``(n, classes)``."""
        taken = probabilities.argmax(axis=1).astype(np.int64)
        at = np.arange(len(labels))
        return cls(taken, probabilities[at, taken], probabilities[at, labels], taken != labels, step)


@dataclass(frozen=True, slots=True)
class Query:
    """Understood words.

    Parameters
    ----------
    index : int or None
        The image to go to.
    labels, taken : frozenset of int
        Classes that images are labelled with, or taken for; empty means any.
    wrong : bool or None
    compared : tuple of (str, float)
        Comparisons of the probability of what an image is taken for.
    twice : bool
        Only images that are in the other split too.
    """

    index: int | None = None
    labels: frozenset[int] = frozenset()
    taken: frozenset[int] = frozenset()
    wrong: bool | None = None
    compared: tuple[tuple[str, float], ...] = ()
    twice: bool = False

    @property
    def needs_network(self) -> bool:
        """Whether it asks for what a network says."""
        return bool(self.taken or self.compared) or self.wrong is not None

    def rows(self, labels: npt.NDArray[np.int64], judged: Judged | None, twice: Rows | None = None) -> Rows:
        """The images that fit, in the order of the file.

        Raises
        ------
        QueryError
            It asks for what a network says, and none has said anything.
        """
        if self.needs_network and judged is None:
            raise QueryError("wrong, right, taken: and p need a trained network: train one first")
        keep = np.ones(len(labels), bool)
        if self.labels:
            keep &= np.isin(labels, list(self.labels))
        if judged is not None:
            if self.taken:
                keep &= np.isin(judged.taken, list(self.taken))
            if self.wrong is not None:
                keep &= judged.wrong == self.wrong
            for sign, bound in self.compared:
                keep &= COMPARISONS[sign](judged.probability, bound)
        if self.twice:
            known = np.zeros(len(labels), bool)
            known[[] if twice is None else twice] = True
            keep &= known
        return np.flatnonzero(keep)


def parse(text: str, names: Sequence[str], count: int) -> Query:
    """Understand what was typed.

    Parameters
    ----------
    text : str
    names : sequence of str
        Names of the classes.
    count : int
        Images that there are.

    Raises
    ------
    QueryError
    """
    index: int | None = None
    labels: set[int] = set()
    taken: set[int] = set()
    wrong: bool | None = None
    compared: list[tuple[str, float]] = []
    twice = False
    for word in text.split():
        lower = word.lower()
        if re.fullmatch(r"[0-9][0-9,_]*", word):
            index = int(re.sub("[,_]", "", word)[:18])
            if index >= count:
                raise QueryError(f"{word}: expected an image from 0 to {count - 1:,}")
        elif lower in ("wrong", "right"):
            wrong = lower == "wrong"
        elif lower in ("twice", "duplicate", "duplicates"):
            twice = True
        elif (found := re.fullmatch(r"(label|class|taken)[:=](.+)", lower)) is not None:
            (taken if found[1] == "taken" else labels).update(_classes(word, found[2], names))
        elif (found := re.fullmatch(r"p(<=|>=|<|>)([0-9]*\.?[0-9]+)(%?)", lower)) is not None:
            compared.append((found[1], float(found[2]) / (100 if found[3] else 1)))
        else:
            raise QueryError(f"{word} was not understood. Try {WORDS}")
    return Query(index, frozenset(labels), frozenset(taken), wrong, tuple(compared), twice)


def ordered(rows: Rows, order: str, labels: npt.NDArray[np.int64], judged: Judged | None) -> Rows:
    """Images in another order: ``file``, ``least certain`` or ``by class``."""
    if order == "by class":
        return rows[np.argsort(labels[rows], kind="stable")]
    if order == "least certain" and judged is not None:
        return rows[np.argsort(judged.probability[rows], kind="stable")]
    return rows


def listed_words(split: str, listed: int, total: int, classes: Sequence[str]) -> str:
    """``12 of 2,000 test images of class 4 · Esc shows all``."""
    of = f"{listed:,} of {total:,}" if listed < total else f"{listed:,}"
    kind = "drawings" if split == "drawings" else f"{split} images"
    which = f" of class {', '.join(classes)} · Esc shows all" if classes else ""
    return f"{of} {kind}{which}"


def _classes(word: str, text: str, names: Sequence[str]) -> set[int]:
    lower = [name.lower() for name in names]
    found = set()
    for one in text.split(","):
        if one in lower:
            found.add(lower.index(one))
        elif one.isdecimal() and int(one[:9]) < len(names):
            found.add(int(one[:9]))
        else:
            few = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
            raise QueryError(f"{word}: expected a class, one of {few}")
    return found
