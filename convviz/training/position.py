"""A position in a pass: a step with some of its micro-steps done, and the moves of a debugger from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StepPosition:
    """A step, and how much of it is done; all steps before it have run.

    Every move returns another position. ``counts`` are the numbers of micro-steps of all steps; no move goes beyond
    them.

    Parameters
    ----------
    step : int
        Index of the step.
    done : int
        Micro-steps of it that are done: 0 before it runs, all of them after.
    inside : bool
        Whether the cursor is among the step's micro-steps.
    """

    step: int = 0
    done: int = 0
    inside: bool = False

    def is_whole(self, counts: Sequence[int]) -> bool:
        """Whether the step is done."""
        return self.done >= counts[self.step]

    def over(self, counts: Sequence[int]) -> StepPosition:
        """Finish the step if it has not run or is being walked; else run the next one."""
        if (self.done == 0 and not self.inside) or (self.inside and not self.is_whole(counts)):
            return self.to(self.step, counts)
        return self.to(min(self.step + 1, len(counts) - 1), counts)

    def into(self, counts: Sequence[int], first: int = 0) -> StepPosition:
        """The next micro-step; after the last one, the first of the next step.

        ``first`` is the micro-step to begin with when entering a step: the first of a map, for example.
        """
        if not self.inside:
            return StepPosition(self.step, min(max(first, 0), counts[self.step] - 1) + 1, inside=True)
        if not self.is_whole(counts):
            return StepPosition(self.step, self.done + 1, inside=True)
        return self if self.step == len(counts) - 1 else StepPosition(self.step + 1, 1, inside=True)

    def out(self, counts: Sequence[int]) -> StepPosition:
        """Finish the step and leave its micro-steps."""
        return self.to(self.step, counts)

    def back(self, counts: Sequence[int]) -> StepPosition:
        """One micro-step back where they are being walked, else one step."""
        if self.inside and self.done > 0:
            return StepPosition(self.step, self.done - 1, inside=True)
        return self.back_over(counts)

    def back_over(self, counts: Sequence[int]) -> StepPosition:
        """The step before; before the first one nothing has run."""
        return self.to(self.step - 1, counts) if self.step > 0 else StepPosition()

    def to(self, step: int, counts: Sequence[int]) -> StepPosition:
        """The position after all of a step.

        Raises
        ------
        IndexError
            There is no such step.
        """
        if not 0 <= step < len(counts):
            raise IndexError(f"the pass has steps 0 to {len(counts) - 1}, not {step}")
        return StepPosition(step, counts[step])

    def scrub(self, done: int, counts: Sequence[int]) -> StepPosition:
        """The same step with ``done`` of its micro-steps done (0 … all)."""
        return StepPosition(self.step, min(max(done, 0), counts[self.step]), inside=True)
