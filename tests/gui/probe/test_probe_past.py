"""Probe measures the moment that Watch shows, and says which it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from small_run import DESIGN, noise, noise_data
from whole_window import WholeWindow

import convviz
from convviz.gui.run_model.past import PastModel
from convviz.gui.workspaces.probe.page import MEASURE, MEASURE_PAST, ProbePage
from convviz.gui.workspaces.registry import WORKSPACES
from convviz.run.commands import Train
from convviz.run.state import State

END, THEN = 18, 7
NEEDED = [entry for entry in WORKSPACES if entry.title in ("Watch", "Probe")]


@pytest.fixture
def trained(qtbot, tmp_path: Path) -> Iterator[WholeWindow]:
    """A window that has recorded a run."""
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    window = WholeWindow(settings, recorded=tmp_path / "runs", workspaces=NEEDED)
    window.show()
    window.start(DESIGN, noise_data())
    with qtbot.waitSignal(window.ready):
        pass
    qtbot.waitUntil(lambda: window.run.state is State.IDLE)
    window.run.bridge.send(Train())
    qtbot.waitUntil(lambda: window.run.position.step == END and window.run.state is State.IDLE)
    qtbot.waitUntil(lambda: window.recorded == END)
    yield window
    window.close_unasked()
    window.deleteLater()


def go_to(window: WholeWindow, title: str) -> None:
    window.go_to(window.stack.number_of(title))


def accuracy(window: WholeWindow, step: int) -> str:
    """What the network of a step gets right of the test images."""
    _, test = noise()
    with convviz.open_run(window.run.recording, noise_data()) as run:
        found = convviz.predict(run.at(step).network, test.images, test.labels)
    return f"{found.accuracy:.2%} right"


def test_that_the_past_moment_is_measured_and_named_and_then_the_live_network(qtbot, trained: WholeWindow) -> None:
    past = trained.findChild(PastModel)
    past.go_to(THEN)
    go_to(trained, "Probe")
    page = trained.stack.front.page
    assert isinstance(page, ProbePage)
    then = f"{accuracy(trained, THEN)} · the past, as in Watch: epoch 2, step {THEN}, the live network is at {END}"
    qtbot.waitUntil(lambda: page.said.text() == then)
    assert trained.stack.front.moment.step == THEN
    assert page.live.isVisible()
    qtbot.mouseClick(page.measure, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: trained.stack.front.is_current and page.measure.isVisible())
    assert page.said.text() == then, "measured again, it is still that moment"
    qtbot.mouseClick(page.live, Qt.MouseButton.LeftButton)
    now = f"{accuracy(trained, END)} · measured at epoch 3, step {END}"
    qtbot.waitUntil(lambda: page.said.text() == now)
    assert not page.live.isVisible()
    assert past.step is None, "Watch shows the live network as well"


def test_that_the_way_back_is_there_before_the_past_moment_is(qtbot, trained: WholeWindow) -> None:
    go_to(trained, "Probe")
    page = trained.stack.front.page
    assert isinstance(page, ProbePage)
    now = f"{accuracy(trained, END)} · measured at epoch 3, step {END}"
    qtbot.waitUntil(lambda: page.said.text() == now)
    assert page.measure.toolTip().startswith(MEASURE)
    past = trained.findChild(PastModel)
    past.go_to(THEN)
    assert trained.stack.front.moment.step == END, "it is still asked for"
    assert page.live.isVisible()
    assert page.measure.toolTip().startswith(MEASURE_PAST)
    qtbot.waitUntil(lambda: trained.stack.front.moment.step == THEN)
    past.back_to_live()
    assert trained.stack.front.moment.step == THEN
    assert not page.live.isVisible(), "it is gone back"
    assert page.measure.toolTip().startswith(MEASURE)
    qtbot.waitUntil(lambda: page.said.text() == now)


def test_that_no_figures_are_given_for_the_image_that_stands_in(qtbot, trained: WholeWindow) -> None:
    go_to(trained, "Probe")
    page = trained.stack.front.page
    assert isinstance(page, ProbePage)
    qtbot.waitUntil(lambda: "%" in page.said.text())
    trained.run.stands_in = True
    trained.run.progressed.emit()
    assert page.said.text().startswith("no images are at hand")
    assert not any(letter.isdigit() for form in page.said.texts for letter in form)
    page.said.resize(page.said.fontMetrics().horizontalAdvance("no images are at hand, a black"), page.said.height())
    assert page.said.shown_text() == "no images are at hand"


def test_that_a_moment_that_can_not_be_replayed_is_said_beside_the_live_numbers(qtbot, trained: WholeWindow) -> None:
    path, past = trained.run.recording, trained.findChild(PastModel)
    assert path is not None
    wanted = accuracy(trained, END)
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()
    past.go_to(THEN)
    qtbot.waitUntil(lambda: bool(past.look.problem))
    go_to(trained, "Probe")
    page = trained.stack.front.page
    said = f"{wanted} · measured at epoch 3, step {END}, the live network: step {THEN} can't be replayed"
    qtbot.waitUntil(lambda: page.said.text() == said)
