"""Workspaces in the window: registered in one line, entered and left, and told nothing while they are hidden."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel
from shared_window import SharedWindow, lend, settle, share
from small_run import DESIGN, noise_data
from whole_window import BUILD, DATA, STEP, WATCH, WholeWindow

import convviz.gui.workspaces
from convviz.core.design import Training
from convviz.gui.theme import Theme
from convviz.gui.workspaces.context import WorkspaceContext
from convviz.gui.workspaces.registry import WORKSPACES, Entry
from convviz.gui.workspaces.workspace import Listening, Status, Workspace
from convviz.run.state import State

ROOMS = Path(convviz.gui.workspaces.__file__).parent
LONG = replace(DESIGN, training=Training(batch_size=16, epochs=9000))
TOY = len(WORKSPACES)
SIZES = ("sizeHint", "minimumSizeHint")
"""Qt asks hidden pages too how small the window may get."""


class ToyWorkspace(Workspace):
    """Counts what it is told."""

    wants_pictures = True

    def __init__(self, context: WorkspaceContext) -> None:
        super().__init__(QLabel("toy"))
        self.context = context
        self.told: Counter[str] = Counter()
        self.step = 0
        self.wrong = ""
        self.keep = False

    def listens(self) -> Listening:
        return ((self.context.run.progressed, self.hear), (self.context.run.stateChanged, self.hear_state))

    def hear(self) -> None:
        self.told["progress"] += 1

    def hear_state(self, _state: State) -> None:
        self.told["state"] += 1

    def catch_up(self) -> None:
        self.told["catch up"] += 1
        self.step = self.context.run.position.step

    def rest(self) -> None:
        self.told["rest"] += 1

    def show_snapshot(self, snapshot: object) -> None:
        self.told["snapshot"] += 1

    def status(self) -> Status:
        return Status(("toys", f"step {self.step}"), ("all of them",))

    def fault(self) -> str:
        return self.wrong

    def edited_weights(self) -> dict[str, np.ndarray]:
        return {"conv1.bias": np.full(4, 0.5, np.float32)}

    def training_starts(self) -> None:
        self.told["train"] += 1

    def may_close(self) -> bool:
        return not self.keep


@pytest.fixture(scope="module")
def toy_window(
    request: pytest.FixtureRequest, qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedWindow]:
    """The window with one workspace more."""
    workspaces = (*WORKSPACES, Entry("Toy", "What is in the toy box?", ToyWorkspace))
    yield from share(request, SharedWindow(tmp_path_factory.mktemp("toy"), workspaces))


@pytest.fixture
def window(
    request: pytest.FixtureRequest, qtbot, theme: Theme, toy_window: SharedWindow, numpy_kernels: None
) -> Iterator[WholeWindow]:
    """It in Watch, with many epochs to train; the toy workspace has been told nothing."""
    lent = lend(request, qtbot, toy_window)
    made = next(lent)
    made.edited.document.reset(LONG)
    with qtbot.waitSignal(made.run.prepared):
        made.run.prepare(LONG, noise_data())
    settle(qtbot, made)
    qtbot.waitUntil(lambda: made.run.design == LONG and not made.run.is_busy)
    toy = toy_of(made)
    toy.told.clear()
    toy.step = 0
    yield made
    toy.wrong, toy.keep = "", False
    next(lent, None)


def toy_of(window: WholeWindow) -> ToyWorkspace:
    toy = window.stack.made["Toy"]
    assert isinstance(toy, ToyWorkspace)
    return toy


def train(qtbot, window: WholeWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.run.position.step > 3, timeout=10000)


def more_steps(qtbot, window: WholeWindow, count: int = 40) -> None:
    step = window.run.position.step
    qtbot.waitUntil(lambda: window.run.position.step > step + count, timeout=20000)


@contextmanager
def calls_by_room() -> Iterator[Counter[str]]:
    """Count the calls of every workspace's own functions on this thread."""
    found: Counter[str] = Counter()

    def count(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_name not in SIZES:
            path = Path(frame.f_code.co_filename)
            if ROOMS in path.parents and path.parent != ROOMS:
                found[path.relative_to(ROOMS).parts[0]] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield found
    finally:
        sys.setprofile(before)


def test_that_a_registered_workspace_has_its_tab_its_key_and_its_status(qtbot, window: WholeWindow) -> None:
    tabs = window.top.switch.findChildren(QAbstractButton)
    assert [tab.text() for tab in tabs] == ["Data", "Build", "Watch", "Step", "Probe", "Compare", "Toy"]
    assert "What is in the toy box? (Ctrl+7)" in tabs[-1].toolTip()
    qtbot.keyClick(window, Qt.Key(Qt.Key.Key_1 + TOY), Qt.KeyboardModifier.ControlModifier)
    assert window.stack.currentWidget() is toy_of(window).page
    assert window.top.switch.index == TOY
    assert window.status.text() == "toys · step 0 · all of them"
    toy_of(window).step = 7
    toy_of(window).statusChanged.emit()
    assert window.status.text() == "toys · step 7 · all of them"
    qtbot.mouseClick(tabs[BUILD], Qt.MouseButton.LeftButton)
    assert window.stack.currentIndex() == BUILD


def test_that_only_the_workspace_in_front_says_the_status(window: WholeWindow) -> None:
    before = window.status.text()
    toy_of(window).statusChanged.emit()
    assert window.status.text() == before


def test_that_a_hidden_workspace_hears_nothing_of_training_and_is_current_when_entered(
    qtbot, window: WholeWindow
) -> None:
    toy = toy_of(window)
    train(qtbot, window)
    more_steps(qtbot, window)
    assert not toy.told
    window.go_to(TOY)
    assert toy.told["catch up"] == 1
    assert toy.step == window.run.position.step > 3
    qtbot.waitUntil(lambda: toy.told["progress"] > 2 and toy.told["snapshot"] > 2, timeout=10000)
    window.go_to(BUILD)
    assert toy.told["rest"] == 1
    told = toy.told.copy()
    more_steps(qtbot, window)
    assert toy.told == told


@pytest.mark.parametrize("front", [TOY, WATCH, BUILD])
def test_that_no_code_of_a_hidden_workspace_runs_while_it_trains(qtbot, window: WholeWindow, front: int) -> None:
    for number in (DATA, STEP, WATCH, BUILD, TOY):  # all have been shown once
        window.go_to(number)
        QApplication.processEvents()
    train(qtbot, window)
    window.go_to(front)
    more_steps(qtbot, window, 5)
    with calls_by_room() as calls:
        more_steps(qtbot, window)
    names = {WATCH: {"watch"}, BUILD: {"builder"}, TOY: set()}
    assert set(calls) == names[front]


def test_that_watch_and_build_show_what_happened_while_they_were_hidden(qtbot, window: WholeWindow) -> None:
    window.go_to(TOY)
    train(qtbot, window)
    frames = window.watch.frames
    more_steps(qtbot, window)
    assert window.watch.frames == frames
    window.go_to(WATCH)
    qtbot.waitUntil(lambda: window.watch.frames > frames, timeout=10000)
    assert window.watch.scales.step > 40
    window.go_to(BUILD)
    assert window.build.totals.text().startswith(window.run.summary().lead())


def test_that_build_shows_edits_that_were_made_while_it_was_hidden(window: WholeWindow) -> None:
    wider = replace(LONG, training=replace(LONG.training, batch_size=8))
    window.go_to(BUILD)
    window.go_to(WATCH)
    row = window.build.hyper.rows[("training", "batch_size")]
    window.edited.document.edit(wider, "batch size")
    assert row.editor.value == 16
    window.go_to(BUILD)
    assert window.build.hyper.rows[("training", "batch_size")].editor.value == 8


def test_that_train_takes_over_weights_of_the_workspace_in_front_alone(
    qtbot, window: WholeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    send = window.run.bridge.send
    monkeypatch.setattr(window.run.bridge, "send", lambda command: (sent.append(type(command).__name__), send(command)))
    qtbot.keyClick(window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: window.run.state is State.PAUSED, timeout=10000)
    assert "SetWeights" not in sent
    window.go_to(TOY)
    qtbot.keyClick(window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: window.run.position.step == 2, timeout=10000)
    assert "SetWeights" in sent
    assert "conv1.bias" in window.message.text()


def test_that_a_fault_in_front_keeps_train_from_being_pressed(window: WholeWindow) -> None:
    toy = toy_of(window)
    toy.wrong = "the toy box is empty"
    assert window.top.train.isEnabled()
    window.go_to(TOY)
    assert not window.top.train.isEnabled()
    assert window.top.train.toolTip() == "the toy box is empty"
    toy.wrong = ""
    toy.faultChanged.emit()
    assert window.top.train.isEnabled()


def test_that_the_start_of_training_is_a_matter_of_the_workspace(qtbot, window: WholeWindow) -> None:
    window.go_to(TOY)
    train(qtbot, window)
    assert toy_of(window).told["train"] == 1
    assert window.stack.currentIndex() == TOY, "training is seen here"


def test_that_training_from_build_goes_where_it_is_seen(qtbot, window: WholeWindow) -> None:
    window.go_to(BUILD)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.stack.currentIndex() == WATCH, timeout=5000)  # a button stays down for a moment


def test_that_a_workspace_can_keep_the_window_open(window: WholeWindow) -> None:
    toy_of(window).keep = True
    assert not window.close()
    assert window.run.bridge.running
    event = QCloseEvent()
    toy_of(window).keep = False
    window.closeEvent(event)
    assert event.isAccepted()
