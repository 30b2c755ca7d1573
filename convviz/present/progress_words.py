"""How far a run is, or what the window waits for, in ever fewer words."""

from __future__ import annotations

from collections.abc import Sequence

from convviz.core.fast import not_kept
from convviz.present.words import count, counted

__all__ = ["busy_forms", "busy_sentence", "compiling_sentence", "compiling_words", "run_forms"]


def run_forms(
    epochs: tuple[int, int], steps: tuple[int, int], ends: Sequence[str], *, is_running: bool
) -> tuple[str, ...]:
    """``epoch 2/3  step 900/2,346  2,100 img/s  1:20 left``, and shorter.

    Parameters
    ----------
    epochs, steps : (int, int)
        Where the run is, and how many there are.
    ends : sequence of str
        The last parts.
    is_running : bool
        Whether the epoch alone says enough.
    """
    epoch, step = f"epoch {epochs[0]}/{epochs[1]}", f"step {count(steps[0])}/{count(steps[1])}"
    forms = [[epoch, step, *ends], [epoch, *ends], [epoch, *ends[-1:]]]
    if is_running:
        forms.append([epoch])
    return tuple("  ".join(parts) for parts in forms)


def compiling_words() -> str:
    """``compiling kernels, first time only``; otherwise where machine code can't be kept (Help says why)."""
    return f"compiling kernels, {'as at every start' if not_kept() else 'first time only'}"


def compiling_sentence(done: str) -> str:
    """The same as a sentence: ``Kernels are being compiled, the first time only: 5 of 18.``"""
    return f"Kernels are being compiled, {'as at every start' if not_kept() else 'the first time only'}: {done}."


def busy_forms(what: str, done: int, total: int) -> tuple[str, ...]:
    """What is being opened and its progress, in full and shorter: ``Opening the run small of 14:02 … 40 %``."""
    share = f" {100 * done // total} %" if total else ""
    return f"{what} …{share}", f"{what.partition(' ')[0]} …{share}"


def busy_sentence(what: str, done: int, total: int) -> str:
    """The same for a message; the share is in steps of ten, so that it is not spoken again and again."""
    if not total:
        return f"{what} …"
    return f"{what}: {100 * done // total // 10 * 10} % of {counted(total, 'minibatch', 'minibatches')} replayed."
