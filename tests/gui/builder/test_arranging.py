"""Layers are moved, copied, named and removed, and all of it undone."""

from __future__ import annotations

import pytest
from building import ALT, CONTROL, DEEP, LEFT, NONE, chip, names, type_into
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from convviz.gui.workspaces.builder.page import BuildPage
from convviz.storage.presets import preset


def test_that_a_card_is_dragged_to_another_place(build: BuildPage) -> None:
    build.set_design(DEEP)
    QApplication.processEvents()
    card, target = build.layers.cards[3], build.layers.cards[1]
    start = QPoint(8, card.height() // 2)
    end = card.mapFromGlobal(target.mapToGlobal(QPoint(8, 2)))
    QTest.mousePress(card, LEFT, NONE, start)
    for share in (0.1, 0.5, 1.0):
        QTest.mouseMove(card, QPoint(round(start.x()), round(start.y() + share * (end.y() - start.y()))))
    assert build.layers.drop_mark.isVisible()
    QTest.mouseRelease(card, LEFT, NONE, end)

    assert names(build) == ["conv1", "maxpool1", "relu1", "conv2", "flatten1", "dense1"]
    assert build.layers.selected == 1
    assert not build.layers.drop_mark.isVisible()
    build.undo_stack.undo()
    assert build.design() == DEEP


def test_that_escape_takes_a_drag_back(build: BuildPage) -> None:
    build.set_design(DEEP)
    QApplication.processEvents()
    card = build.layers.cards[3]
    QTest.mousePress(card, LEFT, NONE, QPoint(8, 8))
    QTest.mouseMove(card, QPoint(8, -90))
    QTest.keyClick(card, Qt.Key.Key_Escape)
    QTest.mouseRelease(card, LEFT, NONE, QPoint(8, -90))

    assert build.design() == DEEP
    assert build.undo_stack.count() == 0


def test_that_a_card_is_moved_copied_and_removed_by_keyboard(build: BuildPage) -> None:
    build.set_design(DEEP)
    build.layers.focus_card(0)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down, ALT)
    assert names(build)[:2] == ["relu1", "conv1"]
    assert build.layers.cards[1].hasFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_D, CONTROL)
    assert names(build)[:3] == ["relu1", "conv1", "conv3"]
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Delete)
    assert "conv3" not in names(build)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F2)
    QTest.keyClicks(QApplication.focusWidget(), "eyes")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert "eyes" in names(build)
    for _ in range(4):
        build.undo_stack.undo()
    assert build.design() == DEEP


def test_that_a_layer_is_inserted_below_the_selected_one(build: BuildPage) -> None:
    build.set_design(DEEP)
    build.layers.focus_card(0)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Insert)
    QTest.keyClicks(build.picking.list.search, "batch")
    QTest.keyClick(build.picking.list.search, Qt.Key.Key_Return)

    assert names(build)[:3] == ["conv1", "bn1", "relu1"]
    assert build.layers.selected == 1


@pytest.mark.parametrize(("name", "words"), [("conv2", "no other layer"), ("a b", "letters, digits"), ("x", "letters")])
def test_that_a_name_that_cannot_be_is_refused_with_a_sentence(build: BuildPage, name: str, words: str) -> None:
    build.set_design(DEEP)
    field = build.layers.cards[0].name
    field.begin()
    QTest.keyClicks(field, name)
    QTest.keyClick(field, Qt.Key.Key_Return)

    assert names(build)[0] == "conv1"
    assert field.text() == name  # open, to be mended
    assert field.hasFocus()
    assert words in build.layers.cards[0].message.text()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "conv1"
    assert build.layers.cards[0].message.isHidden()


def test_that_digits_of_one_number_are_one_step_of_undo(build: BuildPage) -> None:
    build.set_design(DEEP)
    type_into(chip(build, 0, "filters"), "128")
    assert build.undo_stack.count() == 1
    type_into(chip(build, 0, "filters"), "64")
    assert build.undo_stack.count() == 2

    build.undo_stack.undo()
    assert build.design().layers[0].filters == 128  # type: ignore[union-attr]


def test_that_the_way_of_a_slider_is_one_step_of_undo(build: BuildPage) -> None:
    build.set_design(preset("course-7x7"))
    slider = build.inspector.sliders["kernel"]
    for value in (8, 9, 10, 11):
        slider.setValue(value)
    slider.sliderReleased.emit()
    slider.setValue(5)

    assert build.undo_stack.count() == 2
    assert build.undo_stack.undoText() == "kernel of conv1"


def test_that_control_z_in_a_field_undoes_the_design(build: BuildPage) -> None:
    build.set_design(DEEP)
    type_into(chip(build, 0, "filters"), "7", enter=False)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Z, CONTROL)

    assert build.design() == DEEP
    assert chip(build, 0, "filters").text() == "4"


def test_that_opening_a_preset_can_be_undone(build: BuildPage) -> None:
    build.set_design(DEEP)
    build.editor.open_preset("lenet-5")
    assert build.design() == preset("lenet-5")
    build.undo_stack.undo()

    assert build.design() == DEEP
