"""Cards, fields, faults and hints of the Build workspace as a user meets them."""

from __future__ import annotations

import numpy as np
import pytest
from building import DEEP, LEFT, NONE, chip, names, type_into
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton

from convviz.core.design import Design
from convviz.core.layers import Conv2D
from convviz.gui.theme import Theme
from convviz.gui.workspaces.builder.page import BuildPage
from convviz.present.design.build_text import CostCells, cost_cells
from convviz.present.design.data_facts import DataFacts
from convviz.storage.presets import preset


def test_that_every_card_shows_what_its_layer_costs(build: BuildPage) -> None:
    build.set_design(preset("course-7x7"))
    card = build.layers.cards[0]

    assert "output 32×24×24, 1,600 parameters, 0.90 M multiply-adds" in card.accessibleDescription()
    assert "im2col matrix of the minibatch: 49×36,864, 7.23 MB" in card.costs.toolTip()
    assert "Receptive field of one cell: 7×7 pixels" in card.costs.toolTip()
    assert cost_cells(build.document.costs.layers[0]) == CostCells(
        ("32×24×24", "1,600", "0.90 M"), ("4.72 MB", "49×36,864", "7×7")
    )
    assert build.totals.parameters.number.text() == "185,930"
    assert build.totals.text() == "Ready to train"


def test_that_a_card_without_a_fault_has_no_room_for_one(build: BuildPage) -> None:
    build.set_design(preset("course-7x7"))
    for card in build.layers.cards:
        assert card.message.isHidden()
        assert not card.message.text()


def test_that_shapes_follow_every_keystroke(build: BuildPage) -> None:
    build.set_design(preset("course-7x7"))
    type_into(chip(build, 0, "kernel"), "5", enter=False)

    assert "output 32×26×26" in build.layers.cards[0].accessibleDescription()
    assert build.design().layers[0].kernel == 5  # type: ignore[union-attr]


def test_that_the_field_at_fault_is_marked_and_a_click_repairs_it(build: BuildPage, qtbot) -> None:
    build.set_design(DEEP)
    type_into(chip(build, 2, "kernel"), "26x26")
    card = build.layers.cards[2]

    assert chip(build, 2, "kernel").property("invalid") is True
    assert "conv2: filter 26×26 is larger than its padded input 24×24" in card.accessibleDescription()
    assert build.totals.text().startswith("Can't train yet: conv2: filter 26×26")
    assert not build.is_valid()
    buttons = card.repair_buttons
    # Padding 1 would leave a 1×1 map, too small for the pooling that follows.
    assert [one.text() for one in buttons][:2] == ["Use kernel 5×5", "Use padding same"]

    QTest.mouseClick(buttons[0], LEFT)

    assert build.is_valid()
    assert chip(build, 2, "kernel").text() == "5×5"
    assert chip(build, 2, "kernel").property("invalid") is not True
    assert build.undo_stack.undoText() == "use kernel 5×5"


def test_that_layers_after_the_fault_show_no_shape(build: BuildPage) -> None:
    build.set_design(
        replace(DEEP, layers=(DEEP.layers[0], replace(DEEP.layers[2], kernel=99), *DEEP.layers[3:])).named()
    )

    assert build.layers.cards[0].costs.text().startswith("output 4×24×24")
    assert [card.costs.text().split(",")[0] for card in build.layers.cards[1:]] == ["output –"] * 4


def test_that_clicking_the_sentence_below_goes_to_the_layer_at_fault(build: BuildPage) -> None:
    build.set_design(replace(DEEP, layers=(*DEEP.layers[:2], replace(DEEP.layers[2], kernel=99), *DEEP.layers[3:])))
    QTest.mouseClick(build.totals, LEFT)

    assert build.layers.selected == 2


def test_that_arrow_keys_stop_where_the_window_no_longer_fits(build: BuildPage) -> None:
    build.set_design(preset("toy-4x4"))
    editor = chip(build, 0, "kernel")
    editor.setFocus()
    for _ in range(20):
        QTest.keyClick(editor, Qt.Key.Key_Up)

    assert build.design().layers[0].kernel == 6  # type: ignore[union-attr]  # 4 + 2·1
    assert build.is_valid()


def test_that_what_cannot_be_a_value_is_marked_and_changes_nothing(build: BuildPage) -> None:
    build.set_design(DEEP)
    before = build.design()
    type_into(chip(build, 0, "filters"), "0")
    card = build.layers.cards[0]

    assert build.design() == before
    assert chip(build, 0, "filters").property("invalid") is True
    assert "filters: expected a whole number from 1 to 65,536, got “0”" in card.message.text()

    QTest.keyClick(chip(build, 0, "filters"), Qt.Key.Key_Escape)
    assert chip(build, 0, "filters").text() == "4"
    assert card.message.isHidden()


def test_that_a_net_that_only_has_no_end_yet_is_no_fault(build: BuildPage) -> None:
    build.files.new()
    build.editor.add_layer(Conv2D)
    card = build.layers.cards[0]

    assert build.totals.text() == "Not finished: a Dense with 10 units, one per class, has to end it."
    assert not card.faulty
    assert card.message.text() == "Not finished: expected 10 scores, one per class, got 32×26×26"
    assert build.totals.parameters.number.text() == "320"
    assert not build.is_valid()
    repair = card.repair_buttons[0]
    assert repair in card.focus_stops()  # by keyboard, too
    repair.click()
    assert build.is_valid()
    build.editor.set_layer_field(2, "units", 7)
    assert build.totals.text().startswith("Can't train yet:")


def test_that_what_was_left_wrong_says_what_counts(build: BuildPage) -> None:
    build.set_design(preset("course-7x7"))
    kernel = chip(build, 0, "kernel")

    type_into(kernel, "abc")

    assert kernel.problem.endswith("got “abc”; 7×7 stays")
    assert kernel.text() == "abc"


def test_that_nothing_moves_between_press_and_release(build: BuildPage) -> None:
    build.set_design(DEEP)
    build.layers.focus_card(0)
    QApplication.processEvents()
    below = build.layers.cards[2]
    place = below.pos()

    QTest.mousePress(below, LEFT, NONE, QPoint(12, 20))
    QApplication.processEvents()
    assert below.pos() == place
    assert build.layers.selected == 0
    QTest.mouseRelease(below, LEFT, NONE, QPoint(12, 20))
    assert build.layers.selected == 2


def test_that_the_menu_of_a_card_opens_at_its_button(build: BuildPage) -> None:
    build.set_design(DEEP)
    build.layers.focus_card(0)
    QApplication.processEvents()
    card = build.layers.cards[2]

    QTest.mouseClick(card.more, LEFT)
    menu = QApplication.activePopupWidget()

    assert isinstance(menu, QMenu)
    assert abs(menu.y() - card.more.mapToGlobal(QPoint(0, card.more.height())).y()) <= 4
    assert build.layers.selected == 0  # nothing opened or closed meanwhile
    menu.close()


def test_that_undo_goes_to_the_layer_that_came_back(build: BuildPage) -> None:
    build.set_design(DEEP)
    build.layers.focus_card(1)
    build.editor.remove_layer(1)
    build.layers.focus_card(0)

    build.undo_stack.undo()
    assert build.layers.selected == 1


def test_that_undo_is_the_designs_in_a_name_that_nothing_was_typed_into(build: BuildPage, qtbot) -> None:
    build.set_design(DEEP)
    before = build.design()
    type_into(chip(build, 0, "filters"), "5")
    name = build.layers.cards[0].name
    name.begin()
    asked = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    QApplication.sendEvent(name, asked)
    assert not asked.isAccepted()  # so the window's undo gets it
    build.undo_stack.undo()
    assert build.design() == before


def test_that_the_header_explains_each_of_its_columns(build: BuildPage) -> None:
    build.resize(1440, 900)
    header = build.columns
    said = [header.explain(x) for x in range(0, header.width(), 4)]
    told = list(dict.fromkeys(one for one in said if one))

    assert len(told) == 3
    assert "64 images" in told[0]
    assert "im2col" in told[1]
    assert "receptive field" in told[2]


def test_that_a_text_counts_as_a_whole_or_not_at_all(build: BuildPage) -> None:
    build.set_design(preset("course-7x7"))
    before = build.design()
    kernel = chip(build, 0, "kernel")

    type_into(kernel, "31x-2", enter=False)

    assert build.design() == before  # and not 31×31, which it began with
    assert "got “31x-2”" in kernel.problem
    QTest.keyClick(kernel, Qt.Key.Key_Escape)
    assert kernel.text() == "7×7"
    assert build.design() == before
    assert not build.undo_stack.canUndo()


def test_that_escape_takes_back_what_was_typed_even_if_it_was_a_value(build: BuildPage) -> None:
    build.set_design(preset("course-7x7"))
    before = build.design()
    kernel = chip(build, 0, "kernel")

    type_into(kernel, "5", enter=False)
    assert build.design() != before
    QTest.keyClick(kernel, Qt.Key.Key_Escape)

    assert build.design() == before
    assert kernel.text() == "7×7"
    type_into(kernel, "5")
    QTest.keyClick(kernel, Qt.Key.Key_Escape)
    assert build.design().layers[0].kernel == 5  # Enter had made it so


def test_that_a_design_replaced_with_its_changes_says_how_to_get_them_back(build: BuildPage) -> None:
    build.set_design(preset("course-7x7"))
    build.editor.open_preset("lenet-5")
    assert build.message.text() == "lenet-5 is open and fits the data."  # nothing was lost
    type_into(chip(build, 0, "filters"), "9")
    changed = build.design()

    build.editor.open_preset("toy-4x4")

    assert build.message.text().endswith("The changes to lenet-5 were in no file.")
    button = next(one for one in build.message.findChildren(QPushButton) if one.text() == "Undo")
    button.click()
    assert build.design() == changed
    assert build.message.isHidden()


def test_that_what_is_wrong_beside_a_slider_is_said_there(build: BuildPage) -> None:
    build.set_design(preset("lenet-5"))
    build.layers.focus_card(2)
    edit = build.inspector.edits["stride"]

    type_into(edit, "nope", enter=False)
    assert build.inspector.problem.text().startswith("stride: expected")
    assert not build.inspector.problem.isHidden()
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert build.inspector.problem.isHidden()


def test_that_an_empty_list_says_how_to_begin(build: BuildPage) -> None:
    build.set_design(Design())
    assert build.layers.empty.isVisible()
    QTest.mouseClick(build.layers.empty.smallest, LEFT)

    assert names(build) == ["flatten1", "dense1"]
    assert build.is_valid()
    assert not build.layers.empty.isVisible()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_that_it_draws_in_every_size_and_theme(build: BuildPage, theme: Theme, mode: str) -> None:
    theme.set_mode(mode)
    build.edited.set_data(DataFacts("noise", 100, 10, (1, 28, 28), 10, np.zeros((1, 28, 28), np.float32)))
    for name in ("best-small", "toy-4x4"):
        build.set_design(preset(name))
        for size in ((1440, 900), (1100, 700), (840, 480)):
            build.resize(*size)
            QApplication.processEvents()
            for number in (-1, 0, len(build.layers.cards) - 1):
                build.layers.focus_card(number)
                assert not build.grab().isNull()
            assert (build.width(), build.height()) == size
            assert build.side.geometry().right() < size[0]
