"""How long the window's thread works at a stretch while Probe is used: ``python -m tests.bench.probing_gaps
[--preset course-7x7] [--times 3] [--only NAME] [--profile NAME]``.

Untrained, with the built-in test images repeated to 10,000. Printed is, of each thing that is done, the most processor
time of the window's thread between two beats of a timer of 2 ms (what to trust on a busy machine), the first time and
the median of all, and the longest time by the clock. The target: no more than 50 ms. ``--profile`` prints which
functions a thing spent its time in.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import statistics
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench.probing import Beats, open_probe, wait_for

Thing = tuple[str, Callable[[], object], Callable[[], bool]]


def main() -> None:
    """Do everything, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="course-7x7")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--only", default="", help="begin of the names of what is measured; the rest is done too")
    parser.add_argument("--profile", default="")
    args = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    found: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        app, window, front = open_probe(args.preset, Path(folder))
        beats, profiler = Beats(), cProfile.Profile()
        for _ in range(args.times):
            for name, act, done in things(app, window, front):
                profiled = args.profile and name.startswith(args.profile)
                beats.begin()
                if profiled:
                    profiler.enable()
                act()
                wait_for(app, done, name)
                settle(app)
                if profiled:
                    profiler.disable()
                found.setdefault(name, []).append((1e3 * beats.longest[1], 1e3 * beats.longest[0]))
        window.close()
        window.deleteLater()
        app.processEvents()
    print(f"{'':34}{'first':>8}{'median':>8}{'clock':>8}   ms of the window's thread at a stretch")
    for name, rows in found.items():
        if name.startswith(args.only):
            own = [row[0] for row in rows]
            print(f"{name:34}{own[0]:8.0f}{statistics.median(own):8.0f}{max(row[1] for row in rows):8.0f}")
    if args.profile:
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(45)


def settle(app: Any) -> None:
    """Let what was put off happen."""
    import time

    end = time.monotonic() + 0.2
    while time.monotonic() < end:
        app.processEvents()
        time.sleep(0.001)


def things(app: Any, window: Any, front: Any) -> Iterator[Thing]:
    """What is done in Probe, and when it is over."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    from convviz.gui.theme import current_theme

    page, theme = front.page, current_theme()
    filters, points, why = page.filters, page.map, page.why
    now: Callable[[], bool] = lambda: True  # noqa: E731

    def explained() -> bool:
        return any("occlusion" in tile.explanation.title for tile in why.tiles) and not front.is_explaining

    def turn(dark: bool) -> Iterator[Thing]:
        mode = "dark" if dark else "light"
        yield f"theme on {page.tab}", partial(theme.turn_to, mode), lambda: not theme.is_turning

    def other(number: int) -> Callable[[], object]:
        return partial(page.go_to, number)

    yield "leaving Probe", partial(window.go_to, window.stack.number_of("Watch")), now
    yield "entering Probe", partial(window.go_to, window.stack.number_of("Probe")), lambda: front.is_current
    yield "Mistakes shown", other(0), now
    before = front.moment
    yield "matrix of 10,000", page.measureAsked.emit, lambda: front.moment is not before
    cells = page.mistakes.matrix
    large = sorted(front.moment.mistakes.pairs(), key=lambda pair: -pair[2])[:2]
    for label, answer, count in large:
        at = cells.rect_of(label, answer).center().toPoint()
        held = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        yield f"a cell of {count:,} images", partial(QTest.mouseClick, cells, *held, at), now
    yield "all mistakes", page.mistakes.choose_all, now
    yield "scrolling all mistakes", partial(page.mistakes.grid.verticalScrollBar().setValue, 4000), now
    yield "Why? shown", other(1), explained
    yield "another image explained", partial(page.mistakes.whyAsked.emit, 17), explained
    yield "another target", lambda: why.choice.scores.selected.emit(1), explained
    yield "the slider of a change", partial(why.change.slider.setValue, 5), now
    yield (
        "Filters shown, patches",
        other(2),
        lambda: filters.facts is not None and filters.facts.moment is front.moment,
    )
    yield "another filter", partial(filters.choose, 1), now
    old = filters.ablation
    yield "ranking", filters.rankAsked.emit, lambda: filters.ablation is not None and filters.ablation is not old
    for number, name in enumerate(("patches", "kernels", "evidence", "pruning")):
        yield f"Filters: {name}", partial(filters.go_to, number), now
    yield (
        "pruning measured",
        partial(filters.pruning.slider.setValue, 40),
        lambda: "right" in filters.pruning.share.text(),
    )
    yield "Map shown, PCA", other(3), lambda: points.shown is not None
    view = points.view
    for x in range(40, view.width() - 40, max((view.width() - 80) // 6, 1)):
        yield "pointer over the map", partial(QTest.mouseMove, view, QPoint(x, view.height() // 2)), now
    yield "map coloured by class", partial(points.colour.edited.emit, "class"), now
    yield "map zoomed", partial(QTest.keyClick, view, Qt.Key.Key_Plus), now
    yield "lasso", partial(lasso, view), now
    yield "the next mistake", view.nextAsked.emit, now
    for number in (3, 0, 1, 2):
        page.go_to(number)
        for dark in (True, False):
            yield from turn(dark)


def lasso(view: Any) -> None:
    """Draw around the middle of the map, with the mouse."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    wide, tall = view.width(), view.height()
    held = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)
    QTest.mousePress(view, *held, QPoint(wide // 4, tall // 4))
    for x, y in ((wide // 2, tall // 5), (3 * wide // 4, tall // 2), (wide // 2, 3 * tall // 4)):
        QTest.mouseMove(view, QPoint(x, y))
    QTest.mouseRelease(view, *held, QPoint(wide // 4, 3 * tall // 4))


if __name__ == "__main__":
    main()
