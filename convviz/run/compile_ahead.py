"""The body of a process that compiles kernels, so that no run has to wait for them.

It trains nothing: it makes a trainer for every design and lets it compile what its run would call, into the folder
where the window's own process finds it. Its output is a line for each kernel of the design that had to be made, ``done
total``, then ``ready``, and a line for each preset, ``presets done total``.
"""

from __future__ import annotations

import contextlib
import os
import sys

import msgspec
import numpy as np

from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.core.fast.cache import COMPLETE, kept
from convviz.storage.designs import read_design
from convviz.storage.presets import presets
from convviz.training.images import Split
from convviz.training.trainer import EVALUATION_BATCH, Trainer

READY = "ready"


def main() -> int:
    """Compile for the design that comes as text, then for all presets."""
    with contextlib.suppress(ConvvizError, MemoryError):  # running it will report what is wrong
        compile_for(read_design(sys.stdin.read()))
    tell(READY)
    if hasattr(os, "nice"):
        os.nice(10)  # the presets are not waited for
    others = presets()
    tell(f"presets 0 {len(others)}")
    for number, design in enumerate(others, 1):
        with contextlib.suppress(ConvvizError, MemoryError):
            compile_for(design, quietly=True)
        tell(f"presets {number} {len(others)}")
    folder = kept().folder
    if folder is not None:
        (folder / COMPLETE).touch()
    return 0


def compile_for(design: Design, *, quietly: bool = False) -> None:
    """Compile what a run of a design calls, and report it unless ``quietly``.

    It begins at the end: a run of the design that begins meanwhile compiles from the start, and needs half the time.
    """
    whole = msgspec.structs.replace(design.training, train_size=None, test_size=None)
    count = max(whole.batch_size, EVALUATION_BATCH)
    image = design.input
    images = Split(np.zeros((count, image.channels, image.height, image.width), np.float32), np.zeros(count, np.int64))
    with Trainer(msgspec.structs.replace(design, training=whole), images, images) as trainer:
        for event in trainer.compile(last_first=True):
            if not quietly:
                tell(f"{event.done} {event.total}")


def tell(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
