"""Which layers a layer reads, seen and chosen in Build."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from convviz.core.design import Design
from convviz.core.layers import Add, Concat, Conv2D, Dense, Flatten, MaxPool2D, ReLU
from convviz.present.design.brackets import Bracket, brackets

RESIDUAL = Design(
    layers=(
        *(Conv2D(filters=2, padding=1), ReLU(), Conv2D(filters=2, padding=1), Add(input=("conv2", "relu1"))),
        *(Flatten(), Dense()),
    )
).named()


def test_that_brackets_show_the_links_that_the_list_does_not() -> None:
    assert brackets(RESIDUAL.layers) == (Bracket((1,), (3,)),)


def test_that_one_bracket_goes_from_a_layer_to_several_and_from_several_to_one() -> None:
    layers = Design(
        layers=(
            *(Conv2D(), ReLU(), MaxPool2D(input="conv1"), ReLU(), Conv2D(input="conv1")),
            Concat(input=("relu1", "relu2", "conv2")),
        )
    ).named()
    # Equally long; the upper one is next to the list.
    assert brackets(layers.layers) == (Bracket((0,), (2, 4), 0), Bracket((1, 3), (5,), 1))


def test_that_a_card_says_what_it_reads_and_a_bracket_shows_it(build, qtbot) -> None:
    build.set_design(RESIDUAL)
    chip = build.layers.cards[3].chips["input"]
    assert chip.isVisible()
    assert chip.editor.text() == "conv2, relu1"
    assert build.layers.gutter.needed_width > 0
    qtbot.waitUntil(lambda: build.layers.cards[0].x() == build.layers.gutter.needed_width, timeout=10000)
    assert not build.layers.cards[2].chips["input"].isVisible()


def test_that_an_input_is_chosen_from_a_list_by_the_keyboard_and_undone(build, qtbot) -> None:
    build.set_design(RESIDUAL)
    build.layers.focus_card(2)
    QTest.keyClick(build.layers.cards[2], Qt.Key.Key_I)
    choices = build.picking.inputs
    assert choices is not None
    qtbot.waitUntil(choices.isVisible, timeout=10000)
    QTest.keyClicks(choices.search, "the images")
    QTest.keyClick(choices.search, Qt.Key.Key_Return)
    assert build.design().layers[2].input == "x"
    build.undo_stack.undo()
    assert build.design() == RESIDUAL


def test_that_a_branch_joins_and_leaves_a_sum(build, qtbot) -> None:
    build.set_design(RESIDUAL)
    build.layers.focus_card(3)
    build.layers.inputsAsked.emit(3)
    QTest.keyClicks(build.picking.inputs.search, "conv1")
    QTest.keyClick(build.picking.inputs.search, Qt.Key.Key_Return)
    assert build.design().layers[3].input == ("conv2", "relu1", "conv1")
    build.layers.inputsAsked.emit(3)
    QTest.keyClicks(build.picking.inputs.search, "relu1")
    QTest.keyClick(build.picking.inputs.search, Qt.Key.Key_Return)
    assert build.design().layers[3].input == ("conv2", "conv1")


def test_that_a_name_that_is_typed_wrong_is_explained_and_repaired(build) -> None:
    build.set_design(RESIDUAL)
    build.editor.set_layer_field(3, "input", ("conv2", "conv9"))
    card = build.layers.cards[3]
    assert "got conv9, which isn't there" in card.message.text()
    assert any("instead of conv9" in one.text() for one in card.repair_buttons)
