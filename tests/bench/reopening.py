"""How long a recorded run takes to open in the window, how long the window can't respond, and how long a jump takes.

    python -m tests.bench.reopening run.cvz [--jumps 40]

The data set of the run has to be where it was. With ``QT_QPA_PLATFORM=offscreen`` no screen is needed.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from PySide6.QtCore import QSettings

from convviz.gui.app import application
from convviz.gui.run_model.past import PastModel
from convviz.gui.window.main_window import MainWindow
from convviz.run.state import State

NAP = 0.001


def until(is_so: Callable[[], bool], seconds: float = 120.0) -> list[float]:
    """Handle events until something is so; how long each turn took."""
    turns, app, end = [], application(), time.perf_counter() + seconds
    while not is_so():
        began = time.perf_counter()
        app.processEvents()
        turns.append(time.perf_counter() - began)
        if began > end:
            raise TimeoutError("the window does not get there")
        time.sleep(NAP)
    return turns


def rest(seconds: float) -> list[float]:
    """Handle events for some time; how long each turn took."""
    end = time.perf_counter() + seconds
    return until(lambda: time.perf_counter() > end)


def measure(path: Path, jumps: int) -> None:
    """Open a run and jump about in it."""
    application("light")
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        window = MainWindow(settings, recorded=Path(folder) / "runs")
        window.show()
        window.start()
        run = window.run
        until(lambda: run.state is State.IDLE and len(window.stack.made) == len(window.stack.titles))
        window.stack.go_where_training_is_seen()
        rest(2)
        began = time.perf_counter()
        window.opener.open_path(path)
        turns = until(lambda: run.recordings.own == path and run.position.step > 0)
        opened = time.perf_counter() - began
        turns += rest(2)
        print(f"{run.position.step:,} steps, {path.stat().st_size / 1e6:,.0f} MB: open after {opened:.2f} s")
        print(f"longest turns of the window's thread: {', '.join(f'{1e3 * one:.0f}' for one in sorted(turns)[-4:])} ms")
        past, times, rng = window.findChildren(PastModel)[0], list[float](), random.Random(0)
        for _ in range(jumps):
            step = rng.randrange(1, run.position.step)
            began = time.perf_counter()
            past.go_to(step)
            until(lambda: not past.look.is_loading)
            times.append(time.perf_counter() - began)
        times.sort()
        print(f"jumps: median {median(times):.2f} s, 95th percentile {times[int(0.95 * (len(times) - 1))]:.2f} s")
        window.close_unasked()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--jumps", type=int, default=40)
    given = parser.parse_args()
    measure(given.recording.resolve(), given.jumps)


if __name__ == "__main__":
    main()
