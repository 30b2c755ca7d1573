"""One measurement, in a process of its own: training without a window, or with one as a user has it.

It asks little of the code that it measures, so that most commits can be measured. Evaluation is left out: it would fall
into some runs and not into others.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tests.bench.live.board import MINIBATCHES, PICTURES, SMOOTH, TRAINER, TRAINS, Board, leave_out_stops
from tests.bench.live.pokes import Pokes

WARM_UP = 30
"""Minibatches before anything is measured."""
SETTLE = 6.0
"""Seconds before Train: the window makes its other workspaces meanwhile, and Build times the design."""
ADAPT = 3.0
"""Seconds of training before that: the budget of pictures finds its interval, a recording its spacing."""
BEAT_MS = 10
SELDOM_MS = 200
"""While others look how fast the training is."""
EPOCHS = 100_000
MEMORY_EVERY = 5.0
MINUTES = (1, 2, 5, 10)
"""At which the memory is told."""
PINNED = ("loss", "loss.mean(50)", "accuracy")
"""For the card that is empty without."""
Figures = dict[str, Any]


def leave_out_evaluation() -> None:
    """Epochs follow each other at once."""
    from convviz.training.trainer import Trainer

    def evaluate(self: object, split: object, name: str) -> Any:
        yield from ()
        return 1.0, 0.5

    Trainer.evaluate = evaluate  # type: ignore[method-assign]


def long_design(name: str) -> Any:
    """A preset that is not trained to its end here."""
    from msgspec.structs import replace

    from convviz.storage import presets

    design = presets.preset(name)
    return replace(design, training=replace(design.training, epochs=EPOCHS, train_size=None, test_size=None))


def count_minibatches(board: Board) -> None:
    """Tell how many minibatches there were, and which thread trains."""
    from convviz.training.trainer import Trainer

    update = Trainer._update  # noqa: SLF001

    def counted(self: Any, done: Any) -> Any:
        board[MINIBATCHES] += 1
        board[TRAINER] = threading.get_native_id()  # at the start others train, to see how long it takes
        return update(self, done)

    Trainer._update = counted  # type: ignore[method-assign] # noqa: SLF001


def compile_all(preset: str) -> Figures:
    """Have the kernels of all presets compiled: otherwise a process of the window's does it, beside the training."""
    from convviz.run.compile_ahead import main as compile_ahead
    from convviz.storage.designs import write_design

    sys.stdin = io.StringIO(write_design(long_design(preset)))
    with contextlib.redirect_stdout(io.StringIO()):
        compile_ahead()
    return {}


def headless(preset: str, dataroot: Path | None, threads: int, board: Board, *, record: Path | None) -> None:
    """Train without a window, until the process is ended, and record the run as a window does by itself."""
    import convviz

    first = 0.0

    def look(event: object) -> None:
        nonlocal first
        if type(event).__name__ == "MinibatchDone":
            first = first or time.perf_counter()
            if board[MINIBATCHES] >= WARM_UP and time.perf_counter() - first > ADAPT:
                board[TRAINS] = 1

    convviz.train(long_design(preset), convviz.load_data(dataroot), on_event=look, threads=threads, record=record)


def windowed(kind: str, preset: str, dataroot: Path | None, board: Board, args: Any) -> Figures:
    """Train in the window, started as a user starts it: ``hidden``, ``bare`` (no pictures), ``calm`` or ``smooth``."""
    from PySide6.QtCore import QObject, Qt, QTimer, Slot
    from PySide6.QtWidgets import QAbstractButton, QWidget

    from convviz.gui.app import application, run
    from convviz.gui.window.main_window import MainWindow
    from convviz.storage import presets

    design = long_design(preset)
    presets.preset = lambda name: design
    app = application(args.theme)
    seconds = 60 * args.minutes or args.seconds
    width, height = map(int, args.size.split("x"))

    class Beat(QObject):
        """Starts the training once it can and, when asked, looks when the window answers."""

        def __init__(self) -> None:
            super().__init__()
            self.window: Any = None
            self.found = self.trained = 0.0
            self.gaps: list[tuple[float, float]] = []
            self.last = self.waited = self.began = 0.0
            self.memory: list[tuple[float, float]] = []
            self.pokes: Pokes | None = None
            self.result: Figures = {}
            self.timer = QTimer(self)
            self.timer.setTimerType(Qt.TimerType.PreciseTimer)
            self.timer.timeout.connect(self.beat)
            self.timer.start(BEAT_MS)

        @Slot(object)
        def picture(self, _snapshot: object) -> None:
            board[PICTURES] += 1

        @Slot()
        def beat(self) -> None:
            now = time.perf_counter()
            if self.window is None:
                self.find()
            elif not self.trained:
                self.train(now)
            elif not board[TRAINS]:
                self.adapt(now)
            elif not self.began:
                self.begin()
            else:
                waited = run_delay()
                self.gaps.append((now - self.last, waited - self.waited))
                self.last, self.waited = now, waited
                if args.minutes and (not self.memory or now - self.began - self.memory[-1][0] > MEMORY_EVERY):
                    self.memory.append((now - self.began, resident()))
                if now - self.began > seconds:
                    self.end()

        def find(self) -> None:
            found = [one for one in app.topLevelWidgets() if isinstance(one, MainWindow) and one.isVisible()]
            found = [one for one in found if getattr(one, "is_assembled", True)]
            if found:
                self.window, self.found = found[0], time.perf_counter()
                self.window.resize(width, height)
                self.window.run.bridge.snapshotArrived.connect(self.picture)

        def train(self, now: float) -> None:
            buttons = [one for one in self.window.findChildren(QAbstractButton) if one.text().startswith("Train")]
            if not (buttons and buttons[0].isEnabled() and now - self.found > SETTLE):
                return
            for page in self.window.findChildren(QWidget):
                if type(page).__name__ == "Welcome":
                    page.dismiss()
            choices = {str(key): value for key, value in getattr(self.window, "smoothness", no_choices).choices.items()}
            if kind in choices:
                choices[kind].trigger()
            buttons[0].click()
            if args.all_views:
                pinned = self.window.stack.made["Watch"].page.pinned.pinned
                for number in PINNED:
                    pinned.emit(number)
            if kind == "bare":
                self.window.run.bridge.set_wanting(False)
            if kind == "hidden":
                self.window.showMinimized()
            self.trained = now

        def adapt(self, now: float) -> None:
            if board[MINIBATCHES] >= WARM_UP and now - self.trained > ADAPT:
                board[TRAINS] = 1
                self.timer.start(SELDOM_MS)

        def begin(self) -> None:
            if not board[SMOOTH]:
                return
            if not args.no_input:
                self.pokes = Pokes(self.window)
            self.began = self.last = time.perf_counter()
            self.waited = run_delay()
            self.timer.start(BEAT_MS)

        def end(self) -> None:
            self.timer.stop()
            self.gaps.sort()
            self.result = {
                "p50": 1e3 * statistics.median(gap for gap, _ in self.gaps),
                "p99": 1e3 * self.gaps[int(0.99 * len(self.gaps))][0],
                "max": 1e3 * self.gaps[-1][0],
                "waited": 1e3 * self.gaps[-1][1],
                "input": self.pokes.p95() if self.pokes else float("nan"),
                "memory": growth(self.memory),
                "told": [f"{at} min {mb:.0f} MB" for at in MINUTES if (mb := memory_at(self.memory, at))],
            }
            app.exit()

    beat = Beat()
    run(dataroot, theme=args.theme, threads=args.threads)
    return beat.result


class no_choices:  # noqa: N801
    """A window without the choice."""

    choices: dict[str, Any] = {}  # noqa: RUF012


def run_delay() -> float:
    """Seconds that this thread could have run so far while others had the cores; NaN where that can't be read."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, IndexError):
        return float("nan")


def resident() -> float:
    """MB of memory in use; NaN where that can't be read."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return float("nan")
    return pages * resource.getpagesize() / 1e6


def memory_at(memory: list[tuple[float, float]], minutes: float) -> float:
    """MB after so many minutes; 0 where it did not last so long."""
    return next((mb for at, mb in memory if at >= 60 * minutes - MEMORY_EVERY / 2), 0.0)


def growth(memory: list[tuple[float, float]]) -> float:
    """How much more memory there is at the end than after a minute, in per cent."""
    later = [mb for at, mb in memory if at >= 60]
    return 100 * (later[-1] / later[0] - 1) if len(later) > 1 else float("nan")


def main(kind: str, args: Any) -> None:
    """Train, and print a line of JSON where one is asked for."""
    found: Figures = {}
    if kind == "compile":
        found = compile_all(args.preset)
    else:
        board = Board(Path(args.board))
        leave_out_stops(board)
        leave_out_evaluation()
        count_minibatches(board)
        if kind in ("headless", "unrecorded"):
            record = Path("headless.cvz") if kind == "headless" else None
            headless(args.preset, args.dataroot, args.threads, board, record=record)
        else:
            found = windowed(kind, args.preset, args.dataroot, board, args)
    # The trainer's thread is in the middle of a run: ending the process is the quickest way to stop it.
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    os._exit(0)
