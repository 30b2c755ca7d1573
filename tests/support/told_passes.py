"""Passes of the zoo for tests of what the Step workspace says of a cell."""

from __future__ import annotations

from functools import cache

import numpy as np
from depth import cases
from engine_zoo import ZOO
from zoo_steps import TOLD

from convviz.core.arrays import Index
from convviz.core.program import Step
from convviz.training.make_pass import make_pass
from convviz.training.stepping import Pass


@cache
def stepped(name: str, passes: int = 1) -> Pass:
    """The last of a few passes in float64, so that what an optimiser remembers is not 0 any more."""
    design = ZOO[name]
    image, draw = design.input, np.random.default_rng(7)
    images = draw.normal(size=(2, image.channels, image.height, image.width))
    labels = np.arange(2) % design.classes
    arrays: dict[str, np.ndarray] = {}
    for number in range(passes):
        run = make_pass(design, arrays, images, labels, step=number, precision=np.float64)
        run.run_to_end()
        arrays |= {old: np.array(run.stored(new)) for old, new in run.program.updates.items()}
    return run


def cells(step: Step, count: int = cases(4)) -> list[Index]:
    size = int(np.prod(step.shape))
    chosen = np.random.default_rng(step.index).permutation(size)[:count].tolist()
    return [tuple(int(i) for i in np.unravel_index(n, step.shape)) for n in chosen] if step.shape else [()]


def remembers(name: str) -> bool:
    """Whether a pass leaves more than weights to the next: then the first pass is another."""
    program = TOLD.program_of(name)
    return bool(set(program.updates) - set(program.parameters))


CASES = [(name, passes) for name in ZOO for passes in (1, 3) if passes == 3 or remembers(name)]
