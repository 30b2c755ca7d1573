"""From the command to the window: ``python -m tests.bench.start [--turns 7] [--against PATH]``.

Every turn opens the window as ``convviz`` does, in a process of its own with its files compiled, and closes it again;
another checkout takes its turns in between. Draws on whatever Qt platform is in force, offscreen where there is none.

painted
    The window's first paint is done: it is on the screen and answers.
ready
    All of its workspaces are made.

Both in milliseconds from the start of the process, and in those of processor time: on a busy machine trust these.
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
from pathlib import Path

HERE = Path(__file__).resolve()
COLUMNS = ("painted", "painted cpu", "ready", "ready cpu")
CHILD = """
import json, sys, time

began = float(sys.argv[1])
found = {}


def note(name):
    found[name] = 1e3 * (time.perf_counter() - began)
    found[name + " cpu"] = 1e3 * time.process_time()


def watch():
    from PySide6.QtCore import QEvent, QObject, QTimer
    from convviz.gui.app import application

    class First(QObject):
        window = None
        paints = False

        def eventFilter(self, watched, event):
            if type(watched).__name__ != "MainWindow":
                return False
            if event.type() is QEvent.Type.Show and self.window is None:
                self.window = watched
                watched.ready.connect(self.ready)
            if event.type() is QEvent.Type.Paint and not self.paints:
                self.paints = True
                QTimer.singleShot(0, self.painted)
            return False

        def painted(self):
            note("painted")
            if "ready" in found:
                self.window.close()

        def ready(self):
            note("ready")
            if "painted" in found:
                self.window.close()

    first = First()
    application().installEventFilter(first)
    return first


import convviz.__main__

kept = watch()
convviz.__main__.main([])
print(json.dumps(found))
"""


def measured(tree: Path, compiled: str) -> dict[str, float]:
    """Open and close the window of a checkout."""
    with tempfile.TemporaryDirectory() as home:
        env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        env |= {"PYTHONPATH": str(tree), "XDG_CONFIG_HOME": home, "PYTHONPYCACHEPREFIX": compiled}
        if not env.get("DISPLAY") and not env.get("WAYLAND_DISPLAY"):
            env.setdefault("QT_QPA_PLATFORM", "offscreen")
        command = [sys.executable, "-c", CHILD, str(time.perf_counter())]
        done = subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode or not done.stdout.strip():
        raise SystemExit(f"{tree} failed:\n{done.stderr}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--against", type=Path, metavar="PATH", help="another checkout to measure in the same run")
    args = parser.parse_args()
    trees = {"this": HERE.parents[2]}
    if args.against:
        trees = {"against": args.against.resolve(), **trees}
    turns: dict[str, list[dict[str, float]]] = {name: [] for name in trees}
    with tempfile.TemporaryDirectory() as compiled:
        for tree in trees.values():
            measured(tree, compiled)  # compiles
        for _ in range(args.turns):
            for name, tree in trees.items():
                turns[name].append(measured(tree, compiled))
    print(f"{'ms, median of ' + str(args.turns):<20}" + "".join(f"{one:>14}" for one in COLUMNS))
    middles = {}
    for name, found in turns.items():
        middles[name] = {one: statistics.median(figures[one] for figures in found) for one in COLUMNS}
        print(f"{name:<20}" + "".join(f"{middles[name][one]:14.0f}" for one in COLUMNS))
    if args.against:
        ratios = (middles["this"][one] / middles["against"][one] for one in COLUMNS)
        print(f"{'ratio':<20}" + "".join(f"{ratio:14.2f}" for ratio in ratios))


if __name__ == "__main__":
    main()
