"""What the window costs the training, and how smooth it is: ``python -m tests.bench.live [--turns 3]``.

Every turn trains the same network twice, each time in a process of its own: without a window, then with one. With
``--against PATH`` another checkout takes its turns in between, so that what the machine does besides meets both alike.
The window is started as a user does (``convviz.gui.app.run``, then a click on Train) and asked for little, so that most
commits can be measured. Only the first epoch is: evaluation would fall into one of two runs and not into the other.

Needs a screen: ``xvfb-run -s "-screen 0 1600x1000x24" python -m tests.bench.live --dataroot FILE``.

What is printed, as the median of all turns:

ratio
    Minibatches a second with the window, over those without.
p50, p99, max
    Of the gaps between two beats of a 10 ms timer in the window: how long it did not answer.
pictures/s
    Snapshots that reached the window.
thread
    Share of one processor core that the window's thread took.
cores
    Processor time of the whole process, in cores.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
PRESET = "course-7x7"
WARM_UP = 30
"""Minibatches before the clock starts."""
BEAT_MS = 10
SETTLE = 6.0
"""Seconds before Train: the window makes its other workspaces meanwhile, and Build times the design."""
Figures = dict[str, float]


# In processes of their own --------------------------------------------------------------------------------------------


class EnoughError(Exception):
    """The time is over."""


def headless(dataroot: Path | None, threads: int, seconds: float) -> Figures:
    """Train without a window."""
    import convviz

    seen = {"steps": 0, "last": 0, "began": 0.0, "ended": 0.0}

    def count(event: object) -> None:
        if type(event).__name__ == "Compiling":
            return
        if type(event).__name__ != "MinibatchDone":
            raise EnoughError
        seen["steps"] += 1
        now = time.perf_counter()
        if seen["steps"] == WARM_UP:
            seen["began"] = now
        seen["ended"] = now
        if seen["began"] and now - seen["began"] > seconds:
            raise EnoughError

    with contextlib.suppress(EnoughError):
        convviz.train(convviz.preset(PRESET), convviz.load_data(dataroot), on_event=count, threads=threads)
    return {"steps/s": (seen["steps"] - WARM_UP) / (seen["ended"] - seen["began"])}


def windowed(dataroot: Path | None, threads: int, seconds: float, size: tuple[int, int], theme: str) -> Figures:
    """Train in the window, started as a user starts it."""
    from PySide6.QtCore import QObject, Qt, QTimer, Slot
    from PySide6.QtWidgets import QAbstractButton

    from convviz.gui.app import application, run
    from convviz.gui.window.main_window import MainWindow

    app = application(theme)

    class Beat(QObject):
        """Starts the training once it can, and notes when the window answered."""

        def __init__(self) -> None:
            super().__init__()
            self.window: Any = None
            self.found = 0.0
            self.sent = False
            self.gaps: list[float] = []
            self.last = self.began = self.thread = self.process = 0.0
            self.first = self.pictures = 0
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
                return
            position = self.window.run.position
            if not self.sent:
                buttons = [one for one in self.window.findChildren(QAbstractButton) if one.text().startswith("Train")]
                if buttons and buttons[0].isEnabled() and now - self.found > SETTLE:
                    buttons[0].click()
                    self.sent = True
                return
            if not self.began:
                if position.step >= WARM_UP:
                    self.began = self.last = now
                    self.first, self.pictures = position.step, 0
                    self.thread, self.process = time.thread_time(), time.process_time()
                return
            self.gaps.append(now - self.last)
            self.last = now
            if now - self.began > seconds or position.step >= position.minibatches:
                self.end(now - self.began, position.step - self.first)

        def find(self) -> None:
            found = [one for one in app.topLevelWidgets() if isinstance(one, MainWindow) and one.isVisible()]
            found = [one for one in found if getattr(one, "is_assembled", True)]
            if found:
                self.window, self.found = found[0], time.perf_counter()
                self.window.resize(*size)
                self.window.run.bridge.snapshotArrived.connect(self.picture)

        def end(self, lasted: float, steps: int) -> None:
            self.timer.stop()
            self.gaps.sort()
            self.result = {
                "steps/s": steps / lasted,
                "p50": 1e3 * statistics.median(self.gaps),
                "p99": 1e3 * self.gaps[int(0.99 * len(self.gaps))],
                "max": 1e3 * self.gaps[-1],
                "pictures/s": self.pictures / lasted,
                "thread": (time.thread_time() - self.thread) / lasted,
                "cores": (time.process_time() - self.process) / lasted,
            }
            app.exit()

    beat = Beat()
    run(dataroot, theme=theme, threads=threads)
    # The trainer's thread is in the middle of a run: ending the process is the quickest way to stop it.
    sys.stdout.write(json.dumps(beat.result) + "\n")
    sys.stdout.flush()
    os._exit(0)


# The turns ------------------------------------------------------------------------------------------------------------


def measured(kind: str, tree: Path, args: argparse.Namespace) -> Figures:
    """Run one of the two in a process of its own, with the code of a checkout."""
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "PYTHONPATH": str(tree), "XDG_CONFIG_HOME": home}
        command = [sys.executable, str(HERE), "--child", kind, "--seconds", str(args.seconds)]
        command += ["--threads", str(args.threads), "--size", args.size, "--theme", args.theme]
        if args.dataroot:
            command += ["--dataroot", str(args.dataroot.resolve())]
        done = subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode or not done.stdout.strip():
        raise SystemExit(f"{kind} in {tree} failed:\n{done.stderr}")
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0, help="of one measurement, at most")
    parser.add_argument("--threads", type=int, default=2, help="of the trainer")
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--theme", default="light")
    parser.add_argument("--dataroot", type=Path, metavar="FILE", help="HDF5 file; without it the built-in digits")
    parser.add_argument("--against", type=Path, metavar="PATH", help="another checkout to measure in the same run")
    parser.add_argument("--child", choices=("headless", "window"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child == "headless":
        print(json.dumps(headless(args.dataroot, args.threads, args.seconds)))
        return
    if args.child == "window":
        width, height = map(int, args.size.split("x"))
        windowed(args.dataroot, args.threads, args.seconds, (width, height), args.theme)
        return
    trees = {"this": HERE.parents[2]}
    if args.against:
        trees = {"against": args.against.resolve(), **trees}
    turns: dict[str, list[Figures]] = {name: [] for name in trees}
    columns = ("alone", "window", "ratio", "p50", "p99", "max", "pictures/s", "thread", "cores")
    print(f"{'':<18}" + "".join(f"{one:>11}" for one in columns))
    for turn in range(args.turns):
        for name, tree in trees.items():
            alone = measured("headless", tree, args)
            found = measured("window", tree, args)
            found |= {"alone": alone["steps/s"], "window": found["steps/s"]}
            found["ratio"] = found["window"] / found["alone"]
            turns[name].append(found)
            print(f"{name + f' {turn + 1}':<18}" + "".join(f"{found[one]:11.2f}" for one in columns), flush=True)
    for name, all_found in turns.items():
        middle = {one: statistics.median(found[one] for found in all_found) for one in columns}
        print(f"{name + ' median':<18}" + "".join(f"{middle[one]:11.2f}" for one in columns))


if __name__ == "__main__":
    main()
