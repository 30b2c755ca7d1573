"""How long Probe measures 10,000 images in the window, and how long the window does not answer: ``python -m
tests.bench.probing [--presets course-7x7,best-small] [--times 3]``.

For each preset, untrained, with the built-in test images repeated to 10,000: the confusion matrix from asking to seeing
it, every filter's patches, and the ranking of all filters of the last convolution; beside each the longest time between
two beats of a timer of 2 ms, by the clock and in processor time of the window's thread (what to trust on a busy
machine). Medians. The targets: 2 s for course-7x7 and 5 s for best-small without a gap over 50 ms, and 30 s for a
ranking of 32 filters.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

COUNT = 10_000
PATIENCE = 300.0


class Beats:
    """The longest time between two beats of a timer in the window's thread."""

    def __init__(self) -> None:
        from PySide6.QtCore import QTimer

        self._timer = QTimer()
        self._timer.timeout.connect(self._beat)
        self._timer.start(2)
        self.begin()

    def begin(self) -> None:
        """Forget what was found."""
        self._last = time.perf_counter(), time.thread_time()
        self.longest = [0.0, 0.0]

    def _beat(self) -> None:
        now = time.perf_counter(), time.thread_time()
        self.longest = [max(old, new - last) for old, new, last in zip(self.longest, now, self._last, strict=True)]
        self._last = now


def main() -> None:
    """Measure, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presets", default="course-7x7,best-small")
    parser.add_argument("--times", type=int, default=3)
    args = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    for name in args.presets.split(","):
        for what, rows in measured(name, args.times).items():
            seconds, clock, own = (statistics.median(column) for column in zip(*rows, strict=True))
            gaps = f"longest gap {1e3 * clock:5.0f} ms, {1e3 * own:4.0f} ms of its own"
            print(f"{name:12} {what:10} {seconds:6.2f} s   {gaps}", flush=True)


def measured(name: str, times: int) -> dict[str, list[tuple[float, float, float]]]:
    """Seconds and gaps of everything, for one preset."""
    found: dict[str, list[tuple[float, float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        app, window, front = open_probe(name, Path(folder))
        page, beats = front.page, Beats()
        tab = page.filters

        def do(what: str, act: Callable[[], object], done: Callable[[], bool]) -> None:
            beats.begin()
            began = time.perf_counter()
            act()
            wait_for(app, done, what)
            found.setdefault(what, []).append((time.perf_counter() - began, *beats.longest))

        for _ in range(times):
            page.go_to(0)
            before = front.moment
            do("confusion", page.measureAsked.emit, lambda before=before: front.moment is not before)
            layer = tab.layer.values[-1] if tab.layer.values else None
            do("patches", lambda: page.go_to(2), lambda: tab.facts is not None and tab.facts.moment is front.moment)
            if layer is not None and layer != tab.layer.value:
                tab.layer.set_value(layer)
                tab.layer.edited.emit(layer)
                wait_for(app, lambda layer=layer: tab.facts is not None and tab.facts.maps.name == layer, layer)
            old = tab.ablation
            do("ranking", tab.rankAsked.emit, lambda old=old: tab.ablation is not None and tab.ablation is not old)
        window.close()
        window.deleteLater()
        app.processEvents()
    return found


def open_probe(name: str, folder: Path) -> tuple[Any, Any, Any]:
    """The application, a window with a preset and 10,000 test images, and its Probe, measured and in front."""
    from PySide6.QtCore import QSettings

    from convviz.data.builtin import load_builtin
    from convviz.data.dataset import Dataset
    from convviz.gui.app import application
    from convviz.gui.window.collector import Collector
    from convviz.gui.window.main_window import MainWindow
    from convviz.gui.workspaces.probe.adapter import ProbeAdapter
    from convviz.run.state import State
    from convviz.storage.presets import preset

    data = load_builtin()
    rows = np.resize(np.arange(len(data.y_test)), COUNT)
    many = Dataset("many", data.x_train, data.y_train, data.x_test[rows], data.y_test[rows], 10, "")
    app = application("light")
    window = MainWindow(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
    Collector(window)
    window.resize(1440, 900)
    window.show()
    window.start(preset(name), many)
    wait_for(app, lambda: window.run.state is State.IDLE and len(window.stack.made) == window.stack.count(), name)
    window.stack.prepare()
    window.go_to(window.stack.number_of("Probe"))
    front = window.stack.front
    assert isinstance(front, ProbeAdapter)
    wait_for(app, lambda: front.is_current, name)
    return app, window, front


def wait_for(app: Any, done: Callable[[], bool], what: str) -> None:
    """Let the window go on until something holds."""
    from PySide6.QtCore import QEventLoop

    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            raise SystemExit(f"{what}: nothing came within {PATIENCE:g} s")
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)


if __name__ == "__main__":
    main()
