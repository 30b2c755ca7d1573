"""A walk through Rewind with the mouse: break, drag the timeline, play, step a minibatch, branch, compare.

python -m tests.demos.rewind_walk FOLDER [--size 1440x900] [--theme dark]

Saves a picture at every stop, and prints what was found there as JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from convviz.core.design import Design
from convviz.gui.app import application
from convviz.gui.run_model.breakpoints import BreakpointsModel
from convviz.gui.run_model.hold import HoldModel
from convviz.gui.run_model.past import PastModel
from convviz.gui.shots import settle, wait
from convviz.gui.widgets.timeline.plot import TimelinePlot
from convviz.gui.workspaces.compare.adapter import CompareAdapter
from convviz.run.state import State
from convviz.storage.presets import preset
from convviz.training.pass_source import PassKind
from tests.support.whole_window import TITLES, WATCH, WholeWindow

HELD = 24
LEFT = Qt.MouseButton.LeftButton
Grab = Callable[[str], None]


def design() -> Design:
    """A preset on a few images: 3 epochs of 10 minibatches."""
    found = preset("course-7x7")
    training = replace(found.training, epochs=3, batch_size=32, train_size=320, test_size=100)
    return replace(found, training=training)


def click(widget: QWidget) -> None:
    """Click its middle."""
    QTest.mouseClick(widget, LEFT)


def drag(plot: TimelinePlot, first: int, last: int) -> None:
    """Drag the cursor from step to step, over those between."""
    way = 1 if last > first else -1
    QTest.mousePress(plot, LEFT, pos=place(plot, first))
    for step in range(first, last + way, way):
        QTest.mouseMove(plot, place(plot, step))
        QApplication.processEvents()
    QTest.mouseRelease(plot, LEFT, pos=place(plot, last))


def place(plot: TimelinePlot, step: int) -> QPoint:
    """Where a step is, in the area of the loss."""
    return QPoint(round(plot.x_of(step)), plot.height() // 2)


def walk(app: QApplication, window: WholeWindow, grab: Grab) -> dict[str, object]:
    """Go through it; what was found."""
    seen: dict[str, object] = {"platform": app.platformName()}
    run, page = window.run, window.watch
    past, hold, points = (window.findChild(kind) for kind in (PastModel, HoldModel, BreakpointsModel))
    timeline, plot = page.timeline, page.timeline.plot
    segments = {button.text(): button for button in window.top.switch.findChildren(QAbstractButton)}

    def until(done: Callable[[], bool]) -> None:
        wait(app, done, window)

    def shown(step: int) -> None:
        until(lambda: page.shown_step == step and not past.look.is_loading)

    click(segments["Watch"])
    points.add(f"step {HELD}")
    click(window.top.train)
    until(lambda: run.state is State.PAUSED and hold.look is not None and hold.look.tested is not None)
    until(lambda: hold.look.usual is not None or bool(hold.look.no_usual))
    until(lambda: page.hold.isVisible() and plot.last >= HELD - 1)
    seen["held"] = run.position.step
    grab("1-held")

    drag(plot, HELD - 2, 6)
    shown(6)
    until(lambda: page.network.isVisible())
    seen["dragged"] = page.shown_step
    grab("2-past")

    click(timeline.speed.button(0))
    steps: list[int] = []
    timeline.stepAsked.connect(steps.append)
    click(timeline.play)
    until(lambda: len(steps) >= 5)
    click(timeline.play)
    until(lambda: not past.look.is_loading)
    seen["played"] = steps[:5]

    QTest.mouseClick(plot, LEFT, pos=place(plot, 10))
    shown(10)
    before = page.look.moment.arrays["conv1.weight"].copy()
    click(timeline.step_button)
    until(lambda: window.step.source is not None and window.step.source.kind is PassKind.PAST)
    until(lambda: window.step.run is not None and window.step.is_idle())
    seen["stepped"] = window.step.source.position.step
    seen["replayed"] = window.message.text()
    grab("3-step")

    click(segments["Watch"])
    shown(10)
    networks = run.networks
    click(timeline.branch_button)
    until(lambda: run.networks > networks and run.state is State.PAUSED and run.position.step == 10)
    until(lambda: page.shown_step == 10 and past.step is None)
    seen["branched"] = bool((page.look.moment.arrays["conv1.weight"] == before).all())
    seen["fork"] = [(step, kind) for step, _, kind in run.history.marks if kind == "fork"]
    points.set_points(tuple(point for point in points.points if point.number == 1))
    edited = window.edited.design
    optimiser = replace(edited.training.optimiser, lr=4 * edited.training.optimiser.lr)
    window.edited.document.edit(replace(edited, training=replace(edited.training, optimiser=optimiser)), "lr")
    click(window.top.train)
    until(lambda: run.state is State.IDLE and run.position.step == 30)
    settle(app, 1.0)
    grab("4-branch")

    click(segments["Compare"])
    compare = window.stack.front
    assert isinstance(compare, CompareAdapter)
    until(lambda: len(compare.rows) == 2 and compare.curves_known == 2)
    parent, branch = sorted((row.path for row in compare.rows), key=lambda path: path.name)
    compare.set_pair("A", parent)
    compare.set_pair("B", branch)
    settle(app, 1.0)
    seen["compared"] = sorted(row.path.name for row in compare.rows)
    grab("5-compare")
    return seen


def main() -> None:
    """Open the window, walk, and say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", default="1100x700")
    parser.add_argument("--theme", default="light", choices=["light", "dark"])
    given = parser.parse_args()
    app = application(given.theme)
    settings = QSettings(str(given.out / "s.ini"), QSettings.Format.IniFormat)
    window = WholeWindow(settings, kept=given.out / "kept", recorded=given.out / "runs")
    window.resize(*(int(side) for side in given.size.split("x")))
    window.show()
    window.start(design())
    wait(app, lambda: window.run.state is State.IDLE and len(window.stack.made) == len(TITLES), window)
    window.go_to(WATCH)

    def grab(name: str) -> None:
        settle(app, 0.5)
        window.grab().save(str(given.out / f"{name}-{given.size}-{given.theme}.png"))

    seen = walk(app, window, grab)
    window.close_unasked()
    sys.stdout.write(f"{json.dumps(seen)}\n")


if __name__ == "__main__":
    main()
