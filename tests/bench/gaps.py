"""The longest time the window did not answer, a command at a time: ``python -m tests.bench.gaps [--against PATH]``.

Opens every preset in the whole window, with the built-in digits, and does there what can be done: workspaces, theme,
undo and redo, a setting, steps and images; over, into and back in Step; the pointer over pictures, and clicks.
A command is done inside the event loop, beside a timer of 2 ms; a gap is the time between two beats. Printed is the
longest of each command, first in processor time of the window's thread (what to trust on a busy machine), then by the
clock, and on which preset. With ``--against`` another checkout does the same, in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
SETTLE = 0.25
"""Seconds that the window gets after every command: what it puts off is found too."""
PATIENCE = 20.0
Gap = tuple[float, float]


# In processes of their own --------------------------------------------------------------------------------------------


class Driver:
    """Does commands in a window, and notes the longest gap of each."""

    def __init__(self, app: Any, window: Any) -> None:
        from PySide6.QtCore import QTimer

        self.app, self.window = app, window
        self.found: dict[str, Gap] = {}
        self._last = (0.0, 0.0)
        self._worst = [0.0, 0.0]
        self._beats = QTimer()
        self._beats.timeout.connect(self._beat)
        self._beats.start(2)

    def _beat(self) -> None:
        now = time.perf_counter(), time.thread_time()
        for number in (0, 1):
            self._worst[number] = max(self._worst[number], now[number] - self._last[number])
        self._last = now

    def wait(self, done: Callable[[], bool]) -> None:
        """Let the window go on until something holds."""
        from PySide6.QtTest import QTest

        end = time.monotonic() + PATIENCE
        while not done() and time.monotonic() < end:
            QTest.qWait(5)

    def do(self, name: str, act: Callable[[], object]) -> None:
        """Do a command and note its longest gap."""
        from PySide6.QtCore import QTimer
        from PySide6.QtTest import QTest

        self._worst, self._last = [0.0, 0.0], (time.perf_counter(), time.thread_time())
        QTimer.singleShot(0, act)
        QTest.qWait(round(1e3 * SETTLE))
        self.wait(lambda: not self.window.run.is_busy)
        wall, used = self._worst
        before = self.found.get(name, (0.0, 0.0))
        self.found[name] = max(before[0], 1e3 * used), max(before[1], 1e3 * wall)


def drive(presets: list[str]) -> dict[str, dict[str, Gap]]:
    """Do every command on every preset."""
    from PySide6.QtCore import QSettings
    from PySide6.QtTest import QTest

    from convviz.gui.app import application
    from convviz.gui.window.main_window import MainWindow

    try:
        from convviz.gui.window.collector import Collector
    except ImportError:  # another checkout's, from before
        Collector = None

    app = application("light")
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(QSettings(str(Path(folder) / "s.ini"), QSettings.Format.IniFormat))
        if Collector is not None:
            Collector(window)
        window.resize(1440, 900)
        window.show()
        window.start()
        window.activateWindow()
        QTest.qWait(4000)
        driver, found = Driver(app, window), {}
        driver.wait(lambda: len(window.stack.made) == window.stack.count())
        if hasattr(window.stack, "prepare"):
            window.stack.prepare()
            QTest.qWait(3000)
        driver.wait(lambda: str(window.run.state) == "idle" and not window.run.is_busy and not window.run.compiling())
        for preset in presets:
            driver.found = {}
            for name, act in commands(driver, preset):
                driver.do(name, act)
            found[preset] = driver.found
    return found


def commands(driver: Driver, preset: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """All commands of the window in turn; each is looked for only when it is its turn."""
    from msgspec.structs import replace
    from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QAbstractButton, QApplication

    from convviz.gui.widgets.array.view import ArrayView
    from convviz.storage.presets import preset as read

    window, key = driver.window, Qt.Key
    none, control, shift = (
        Qt.KeyboardModifier.NoModifier,
        Qt.KeyboardModifier.ControlModifier,
        Qt.KeyboardModifier.ShiftModifier,
    )
    titles = [one.text() for one in window.top.switch.findChildren(QAbstractButton)]

    def press(which: Any, held: Any = none) -> Callable[[], object]:
        return lambda: QTest.keyClick(QApplication.focusWidget() or window, which, held)

    def go_to(title: str) -> Callable[[], object]:
        return partial(window.go_to, titles.index(title))

    def move(view: Any, at: QPoint) -> object:
        place = view.mapToGlobal(at)
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(at),
            QPointF(place),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton,
            none,
        )
        return QApplication.sendEvent(view, event)

    def pictures(title: str) -> Iterator[tuple[str, Callable[[], object]]]:
        seen = [view for view in window.findChildren(ArrayView) if view.isVisible() and view.width() > 20][:6]
        for view in seen:
            for part in (0.35, 0.6):
                at = QPoint(round(view.width() * part), view.height() // 2)
                yield f"{title}: the pointer over a picture", partial(move, view, at)
        for view in seen[:3]:
            at = QPoint(view.width() // 2, view.height() // 2)
            yield f"{title}: click on a picture", partial(QTest.mouseClick, view, Qt.MouseButton.LeftButton, none, at)

    document = window.edited.document if hasattr(window, "edited") else window.build.document
    yield "to Build", go_to("Build")
    yield "Build: open a preset", lambda: document.replace(read(preset), f"preset {preset}")
    yield "Build: undo", press(key.Key_Z, control)
    yield "Build: redo", press(key.Key_Z, control | shift)
    training = document.design.training
    new = replace(document.design, training=replace(training, batch_size=training.batch_size + 1))
    yield "Build: another batch size", lambda: document.edit(new, "batch size")
    yield "Build: theme", press(key.Key_T, control)
    yield "Build: theme", press(key.Key_T, control)
    if "Data" in titles:
        yield "to Data", go_to("Data")
        yield "Data: next image", press(key.Key_Right)
        yield "Data: page down", press(key.Key_PageDown)
        yield "Data: theme", press(key.Key_T, control)
        yield "Data: theme", press(key.Key_T, control)
    yield "to Watch", go_to("Watch")
    yield "Watch: next image", press(key.Key_Right, Qt.KeyboardModifier.AltModifier)
    yield from pictures("Watch")
    yield "Watch: 1 minibatch", press(key.Key_F6)
    yield "Watch: theme", press(key.Key_T, control)
    yield "Watch: theme", press(key.Key_T, control)
    yield "to Step", go_to("Step")
    page = window.stack.made["Step"].page if hasattr(window, "stack") else window.step
    driver.wait(lambda: page.isVisible() and page.run is not None and page.is_idle())
    page.setFocus()
    for _ in range(6):
        yield "Step: over", press(key.Key_F10)
    for _ in range(3):
        yield "Step: into", press(key.Key_F11)
    yield from pictures("Step")
    yield "Step: back", press(key.Key_F10, shift)
    yield "Step: theme", press(key.Key_T, control)
    yield "Step: theme", press(key.Key_T, control)
    if "Probe" in titles:
        yield "to Probe", go_to("Probe")
        probe = window.stack.made["Probe"]
        driver.wait(lambda: probe.is_current)
        tabs = len(probe.page.tabs.findChildren(QAbstractButton))
        for number in (*range(1, tabs), 0):
            yield "Probe: another tab", partial(probe.page.go_to, number)
        yield from pictures("Probe")
        yield "Probe: theme", press(key.Key_T, control)
        yield "Probe: theme", press(key.Key_T, control)
    yield "to Build again", go_to("Build")
    yield "to Watch again", go_to("Watch")
    yield "stop", press(key.Key_F5, shift)


# The turns ------------------------------------------------------------------------------------------------------------


def measured(tree: Path, presets: list[str], compiled: str) -> dict[str, dict[str, Gap]]:
    """Do it all in a process of its own, with the code of a checkout."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env |= {"PYTHONPATH": str(tree), "PYTHONPYCACHEPREFIX": compiled}
    if not env.get("DISPLAY") and not env.get("WAYLAND_DISPLAY"):
        env.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, str(HERE), "--child", "--presets", *presets]
        env["XDG_CONFIG_HOME"] = home
        done = subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True, timeout=600, check=False)
    if not done.stdout.strip():
        raise SystemExit(f"{tree} failed:\n{done.stderr}")
    found: dict[str, dict[str, Gap]] = json.loads(done.stdout.splitlines()[-1])
    return found


def longest(turns: list[dict[str, dict[str, Gap]]]) -> dict[str, tuple[float, float, str]]:
    """The longest gap of each command over all presets; of a preset, the median of the turns."""
    found: dict[str, tuple[float, float, str]] = {}
    for preset in turns[0]:
        for name in turns[0][preset]:
            used, wall = (statistics.median(turn[preset][name][kind] for turn in turns) for kind in (0, 1))
            if name not in found or used > found[name][0]:
                found[name] = used, wall, preset
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--presets", nargs="+", default=[], metavar="NAME", help="default: all")
    parser.add_argument("--against", type=Path, metavar="PATH", help="another checkout to measure in the same run")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        sys.stdout.write(json.dumps(drive(args.presets)) + "\n")
        sys.stdout.flush()
        os._exit(0)  # the session's thread may be at work
    trees = {"this": HERE.parents[2]}
    if args.against:
        trees = {"against": args.against.resolve(), **trees}
    presets = args.presets or sorted(path.stem for path in (HERE.parents[2] / "resources" / "presets").glob("*.toml"))
    turns: dict[str, list[dict[str, dict[str, Gap]]]] = {name: [] for name in trees}
    with tempfile.TemporaryDirectory() as compiled:
        for _ in range(args.turns):
            for name, tree in trees.items():
                turns[name].append(measured(tree, presets, compiled))
    tables = {name: longest(found) for name, found in turns.items()}
    print(f"{'longest gap, ms: of the processor, by the clock':<50}" + "".join(f"{name:>36}" for name in trees))
    for command in sorted(tables["this"], key=lambda one: -tables["this"][one][0]):
        cells = ""
        for table in tables.values():
            used, wall, preset = table.get(command, (0.0, 0.0, "-"))
            cells += f"{used:10.0f}{wall:8.0f}  {preset:<16}"
        print(f"{command:<50}{cells}")


if __name__ == "__main__":
    main()
