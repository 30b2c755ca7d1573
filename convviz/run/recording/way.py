"""How far a replay has come, for those who wait for its end."""

from __future__ import annotations

from collections.abc import Callable

from convviz.training.events import MinibatchDone

__all__ = ["Told", "on_the_way"]

Told = Callable[[int, int], object]
"""Called with the minibatches that were replayed and with how many are to be."""


def on_the_way(end: int, told: Told) -> Callable[[MinibatchDone], object]:
    """What a replayer is to call with every minibatch on its way to step ``end``."""
    begun: list[int] = []

    def passed(done: MinibatchDone) -> None:
        step = done.position.step
        if not begun:
            begun.append(step - 1)
        told(step - begun[0], end - begun[0])

    return passed
