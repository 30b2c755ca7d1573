"""What a network that was read from a file computes."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Array
from convviz.core.execute import execute
from convviz.core.lower import IMAGES, LABELS, lower
from convviz.core.program import Phase
from convviz.storage.network_state import NetworkState


def scores(state: NetworkState, images: Array) -> Array:
    """What the engine computes of a network, before softmax."""
    program = lower(state.design, len(images), train=False)
    env: dict[str, Array] = {**state.arrays, IMAGES: images, LABELS: np.zeros(len(images), np.int64)}
    wanted = program.phase(Phase.LOSS)[0].inputs[0]
    for step in execute(program, env):
        if step.output == wanted:
            break
    return env[wanted]
