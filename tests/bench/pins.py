"""What pinned numbers cost: minibatches of a preset with none, and with three; in turns, medians and quartiles.

``python -m tests.bench.pins [preset] [--pairs 60] [--steps 16]``

On one thread; processor time says more than time where the machine does other things too, and the processor time of the
measuring itself more than both.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
from msgspec.structs import replace

from convviz.core.design import Design
from convviz.run.breakpoints.watcher import Watcher
from convviz.run.pins.meter import PinMeter
from convviz.run.pins.pin import Pin
from convviz.storage.presets import preset
from convviz.training.events import MinibatchDone
from convviz.training.images import Split
from convviz.training.pass_done import PassDone
from convviz.training.trainer import Trainer
from tests.bench.pairs import in_turns, skip_evaluation

PINS = ("norm(conv1.weight)", "mean(abs(conv1.d_weight))", "conv1.weight[0, 0, 1, 1]")


class TimedWatcher(Watcher):
    """Knows the processor time that it takes.

    Attributes
    ----------
    took : float
    measured : int
        Minibatches in which it was asked.
    """

    took, measured = 0.0, 0

    def holds(self, done: PassDone) -> bool:
        """Measure what is due."""
        began = time.thread_time()
        found = super().holds(done)
        self.took += time.thread_time() - began
        self.measured += 1
        return found


class Run:
    """A run that trains on and on, with pins or without.

    Parameters
    ----------
    design : Design
    images : Split
    steps : int
        Of a spell.

    Attributes
    ----------
    cpu : float
        Processor time of spells with pins.
    """

    def __init__(self, design: Design, images: Split, steps: int) -> None:
        self.trainer = Trainer(design, images, images.first(64), threads=1)
        self.watcher = TimedWatcher((), [].append, meter=PinMeter())
        self.watcher.follow(self.trainer)
        self._events, self._steps, self.cpu, self.pinned = self.trainer.run(), steps, 0.0, 0
        self.watcher.set_pins(Pin(number, text) for number, text in enumerate(PINS, 1))
        for _ in range(4):
            self.without()

    def ready(self) -> None:
        """Get to a place where a spell has no evaluation in it."""
        self.trainer.holds = None
        skip_evaluation(self.trainer, self._events, self._steps)

    def without(self) -> int:
        """Train so many minibatches, and measure nothing."""
        self.trainer.holds = None
        return self._train(lambda: None)

    def with_pins(self) -> int:
        """Train so many minibatches, and measure what is due."""
        began = time.process_time()
        self.watcher.passed()
        steps = self._train(self.watcher.passed)
        self.cpu += time.process_time() - began
        self.pinned += steps
        return steps

    def _train(self, passed: Callable[[], object]) -> int:
        done = 0
        while done < self._steps:
            if isinstance(next(self._events), MinibatchDone):
                done += 1
                passed()
        return done


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset", nargs="?", default="course-7x7")
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--steps", type=int, default=16)
    given = parser.parse_args()
    design = preset(given.preset).named()
    design = replace(design, training=replace(design.training, train_size=None, test_size=None, epochs=1000))
    image, rng = design.input, np.random.default_rng(0)
    images = rng.random((12_800, image.channels, image.height, image.width), np.float32)
    split = Split(images, rng.integers(0, design.classes, len(images)))
    run = Run(design, split, given.steps)
    took, cpu = in_turns(run.without, run.with_pins, given.pairs, run.ready)
    watcher = run.watcher
    print(f"{given.preset}, {len(PINS)} pins: {took} time, {cpu} processor time; medians and quartiles")
    print(f"  of {given.pairs} pairs of {given.steps} minibatches; asked in {watcher.measured} of {run.pinned}")
    each = 1e6 * watcher.took / max(watcher.measured, 1)
    print(f"  measuring itself: {100 * watcher.took / run.cpu:.2f} % of the processor time, {each:.0f} µs each time")


if __name__ == "__main__":
    main()
