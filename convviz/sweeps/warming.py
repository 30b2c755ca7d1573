"""A process with imports done and a design's kernels loaded, from which local workers are forked.

A worker that is started from nothing imports Dask and convviz and loads some eighty compiled kernels, a second or two
of processor time, for each worker and each time one is replaced. Here that is done once, by the fork server of
:mod:`multiprocessing`, while the command itself opens the images. To load the right kernels, a few minibatches of the
design are trained on images of zeros.

Only on Linux: elsewhere a process with the system's libraries of linear algebra can't be forked safely, and workers
are started from nothing.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from convviz.core.design import Design

__all__ = ["METHOD", "begin", "begin_with", "warm"]

METHOD = "forkserver" if sys.platform == "linux" else "spawn"
"""Start method of :mod:`multiprocessing`."""
PRELOADED = ("convviz.sweeps.preloaded",)
DESIGN = "CONVVIZ_SWEEP_WARM"
"""The environment variable that tells the fork server the command's process and the design: there is no other way."""
LOOKED_EVERY = 0.1
"""Seconds between two looks at whether the command is still there."""
LONGEST = 100_000
"""Most bytes of a design that is passed there."""


def begin(design: Design) -> None:
    """Start the process, if there is none yet; it gets ready in parallel with this one."""
    from convviz.storage.designs import write_design

    begin_with("text", write_design(design))


def begin_with(kind: Literal["text", "file", "preset"], what: str) -> None:
    """Start the process before the design is final, from TOML, a file, or a preset's name.

    Which kernels are needed is decided by the kinds of layers alone, so a changed design costs time and nothing else.
    Nothing happens where Dask is missing, or processes aren't forked.
    """
    if METHOD != "forkserver" or importlib.util.find_spec("distributed") is None:
        return
    from multiprocessing import forkserver  # not on every system

    text = f"{os.getpid()} {kind} {what}"
    before = os.environ.get(DESIGN)
    if len(text) < LONGEST:
        os.environ[DESIGN] = text
    try:
        multiprocessing.get_context(METHOD).set_forkserver_preload(list(PRELOADED))
        with deaf_to_interruptions():
            forkserver.ensure_running()
    finally:
        os.environ.pop(DESIGN, None)
        if before is not None:
            os.environ[DESIGN] = before


@contextlib.contextmanager
def deaf_to_interruptions() -> Iterator[None]:
    """Processes that are started in the block, and those that they start, ignore Ctrl+C.

    In a terminal it reaches all processes of a command, but only the command decides what becomes of the workers.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def get_ready() -> None:
    """Get ready in the fork server."""
    gc.disable()  # nearly everything made here stays: collecting garbage would take a fifth of the time
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent, kind, what = [*os.environ.pop(DESIGN, "").split(" ", 2), "", "", ""][:3]
    # Whatever is wrong, a worker meets it again, where it can be reported.
    with contextlib.suppress(Exception), ending_with(int(parent)):
        import distributed.nanny  # noqa: F401 (so that it is there)

        warm(design_from(kind, what))
    # Workers share this memory as long as their garbage collectors don't touch it.
    gc.freeze()
    gc.enable()


@contextlib.contextmanager
def ending_with(parent: int) -> Iterator[None]:
    """End this process if its parent ends during the block; the fork server notices that only once it is ready."""

    def look(*_: object) -> None:
        if os.getppid() != parent:
            os._exit(1)

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, LOOKED_EVERY, LOOKED_EVERY)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def design_from(kind: str, what: str) -> Design:
    """The design that is meant.

    Raises
    ------
    DesignError
        There is none.
    """
    from convviz.storage.designs import load_design, read_design
    from convviz.storage.presets import preset

    if kind == "preset":
        return preset(what)
    return load_design(Path(what)) if kind == "file" else read_design(what)


def warm(design: Design) -> None:
    """Train a few minibatches of a design, recorded, so that all that a run needs is loaded."""
    import numpy as np
    from msgspec.structs import replace

    from convviz.data.dataset import Dataset
    from convviz.storage.designs import write_design
    from convviz.sweeps.images import ArrivedImages
    from convviz.sweeps.stage import SweepStage, train_stage

    count = 2 * design.training.batch_size + 1
    images = np.zeros((count, design.input.channels, design.input.height, design.input.width), np.float32)
    labels = np.arange(count) % design.classes
    data = Dataset("warming", images, labels, images, labels, design.classes, "")
    training = replace(design.training, epochs=1, train_size=None, test_size=None)
    with tempfile.TemporaryDirectory(prefix="convviz-") as folder:
        text = write_design(replace(design, training=training).named())
        train_stage(SweepStage(1, folder, "warm.cvz", text, until=1, threads=1, topic=""), ArrivedImages(data))
