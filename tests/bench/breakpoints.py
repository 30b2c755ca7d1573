"""What breakpoints cost: a minibatch of a preset with none, and with some of each kind; interleaved, medians.

``python -m tests.bench.breakpoints [preset]``
"""

from __future__ import annotations

import sys
import time
from statistics import median

import numpy as np
from msgspec.structs import replace

from convviz.run.breakpoints.condition import Breakpoint
from convviz.run.breakpoints.grammar import read_condition
from convviz.run.breakpoints.watcher import Watcher
from convviz.storage.presets import preset
from convviz.training.events import MinibatchDone
from convviz.training.images import Split
from convviz.training.trainer import Trainer

SETS = {
    "none": (),
    "loss > 1e9": ("loss > 1e9",),
    "gradient norm": ("gradient norm > 1e9",),
    "update ratio": ("update ratio > 1e9",),
    "an expression of gradients": ("max(abs(dense1.d_weight)) > 1e9",),
    "flip": ("watched image flips",),
    "filter dead for 200": ("filter dead for 200",),
    "an expression of activations": ("share(conv1.relu == 0) > 2",),
}
ROUNDS, STEPS = 5, 20


def main(name: str = "course-7x7") -> None:
    """Print each as a multiple of none."""
    design = preset(name).named()
    design = replace(design, training=replace(design.training, train_size=None, test_size=None, epochs=100))
    image, rng = design.input, np.random.default_rng(0)
    images = rng.random((3200, image.channels, image.height, image.width), np.float32)
    split = Split(images, rng.integers(0, design.classes, len(images)))
    took: dict[str, list[float]] = {title: [] for title in SETS}
    with Trainer(design, split, split.first(256)) as trainer:
        watcher = Watcher((), [].append)
        watcher.follow(trainer)
        events = trainer.run()
        for _ in range(ROUNDS):
            for title, texts in SETS.items():
                watcher.set(Breakpoint(number, read_condition(text)) for number, text in enumerate(texts))
                began, done, left_out = time.perf_counter(), 0, 0.0
                while done < STEPS:
                    at = time.perf_counter()
                    if isinstance(next(events), MinibatchDone):
                        done += 1
                    else:
                        left_out += time.perf_counter() - at
                took[title].append((time.perf_counter() - began - left_out) / STEPS)
    base = median(took["none"])
    for title, times in took.items():
        print(f"{title:32} {1e3 * median(times):8.2f} ms  {median(times) / base:6.2f}×")


if __name__ == "__main__":
    main(*sys.argv[1:])
