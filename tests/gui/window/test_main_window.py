"""The window as a person uses it: keys and clicks in, what is on screen out."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from shared_window import settle, step_into
from small_run import noise
from whole_window import BUILD, STEP, WATCH, WholeWindow

from convviz.core.design import Input, Training, course_design
from convviz.gui.theme import current_theme
from convviz.gui.widgets.fields.value_field import ValueField
from convviz.run.state import State


def press(qtbot, window: WholeWindow, key: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(window, key, modifier)


def test_that_an_image_goes_through_the_untrained_network_without_a_click(window: WholeWindow) -> None:
    shown = window.watch.network.map.picture
    assert [column.layer for column in shown.columns] == ["x", "conv1", "dense1"]
    assert [one.name for one in shown.shown] == ["x", "conv1.z", "dense1.z"]
    assert "untrained" in window.top.facts.text()
    np.testing.assert_array_equal(window.seen("x"), noise()[1].images[0, 0])


@pytest.mark.usefixtures("kernels")
def test_that_train_pause_resume_and_stop_do_what_they_say(qtbot, window: WholeWindow) -> None:
    qtbot.mouseClick(window.top.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.run.position.step > 0, timeout=10000)
    qtbot.waitUntil(lambda: window.run.state is State.IDLE, timeout=20000)
    assert window.run.position.step == 18
    assert len(window.run.history.epochs) == 3
    assert window.top.train.text() == "Train anew"
    assert "finished" in window.top.facts.text()


def test_that_one_minibatch_moves_the_weights_once_and_shows_the_gradient(qtbot, window: WholeWindow) -> None:
    before = window.seen("conv1.weight").copy()
    press(qtbot, window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: window.run.state is State.PAUSED, timeout=10000)
    qtbot.waitUntil(lambda: not np.array_equal(window.seen("conv1.weight"), before), timeout=10000)
    assert window.run.position.step == 1
    qtbot.waitUntil(window.watch.detail.gradient.isVisible, timeout=10000)
    assert window.top.train.text() == "Resume"
    assert window.top.stop.isEnabled()


def test_that_shortcuts_survive_the_change_of_the_buttons_words(qtbot, window: WholeWindow) -> None:
    press(qtbot, window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: window.run.state is State.PAUSED, timeout=10000)
    press(qtbot, window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.run.position.step > 1, timeout=10000)
    qtbot.waitUntil(lambda: window.run.state is State.IDLE, timeout=20000)


def test_that_the_keys_go_on_with_a_stopped_run_as_with_one_that_is_paused(qtbot, window: WholeWindow) -> None:
    run, seen = window.run, window.seen
    press(qtbot, window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: run.state is State.PAUSED, timeout=10000)
    press(qtbot, window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: run.is_stopped and window.top.go_on.isVisible(), timeout=10000)
    assert window.top.go_on.toolTip().endswith("(F5)")
    assert (window.top.go_on.kind, window.top.train.kind) == ("primary", "secondary")
    assert "(F5)" not in window.top.train.toolTip()
    qtbot.waitUntil(lambda: window.watch.shown_step == 1, timeout=10000)
    before = seen("conv1.weight").copy()
    press(qtbot, window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: run.state is State.PAUSED and run.position.step == 2, timeout=10000)
    qtbot.waitUntil(lambda: window.watch.shown_step == 2, timeout=10000)
    assert np.abs(seen("conv1.weight") - before).max() < 0.1, "one update further, not other initial weights"
    press(qtbot, window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: run.is_stopped and window.top.go_on.isVisible(), timeout=10000)
    press(qtbot, window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: run.position.step == 18 and run.state is State.IDLE, timeout=20000)
    assert len(run.history.minibatches) == 18, "no minibatch was trained twice"


def test_that_a_filter_is_picked_by_a_click_and_by_keys(qtbot, window: WholeWindow) -> None:
    place = window.watch.network.map.plan.places[1]
    x, y = place.filters.corner(2)
    where = window.watch.network.map.point_of(x + 2, y + 2)
    qtbot.mouseClick(window.watch.network.map, Qt.MouseButton.LeftButton, pos=where)
    assert window.watch.detail.title.text() == "Filter 2"
    press(qtbot, window, Qt.Key.Key_BracketRight, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.watch.detail.title.text() == "Filter 3", timeout=2000)
    shown = window.watch.detail.weight.view.picture.values
    np.testing.assert_array_equal(np.squeeze(shown), window.seen("conv1.weight")[3])


def test_that_the_next_image_is_shown(qtbot, window: WholeWindow) -> None:
    before = window.seen("x").copy()
    press(qtbot, window, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: not np.array_equal(window.seen("x"), before), timeout=10000)
    assert "image 1, label" in window.watch.network.image.texts[0]


def test_that_a_picture_opens_large_and_escape_goes_back(qtbot, window: WholeWindow) -> None:
    window.watch.open_picture("conv1.z")
    assert window.watch.enlarged.isVisible()
    qtbot.keyClick(window.watch.enlarged.view, Qt.Key.Key_Escape)
    assert not window.watch.enlarged.isVisible()


def test_that_a_changed_setting_makes_a_new_network(qtbot, window: WholeWindow) -> None:
    window.edited.document.edit(course_design(filters=6, kernel=(3, 3), image=Input(height=10, width=10)), "filters")
    qtbot.waitUntil(lambda: window.seen("conv1.weight").shape[0] == 6, timeout=10000)
    assert window.build.design().layers[0].filters == 6


def live_field(window: WholeWindow, *place: str) -> ValueField:
    """A field of the settings that apply while training, which are opened for it."""
    window.top.live.click()
    assert window.controls.live is not None
    return window.controls.live.fields[place]


def at(window: WholeWindow, widget: QWidget) -> QPoint:
    return widget.mapTo(window, widget.rect().center())


def test_that_the_first_click_elsewhere_takes_over_what_is_typed_closes_the_panel_and_does_what_it_says(
    qtbot, window: WholeWindow
) -> None:
    press(qtbot, window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: window.run.state is State.PAUSED, timeout=10000)
    field, live = live_field(window, "optimiser", "lr"), window.controls.live
    field.edit.selectAll()
    qtbot.keyClicks(field.edit, "0.05")
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, pos=at(window, live.caption))
    assert live.isVisible(), "a click inside is none elsewhere"
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, pos=at(window, window.top.train))
    assert not live.isVisible()
    qtbot.waitUntil(lambda: window.run.position.step > 1, timeout=10000)
    assert window.edited.design.training.optimiser.lr == 0.05


def test_that_the_button_and_escape_close_the_panel_of_live_settings(qtbot, window: WholeWindow) -> None:
    handle = window.windowHandle()
    for _ in range(2):
        QTest.mouseClick(handle, Qt.MouseButton.LeftButton, pos=at(window, window.top.live))
        live = window.controls.live
        assert live.isVisible()
        QTest.mouseClick(handle, Qt.MouseButton.LeftButton, pos=at(window, window.top.live))
        assert not live.isVisible()
    field = live_field(window, "optimiser", "lr")
    edits = [one.edit for one in live.fields.values()]
    field.edit.setFocus()
    for edit in (*edits[1:], *edits[:1]):  # Tab goes round
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        assert edit.hasFocus()
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    assert not live.isVisible()
    assert window.top.live.hasFocus()


def test_that_a_learning_rate_of_zero_is_refused_in_its_place(qtbot, window: WholeWindow) -> None:
    field = live_field(window, "optimiser", "lr")
    field.edit.selectAll()
    qtbot.keyClicks(field.edit, "0")
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    assert not field.is_valid
    assert field.problem == "learning rate: expected a number above 0 and up to 1,000, got “0”"
    window.controls.live.hide()
    field = live_field(window, "optimiser", "lr")
    assert field.is_valid, "what was mistyped is gone"
    assert window.edited.design.training.optimiser.lr == field.value


def test_that_only_numbers_that_apply_live_are_offered(qtbot, window: WholeWindow) -> None:
    live_field(window, "epochs")
    places = set(window.controls.live.fields)
    assert {("optimiser", "lr"), ("epochs",)} <= places
    assert ("batch_size",) not in places
    assert ("seed",) not in places


def drop(window: WholeWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(10, 10), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dropEvent(event)


@pytest.mark.parametrize("kind", ["missing", "text", "truncated", "shape"])
def test_that_a_bad_file_is_named_and_nothing_is_lost(qtbot, window: WholeWindow, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "bad.h5"
    if kind == "text":
        path.write_text("not a data set")
    elif kind != "missing":
        with h5py.File(path, "w") as file:
            for part, count in (("train", 4), ("test", 2)):
                file[f"x_{part}"] = np.zeros((count, 100 if kind == "truncated" else 99), np.float32)
                file[f"y_{part}"] = np.zeros((count, 1), np.int64)
        if kind == "truncated":
            path.write_bytes(path.read_bytes()[:900])
    before = window.seen("conv1.weight").copy()
    drop(window, path)
    qtbot.waitUntil(lambda: window.message.isVisible(), timeout=10000)
    assert "bad.h5" in window.message.text()
    assert "\n" not in window.message.text()
    np.testing.assert_array_equal(window.seen("conv1.weight"), before)
    press(qtbot, window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: window.run.position.step == 1, timeout=10000)


def test_that_a_dropped_file_is_opened(qtbot, window: WholeWindow, tmp_path: Path) -> None:
    path = tmp_path / "good.h5"
    rng = np.random.default_rng(1)
    with h5py.File(path, "w") as file:
        for part, count in (("train", 40), ("test", 8)):
            file[f"x_{part}"] = rng.random((count, 100), np.float32)
            file[f"y_{part}"] = rng.integers(0, 10, (count, 1))
    drop(window, path)
    qtbot.waitUntil(lambda: window.run.data_name.startswith("good"), timeout=10000)
    assert "40 / 8" in window.top.whole_subject


def test_that_step_holds_the_training_and_opens_its_weights(qtbot, window: WholeWindow) -> None:
    window.run.prepare(
        course_design(
            filters=4, kernel=(3, 3), image=Input(height=10, width=10), training=Training(batch_size=16, epochs=9000)
        )
    )
    qtbot.waitUntil(lambda: window.run.design.training.epochs == 9000, timeout=10000)
    press(qtbot, window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.run.position.step > 2, timeout=10000)
    press(qtbot, window, Qt.Key(Qt.Key.Key_1 + STEP), Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.run.state is State.PAUSED, timeout=10000)
    qtbot.waitUntil(lambda: window.step.run is not None, timeout=10000)
    assert window.stack.currentIndex() == STEP
    press(qtbot, window, Qt.Key(Qt.Key.Key_1 + WATCH), Qt.KeyboardModifier.ControlModifier)
    assert window.stack.currentIndex() == WATCH


def test_that_the_window_closes_in_the_middle_of_a_run(qtbot, window: WholeWindow) -> None:
    press(qtbot, window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.run.position.step > 0, timeout=10000)
    window.close()
    assert not window.run.bridge.running


def test_that_the_learning_rate_applies_while_it_trains(qtbot, window: WholeWindow) -> None:
    window.build.document.edit(
        course_design(
            filters=4, kernel=(3, 3), image=Input(height=10, width=10), training=Training(batch_size=16, epochs=9000)
        ),
        "epochs",
    )
    qtbot.waitUntil(lambda: window.run.design.training.epochs == 9000 and window.run.state is State.IDLE, timeout=10000)
    press(qtbot, window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.run.position.step > 2, timeout=10000)
    field = live_field(window, "optimiser", "lr")
    field.edit.selectAll()
    qtbot.keyClicks(field.edit, "0.5")
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    step = window.run.position.step
    qtbot.waitUntil(lambda: window.run.position.step > step + 5, timeout=10000)
    assert window.run.state is State.RUNNING, "a live edit must not end the run"
    step_into(qtbot, window)
    assert float(window.step.run.env["lr"]) == pytest.approx(0.5)
    window.go_to(BUILD)
    assert window.build.design().training.optimiser.lr == 0.5


def test_that_the_theme_can_be_switched(qtbot, window: WholeWindow) -> None:
    before = window.grab().toImage().pixelColor(4, 300)
    press(qtbot, window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not current_theme().is_turning)
    after = window.grab().toImage().pixelColor(4, 300)
    assert before != after


def type_into(qtbot, field, text: str, *, enter: bool = True) -> None:
    field.edit.setFocus()
    field.edit.selectAll()
    qtbot.keyClicks(field.edit, text)
    if enter:
        qtbot.keyClick(field.edit, Qt.Key.Key_Return)


def test_that_shortcuts_work_while_the_focus_is_in_a_field(qtbot, window: WholeWindow) -> None:
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QLineEdit

    window.go_to(BUILD)
    field = next(edit for edit in window.build.findChildren(QLineEdit) if edit.isVisible() and edit.isEnabled())
    field.setFocus()
    dark = window.status.palette().window().color()
    QTest.keyClick(field, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.status.palette().window().color() != dark)


def test_that_the_toy_preset_brings_its_images_and_goes_as_it_came(qtbot, window: WholeWindow) -> None:
    window.build.editor.open_preset("toy-4x4")
    qtbot.waitUntil(lambda: window.run.data_name == "toy images", timeout=10000)
    qtbot.waitUntil(lambda: window.run.state is State.IDLE and window.run.design.input.height == 4, timeout=10000)
    assert window.build.is_valid()
    window.build.editor.open_preset("course-7x7")
    qtbot.waitUntil(lambda: window.run.data_name == "built-in digits", timeout=10000)
    qtbot.waitUntil(lambda: window.run.design.name == "course-7x7", timeout=10000)


def test_that_the_toy_gives_back_the_data_that_were_open(qtbot, window: WholeWindow) -> None:
    assert window.run.data_name == "noise"
    window.build.editor.open_preset("toy-4x4")
    qtbot.waitUntil(lambda: window.run.data_name == "toy images", timeout=10000)
    window.build.undo_stack.undo()
    qtbot.waitUntil(lambda: window.run.data_name == "noise" and window.run.state is State.IDLE, timeout=10000)
    assert window.build.is_valid()


def test_that_an_edit_during_a_run_offers_to_restart_with_it(qtbot, window: WholeWindow) -> None:
    press(qtbot, window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: window.run.state is State.PAUSED, timeout=10000)
    design = course_design(
        filters=7, kernel=(3, 3), image=Input(height=10, width=10), training=Training(batch_size=16, epochs=2)
    )
    window.build.document.edit(design, "filters")
    assert window.top.restart.isVisible()
    qtbot.mouseClick(window.top.restart, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.run.design == design and window.run.position.step > 0, timeout=10000)
    assert not window.top.restart.isVisible()


def test_that_training_goes_on_from_weights_changed_in_step(qtbot, window: WholeWindow) -> None:
    press(qtbot, window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: window.run.state is State.PAUSED, timeout=10000)
    step_into(qtbot, window)
    window.step.views.pass_choice.picked.emit("next")
    window.step.run.edit("conv1.weight", (2, 0, 1, 1), 3.5)
    press(qtbot, window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: window.run.position.step == 2, timeout=10000)
    qtbot.waitUntil(lambda: abs(float(window.step.run.env["conv1.weight"][2, 0, 1, 1]) - 3.5) < 0.5, timeout=10000)
    assert "conv1.weight" in window.message.text()


def test_that_the_status_line_names_the_image_that_is_shown(qtbot, window: WholeWindow) -> None:
    qtbot.mouseClick(window.watch.network.later, Qt.MouseButton.LeftButton)
    assert "test image 1" in window.status.text()


def test_that_a_training_image_is_shown_and_opened_in_step(qtbot, window: WholeWindow) -> None:
    training, _ = noise()
    window.watch.network.split.selected.emit(1)
    window.watched.select(sample=30)  # there are only 20 test images
    qtbot.waitUntil(lambda: "image 30, label" in window.watch.network.image.texts[0], timeout=10000)
    shown = window.seen("x")
    np.testing.assert_array_equal(shown, training.images[30, 0])
    step_into(qtbot, window)
    qtbot.waitUntil(lambda: np.array_equal(window.step.run.env["x"], training.images[30:31]), timeout=10000)


def test_that_the_last_image_has_no_next(qtbot, window: WholeWindow) -> None:
    window.watched.select(sample=19)
    qtbot.mouseClick(window.watch.network.later, Qt.MouseButton.LeftButton)
    assert window.watched.value.sample == 19


def test_that_no_shortcut_means_two_things_in_a_workspace(qtbot, window: WholeWindow) -> None:
    from PySide6.QtGui import QShortcut
    from PySide6.QtWidgets import QAbstractButton, QApplication

    for page in (STEP, WATCH):
        window.go_to(page)
        QApplication.processEvents()
        front = window.stack.currentWidget()
        inside = [front, window.top]
        buttons = [b for part in inside for b in part.findChildren(QAbstractButton) if b.isVisible()]
        keys = [b.shortcut().toString() for b in buttons if not b.shortcut().isEmpty()]
        keys += [s.key().toString() for s in front.findChildren(QShortcut)]
        keys += [s.key().toString() for s in window.findChildren(QShortcut, options=Qt.FindDirectChildrenOnly)]
        twice = {key for key in keys if keys.count(key) > 1}
        assert not twice


@pytest.mark.parametrize(
    ("key", "modifier", "why"),
    [
        (Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier, "Build has a fault to mend first: "),
        (Qt.Key.Key_F6, Qt.KeyboardModifier.NoModifier, "Build has a fault to mend first: "),
        (Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier, "There is no run to stop"),
    ],
)
def test_that_a_key_that_can_not_do_what_it_says_tells_why(
    qtbot, window: WholeWindow, key: Qt.Key, modifier: Qt.KeyboardModifier, why: str
) -> None:
    window.build.editor.set_layer_field(0, "kernel", (90, 90))
    press(qtbot, window, key, modifier)
    assert window.message.isVisible()
    assert window.message.text().startswith(why)
    ways = [
        button
        for button in window.message.findChildren(QPushButton)
        if button.isVisible() and button.text() == "Show it"
    ]
    assert len(ways) == ("Build" in why)
    for button in ways:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert window.stack.currentIndex() == BUILD
    window.build.undo_stack.undo()


def test_that_one_minibatch_is_refused_with_a_reason_while_training_runs(qtbot, window: WholeWindow) -> None:
    window.build.editor.set_setting(("training", "epochs"), 9000)
    settle(qtbot, window)
    press(qtbot, window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.run.state is State.RUNNING, timeout=10000)
    press(qtbot, window, Qt.Key.Key_F6)
    assert "hold it first" in window.message.text()
