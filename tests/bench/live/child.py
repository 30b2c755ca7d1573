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
import time
from pathlib import Path
from typing import Any

from tests.bench.live.pokes import Pokes

WARM_UP = 30
"""Minibatches before the clock starts."""
SETTLE = 6.0
"""Seconds before Train: the window makes its other workspaces meanwhile, and Build times the design."""
ADAPT = 3.0
"""Seconds of training before the clock starts: the budget of pictures finds its interval, a recording its spacing."""
BEAT_MS = 10
EPOCHS = 100_000
MEMORY_EVERY = 5.0
MINUTES = (1, 2, 5, 10)
"""At which the memory is told."""
PINNED = ("loss", "loss.mean(50)", "accuracy")
"""For the card that is empty without."""
Figures = dict[str, Any]


class EnoughError(Exception):
    """The time is over."""


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


def switches() -> int:
    """Voluntary context switches of the process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw


def compile_all(preset: str) -> Figures:
    """Have the kernels of all presets compiled: otherwise a process of the window's does it, beside the training."""
    from convviz.run.compile_ahead import main as compile_ahead
    from convviz.storage.designs import write_design

    sys.stdin = io.StringIO(write_design(long_design(preset)))
    with contextlib.redirect_stdout(io.StringIO()):
        compile_ahead()
    return {}


def headless(preset: str, dataroot: Path | None, threads: int, seconds: float, *, record: Path | None) -> Figures:
    """Train without a window, and record the run as a window does by itself."""
    import convviz

    leave_out_evaluation()
    seen = {"steps": 0, "first": 0.0, "began": 0.0, "before": 0, "switches": 0, "process": 0.0, "thread": 0.0}
    result: Figures = {}

    def count(event: object) -> None:
        if type(event).__name__ != "MinibatchDone":
            return
        seen["steps"] += 1
        now = time.perf_counter()
        seen["first"] = seen["first"] or now
        if not seen["began"]:
            if seen["steps"] >= WARM_UP and now - seen["first"] > ADAPT:
                seen.update(began=now, before=seen["steps"], switches=switches())
                seen.update(process=time.process_time(), thread=time.thread_time())
        elif now - seen["began"] > seconds:
            steps, lasted = seen["steps"] - seen["before"], now - seen["began"]
            result["steps/s"] = steps / lasted
            result["train ms"] = 1e3 * (time.thread_time() - seen["thread"]) / steps
            result["switches"] = (switches() - seen["switches"]) / steps
            result["cores"] = (time.process_time() - seen["process"]) / lasted
            raise EnoughError

    data = convviz.load_data(dataroot)
    with contextlib.suppress(EnoughError):
        convviz.train(long_design(preset), data, on_event=count, threads=threads, record=record)
    return result


def windowed(kind: str, preset: str, dataroot: Path | None, args: Any) -> Figures:
    """Train in the window, started as a user starts it: ``hidden``, ``bare`` (no pictures), ``calm`` or ``smooth``."""
    from PySide6.QtCore import QObject, Qt, QTimer, Slot
    from PySide6.QtWidgets import QAbstractButton, QWidget

    from convviz.gui.app import application, run
    from convviz.gui.window.main_window import MainWindow
    from convviz.storage import presets

    leave_out_evaluation()
    design = long_design(preset)
    presets.preset = lambda name: design
    app = application(args.theme)
    seconds = 60 * args.minutes or args.seconds
    width, height = map(int, args.size.split("x"))

    class Beat(QObject):
        """Starts the training once it can, looks how fast it is, and then when the window answers."""

        def __init__(self) -> None:
            super().__init__()
            self.window: Any = None
            self.found = self.trained = 0.0
            self.gaps: list[tuple[float, float]] = []
            self.last = self.waited = self.began = self.thread = self.process = self.trainer = 0.0
            self.first = self.pictures = self.switches = 0
            self.memory: list[tuple[float, float]] = []
            self.pokes: Pokes | None = None
            self.result: Figures = {}
            self.timer = QTimer(self)
            self.timer.setTimerType(Qt.TimerType.PreciseTimer)
            self.timer.timeout.connect(self.beat)
            self.timer.start(BEAT_MS)

        @Slot(object)
        def picture(self, _snapshot: object) -> None:
            self.pictures += 1

        @Slot()
        def beat(self) -> None:
            now = time.perf_counter()
            if self.window is None:
                self.find()
            elif not self.trained:
                self.train(now)
            elif not self.began:
                self.begin(now)
            elif not self.result:
                self.speed(now - self.began)
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

        def begin(self, now: float) -> None:
            position = self.window.run.position
            if position.step >= WARM_UP and now - self.trained > ADAPT:
                self.first, self.pictures = self.steps(), 0
                self.thread, self.process, self.switches = time.thread_time(), time.process_time(), switches()
                self.trainer = self.trained_for()
                self.began = time.perf_counter()
                self.timer.start(round(1e3 * args.seconds))

        def speed(self, lasted: float) -> None:
            """Nothing of this benchmark ran meanwhile: then it looks how smooth the window is."""
            steps = self.steps() - self.first
            self.result = {
                "steps/s": steps / lasted,
                "train ms": 1e3 * (self.trained_for() - self.trainer) / max(steps, 1),
                "pictures/s": self.pictures / lasted,
                "thread": (time.thread_time() - self.thread) / lasted,
                "cores": (time.process_time() - self.process) / lasted,
                "switches": (switches() - self.switches) / max(steps, 1),
            }
            if kind == "hidden":
                app.exit()
                return
            if not args.no_input and kind in ("calm", "smooth"):
                self.pokes = Pokes(self.window)
            self.began = self.last = time.perf_counter()
            self.waited = run_delay()
            self.timer.start(BEAT_MS)

        def steps(self) -> int:
            """Of the trainer itself: the window may hear of them later."""
            run = self.window.run.session._run  # noqa: SLF001
            return int(run.trainer.position.step)

        def trained_for(self) -> float:
            """Seconds of processor time that the session's thread took so far."""
            thread = self.window.run.bridge._thread  # noqa: SLF001
            return time.clock_gettime(time.pthread_getcpuclockid(thread.ident))

        def end(self) -> None:
            self.timer.stop()
            self.gaps.sort()
            self.result |= {
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
    """Measure and print a line of JSON."""
    if kind == "compile":
        found = compile_all(args.preset)
    elif kind in ("headless", "unrecorded"):
        record = Path("headless.cvz") if kind == "headless" else None
        found = headless(args.preset, args.dataroot, args.threads, args.seconds, record=record)
    else:
        found = windowed(kind, args.preset, args.dataroot, args)
    # The trainer's thread is in the middle of a run: ending the process is the quickest way to stop it.
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    os._exit(0)
