from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication

from convviz.gui.theme import Theme
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.fields.value_field import ValueField
from convviz.present.design.fields import FieldKind, FieldSpec, Words

RATE = FieldSpec("lr", FieldKind.FLOAT, Words("learning rate"), 0.01, low=0, low_open=True)
BATCH = FieldSpec("batch_size", FieldKind.INT, Words("batch size"), 64, low=1, high=60_000)


@pytest.fixture
def rate(qtbot, theme: Theme) -> ValueField:
    made = ValueField(RATE, 0.01)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def batch(qtbot, theme: Theme) -> ValueField:
    made = ValueField(BATCH, 64)
    qtbot.addWidget(made)
    made.show()
    return made


def type_in(qtbot, field: ValueField, text: str, commit: bool = True) -> None:
    field.edit.selectAll()
    qtbot.keyClicks(field.edit, text)
    if commit:
        qtbot.keyClick(field.edit, Qt.Key.Key_Return)


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [("1e-3", 1e-3, "0.001"), ("2e-5", 2e-5, "2e-5"), (" .5 ", 0.5, "0.5"), ("0,25", 0.25, "0.25")],
)
def test_that_a_rate_can_be_typed_in_several_ways(rate: ValueField, qtbot, text: str, value: float, shown: str) -> None:
    with qtbot.waitSignal(rate.edited, timeout=500) as caught:
        type_in(qtbot, rate, text)
    assert caught.args == [value]
    assert rate.value == value
    assert rate.edit.text() == shown


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0", "learning rate: expected a number above 0, got “0”"),
        ("-1", "learning rate: expected a number above 0, got “-1”"),
        ("fast", "learning rate: expected a number above 0, got “fast”"),
        ("nan", "learning rate: expected a number above 0, got “nan”"),
        ("inf", "learning rate: expected a number above 0, got “inf”"),
    ],
)
def test_that_a_wrong_rate_is_refused_in_one_sentence(rate: ValueField, qtbot, text: str, sentence: str) -> None:
    with qtbot.assertNotEmitted(rate.edited):
        type_in(qtbot, rate, text)
    assert rate.problem == sentence
    assert not rate.is_valid
    assert rate.value == 0.01
    assert rate.edit.text() == text
    assert rate.message.isVisible()
    assert rate.edit.property("invalid") is True
    assert rate.edit.accessibleDescription() == sentence


def test_that_an_empty_field_is_refused(rate: ValueField, qtbot) -> None:
    rate.edit.selectAll()
    qtbot.keyClick(rate.edit, Qt.Key.Key_Delete)
    assert rate.problem == "learning rate: expected a number above 0, got nothing"


def test_that_escape_takes_back_what_was_typed(rate: ValueField, qtbot) -> None:
    type_in(qtbot, rate, "-1")
    qtbot.keyClick(rate.edit, Qt.Key.Key_Escape)
    assert rate.edit.text() == "0.01"
    assert rate.is_valid
    assert rate.message.isHidden()


def test_that_typing_alone_commits_nothing_but_shows_trouble_at_once(batch: ValueField, qtbot) -> None:
    with qtbot.assertNotEmitted(batch.edited):
        type_in(qtbot, batch, "99999", commit=False)
    assert batch.problem == "batch size: expected a whole number from 1 to 60,000, got “99999”"


def test_that_whole_numbers_may_have_groups_of_digits(batch: ValueField, qtbot) -> None:
    type_in(qtbot, batch, "60,000")
    assert batch.value == 60_000
    type_in(qtbot, batch, "1.5")
    assert not batch.is_valid


def test_that_the_same_number_again_is_no_edit(batch: ValueField, qtbot) -> None:
    with qtbot.assertNotEmitted(batch.edited):
        type_in(qtbot, batch, "064")
    assert batch.edit.text() == "64"


def test_that_up_and_down_step_within_the_range(batch: ValueField, rate: ValueField, qtbot) -> None:
    qtbot.keyClick(batch.edit, Qt.Key.Key_Up)
    assert batch.value == 65
    batch.set_value(1)
    qtbot.keyClick(batch.edit, Qt.Key.Key_Down)
    assert batch.value == 1
    seen: list[float] = []
    rate.edited.connect(seen.append)
    for key in (
        Qt.Key.Key_Up,
        Qt.Key.Key_Up,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Down,
        Qt.Key.Key_Down,
        Qt.Key.Key_Down,
    ):
        qtbot.keyClick(rate.edit, key)
    assert seen == [0.02, 0.05, 0.1, 0.05, 0.02, 0.01, 0.005]


def test_that_setting_a_value_emits_nothing(rate: ValueField, qtbot) -> None:
    with qtbot.assertNotEmitted(rate.edited):
        rate.set_value(0.3)
    assert rate.edit.text() == "0.3"


def test_that_trouble_from_outside_is_shown_until_the_field_is_edited(batch: ValueField, qtbot) -> None:
    with qtbot.waitSignal(batch.validityChanged, timeout=500) as caught:
        batch.set_fault("batch size: larger than the 10 training images")
    assert caught.args == [False]
    type_in(qtbot, batch, "8")
    assert batch.is_valid


def test_that_a_value_from_outside_does_not_disturb_what_is_being_typed(batch: ValueField, qtbot) -> None:
    type_in(qtbot, batch, "12", commit=False)
    batch.set_value(64)
    assert batch.edit.text() == "12"
    qtbot.keyClick(batch.edit, Qt.Key.Key_Return)
    assert batch.value == 12


def test_that_arrows_go_on_from_what_was_typed(batch: ValueField, qtbot) -> None:
    seen: list[int] = []
    batch.edited.connect(seen.append)
    type_in(qtbot, batch, "100", commit=False)
    qtbot.keyClick(batch.edit, Qt.Key.Key_Up)
    assert (batch.value, seen) == (101, [101])


def test_that_a_number_with_one_comma_is_refused_where_it_could_mean_two(rate: ValueField, qtbot) -> None:
    type_in(qtbot, rate, "1,000")
    assert not rate.is_valid
    type_in(qtbot, rate, "0,125")
    assert rate.value == 0.125


def test_that_a_combo_tells_values_and_ignores_the_wheel(qtbot, theme: Theme) -> None:
    made = Combo([("SGD", "sgd"), ("Adam", "adam")], name="optimiser")
    qtbot.addWidget(made)
    made.show()
    with qtbot.assertNotEmitted(made.edited):
        made.set_value("adam")
    assert made.value == "adam"
    with qtbot.waitSignal(made.edited, timeout=500) as caught:
        qtbot.keyClick(made, Qt.Key.Key_Up)
    assert caught.args == ["sgd"]
    wheel = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(made, wheel)
    assert made.value == "sgd"
    assert not wheel.isAccepted()
    with pytest.raises(ValueError, match="optimiser: expected one of sgd, adam, got rmsprop"):
        made.set_value("rmsprop")


def test_that_new_choices_keep_the_chosen_value(qtbot, theme: Theme) -> None:
    made = Combo(["a", "b"])
    qtbot.addWidget(made)
    made.set_value("b")
    made.set_choices(["b", "c"])
    assert made.value == "b"
    made.set_choices(["x"])
    assert made.value == "x"


@pytest.fixture
def segments(qtbot, theme: Theme) -> SegmentedControl:
    made = SegmentedControl(["Build", "Step", "Watch", "Probe"], name="Workspace")
    qtbot.addWidget(made)
    made.show()
    return made


def test_that_a_click_chooses_a_segment_once(segments: SegmentedControl, qtbot) -> None:
    seen: list[int] = []
    segments.selected.connect(seen.append)
    for _ in range(2):
        qtbot.mouseClick(segments.button(2), Qt.MouseButton.LeftButton)
    assert seen == [2]
    assert segments.text() == "Watch"


def test_that_arrow_keys_choose_and_pass_over_disabled_segments(segments: SegmentedControl, qtbot) -> None:
    seen: list[int] = []
    segments.selected.connect(seen.append)
    segments.set_segment_enabled(1, False, "Nothing to step through yet")
    qtbot.keyClick(segments.button(0), Qt.Key.Key_Right)
    qtbot.keyClick(segments.button(2), Qt.Key.Key_End)
    qtbot.keyClick(segments.button(3), Qt.Key.Key_Right)
    qtbot.keyClick(segments.button(3), Qt.Key.Key_Home)
    assert seen == [2, 3, 0]
    assert segments.button(1).toolTip() == "Nothing to step through yet"


def test_that_only_the_chosen_segment_takes_the_tab_key(segments: SegmentedControl) -> None:
    segments.set_index(3)
    policies = [one.focusPolicy() for one in segments.findChildren(QAbstractButton)]
    assert policies.count(Qt.FocusPolicy.StrongFocus) == 1
    assert policies[3] == Qt.FocusPolicy.StrongFocus


def test_that_choosing_moves_no_segment(segments: SegmentedControl) -> None:
    before = [one.geometry() for one in segments.findChildren(QAbstractButton)]
    segments.set_index(3)
    QApplication.processEvents()
    assert [one.geometry() for one in segments.findChildren(QAbstractButton)] == before
