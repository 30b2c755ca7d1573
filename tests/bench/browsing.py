"""Frames a second while 60,000 images are scrolled in the Data workspace: page by page, and by the wheel.

python tests/bench/browsing.py [--side 28]
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from convviz.gui.app import application
from convviz.gui.workspaces.data.image_grid import ImageGrid
from convviz.present.data_query import Judged
from convviz.training.images import Split

IMAGES, FRAMES = 60_000, 300


def main() -> None:
    """Print the median and the 95th percentile of a frame, for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, action="append", help="pixels of an image (28, 56, 112)")
    sides = parser.parse_args().side or [28, 56, 112]
    app = application("light")
    rng = np.random.default_rng(0)
    few = rng.random((600, 1, 28, 28), np.float32)
    images = np.concatenate([few] * (IMAGES // len(few)))
    labels = rng.integers(0, 10, IMAGES)
    grid = ImageGrid()
    grid.resize(860, 620)
    grid.show()
    grid.set_images(Split(images, labels), np.arange(IMAGES), tuple("0123456789"))
    grid.set_judged(Judged.of(rng.dirichlet(np.ones(10), IMAGES), labels))
    for side in sides:
        grid.set_side(side)
        for name, way in (("by the wheel", 60), ("page by page", 997)):
            times = scroll(app, grid, way)
            median, worst = statistics.median(times), sorted(times)[int(0.95 * len(times))]
            print(f"{side:>4} px {name:<13} {1 / median:6.0f} frames/s, p95 {1e3 * worst:.1f} ms")


def scroll(app: QApplication, grid: ImageGrid, way: int) -> list[float]:
    """Seconds of each frame."""
    bar, times = grid.verticalScrollBar(), []
    for frame in range(FRAMES):
        began = time.perf_counter()
        bar.setValue((frame * way) % max(1, bar.maximum()))
        app.processEvents()
        grid.viewport().repaint()
        times.append(time.perf_counter() - began)
    return times


if __name__ == "__main__":
    main()
