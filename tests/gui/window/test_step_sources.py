"""Step in the window shows the trainer's own pass: press, look, and compare with what training has."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from shared_window import step_into
from small_run import noise
from whole_window import WATCH, WholeWindow

from convviz.run.commands import Inspect
from convviz.run.state import State
from convviz.training.pass_source import PassKind

TRAIN, TEST = noise()


def one_minibatch(qtbot, window: WholeWindow, step: int) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: window.run.position.step == step and window.run.state is State.PAUSED, timeout=10000)


def is_at(window: WholeWindow, kind: PassKind, step: int):
    def there() -> bool:
        source = window.step.source
        return source is not None and source.kind is kind and source.position.step == step

    return there


def to_the_update(qtbot, window: WholeWindow) -> None:
    def is_there() -> bool:
        step = window.step
        if step.is_idle() and step.run.ran <= step.run.last:
            step.step_to(step.run.last)  # the same pass may have come again since, with what was found out about it
        return step.is_idle() and step.run.ran > step.run.last

    qtbot.waitUntil(is_there, timeout=10000)


def network(qtbot, window: WholeWindow) -> dict[str, np.ndarray]:
    """The arrays that training has."""
    with qtbot.waitSignal(window.run.inspected, timeout=10000) as found:
        window.run.bridge.send(Inspect())
    return dict(found.args[0].arrays)


def check_update(qtbot, window: WholeWindow) -> None:
    """What the pass has made is what training has."""
    run = window.step.run
    run.run_to_end()
    arrays = network(qtbot, window)
    for old, new in run.program.updates.items():
        np.testing.assert_array_equal(run.stored(new), arrays[old], err_msg=new)


def test_that_step_after_one_minibatch_is_that_minibatch(qtbot, window: WholeWindow) -> None:
    one_minibatch(qtbot, window, 1)
    step_into(qtbot, window)
    qtbot.waitUntil(is_at(window, PassKind.LAST, 1), timeout=10000)
    step = window.step
    rows = step.source.rows
    assert len(rows) == 16
    np.testing.assert_array_equal(step.run.array("x"), TRAIN.images[list(rows)])
    np.testing.assert_array_equal(step.run.array("labels"), TRAIN.labels[list(rows)])
    first = ", ".join(str(row) for row in rows[:3])
    assert f"minibatch 1 of epoch 1: training images {first}, …" in window.status.text()
    assert step.views.pass_choice.kind.value is PassKind.LAST
    assert step.views.pass_choice.about.text() == "What training did last, in step 1"
    to_the_update(qtbot, window)
    assert step.views.pass_note.text.text() == "Training has exactly these numbers now, bit for bit."
    check_update(qtbot, window)


def test_that_the_pass_of_training_with_a_changed_number_says_what_training_has_of_it(
    qtbot, window: WholeWindow
) -> None:
    one_minibatch(qtbot, window, 1)
    step_into(qtbot, window)
    qtbot.waitUntil(is_at(window, PassKind.LAST, 1), timeout=10000)
    step = window.step
    about = step.views.pass_choice.about
    step.editing.change("conv1.weight", (0, 0, 0, 0), 0.5)
    says = "What if: step 1 with 1 change of yours, which training did not have."
    qtbot.waitUntil(lambda: about.text() == says, timeout=10000)
    step.choose_kind(PassKind.NEXT)
    qtbot.waitUntil(is_at(window, PassKind.NEXT, 2), timeout=10000)
    qtbot.waitUntil(lambda: about.text() == "What training does next, in step 2", timeout=10000)
    step.editing.change("conv1.weight", (0, 0, 0, 0), 0.5)
    says = "What training does next, in step 2, with 1 change of yours: it goes on from there."
    qtbot.waitUntil(lambda: about.text() == says, timeout=10000)
    step.editing.change("x", (0, 0, 0, 0), 0.5)
    says = "What if: step 2 with 2 changes of yours. Training goes on only from those to weights and biases."
    qtbot.waitUntil(lambda: about.text() == says, timeout=10000)


def test_that_the_next_minibatch_is_what_the_next_one_then_does(qtbot, window: WholeWindow) -> None:
    step_into(qtbot, window)
    qtbot.waitUntil(is_at(window, PassKind.NEXT, 1), timeout=10000)
    run, rows = window.step.run, window.step.source.rows
    to_the_update(qtbot, window)
    made = {old: run.stored(new).copy() for old, new in run.program.updates.items()}
    one_minibatch(qtbot, window, 1)
    qtbot.waitUntil(is_at(window, PassKind.LAST, 1), timeout=10000)
    assert window.step.source.rows == rows
    for name, array in made.items():
        np.testing.assert_array_equal(array, network(qtbot, window)[name], err_msg=name)
    # A kind that was chosen stays chosen.
    window.step.views.pass_choice.picked.emit("next")
    one_minibatch(qtbot, window, 2)
    qtbot.waitUntil(is_at(window, PassKind.NEXT, 3), timeout=10000)


def test_that_an_image_that_was_chosen_is_stepped_until_training_goes_on(qtbot, window: WholeWindow) -> None:
    one_minibatch(qtbot, window, 1)
    window.watched.select(sample=7)
    step_into(qtbot, window)
    qtbot.waitUntil(is_at(window, PassKind.ONE, 1), timeout=10000)
    assert window.step.source.rows == (7,)
    assert "test image 7 (label" in window.status.text()
    assert window.step.views.pass_choice.about.text() == "Test images are never trained on"
    window.go_to(WATCH)
    one_minibatch(qtbot, window, 2)
    step_into(qtbot, window)
    qtbot.waitUntil(is_at(window, PassKind.LAST, 2), timeout=10000)


def test_that_an_update_that_training_never_makes_is_called_hypothetical(qtbot, window: WholeWindow) -> None:
    step_into(qtbot, window)
    window.step.views.pass_choice.picked.emit("one")
    to_the_update(qtbot, window)
    step = window.step
    rows = step.views.listing.model()
    phases = [rows.index(number, 0).data() for number in range(rows.rowCount())]
    assert "Update, hypothetical" in phases
    assert "Hypothetical: training never makes this update" in step.views.pass_note.text.text()
    assert step.views.pass_note.isVisibleTo(step)
    qtbot.mouseClick(step.views.pass_note.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(is_at(window, PassKind.NEXT, 1), timeout=10000)


def test_that_changes_to_the_last_minibatch_are_not_trained_with(qtbot, window: WholeWindow) -> None:
    one_minibatch(qtbot, window, 1)
    step_into(qtbot, window)
    qtbot.waitUntil(is_at(window, PassKind.LAST, 1), timeout=10000)
    window.step.run.edit("conv1.weight", (0, 0, 0, 0), 9.0)
    window.step.refresh()
    assert "What if" in window.step.views.pass_note.text.text()
    one_minibatch(qtbot, window, 2)
    assert abs(float(network(qtbot, window)["conv1.weight"][0, 0, 0, 0])) < 5.0
    qtbot.waitUntil(is_at(window, PassKind.LAST, 2), timeout=10000)
    to_the_update(qtbot, window)
    check_update(qtbot, window)


def test_that_images_of_ones_own_choice_are_stepped_together(qtbot, window: WholeWindow) -> None:
    step_into(qtbot, window)
    choice = window.step.views.pass_choice
    choice.picked.emit("chosen")
    qtbot.waitUntil(lambda: choice.rows.isVisibleTo(window.step))
    choice.rows.setText("3, 5-7")
    qtbot.keyClick(choice.rows, Qt.Key.Key_Return)
    assert window.step.source.rows == (3, 5, 6, 7)
    np.testing.assert_array_equal(window.step.run.array("x"), TEST.images[[3, 5, 6, 7]])
    choice.rows.setText("3, 99")
    qtbot.keyClick(choice.rows, Qt.Key.Key_Return)
    assert choice.about.text() == "images: expected numbers from 0 to 19, got 99"
    assert window.step.source.rows == (3, 5, 6, 7)


def test_that_what_is_not_there_cannot_be_chosen_and_says_why(qtbot, window: WholeWindow) -> None:
    step_into(qtbot, window)
    kind = window.step.views.pass_choice.kind
    qtbot.waitUntil(is_at(window, PassKind.NEXT, 1), timeout=10000)
    place = kind.values.index(PassKind.LAST)
    assert not kind.model().item(place).isEnabled()
    assert kind.itemData(place, Qt.ItemDataRole.ToolTipRole) == "Nothing has been trained yet"
