"""A trained network stays until the user asks for another; what was edited meanwhile is said, and waits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from shared_window import settle, step_into
from small_run import DESIGN
from whole_window import BUILD, STEP, WATCH, WholeWindow

from convviz.core.design import Training
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.widgets.labels import ElidedLabel
from convviz.gui.workspaces.builder.settings.field_row import ROOM
from convviz.run.commands import Inspect
from convviz.run.state import State


def edit(window: WholeWindow, **settings: Any) -> None:
    """Edit in Build."""
    window.go_to(BUILD)
    design = window.build.design()
    window.build.document.edit(replace(design, training=replace(design.training, **settings)), "settings")


def rate(window: WholeWindow, value: float) -> None:
    edit(window, optimiser=replace(window.build.design().training.optimiser, lr=value))


def trained(qtbot, window: WholeWindow) -> np.ndarray:
    """Train to the end; the weights."""
    runs = window.run.history.runs
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.run.history.runs > runs, timeout=10000)
    qtbot.waitUntil(lambda: "finished" in window.top.facts.text(), timeout=20000)
    qtbot.waitUntil(lambda: window.run.state is State.IDLE, timeout=5000)
    return weights(qtbot, window)


def weights(qtbot, window: WholeWindow) -> np.ndarray:
    """The first filters, as the session has them now."""
    window.go_to(STEP)
    with qtbot.waitSignal(window.run.inspected, timeout=10000) as found:
        window.run.bridge.send(Inspect())
    return found.args[0].arrays["conv1.weight"].copy()


def begun(qtbot, window: WholeWindow) -> None:
    """One minibatch, then held."""
    qtbot.keyClick(window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: window.run.position.step == 1 and window.run.state is State.PAUSED, timeout=10000)


def pill(window: WholeWindow, *path: str) -> str:
    window.go_to(BUILD)
    rows = window.build.hyper.rows
    row = rows[("training", *path)] if ("training", *path) in rows else window.build.hyper.kinds[path[0]]
    return row.badge.text()


def test_that_an_edit_after_a_finished_run_keeps_weights_curves_and_step(qtbot, window: WholeWindow) -> None:
    before = trained(qtbot, window)
    edit(window, batch_size=32)
    settle(qtbot, window)
    np.testing.assert_array_equal(weights(qtbot, window), before)
    assert "finished" in window.top.facts.text()
    assert len(window.run.history.epochs) == 3
    assert window.run.design == DESIGN
    np.testing.assert_array_equal(window.step.source.after["conv1.weight"], before)
    assert window.top.train.text() == "Train edits"
    assert not window.top.restart.isVisible()
    assert window.build.totals.text() == "Trained 3 epochs The run has batch size 16: “Train edits” applies 32"
    assert pill(window, "batch_size") == "run has 16"


def test_that_undo_takes_the_pending_edit_back(qtbot, window: WholeWindow) -> None:
    before = trained(qtbot, window)
    edit(window, batch_size=32)
    rate(window, 0.02)
    window.build.undo_stack.undo()
    window.build.undo_stack.undo()
    settle(qtbot, window)
    np.testing.assert_array_equal(weights(qtbot, window), before)
    assert window.run.design == DESIGN
    assert window.follower.wanted is None
    assert window.top.train.text() == "Train anew"
    assert window.build.totals.text() == "Trained 3 epochs"
    assert pill(window, "batch_size") == "restart"


def test_that_train_trains_the_edited_design_from_the_start(qtbot, window: WholeWindow) -> None:
    trained(qtbot, window)
    edit(window, batch_size=32)
    qtbot.mouseClick(window.top.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "finished" in window.top.facts.text() and window.run.position.step == 9, timeout=20000)
    assert window.run.design.training.batch_size == 32
    assert len(window.run.history.epochs) == 3
    assert window.top.train.text() == "Train anew"
    assert pill(window, "batch_size") == "restart"


def test_that_one_minibatch_begins_with_the_edited_design(qtbot, window: WholeWindow) -> None:
    trained(qtbot, window)
    edit(window, batch_size=32)
    begun(qtbot, window)
    assert window.run.design.training.batch_size == 32


def test_that_the_keys_go_on_with_a_stopped_run_while_an_edit_waits(qtbot, window: WholeWindow) -> None:
    run, top = window.run, window.top
    begun(qtbot, window)
    edit(window, batch_size=32)
    qtbot.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: run.is_stopped and top.go_on.isVisible(), timeout=10000)
    assert (top.go_on.text(), top.train.text()) == ("Resume", "Train edits")
    assert "(F5)" in top.go_on.toolTip()
    assert "(F5)" not in top.train.toolTip()
    assert "new run" not in top.step.toolTip()
    qtbot.keyClick(window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: run.state is State.PAUSED and run.position.step == 2, timeout=10000)
    qtbot.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: run.is_stopped and top.go_on.isVisible(), timeout=10000)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: run.position.step == 18 and run.state is State.IDLE, timeout=20000)
    assert len(run.history.minibatches) == 18, "it is the same run"
    assert run.design.training.batch_size == 16
    qtbot.waitUntil(lambda: not top.go_on.isVisible(), timeout=10000)
    assert top.train.text() == "Train edits"
    assert "(F5)" in top.train.toolTip(), "nothing is left to go on with"


def test_that_the_buttons_begin_with_the_edits_once_that_is_asked_for(qtbot, window: WholeWindow) -> None:
    begun(qtbot, window)
    edit(window, batch_size=32)
    qtbot.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(window.top.go_on.isVisible, timeout=10000)
    window.top.train.click()
    assert not window.top.go_on.isVisible(), "the edited network is being made"
    window.top.step.click()
    qtbot.waitUntil(lambda: window.run.design.training.batch_size == 32, timeout=10000)
    qtbot.waitUntil(lambda: window.run.position.step == 1 and window.run.state is State.PAUSED, timeout=10000)


def test_that_an_edit_during_a_run_survives_its_end_and_so_does_the_network(qtbot, window: WholeWindow) -> None:
    begun(qtbot, window)
    edit(window, batch_size=8)
    assert window.top.restart.isVisible()
    assert window.build.totals.text() == "Paused in epoch 1/3 The run has batch size 16: restart to apply 8"
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: "finished" in window.top.facts.text(), timeout=20000)
    settle(qtbot, window)
    assert window.run.position.step == 18
    assert "finished" in window.top.facts.text()
    assert window.build.design().training.batch_size == 8
    assert window.top.train.text() == "Train edits"
    assert pill(window, "batch_size") == "run has 16"


def test_that_a_live_setting_reaches_the_run_beside_an_edit_that_waits(qtbot, window: WholeWindow) -> None:
    begun(qtbot, window)
    edit(window, batch_size=8)
    rate(window, 0.25)
    assert pill(window, "optimiser", "lr") == "applied"
    assert window.run.design.training.optimiser.lr == 0.25
    assert window.run.design.training.batch_size == 16
    qtbot.waitUntil(lambda: pill(window, "optimiser", "lr") == "live", timeout=5000)
    step_into(qtbot, window)
    window.step.views.pass_choice.picked.emit("next")
    assert float(window.step.run.env["lr"]) == 0.25


def test_that_epochs_below_those_begun_wait_for_the_next_run(qtbot, window: WholeWindow) -> None:
    trained(qtbot, window)
    edit(window, epochs=2)
    settle(qtbot, window)
    assert pill(window, "epochs") == "run has 3"
    assert window.top.train.text() == "Train edits"
    assert window.run.position.epochs == 3


def test_that_pills_stay_within_the_panel(qtbot, window: WholeWindow) -> None:
    from convviz.core.init import Init
    from convviz.core.optim import Adam

    begun(qtbot, window)
    window.go_to(BUILD)
    wide = Training(optimiser=Adam(), batch_size=8, epochs=3, init=Init(kind="zeros"), seed=123456789, train_size=90)
    window.build.document.edit(replace(DESIGN, training=wide), "settings")
    assert pill(window, "optimiser") == "run has SGD"
    assert pill(window, "init") == "differs"
    for row in (*window.build.hyper.rows.values(), *window.build.hyper.kinds.values()):
        assert row.minimumSizeHint().width() <= ROOM, row.label.text()
    assert "5 values are not the run's: restart to apply them" in window.build.totals.text()


def test_that_a_preset_waits_beside_a_trained_network_and_brings_its_images_with_train(
    qtbot, window: WholeWindow
) -> None:
    before = trained(qtbot, window)
    window.go_to(BUILD)
    window.build.editor.open_preset("toy-4x4")
    settle(qtbot, window)
    np.testing.assert_array_equal(weights(qtbot, window), before)
    assert window.run.data_name == "noise"
    window.go_to(BUILD)
    assert window.build.data_box.name.text() == "toy images"
    assert window.build.is_valid()
    assert window.top.train.isEnabled()
    window.build.undo_stack.undo()
    assert window.build.data_box.name.text() == "noise"
    assert window.follower.wanted is None
    assert window.follower.data is None
    window.build.undo_stack.redo()
    qtbot.mouseClick(window.top.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.run.data_name == "toy images" and window.run.position.step > 0, timeout=10000)
    assert window.run.design.input.height == 4


def test_that_a_run_goes_on_after_stop_and_after_more_epochs(qtbot, window: WholeWindow) -> None:
    begun(qtbot, window)
    assert not window.top.go_on.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: window.top.go_on.isVisible(), timeout=10000)
    qtbot.mouseClick(window.top.go_on, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "finished" in window.top.facts.text(), timeout=20000)
    stopped = weights(qtbot, window)
    assert window.run.history.minibatches.column(0).tolist() == list(range(1, 19))
    assert not window.top.go_on.isVisible()
    np.testing.assert_array_equal(trained(qtbot, window), stopped)
    edit(window, epochs=4)
    assert window.top.go_on.isVisible()
    assert "stopped" in window.top.facts.text()
    edit(window, epochs=3)
    assert "finished" in window.top.facts.text()
    edit(window, epochs=4)
    qtbot.mouseClick(window.top.go_on, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(window.run.history.epochs) == 4, timeout=20000)
    qtbot.waitUntil(lambda: "finished" in window.top.facts.text(), timeout=20000)
    assert window.run.position.step == 24


def test_that_an_epoch_of_the_same_work_is_told_as_it_was_measured(qtbot, window: WholeWindow) -> None:
    trained(qtbot, window)
    window.go_to(BUILD)
    seconds = window.run.timed.seconds
    assert seconds > 0
    assert "as measured in the last epoch" in window.build.totals.epoch.toolTip()
    assert not window.build.totals.epoch.number.text().startswith("≈")
    edit(window, batch_size=8)
    assert "as measured in the last epoch" not in window.build.totals.epoch.toolTip()
    rate(window, 0.5)
    edit(window, batch_size=16)
    assert "as measured in the last epoch" in window.build.totals.epoch.toolTip()


def test_that_a_live_setting_does_not_undo_an_edit_that_waits(qtbot, window: WholeWindow) -> None:
    begun(qtbot, window)
    edit(window, batch_size=8)
    window.go_to(WATCH)
    window.top.live.click()
    live = window.controls.live
    assert live.caption.text().endswith("other edits wait until the run is started anew.")
    field = live.fields["epochs",]
    field.edit.setFocus()
    field.edit.selectAll()
    qtbot.keyClicks(field.edit, "5")
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    assert window.build.design().training.batch_size == 8
    qtbot.waitUntil(lambda: "epoch 1/5" in window.top.facts.text(), timeout=10000)
    live.hide()


@pytest.mark.parametrize("size", [(1440, 900), (1100, 700)])
def test_that_nothing_is_cut_while_edits_wait_beside_a_run(qtbot, window: WholeWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    edit(window, epochs=9000)
    qtbot.waitUntil(lambda: window.run.design.training.epochs == 9000 and not window.run.is_busy, timeout=10000)
    begun(qtbot, window)
    edit(window, batch_size=8)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.run.position.step > 20, timeout=10000)
    frames = window.watch.frames
    qtbot.waitUntil(lambda: window.watch.frames > frames, timeout=10000)
    assert window.top.restart.isVisible()
    for label in window.findChildren(ElidedLabel):
        if label.isVisible():
            whole = isinstance(label, FittingLabel) and label.shown_text() in label.texts
            assert whole or label.shown_text() == label.text()
    for label in window.top.findChildren(QLabel):
        assert label.width() >= label.sizeHint().width()
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.run.state is State.PAUSED, timeout=10000)
