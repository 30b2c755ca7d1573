"""The moment that Compare looks at and the timeline's: one follows the other where they are of the same run."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject

from convviz.gui.workspaces.compare.moment import SharedStep

HERE, ELSEWHERE = Path("here.cvz"), Path("elsewhere.cvz")


class Timeline(QObject):
    """A timeline of a run of 100 minibatches that goes where it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.step: int | None = None
        self.tell: list[SharedStep] = []

    def go_to(self, step: int) -> None:
        self._move(step)

    def back_to_live(self) -> None:
        self._move(None)

    def _move(self, step: int | None) -> None:
        self.step = step
        for one in self.tell:
            one.follow()


@pytest.fixture
def timeline(qtbot) -> Timeline:
    return Timeline()


def moment_of(timeline: Timeline, listed: Path) -> SharedStep:
    run = SimpleNamespace(
        recordings=SimpleNamespace(parts=(SimpleNamespace(path=HERE),)), position=SimpleNamespace(step=100)
    )
    moment = SharedStep(run, timeline, lambda: {listed}, timeline)  # type: ignore[arg-type]
    timeline.tell.append(moment)
    return moment


def test_that_the_timeline_moves_compare_and_compare_the_timeline(qtbot, timeline: Timeline) -> None:
    moment = moment_of(timeline, HERE)
    with qtbot.waitSignal(moment.moved, timeout=1000):
        timeline.go_to(40)
    assert moment.step == 40
    moment.go_to(70)
    assert (moment.step, timeline.step) == (70, 70)
    timeline.back_to_live()
    assert moment.step is None


def test_that_a_step_after_the_windows_run_is_looked_at_in_the_others(timeline: Timeline) -> None:
    moment = moment_of(timeline, HERE)
    moment.go_to(40)
    moment.go_to(300)
    assert (moment.step, timeline.step) == (300, None)
    moment.go_to(None)
    assert (moment.step, timeline.step) == (None, None)


def test_that_the_timeline_of_another_run_stays_where_it_is(timeline: Timeline) -> None:
    moment = moment_of(timeline, ELSEWHERE)
    moment.go_to(40)
    assert timeline.step is None
    timeline.go_to(20)
    assert moment.step == 40
