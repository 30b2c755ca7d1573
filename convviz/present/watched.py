"""What is watched: which image, and closely which layer, filter and channel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched at one time.

    Parameters
    ----------
    split : str
        ``"test"`` or ``"training"``.
    sample : int
        Row of the image.
    layer : str
        Layer whose filter is shown closely.
    filter, channel : int
    others : tuple of (str, int)
        Split and row of further images, whose answers are wanted.
    """

    split: str = "test"
    sample: int = 0
    layer: str = ""
    filter: int = 0
    channel: int = 0
    others: tuple[tuple[str, int], ...] = ()

    @property
    def image(self) -> tuple[str, int]:
        """Split and row of the image."""
        return self.split, self.sample
