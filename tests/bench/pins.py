"""What pinned numbers cost: minibatches of a preset with none, and with three; interleaved, medians.

``python -m tests.bench.pins [preset] [--rounds 15] [--steps 20]``

On one thread; processor time says more than time where the machine does other things too.
"""

from __future__ import annotations

import argparse
import random
import time
from statistics import median

import numpy as np
from msgspec.structs import replace

from convviz.core.design import Design
from convviz.run.breakpoints.watcher import Watcher
from convviz.run.pins.meter import PinMeter
from convviz.run.pins.pin import Pin
from convviz.storage.presets import preset
from convviz.training.events import MinibatchDone
from convviz.training.images import Split
from convviz.training.trainer import Trainer

PINS = ("norm(conv1.weight)", "mean(abs(conv1.d_weight))", "conv1.weight[0, 0, 1, 1]")


class Run:
    """A run that trains on and on, with its pins.

    Parameters
    ----------
    design : Design
    images : Split
    pins : tuple of str
    """

    def __init__(self, design: Design, images: Split, pins: tuple[str, ...]) -> None:
        self.trainer = Trainer(design, images, images.first(64), threads=1)
        self.measured = 0
        self.watcher = Watcher(meter=PinMeter(self._count))
        self.watcher.follow(self.trainer)
        self.watcher.set_pins(Pin(number, text) for number, text in enumerate(pins, 1))
        self._events = self.trainer.run()

    def _count(self, _: object) -> None:
        self.measured += 1

    def spell(self, steps: int) -> tuple[float, float]:
        """Train so many minibatches; time and processor time of one."""
        began, cpu, done = time.perf_counter(), time.process_time(), 0
        while done < steps:
            if isinstance(next(self._events), MinibatchDone):
                done += 1
                self.watcher.passed()
        return (time.perf_counter() - began) / steps, (time.process_time() - cpu) / steps


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset", nargs="?", default="course-7x7")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--steps", type=int, default=20)
    given = parser.parse_args()
    design = preset(given.preset).named()
    design = replace(design, training=replace(design.training, train_size=None, test_size=None, epochs=1000))
    image, rng = design.input, np.random.default_rng(0)
    images = rng.random((3200, image.channels, image.height, image.width), np.float32)
    split = Split(images, rng.integers(0, design.classes, len(images)))
    runs = {"none": Run(design, split, ()), "pins": Run(design, split, PINS)}
    for run in runs.values():
        run.spell(given.steps)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for _ in range(given.rounds):
        for name in random.sample(list(runs), 2):
            found[name].append(runs[name].spell(given.steps))
    (time_none, used_none), (time_pins, used_pins) = (map(median, zip(*found[name], strict=True)) for name in runs)
    took, used = 100 * (time_pins / time_none - 1), 100 * (used_pins / used_none - 1)
    steps, measured = runs["pins"].trainer.position.step, runs["pins"].measured
    print(f"{given.preset}, {len(PINS)} pins: {took:+.1f} % time, {used:+.1f} % processor time")
    print(f"  medians of {given.rounds} × {given.steps} minibatches; something was measured in {measured} of {steps}")


if __name__ == "__main__":
    main()
