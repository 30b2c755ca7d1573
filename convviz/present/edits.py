"""The edits made during a training, by step: the marks on its curves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from convviz.core.design import Design
from convviz.present.run_facts import differences


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing that was edited.

    Parameters
    ----------
    step : int
        The last minibatch before the edit.
    subject : str
        ``learning rate``, ``conv1.weight``.
    before, after : str
        Both values as text; empty for arrays.
    """

    step: int
    subject: str
    before: str = ""
    after: str = ""

    @property
    def sentence(self) -> str:
        """``learning rate 0.01 → 0.05``."""
        return f"{self.subject} {self.before} → {self.after}" if self.after else f"{self.subject} edited"


class Edits:
    """The edits of a run, in order.

    Attributes
    ----------
    revision : int
        Grows with every change of what is shown.
    """

    def __init__(self) -> None:
        self.revision = 0
        self._made: list[Edit] = []

    def add_settings(self, step: int, before: Design, after: Design) -> None:
        """Add a change of live settings, made after this number of minibatches."""
        self._add(Edit(step, one.words, one.run, one.here) for one in differences(before, after))

    def add_weights(self, step: int, names: Iterable[str]) -> None:
        """Add a replacement of arrays, made after this number of minibatches."""
        self._add(Edit(step, name) for name in sorted(names))

    def clear(self) -> None:
        """Forget all edits, because a new run begins."""
        self.revision += 1
        self._made.clear()

    def last_since(self, step: int) -> Edit | None:
        """The last edit at or after a step; None if nothing was edited since."""
        return next((one for one in reversed(self._made) if one.step >= step), None)

    def sentences(self) -> tuple[tuple[int, str], ...]:
        """Each edit's step and sentence."""
        return tuple((one.step, one.sentence) for one in self._made)

    def _add(self, edits: Iterable[Edit]) -> None:
        for edit in edits:
            if edit.step == 0:
                continue  # nothing was trained with the settings before
            self.revision += 1
            same = next((n for n, one in enumerate(self._made) if _is_same(one, edit)), None)
            if same is None:
                self._made.append(edit)
                continue
            # Nothing was trained between the two edits, so they are one: from the first value to the last.
            first = self._made.pop(same)
            if not edit.after or first.before != edit.after:
                self._made.insert(same, replace(first, after=edit.after))


def _is_same(first: Edit, second: Edit) -> bool:
    return (first.step, first.subject) == (second.step, second.subject)
