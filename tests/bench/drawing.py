"""How long drawing takes: ``python tests/bench/drawing.py``. Prints milliseconds; nothing is asserted."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from convviz.gui.theme import Theme
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.curve.view import CurveView
from convviz.gui.widgets.marks import Mark
from convviz.present.colour import colourise, entries
from convviz.present.history import smooth
from convviz.present.series import Series

CANVAS = QImage(1000, 900, QImage.Format.Format_ARGB32_Premultiplied)


def measure(name: str, work: Callable[[int], object], rounds: int = 30) -> None:
    """Run ``work`` with 0, 1, 2 … and print how long it took."""
    work(0)
    times = []
    for number in range(1, rounds + 1):
        start = time.perf_counter()
        work(number)
        times.append((time.perf_counter() - start) * 1e3)
    print(f"{name:<62} {statistics.median(times):7.2f} {max(times):8.2f}")


def view(width: int, height: int, **options: object) -> ArrayView:
    """Return a shown view of a size."""
    made = ArrayView(**options)  # type: ignore[arg-type]
    made.resize(width, height)
    made.show()
    return made


def frozen(array: np.ndarray) -> np.ndarray:
    """Return the array, read-only."""
    array.setflags(write=False)
    return array


def main() -> None:
    """Measure and print."""
    app = QApplication([])
    Theme(app, "light")
    draw = np.random.default_rng(0)
    print(f"{'ms':<62} {'median':>7} {'largest':>8}")

    large = [frozen(draw.normal(size=(49, 36_864)).astype(np.float32)) for _ in range(2)]
    measure("colour table entries of 49×36,864", lambda _: entries(large[0], "gradient", 3.0))
    measure("colourise 49×36,864", lambda _: colourise(large[0], "gradient", False, 3.0))

    wide = view(1000, 300, aspect="free")

    def show_large(number: int) -> None:
        wide.set_picture(large[number % 2], "gradient", 3.0)
        wide.render(CANVAS)

    measure("49×36,864 whole, a new picture each time, 1000×300", show_large)
    measure("49×36,864 whole, painted again", lambda _: wide.render(CANVAS))

    def zoom(number: int) -> None:
        wide.zoom_by(1.2 if number <= 15 else 1 / 1.2, QPointF(500, 150))
        wide.render(CANVAS)

    measure("49×36,864 zooming", zoom)
    for name, factor in (("half", 2), ("a tenth", 10), ("7 px a cell", 250)):
        wide.fit()
        wide.zoom_by(factor)

        def pan(_: int) -> None:
            wide.centre_on(wide.visible_cells().center().x() + wide.visible_cells().width() * 0.01)
            wide.render(CANVAS)

        measure(f"49×36,864 panning, {name} in view", pan)
    measure("49×36,864 not changed (read-only)", lambda _: wide.set_picture(large[0], "gradient", 3.0))

    for shape, role, size in (
        ((32, 24, 24), "preactivation", (460, 240)),
        ((32, 24, 24), "preactivation", (1000, 700)),
        ((32, 7, 7), "weight", (360, 200)),
        ((512, 7, 7), "weight", (600, 400)),
    ):
        tiles = view(*size)
        pictures = [frozen(draw.normal(size=shape).astype(np.float32)) for _ in range(2)]

        def show_tiles(number: int, tiles=tiles, pictures=pictures, role=role) -> None:
            tiles.set_picture(pictures[number % 2], role, 3.0)
            tiles.render(CANVAS)

        measure(f"{shape[0]} maps {shape[1]}×{shape[2]}, a new picture each time, {size[0]}×{size[1]}", show_tiles)

    numbers = view(1000, 900)
    squares = [frozen(draw.normal(size=(30, 30)).astype(np.float32)) for _ in range(2)]

    def show_numbers(number: int) -> None:
        numbers.set_picture(squares[number % 2], "weight", 3.0)
        numbers.render(CANVAS)

    measure("900 numbers, a new picture each time", show_numbers)
    measure("900 numbers, painted again", lambda _: numbers.render(CANVAS))

    def mark(number: int) -> None:
        numbers.set_marks([Mark.window(number % 20, 3, 7, 7), Mark.cells(draw.integers(0, 30, (49, 2)))])
        numbers.render(CANVAS)

    measure("900 numbers with a moving window and 49 linked cells", mark)

    page = QWidget()
    grid = QGridLayout(page)
    many = [ArrayView() for _ in range(24)]
    for number, one in enumerate(many):
        grid.addWidget(one, number // 6, number % 6)
    page.resize(1000, 900)
    page.show()

    def show_many(number: int) -> None:
        for one in many:
            one.set_picture(squares[number % 2], "activation", 3.0)
        page.render(CANVAS)

    measure("24 views of 30×30 in one window, all new", show_many)

    curves = CurveView(scale="log")
    curves.resize(600, 300)
    curves.show()
    app.processEvents()
    steps = np.arange(1, 50_001)
    loss = np.exp(draw.normal(-1, 0.4, steps.size))
    mean = smooth(loss, 50)

    def show_curves(number: int) -> None:
        end = 49_000 + number
        curves.set_series(
            [
                Series("each minibatch", steps[:end], loss[:end], "raw", "raw"),
                Series("smoothed", steps[:end], mean[:end]),
            ]
        )
        curves.render(CANVAS)

    measure("loss of 50,000 steps, raw and smoothed, set and drawn", show_curves)


if __name__ == "__main__":
    main()
