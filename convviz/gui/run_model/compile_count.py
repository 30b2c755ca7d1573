"""How far the compiling of kernels is: one count, whoever compiles them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from convviz.present.progress_words import compiling_words
from convviz.run.messages import CompilingAhead
from convviz.training.events import Compiling

Part = tuple[int, int]
"""How many are done, and of how many."""


@dataclass(frozen=True, slots=True)
class CompileCount:
    """What a run compiles, what is compiled for it in the background, and how far the presets are.

    A run compiles its kernels from the first one on, the background from the last one on, and each counts by itself.
    The count that is shown is that of both: within one wait it never goes back, and neither does its total.

    Parameters
    ----------
    run, ahead : (int, int), optional
        What the run has of its kernels, and the background of those of the design; None while neither compiles.
    presets : (int, int), optional
        Presets whose kernels are compiled, and all of them; nobody waits for these.
    done, total : int
        The count that is shown.
    """

    run: Part | None = None
    ahead: Part | None = None
    presets: Part | None = None
    done: int = 0
    total: int = 0

    def heard(self, message: Compiling | CompilingAhead) -> CompileCount:
        """The count after a message."""
        part = (message.done, message.total) if message.done < message.total else None
        if isinstance(message, Compiling):
            return summed(replace(self, run=part))
        if message.of_presets:
            return replace(self, presets=part)
        return summed(replace(self, ahead=part))

    def run_rests(self) -> CompileCount:
        """The count when the run compiles nothing: it trains, is paused, or has ended."""
        return self if self.run is None else summed(replace(self, run=None))

    @property
    def is_awaited(self) -> bool:
        """Whether kernels are being compiled that a run waits for, or would."""
        return self.run is not None or self.ahead is not None

    @property
    def is_going(self) -> bool:
        """Whether anything is being compiled."""
        return self.is_awaited or self.presets is not None

    @property
    def text(self) -> str:
        """``5 of 18``; empty where nothing is awaited."""
        return f"{self.done} of {self.total}" if self.is_awaited else ""

    @property
    def words(self) -> str:
        """The same for the status line, or how far the presets are; empty where nothing is compiled."""
        if self.is_awaited:
            return f"{compiling_words()}: {self.text}"
        if self.presets is not None:
            return "compiling kernels of the presets for later: {} of {} presets".format(*self.presets)
        return ""


def summed(count: CompileCount) -> CompileCount:
    """The count, with what is shown made from its parts."""
    parts = [part for part in (count.run, count.ahead) if part is not None]
    if not parts:
        return replace(count, done=0, total=0)
    total = max(count.total, *(of for _, of in parts))
    ready = min(total - 1, sum(done for done, _ in parts))
    return replace(count, done=max(count.done, ready), total=total)
