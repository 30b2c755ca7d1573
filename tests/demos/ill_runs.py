"""Three runs that go wrong, trained in the window, which is left where it is seen.

python -m tests.demos.ill_runs dead-relus | vanishing | overfitting [--size 1440x900] [--theme dark] [--shot FILE]
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import msgspec
from PySide6.QtCore import QSettings

from convviz.core.design import Design
from convviz.gui.app import application
from convviz.gui.shots import settle, wait
from convviz.gui.window.main_window import MainWindow
from convviz.gui.workspaces.watch.views.warning_strip import WarningStrip
from convviz.run.commands import Train
from convviz.run.state import State
from tests.support.ill_runs import DEAD_RELUS, OVERFITTING, VANISHING

RUNS = {"dead-relus": (DEAD_RELUS, 1200), "vanishing": (VANISHING, 1200), "overfitting": (OVERFITTING, 300)}
"""Design and training images of each."""


def small(design: Design, images: int) -> Design:
    """The design on the first images only."""
    training = msgspec.structs.replace(design.training, train_size=images, test_size=images // 2)
    return msgspec.structs.replace(design, training=training)


def main() -> None:
    """Train a run to its end; then leave the window open, or save a picture of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", choices=list(RUNS))
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--theme", default="light", choices=["light", "dark"])
    parser.add_argument("--shot", type=Path, help="save a picture there and end")
    parser.add_argument("--show", action="store_true", help="press Show on the warning")
    given = parser.parse_args()
    if given.shot is not None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = application(given.theme)
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat))
        window.resize(*(int(side) for side in given.size.split("x")))
        window.show()
        window.start(small(*RUNS[given.run]))
        wait(app, lambda: window.run.state is State.IDLE and len(window.stack.made) == window.stack.count(), window)
        window.go_to(window.stack.number_of("Watch"))
        window.run.bridge.send(Train())
        wait(app, lambda: window.run.state is State.RUNNING, window)
        wait(app, lambda: window.run.state is State.IDLE, window)
        settle(app, 1.0)
        if given.show:
            window.stack.made["Watch"].page.views.of(WarningStrip).look.click()
            settle(app, 1.0)
        if given.shot is None:
            app.exec()
        else:
            window.grab().save(str(given.shot))
        window.close_unasked()
        settle(app, 0.2)


if __name__ == "__main__":
    main()
