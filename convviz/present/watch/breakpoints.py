"""What Watch shows of the breakpoints of a run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HitLine:
    """One hit in a list.

    Parameters
    ----------
    step : int
        Number of the minibatch, from 1.
    headline : str
        The condition with its number.
    why : str
        One sentence with the numbers around it; may be empty.
    """

    step: int
    headline: str
    why: str = ""

    @property
    def sentence(self) -> str:
        """``Loss 2.542 is above 2: 5.5 times the mean of the last 50 …``."""
        return f"{self.headline}: {self.why}" if self.why else f"{self.headline}."


@dataclass(frozen=True, slots=True)
class BreakpointRow:
    """One breakpoint in the drawer.

    Parameters
    ----------
    number : int
    words : str
        What it waits for, without its value; empty for an expression.
    value : str or None
        The text of its field; None if it has none.
    unit : str
        The unit after the value.
    holds : bool
        Training is held before the update; otherwise the step is only marked.
    is_on : bool
    is_fixed : bool
        It can be neither switched off nor removed.
    tip : str
        More about it, including the cost of watching for it if that is high.
    fault : str
        Why the text of its field can't be used, or doesn't fit the network.
    count : int
        How often it was hit in this run.
    hits : tuple of HitLine
        The last of them, the newest first.
    """

    number: int
    words: str
    value: str | None
    unit: str = ""
    holds: bool = True
    is_on: bool = True
    is_fixed: bool = False
    tip: str = ""
    fault: str = ""
    count: int = 0
    hits: tuple[HitLine, ...] = ()

    @property
    def name(self) -> str:
        """``loss above 5``."""
        return " ".join(part for part in (self.words, self.value or "", self.unit) if part)


@dataclass(frozen=True, slots=True)
class HeldPicture:
    """A breakpoint holds the run, or was hit at the moment on show.

    Parameters
    ----------
    number : int or None
        Of the breakpoint; None for one of the past, which may be gone.
    hit : HitLine
    place : str
        ``held before the update of step 2,827``, or after which epoch.
    can_step : bool
        Whether a minibatch waits for its update.
    """

    number: int | None
    hit: HitLine
    place: str
    can_step: bool


@dataclass(frozen=True, slots=True)
class BreakpointsPicture:
    """All breakpoints, and what they did in this run.

    Parameters
    ----------
    rows : tuple of BreakpointRow
    kinds : tuple of (str, str)
        What can be added: words, and the condition as it is written.
    held : HeldPicture, optional
    fault : str
        Why the last condition that was typed could not be added.
    """

    rows: tuple[BreakpointRow, ...]
    kinds: tuple[tuple[str, str], ...] = ()
    held: HeldPicture | None = None
    fault: str = ""
