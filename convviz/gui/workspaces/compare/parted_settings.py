"""The settings in which two runs differ where they part: at the loss that shows it, or at the update before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from convviz.core.design import Design
from convviz.present.compare.differences import Difference, differences
from convviz.run.recording.lineage import settings_of_minibatch

__all__ = ["PartedSettings", "parted_settings"]

Settings = Sequence[tuple[int, Design]]
"""Steps with the designs that apply after them."""


@dataclass(frozen=True, slots=True)
class PartedSettings:
    """What differs where two runs part.

    Parameters
    ----------
    fields : tuple of Difference
    titles : tuple of str
        What they are, in a sentence and shorter.
    words : str
        How the step of the settings and that of the loss go together; empty if it is one step.
    """

    fields: tuple[Difference, ...]
    titles: tuple[str, ...]
    words: str = ""


def parted_settings(a: Settings, b: Settings, step: int) -> PartedSettings | None:
    """The settings in which two runs differ where they part; None if they are the same there.

    A learning rate acts on the update, which is made after the loss is known: the loss of the next minibatch is the
    first that shows it. Then the settings are those of that update, one step before.

    Parameters
    ----------
    a, b : sequence of (int, Design)
        The settings of the runs, each with the step after which they apply.
    step : int
        The first minibatch whose losses differ.
    """

    def at(number: int) -> tuple[Difference, ...]:
        return differences(settings_of_minibatch(a, number), settings_of_minibatch(b, number)) if number > 0 else ()

    found = at(step)
    if not found:
        return None
    before, earlier = at(step - 1), at(step - 2)
    new = [one for one in before if one not in earlier]
    if not new or before != found:
        there = f"At step {step:,}"
        return PartedSettings(found, (f"{there} the designs differ in (A → B)", f"{there} they differ in", there))
    there = f"At the update of step {step - 1:,}"
    is_one = len(new) == 1 and new[0].path.startswith("training.optimiser.")
    other = f"another {new[0].name}" if is_one else "other settings"
    return PartedSettings(
        found,
        (f"{there} the designs differ in (A → B)", f"{there} they differ in", f"At update {step - 1:,}"),
        f"The update of step {step - 1:,} is the first with {other}, the loss of step {step:,} "
        "the first that shows it.",
    )
