"""Words for times, counts and spans."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from convviz.plurals import counted as counted  # for all who have words of this module


def duration(seconds: float) -> str:
    """``3:22``, ``1:04:09``; ``–`` where it is not known."""
    if not 0 <= seconds < 1e7:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def left_of(done: int, total: int, seconds: float) -> str:
    """`` · 12 s left``: how long the rest takes if it goes on as so far; empty before that can be told."""
    if not 0 < done < total or seconds < 0.5:
        return ""
    left = seconds * (total - done) / done
    return f" · {left:.0f} s left" if left < 100 else f" · {duration(left)} left"


def count(number: float) -> str:
    """``46,900``."""
    return f"{round(number):,}"


def place(epoch: int, step: int) -> str:
    """``epoch 3, step 2,871``: the position of a run."""
    return f"epoch {epoch}, step {count(step)}"


def with_article(name: str) -> str:
    """``a 2``, ``an 8``, ``an 11``, ``an ankle boot``: by how the name begins when it is said."""
    said = name.strip().lower()
    if said[:1].isdigit():
        digits = said.split()[0].split(".")[0].replace(",", "")
        is_vowel = digits[:1] == "8" or (digits[:2] in ("11", "18") and len(digits) % 3 == 2)
    else:
        is_vowel = said[:1] in tuple("aeiou") and not said.startswith(("uni", "use", "eu", "one"))
    return f"{'an' if is_vowel else 'a'} {name}"


def all_of(number: int, noun: str, plural: str = "") -> str:
    """``all 3 rows``; ``the one row``."""
    return f"the one {noun}" if number == 1 else f"all {counted(number, noun, plural)}"


def all_done(epochs: int, of: str = "") -> str:
    """``all 3 epochs are done``, ``the one epoch of model.h5 is done``."""
    return f"{all_of(epochs, 'epoch')}{of and ' of '}{of} {'is' if epochs == 1 else 'are'} done"


def lines(numbers: Sequence[int], noun: str) -> str:
    """``row 3``, ``rows 3–6``, ``rows 0, 2 and 4``, ``rows 0–12 in steps of 4``: where something lies on an axis."""
    found = sorted({int(number) for number in numbers})
    if len(found) == 1:
        return f"{noun} {found[0]}"
    steps = {after - before for before, after in pairwise(found)}
    if steps == {1}:
        return f"{noun}s {found[0]}–{found[-1]}"
    if len(found) > 3 and len(steps) == 1:
        return f"{noun}s {found[0]}–{found[-1]} in steps of {steps.pop()}"
    return f"{noun}s {', '.join(map(str, found[:-1]))} and {found[-1]}"
