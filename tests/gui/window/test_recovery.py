"""After NaN or infinity: no Resume that fails again, but a way back with a smaller rate, or a new run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings, Qt
from small_run import DESIGN, noise_data
from whole_window import FIRST_FOUR, WholeWindow

from convviz.gui.theme import Theme
from convviz.present.scales import largest_size
from convviz.run.state import State

HIGH = 1000.0
OPTIMISER = replace(DESIGN.training.optimiser, lr=HIGH)
EXPLODING = replace(DESIGN, training=replace(DESIGN.training, optimiser=OPTIMISER, weight_decay=1.0))
"""Every update makes the weights a thousand times larger."""


@pytest.fixture
def failed(qtbot, theme: Theme, tmp_path: Path) -> Iterator[WholeWindow]:
    """A recorded run that has become infinite."""
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    window = WholeWindow(settings, recorded=tmp_path / "runs", workspaces=FIRST_FOUR)
    window.resize(1100, 700)
    window.show()
    try:
        window.begin(EXPLODING, noise_data())
        qtbot.waitUntil(lambda: window.run.state is State.IDLE and not window.run.is_busy, timeout=10000)
        window.top.train.click()
        qtbot.waitUntil(lambda: window.run.diverged and window.run.state is State.IDLE, timeout=20000)
        qtbot.waitUntil(lambda: bool(window.message.action_buttons), timeout=20000)
        yield window
    finally:
        window.edited.document.reset(window.edited.design)
        window.close()
        window.deleteLater()


def way(window: WholeWindow, begins: str):
    return next(one for one in window.message.action_buttons if one.text().startswith(begins))


def test_that_go_on_is_not_offered_until_something_has_changed(qtbot, failed: WholeWindow) -> None:
    qtbot.waitUntil(lambda: "A smaller learning rate usually helps" in failed.message.text())
    assert not failed.top.go_on.isVisible()
    assert not failed.run.can_go_on
    training = failed.edited.design.training
    calmer = replace(training, optimiser=replace(training.optimiser, lr=0.001))
    failed.edited.document.edit(replace(failed.edited.design, training=calmer), "rate")
    qtbot.waitUntil(lambda: failed.run.can_go_on, timeout=5000)
    assert failed.top.go_on.isVisible()


def test_that_one_can_go_back_to_where_it_was_good_with_a_smaller_rate(qtbot, failed: WholeWindow) -> None:
    qtbot.mouseClick(way(failed, "Back to step "), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: failed.run.state is State.PAUSED, timeout=20000)
    assert not failed.run.diverged
    assert failed.run.position.step >= 1
    assert failed.run.design.training.optimiser.lr == pytest.approx(HIGH / 10)
    assert failed.edited.design.training.optimiser.lr == pytest.approx(HIGH / 10)
    assert failed.follower.wanted is None
    qtbot.waitUntil(lambda: "Resume goes on from here" in failed.message.text())


def test_that_the_colours_of_the_run_that_failed_do_not_outlive_it(qtbot, failed: WholeWindow) -> None:
    page = failed.watch
    page.show_all()
    before = page.look.moment
    assert before is not None
    page.scales.end("conv1.weight", [2.5e21])
    qtbot.mouseClick(way(failed, "Back to step "), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: failed.run.state is State.PAUSED, timeout=20000)
    qtbot.waitUntil(lambda: page.look.moment is not before, timeout=10000)
    page.show_all()
    moment = page.look.moment
    assert moment is not None
    largest = largest_size(moment.arrays["conv1.weight"])
    assert page.scales.end("conv1.weight", [0.0]) <= 100 * largest
    assert page.scales.end("conv1.weight", [0.0]) < 1e20


def test_that_one_can_train_anew(qtbot, failed: WholeWindow) -> None:
    runs = failed.run.history.runs
    qtbot.mouseClick(way(failed, "Train anew"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: failed.run.history.runs > runs, timeout=10000)
