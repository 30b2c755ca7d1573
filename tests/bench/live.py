"""How smooth the window is while it trains: ``python -m tests.bench.live [--dataroot FILE] [--seconds 15]``.

Needs a screen (or Xvfb: ``xvfb-run -s "-screen 0 1600x1000x24" python -m tests.bench.live``). Prints how often the
pictures and the curves were drawn, the longest time that the window did not answer, and how much of the headless
training speed is left.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QSettings, QTimer

from convviz.cli.dataset import add_data_arguments, load
from convviz.core.design import course_design
from convviz.gui.app import application
from convviz.gui.files.opening import splits
from convviz.gui.window.main_window import MainWindow
from convviz.run.commands import DataChoice, Train
from convviz.run.messages import State
from convviz.training.events import MinibatchDone
from convviz.training.trainer import Trainer


def headless_rate(data: DataChoice, threads: int, seconds: float) -> float:
    """Minibatches a second without a window."""
    with Trainer(course_design(), *data.load(), threads=threads) as trainer:
        run = trainer.run()
        for _ in range(10):
            next(run)
        started, steps = time.perf_counter(), 0
        while time.perf_counter() - started < seconds:
            steps += isinstance(next(run), MinibatchDone)
        return steps / (time.perf_counter() - started)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--size", default="1440x900")
    add_data_arguments(parser)
    args = parser.parse_args()
    dataset = load(args)
    data = DataChoice(dataset.name, lambda: splits(dataset))
    alone = headless_rate(data, args.threads, args.seconds / 3)
    app = application("light")
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(QSettings(str(Path(folder) / "s.ini"), QSettings.Format.IniFormat), threads=args.threads)
        width, height = map(int, args.size.split("x"))
        window.resize(width, height)
        window.show()
        window.start(data=data)
        gaps: list[float] = []
        state = {"last": 0.0, "frames": 0, "curves": 0, "steps": 0, "began": 0.0}

        def beat() -> None:
            now = time.perf_counter()
            if state["began"]:
                gaps.append(now - state["last"])
            state["last"] = now
            if not state["began"] and window.run.state is State.IDLE:
                window.run.bridge.send(Train())
            if not state["began"] and window.run.position.step > 20:
                state.update(began=now, frames=window.watch.frames, steps=window.run.position.step)
                state["curves"] = window.watch.curves.drawings
            if state["began"] and now - state["began"] > args.seconds:
                app.quit()

        timer = QTimer()
        timer.timeout.connect(beat)
        timer.start(2)
        app.exec()
        seconds = time.perf_counter() - state["began"]
        gaps.sort()
        result = {
            "size": args.size,
            "threads": args.threads,
            "pictures_per_second": round((window.watch.frames - state["frames"]) / seconds, 1),
            "curves_per_second": round((window.watch.curves.drawings - state["curves"]) / seconds, 1),
            "gap_ms_p50": round(1e3 * statistics.median(gaps), 1),
            "gap_ms_p99": round(1e3 * gaps[int(0.99 * len(gaps))], 1),
            "gap_ms_max": round(1e3 * gaps[-1], 1),
            "steps_per_second": round((window.run.position.step - state["steps"]) / seconds, 1),
            "steps_per_second_headless": round(alone, 1),
        }
        window.close()
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
