"""The longest gap of the window while Compare lists, sorts and overlays a thousand finished runs.

    python -m tests.bench.comparing                      1,000 copies of a few short runs (``--runs N``)

A timer of 5 ms tells how long the window's thread was away, and how much of the processor it used meanwhile.
Needs no display: QT_QPA_PLATFORM=offscreen.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QEventLoop, QSettings, QTimer

import convviz
from convviz.gui.app import application
from convviz.gui.window.collector import Collector
from convviz.gui.window.main_window import MainWindow
from convviz.gui.workspaces.compare.adapter import CompareAdapter
from convviz.gui.workspaces.registry import WORKSPACES

COMPARE = [entry.title for entry in WORKSPACES].index("Compare")


def main() -> None:
    """Read the flags, make the runs, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder) / "runs"
        runs.mkdir()
        make(runs, args.runs)
        measure(Path(folder), runs, args.runs)


def make(folder: Path, count: int) -> None:
    """Train a few runs, and copy them."""
    data = convviz.load_data()
    design = convviz.preset("course-7x7")
    made = []
    for seed in range(4):
        training = replace(design.training, epochs=2, train_size=1000, test_size=100, seed=seed)
        made.append(folder / f"made-{seed}.cvz")
        convviz.train(replace(design, training=training), data, record=made[-1])
    for number in range(count - len(made)):
        shutil.copyfile(made[number % len(made)], folder / f"copy-{number:04d}.cvz")


def measure(folder: Path, runs: Path, count: int) -> None:
    """Open Compare, and print the longest gaps."""
    app = application("light")
    window = MainWindow(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat), recorded=runs)
    Collector(window)
    window.resize(1440, 900)
    window.show()
    window.start()
    gaps: list[float] = []
    own: list[float] = []
    """Processor time of the window's thread in each gap: what a quiet machine would show at the least."""
    last = [time.perf_counter(), time.thread_time()]
    timer = QTimer()
    timer.setInterval(5)

    def tick() -> None:
        now = [time.perf_counter(), time.thread_time()]
        gaps.append(now[0] - last[0])
        own.append(now[1] - last[1])
        last[:] = now

    timer.timeout.connect(tick)

    def until(done: Callable[[], bool], seconds: float = 120) -> None:
        end = time.perf_counter() + seconds
        while not done() and time.perf_counter() < end:
            app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)

    def timed(what: str, act: Callable[[], object], done: Callable[[], bool]) -> None:
        gaps.clear()
        own.clear()
        last[:] = time.perf_counter(), time.thread_time()
        began = last[0]
        act()
        until(done)
        passed = time.perf_counter() - began
        print(
            f"{what:32s} {passed:6.2f} s, longest gap {1000 * max(gaps, default=0):6.1f} ms, "
            f"of its own {1000 * max(own, default=0):6.1f} ms"
        )

    until(lambda: len(window.stack.made) == window.stack.count())
    timer.start()
    adapter = window.stack.made["Compare"]
    assert isinstance(adapter, CompareAdapter)
    curves, listed = adapter.page.curves, adapter.page.runs.list
    timed("list", lambda: window.stack.go_to(COMPARE), lambda: len(adapter.rows) == count)
    timed("curves of the newest", lambda: None, lambda: curves.loss.is_drawn and curves.accuracy.is_drawn)
    for column, name in ((2, "sort by accuracy"), (0, "sort by name"), (6, "sort by time")):
        end = time.perf_counter() + 0.5
        timed(name, lambda column=column: listed.orderAsked.emit(column), lambda end=end: time.perf_counter() > end)
    timed("search", lambda: adapter.page.runs.search.setText("seed 1"), lambda: len(listed.rows) < count)
    adapter.page.runs.search.clear()

    def all_drawn() -> bool:
        return adapter.curves_known == count and curves.loss.is_drawn and curves.accuracy.is_drawn

    timed(f"overlay of all {count:,}", adapter.page.runs.allAsked.emit, all_drawn)
    timed("bands over seeds", curves.seeds.click, lambda: curves.loss.is_drawn and curves.accuracy.is_drawn)
    window.close()
    until(lambda: False, 0.5)


if __name__ == "__main__":
    main()
