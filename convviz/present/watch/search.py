"""A search back through the run, as Watch shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SearchLook:
    """The state of a search.

    Parameters
    ----------
    words : str
        What is searched for: ``loss above 2``.
    begin : int
        Minibatch that it began at, going back.
    at : int
        Step down to which the run was searched.
    result : str
        Its result; empty while it goes on.
    """

    words: str
    begin: int
    at: int
    result: str = ""

    @property
    def sentence(self) -> str:
        """One line."""
        if self.result:
            return self.result
        return f"Going back to where {self.words} · searched down to step {self.at:,}"

    @property
    def share(self) -> float:
        """How much of the run is done, 0 … 1."""
        return 1 - self.at / self.begin if self.begin else 1.0
