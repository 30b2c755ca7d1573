"""What is edited while a network trains leaves a mark on its curves, which says what it was."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from whole_window import WholeWindow

from convviz.core.design import Input, Training, course_design
from convviz.run.commands import Pause, SetWeights
from convviz.run.state import State

LONG = course_design(
    filters=4, kernel=(3, 3), image=Input(height=10, width=10), training=Training(batch_size=16, epochs=9000)
)


def set_rate(qtbot, window: WholeWindow, text: str) -> None:
    window.top.live.click()
    field = window.controls.live.fields["optimiser", "lr"]
    field.edit.selectAll()
    qtbot.keyClicks(field.edit, text)
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)


@pytest.fixture
def training(qtbot, window: WholeWindow) -> WholeWindow:
    window.build.document.edit(LONG, "epochs")
    qtbot.waitUntil(lambda: window.run.design.training.epochs == 9000 and window.run.state is State.IDLE, timeout=10000)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.run.position.step > 2, timeout=10000)
    return window


def hold(qtbot, window: WholeWindow) -> None:
    window.run.bridge.send(Pause())
    qtbot.waitUntil(lambda: window.run.state is State.PAUSED, timeout=10000)


def test_that_a_learning_rate_changed_in_training_is_marked_where_it_changed(qtbot, training: WholeWindow) -> None:
    before = training.run.position.step
    set_rate(qtbot, training, "0.05")
    qtbot.waitUntil(lambda: bool(training.run.history.edits.sentences()), timeout=10000)
    after = training.run.position.step
    hold(qtbot, training)
    curves = training.watch.curves
    qtbot.waitUntil(lambda: bool(curves.loss.events.lines), timeout=10000)
    old = f"{LONG.training.optimiser.lr:g}"
    for tab, view in (("Loss", curves.loss), ("Accuracy", curves.accuracy)):
        curves.show_tab(tab)
        ((place, sentence),) = view.events.shown
        assert before <= place <= after
        assert sentence == f"learning rate {old} → 0.05"
        assert [line.value() for line in view.events.lines] == [place]
        view.show_at(place)
        assert f"learning rate {old} → 0.05" in view.crosshair.box.text()
        assert view.accessibleDescription().endswith(f"learning rate {old} → 0.05")
        view.show_at(None)
    curves.show_tab("Loss")


def test_that_a_paused_run_marks_the_step_that_it_stands_at_once(qtbot, training: WholeWindow) -> None:
    hold(qtbot, training)
    step = training.run.position.step
    old = f"{LONG.training.optimiser.lr:g}"
    curves = training.watch.curves.loss
    for text in ("0.3", "0.5"):
        set_rate(qtbot, training, text)
        qtbot.waitUntil(
            lambda text=text: curves.events.shown == ((step, f"learning rate {old} → {text}"),), timeout=10000
        )
    set_rate(qtbot, training, old)
    qtbot.waitUntil(lambda: not curves.events.shown and not curves.events.lines, timeout=10000)


def test_that_edited_weights_are_marked_and_a_new_run_has_no_marks(qtbot, training: WholeWindow) -> None:
    hold(qtbot, training)
    step = training.run.position.step
    shape = training.seen("conv1.weight").shape
    training.run.bridge.send(SetWeights({"conv1.weight": np.zeros((shape[0], 1, *shape[1:]), "f4")}))
    curves = training.watch.curves.loss
    qtbot.waitUntil(lambda: curves.events.shown == ((step, "conv1.weight edited"),), timeout=10000)
    training.run.prepare(replace(LONG, name="another"))
    qtbot.waitUntil(lambda: training.run.design.name == "another", timeout=10000)
    qtbot.waitUntil(lambda: not curves.events.shown, timeout=10000)
