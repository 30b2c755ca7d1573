"""A large model's pass in Step: its memory, and how long any of its steps takes to show. Models of the package onnx.

    python -m tests.bench.deep_step [--model resnet50] [--steps 60] [--keys 100] [--worst 10]

Opens it in the whole window with random weights; goes over its first steps by a held key; runs to the end; then shows
steps in random order, each twice, with pauses between them. ``--steps 0`` shows all. A step is shown when its numbers,
pictures, formula and texts are painted. Prints gigabytes, and milliseconds by the clock and of the processor, phase by
phase; the worst steps by name; and the longest turns, in which the window answers nobody, of the window's thread.
Draws on whatever Qt platform is in force (``QT_QPA_PLATFORM=offscreen`` needs no display), on Linux.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import onnx
from PySide6.QtCore import QEventLoop, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

sys.path += [str(Path(__file__).parents[1] / part) for part in ("support", "storage")]

from test_onnx_light import FOLDER, with_random_weights

from convviz.core.program import Step
from convviz.gui.app import application
from convviz.gui.shots import has_pass, wait
from convviz.gui.window.collector import Collector
from convviz.gui.window.main_window import MainWindow
from convviz.gui.workspaces.step.page import StepPage
from convviz.gui.workspaces.step.settling import PAUSE
from convviz.present.step.explain import formula_of
from convviz.run.state import State
from convviz.storage.preprocess import PRESETS

EVERY = 50
"""Milliseconds between two strokes of a held key."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What it took to show a step, in milliseconds: by the clock, of the processor, and the longest turn.

    ``typeset`` is whether its formula was not typeset before: it is shown last.
    """

    step: Step
    typeset: bool
    clock: float
    processor: float
    turn: float


class Turns:
    """The longest turn of the window's thread: the time between two beats of a timer, in milliseconds."""

    def __init__(self) -> None:
        self._last = time.perf_counter(), time.thread_time()
        self._longest = (0.0, 0.0)
        self._timer = QTimer(interval=2)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def begin(self) -> None:
        """Look for the longest from now on."""
        self._longest = (0.0, 0.0)
        self._last = time.perf_counter(), time.thread_time()

    def longest(self) -> tuple[float, float]:
        """By the clock, and of the processor."""
        self._beat()
        return self._longest

    def words(self) -> str:
        """The longest turn, as it is printed."""
        clock, processor = self.longest()
        return f"longest turn {clock:.0f} ms by the clock, {processor:.0f} of the processor"

    def _beat(self) -> None:
        now = time.perf_counter(), time.thread_time()
        clock, processor = (max(old, 1e3 * (b - a)) for old, a, b in zip(self._longest, self._last, now, strict=True))
        self._longest, self._last = (clock, processor), now


def main() -> None:
    """Open it, walk its pass, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="resnet50")
    parser.add_argument("--steps", type=int, default=60, help="steps that are shown, in random order; 0: all")
    parser.add_argument("--keys", type=int, default=100, help="steps that a held key goes over")
    parser.add_argument("--worst", type=int, default=10, help="how many of the worst steps are named")
    args = parser.parse_args()
    app = application("light")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{args.model}.onnx"
        onnx.save(with_random_weights(FOLDER / f"light_{args.model}.onnx"), str(path))
        window = MainWindow(QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat))
        Collector(window)
        window.resize(1440, 900)
        window.show()
        window.start()
        try:
            turns = Turns()
            page = opened(app, window, path, turns)
            hold_key(app, page, args.keys, turns)
            run_through(app, window, page, turns)
            last = len(page.run.program.steps) - 1
            numbers = random.Random(0).sample(range(last + 1), args.steps or last + 1)
            for visit in ("first", "second"):
                found = [shown(app, page, number, turns) for number in numbers]
                print(f"\na step, {visit} time, ms")
                print_table(found, args.worst)
            print(f"\nat the end: {memory('VmRSS'):.2f} GB, at most {memory('VmHWM'):.2f} GB")
        finally:
            window.close()
            window.deleteLater()


def opened(app: QApplication, window: MainWindow, path: Path, turns: Turns) -> StepPage:
    """Open a model in a window and go to Step."""
    wait(app, lambda: window.run.state is State.IDLE and len(window.stack.made) == window.stack.count(), window)
    print(f"window: {memory('VmRSS'):.2f} GB")
    networks, begun = window.run.networks, time.perf_counter()
    turns.begin()
    window.models.open_with(path, PRESETS["imagenet"])
    until(app, lambda: window.run.networks > networks)
    print(f"model opened: {time.perf_counter() - begun:.1f} s, {turns.words()}")
    wait(app, lambda: window.run.state is State.IDLE, window)
    begun = time.perf_counter()
    turns.begin()
    window.go_to(window.stack.number_of("Step"))
    page = window.stack.front.page
    assert isinstance(page, StepPage)
    until(app, partial(has_pass, page))
    until(app, page.is_idle)
    print(f"into Step: {time.perf_counter() - begun:.1f} s, {turns.words()}")
    print(f"model open in Step: {memory('VmRSS'):.2f} GB, at most {memory('VmHWM'):.2f} GB")
    return page


def hold_key(app: QApplication, page: StepPage, count: int, turns: Turns) -> None:
    """Go over the first steps by a held key, 20 of them a second unless the window can't keep up."""
    page.command("start")
    until(app, page.is_idle)
    turns.begin()
    begun, strokes = time.perf_counter(), []
    for stroke in range(count):
        while time.perf_counter() < begun + 1e-3 * EVERY * stroke:
            app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        pressed = time.perf_counter()
        QTest.keyClick(page, Qt.Key.Key_F10)
        app.processEvents()
        strokes.append(1e3 * (time.perf_counter() - pressed))
    a_second = count / (time.perf_counter() - begun) if count else 0.0
    until(app, page.is_idle)
    if count:
        print(f"\nover the first {count} by a held key: {a_second:.0f} a second, {turns.words()}")
        print(f"a stroke, ms: {spread(strokes)}")


def run_through(app: QApplication, window: MainWindow, page: StepPage, turns: Turns) -> None:
    """Run all steps of the pass."""
    last = len(page.run.program.steps) - 1
    begun = time.perf_counter()
    turns.begin()
    page.step_to(last)
    until(app, page.is_idle)
    took = time.perf_counter() - begun
    print(f"\nall {last + 1:,} steps, forward and backward: {memory('VmRSS'):.2f} GB, {took:.1f} s, {turns.words()}")


def shown(app: QApplication, page: StepPage, number: int, turns: Turns) -> Shown:
    """Show a step, after a pause: a user looks at a step before going to another."""
    QTest.qWait(PAUSE)
    step = page.run.program.steps[number]
    typeset = not page.views.formula.has(formula_of(page.run.program, step))
    turns.begin()
    begun, used = time.perf_counter(), time.process_time()
    page.step_to(number)
    until(app, page.is_idle)
    app.processEvents()
    clock, processor = 1e3 * (time.perf_counter() - begun), 1e3 * (time.process_time() - used)
    return Shown(step, typeset, clock, processor, turns.longest()[0])


def until(app: QApplication, done: Callable[[], bool]) -> None:
    """Run the window until something holds."""
    while not done():
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def print_table(found: Sequence[Shown], worst: int) -> None:
    """How long steps took, phase by phase, and which took longest."""
    phases = {str(one.step.phase): [two for two in found if two.step.phase is one.step.phase] for one in found}
    late = [one for one in found if one.typeset]
    groups = {**phases, "with a formula that is typeset first": late, "all": found}
    for name, steps in ((name, steps) for name, steps in groups.items() if steps):
        print(f"  {name}, {len(steps)} steps")
        print(f"    by the clock      {spread(one.clock for one in steps)}")
        print(f"    of the processor  {spread(one.processor for one in steps)}")
        print(f"    longest turn      {spread(one.turn for one in steps)}")
    for one in sorted(found, key=lambda one: -one.clock)[:worst]:
        step, size = one.step, "×".join(map(str, one.step.shape))
        times = f"{one.clock:5.0f} by the clock {one.processor:5.0f} of the processor, turn {one.turn:4.0f}"
        print(f"  {times}   {step.index:>5} {step.op.name} → {step.output} {size}")


def spread(times: Iterable[float]) -> str:
    """Median, 9 of 10, and most."""
    found = sorted(times)
    ninth = found[min(len(found) - 1, int(0.9 * len(found)))]
    over = sum(one > 100 for one in found)
    words = f"median {statistics.median(found):4.0f}, 9 of 10 below {ninth:4.0f}, most {found[-1]:4.0f}"
    return words + (f", {over} above 100" if over else "")


def memory(what: str) -> float:
    """Gigabytes of this process: ``VmRSS`` now, ``VmHWM`` at most so far."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) / 1e6


if __name__ == "__main__":
    main()
