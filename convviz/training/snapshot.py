"""A moment of a network, as data: what the window shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.execute import execute
from convviz.core.lower import IMAGES, LABELS
from convviz.core.network import Network
from convviz.core.program import Phase, Program
from convviz.training.events import Position
from convviz.training.images import Split


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One image's way through the network as it is at one moment.

    Parameters
    ----------
    design : Design
    program : Program
        The forward program for one image.
    arrays : mapping of str to ndarray
        Every array of that pass in stored form, and copies of the weights.
    gradients : mapping of str to ndarray
        Parameter → its gradient in the last minibatch; empty before the first.
    sample : int
        Which image; ``label`` is its class.
    split : str
        ``"test"`` or ``"training"``.
    position : Position
    """

    design: Design
    program: Program
    arrays: Mapping[str, Array]
    gradients: Mapping[str, Array]
    sample: int
    label: int
    split: str
    position: Position

    def logical(self, name: str) -> Array:
        """An array in its logical shape."""
        return self.program.arrays[name].logical(self.arrays[name])


def take_snapshot(
    network: Network,
    split: Split,
    split_name: str,
    sample: int,
    position: Position,
    gradients: Mapping[str, Array] | None = None,
) -> Snapshot:
    """Run the network forward on one image and keep every array.

    Parameters
    ----------
    network : Network
        Its weights are copied: training may go on.
    split : Split
    split_name : str
    sample : int
        Row of the image; the last one where there are fewer.
    position : Position
    gradients : mapping of str to ndarray, optional
    """
    sample = max(0, min(sample, len(split) - 1))
    program = network.program(1, train=False)
    env: dict[str, Array] = {
        name: network.arrays[name].copy() for name in program.sources if not program.arrays[name].batched
    }
    env[IMAGES] = np.ascontiguousarray(split.images[sample : sample + 1], dtype=network.precision)
    env[LABELS] = split.labels[sample : sample + 1]
    for step in execute(program, env, network.precision):
        assert step.phase in (Phase.FORWARD, Phase.LOSS)
    return Snapshot(
        network.design, program, env, gradients or {}, sample, int(split.labels[sample]), split_name, position
    )
