"""What a measured process and the one that measures tell each other: a page of memory in a file that both map."""

from __future__ import annotations

import mmap
import struct
import time
from pathlib import Path

LAYOUT = struct.Struct("=5qd")
"""Minibatches, pictures, the number of the thread that trains, whether it trains, whether to look how smooth it is;
seconds."""
MINIBATCHES, PICTURES, TRAINER, TRAINS, SMOOTH = range(5)
STOPPED = 40
"""Where the seconds are."""


class Board:
    """The page.

    Parameters
    ----------
    path : Path
        Of the file; it is made where there is none.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(LAYOUT.size))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), LAYOUT.size)

    def __getitem__(self, place: int) -> int:
        found: int = struct.unpack_from("=q", self._memory, 8 * place)[0]
        return found

    def __setitem__(self, place: int, value: int) -> None:
        struct.pack_into("=q", self._memory, 8 * place, value)

    @property
    def stopped(self) -> float:
        """Seconds that the measured process was stopped so far."""
        found: float = struct.unpack_from("=d", self._memory, STOPPED)[0]
        return found

    @stopped.setter
    def stopped(self, seconds: float) -> None:
        struct.pack_into("=d", self._memory, STOPPED, seconds)


def leave_out_stops(board: Board) -> None:
    """Let Python's clocks in this process stand still while it is stopped.

    Otherwise a minibatch or a picture that a stop falls into would seem to take seconds, and whoever learns from that
    how often to draw would learn nonsense. To be called before the package is imported.
    """
    for name in ("perf_counter", "monotonic"):
        clock = getattr(time, name)

        def seconds(clock=clock) -> float:  # type: ignore[no-untyped-def]
            return clock() - board.stopped  # type: ignore[no-any-return]

        setattr(time, name, seconds)
