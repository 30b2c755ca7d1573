"""Which score Why? explains: of the answer, of its rival, of any class, and what of it stays for the next image."""

from __future__ import annotations

import numpy as np
import pytest
from engine_zoo import net
from probe_hands import in_window, page_of
from probed import labelled
from PySide6.QtCore import Qt
from small_run import noise
from whole_window import STEP, WholeWindow

from convviz.core.layers import Conv2D, ReLU
from convviz.core.network import Network
from convviz.core.score import Target
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.page import ProbePage
from convviz.gui.workspaces.probe.target_choice import ANSWER, DIFFERENCE, NO_OTHER, OTHER, TargetChoice
from convviz.gui.workspaces.probe.why_tab import WhyTab
from convviz.probe.linear import contributions
from convviz.probe.mistakes import measure_mistakes
from convviz.training.pass_source import PassKind

DIGITS = tuple("0123456789")


@pytest.fixture
def choice(qtbot) -> TargetChoice:
    """Of an image that is a 4, with 9 as the runner-up."""
    made = TargetChoice()
    qtbot.addWidget(made)
    made.fit(DIGITS, 4, 9)
    return made


def choose(choice: TargetChoice, value: int) -> None:
    """Choose another class as the user does."""
    number = choice.other.values.index(value)
    choice.other.setCurrentIndex(number)
    choice.other.activated.emit(number)


def texts(choice: TargetChoice) -> list[str]:
    return [choice.scores.button(number).text() for number in range(3)]


def test_that_the_usual_scores_are_offered_and_all_other_classes(choice: TargetChoice) -> None:
    assert texts(choice) == ["4", "9", "4 minus 9"]
    assert choice.target == (4, None)
    assert choice.title == "What made it a 4?"
    assert choice.other.currentText() == "other…"
    assert choice.other.values == [NO_OTHER, 0, 1, 2, 3, 5, 6, 7, 8]


def test_that_any_class_is_explained_by_itself_and_against_the_answer(qtbot, choice: TargetChoice) -> None:
    with qtbot.waitSignal(choice.chosen):
        choose(choice, 7)
    assert choice.target == (7, None)
    assert choice.title == "What speaks for 7?"
    assert texts(choice) == ["4", "7", "4 minus 7"]
    with qtbot.waitSignal(choice.chosen):
        choice.scores.selected.emit(DIFFERENCE)
    assert choice.target == (4, 7)
    assert choice.title == "Why 4 and not 7?"
    with qtbot.waitSignal(choice.chosen):
        choose(choice, 2)
    assert choice.target == (4, 2), "the difference stays chosen"
    assert choice.other.itemText(0) == "back to 9"
    with qtbot.waitSignal(choice.chosen):
        choose(choice, NO_OTHER)
    assert choice.target == (4, 9)
    assert choice.other.currentText() == "other…"


def test_that_a_chosen_class_stays_for_the_images_that_follow(choice: TargetChoice) -> None:
    choose(choice, 7)
    choice.fit(DIGITS, 1, 2)
    assert choice.target == (7, None)
    assert choice.other.currentText() == "7"
    choice.fit(DIGITS, 7, 2)
    assert choice.target == (7, None), "now as the score of the answer"
    assert choice.scores.index == ANSWER
    assert choice.other_class is None
    choice.fit(DIGITS, 1, 7)
    assert choice.target == (7, None)
    assert choice.scores.index == OTHER
    choice.fit(DIGITS, 0, 3)
    assert choice.target == (7, None)
    assert choice.other_class == 7


def test_that_without_one_every_image_begins_with_its_answer(choice: TargetChoice) -> None:
    choice.scores.selected.emit(DIFFERENCE)
    choice.fit(DIGITS, 5, 9, again=True)
    assert choice.target == (5, 9), "the same image, after more training"
    choice.fit(DIGITS, 3, 8)
    assert choice.target == (3, None)


def test_that_a_class_of_another_data_set_is_forgotten(choice: TargetChoice) -> None:
    choose(choice, 7)
    choice.fit(tuple("abcdefghij"), 1, 2)
    assert choice.target == (1, None)
    choice.fit(DIGITS, 1, 2)
    assert choice.target == (1, None)
    choose(choice, 8)
    choice.fit(("cat", "dog"), 1, 0)
    assert choice.target == (1, None)


def test_that_of_two_classes_there_is_no_other(choice: TargetChoice) -> None:
    choice.fit(("cat", "dog"), 1, 0)
    assert texts(choice) == ["dog", "cat", "dog minus cat"]
    assert not choice.other.isEnabled()
    assert choice.other.toolTip() == "There is no other: the network knows cat and dog only"


def test_that_a_thousand_classes_with_long_names_fit_a_small_window(qtbot) -> None:
    network = Network(net(Conv2D(filters=2, kernel=3), ReLU(), image=(1, 9, 9), classes=1000))
    some = labelled(network, 4)
    names = tuple(f"great white shark of the seven seas, number {k}" for k in range(1000))
    moment = Moment(network, 0, "untrained", "test", some, names, measure_mistakes(network, some))
    tab = WhyTab((("Watch", "Show in Watch"), ("Step", "Step this image")))
    qtbot.addWidget(tab)
    tab.resize(1072, 560)
    tab.show_image(moment, 1)
    tab.show()
    assert tab.choice.other.count() == 999
    unlikely = int(moment.mistakes.probabilities[1].argmin())
    choose(tab.choice, unlikely)
    assert tab.target == (unlikely, None)
    assert (names[unlikely], "chosen") in [(name, word) for name, _, word in tab.scores.lines]
    assert len(tab.scores.lines) == 5
    tab.choice.scores.selected.emit(DIFFERENCE)
    assert tab.minimumSizeHint().width() <= 1072


def test_that_the_maps_and_the_steps_are_of_the_class_that_was_chosen(qtbot, window: WholeWindow) -> None:
    page: ProbePage = page_of(qtbot, window)
    page.mistakes.choose_all()
    row = page.mistakes.grid.row
    page.go_to(1)
    why = page.why
    qtbot.waitUntil(lambda: len(why.tiles) == 7 and not why.cancel.isVisible(), timeout=20000)
    label = why.choice.other.values[3]
    choose(why.choice, label)
    qtbot.waitUntil(lambda: len(why.tiles) == 7 and not why.cancel.isVisible(), timeout=20000)
    qtbot.keyClick(page, Qt.Key.Key_2)
    assert why.heading.text() == "<b>gradient</b>"
    qtbot.keyClick(page, Qt.Key.Key_1)
    assert why.heading.text() == "<b>gradient × input</b>"
    _, test = noise()
    parts = contributions(in_window(window), test.images[row], Target.of_class(label))
    np.testing.assert_allclose(why.large.picture.values[0], parts.pixels.sum(axis=0), atol=1e-12)
    assert why.card.title.text() == f"What speaks for {label}?"
    assert f"green speaks for {label}, purple against" in why.sides.text()
    before = window.step.source
    qtbot.mouseClick(why.computed, Qt.MouseButton.LeftButton)
    assert window.stack.currentIndex() == STEP
    step = window.step
    qtbot.waitUntil(lambda: step.source is not before and step.source.kind is PassKind.PROBED, timeout=20000)
    assert step.source.target == Target.of_class(label)
    assert f"The score of {label} and its gradient" in step.source.note


def test_that_a_key_opens_the_list_of_classes(qtbot, window: WholeWindow) -> None:
    page = page_of(qtbot, window)
    page.mistakes.choose_all()
    page.go_to(1)
    other = page.why.choice.other
    qtbot.waitUntil(lambda: page.why.choice.scores is not None, timeout=20000)
    qtbot.keyClick(page, Qt.Key.Key_C)
    qtbot.waitUntil(other.view().isVisible, timeout=10000)
    other.hidePopup()
    qtbot.waitUntil(lambda: not other.view().isVisible(), timeout=10000)
