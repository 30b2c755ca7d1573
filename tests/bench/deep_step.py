"""Memory of a large model's pass in Step, and how long any of its steps takes to show: ResNet-50 of the package onnx.

    python -m tests.bench.deep_step [--model resnet50] [--steps 60]

Draws on whatever Qt platform is in force (``QT_QPA_PLATFORM=offscreen`` needs no display), on Linux. The model gets
random weights. Prints gigabytes, and milliseconds by the clock and of the processor.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import onnx
from PySide6.QtCore import QEventLoop, QSettings
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

sys.path += [str(Path(__file__).parents[1] / part) for part in ("support", "storage")]

from test_onnx_light import FOLDER, with_random_weights

from convviz.gui.app import application
from convviz.gui.shots import has_pass, wait
from convviz.gui.window.collector import Collector
from convviz.gui.window.main_window import MainWindow
from convviz.gui.workspaces.step.settling import PAUSE
from convviz.run.state import State
from convviz.storage.preprocess import PRESETS


def main() -> None:
    """Open it, walk its pass, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="resnet50")
    parser.add_argument("--steps", type=int, default=60, help="steps that are shown, in random order")
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
            measure(app, window, path, args.steps)
        finally:
            window.close()
            window.deleteLater()


def measure(app: QApplication, window: MainWindow, path: Path, count: int) -> None:
    """Open a model in a window and show steps of its pass."""
    wait(app, lambda: window.run.state is State.IDLE and len(window.stack.made) == window.stack.count(), window)
    print(f"window: {memory('VmRSS'):.2f} GB")
    networks = window.run.networks
    window.models.open_with(path, PRESETS["imagenet"])
    wait(app, lambda: window.run.networks > networks, window)
    window.go_to(window.stack.number_of("Step"))
    page = window.stack.front.page
    wait(app, partial(has_pass, page), window)
    wait(app, page.is_idle, window)
    print(f"model open in Step: {memory('VmRSS'):.2f} GB, at most {memory('VmHWM'):.2f} GB")
    last = len(page.run.program.steps) - 1
    page.step_to(last)
    wait(app, page.is_idle, window)
    print(f"all {last + 1:,} steps, forward and backward: {memory('VmRSS'):.2f} GB")
    clock, processor = [], []
    for number in random.Random(0).sample(range(last), count):
        QTest.qWait(PAUSE)  # a user looks at a step before going to another
        begun, used = time.perf_counter(), time.process_time()
        page.step_to(number)
        while not page.is_idle():
            app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        app.processEvents()
        clock.append(1e3 * (time.perf_counter() - begun))
        processor.append(1e3 * (time.process_time() - used))
    for words, times in (("by the clock", clock), ("of the processor", processor)):
        middle, ninth = statistics.median(times), statistics.quantiles(times, n=10)[-1]
        print(f"a step, ms {words}: median {middle:.0f}, 9 of 10 below {ninth:.0f}, most {max(times):.0f}")


def memory(what: str) -> float:
    """Gigabytes of this process: ``VmRSS`` now, ``VmHWM`` at most so far."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) / 1e6


if __name__ == "__main__":
    main()
