"""Random clicks, keys and texts on the widgets: nothing raises, and what is shown is what holds."""

from __future__ import annotations

import random

import pytest
from depth import cases
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from convviz.core.errors import DesignError, UnfinishedError
from convviz.core.lower import lower
from convviz.gui.widgets.fields.value_edit import ValueEdit
from convviz.gui.workspaces.builder.fields.choice_edit import InitEdit, SwitchEdit
from convviz.gui.workspaces.builder.page import BuildPage
from convviz.present.design.build_text import written_shape
from convviz.present.design.costs import costs
from convviz.present.design.edits import layer_kinds, optimiser_kinds
from convviz.present.design.repairs import Repair
from convviz.storage.designs import write_design
from convviz.storage.presets import preset, preset_names

TEXTS = (
    "1",
    "2",
    "3",
    "5",
    "7x7",
    "3x2",
    "same",
    "valid",
    "0",
    "-1",
    "",
    "x",
    "999999",
    "1e-3",
    "0.5",
    "64",
    "nan",
    "all",
)
ALT, CONTROL, NONE = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.NoModifier,
)
KEYS = (
    *((Qt.Key.Key_Up, NONE), (Qt.Key.Key_Down, NONE), (Qt.Key.Key_Tab, NONE), (Qt.Key.Key_Escape, NONE)),
    *((Qt.Key.Key_Up, ALT), (Qt.Key.Key_Down, ALT), (Qt.Key.Key_Z, CONTROL), (Qt.Key.Key_D, CONTROL)),
    *((Qt.Key.Key_Delete, NONE), (Qt.Key.Key_Return, NONE), (Qt.Key.Key_PageUp, NONE), (Qt.Key.Key_F2, NONE)),
)


class Hands:
    """Does what comes to mind."""

    def __init__(self, build: BuildPage, seed: int) -> None:
        self.build, self.rng = build, random.Random(seed)

    def anything(self) -> None:
        what = self.rng.choices(
            [self.add, self.type, self.key, self.undo, self.slide, self.repair, self.setting, self.card, self.preset],
            [4, 8, 8, 3, 3, 3, 3, 3, 0.3],
        )[0]
        what()

    def add(self) -> None:
        if len(self.build.layers.cards) < 12:
            self.build.editor.add_layer(self.rng.choice(layer_kinds()))

    def type(self) -> None:
        cards = self.build.layers.cards
        card = self.rng.choice([self.build.layers.input, *cards])
        editors = [chip.editor for chip in card.chips.values() if not chip.isHidden()]
        if not editors:
            return
        editor = self.rng.choice(editors)
        if isinstance(editor, ValueEdit):
            editor.setFocus()
            editor.selectAll()
            QTest.keyClicks(editor, self.rng.choice(TEXTS))
            QTest.keyClick(editor, self.rng.choice([Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Escape]))
        elif isinstance(editor, SwitchEdit):
            editor.click()
        elif isinstance(editor, InitEdit):
            editor.kind.edited.emit(self.rng.choice([None, "zeros", "normal", "he-uniform"]))

    def key(self) -> None:
        for _ in range(self.rng.randint(1, 4)):
            key, way = self.rng.choice(KEYS)
            QTest.keyClick(QApplication.focusWidget() or self.build, key, way)

    def undo(self) -> None:
        stack = self.build.undo_stack
        for _ in range(self.rng.randint(1, 5)):
            self.rng.choice([stack.undo, stack.undo, stack.redo])()

    def slide(self) -> None:
        sliders = list(self.build.inspector.sliders.values())
        if sliders:
            slider = self.rng.choice(sliders)
            slider.setValue(self.rng.randint(slider.minimum(), slider.maximum()))

    def repair(self) -> None:
        for card in self.build.layers.cards:
            repairs: tuple[Repair, ...] = card.repairs
            if repairs:
                card.repairPicked.emit(self.rng.choice(repairs))
                return

    def setting(self) -> None:
        hyper = self.build.hyper
        if self.rng.random() < 0.4:
            hyper.kindChosen.emit("optimiser", self.rng.choice(optimiser_kinds()))
            return
        editor = self.rng.choice(list(hyper.rows.values())).editor
        if isinstance(editor, ValueEdit):
            editor.setFocus()
            editor.selectAll()
            QTest.keyClicks(editor, self.rng.choice(TEXTS))

    def card(self) -> None:
        self.build.layers.focus_card(self.rng.randint(-1, len(self.build.layers.cards)))

    def preset(self) -> None:
        self.build.editor.open_preset(self.rng.choice(preset_names()))


def check_what_is_shown(build: BuildPage) -> None:
    design = build.design()
    found = costs(design)
    assert [card.shown_name for card in build.layers.cards] == [layer.name for layer in design.layers]
    for card, layer in zip(build.layers.cards, design.layers, strict=True):
        assert card.layer == layer
        for name, chip in card.chips.items():
            assert chip.editor.value == getattr(layer, name)
    try:
        program = lower(design, design.training.batch_size)
    except DesignError as error:
        assert not build.is_valid()
        quiet = not design.layers or isinstance(error, UnfinishedError)
        assert build.totals.faulty != quiet
        assert build.totals.text().startswith(("No layers yet", "Not finished") if quiet else "Can't train yet")
    else:
        assert build.is_valid()
        for card, layer in zip(build.layers.cards, design.layers, strict=True):
            made = [step for step in program.steps if step.layer == layer.name and step.phase.value == "forward"]
            if made:
                shape = written_shape(program.arrays[made[-1].output].shape[1:])
                assert card.costs.text().startswith(f"output {shape},")
    for number, card in enumerate(build.layers.cards):
        assert card.faulty == (found.fault == number and not found.unfinished)


@pytest.mark.parametrize("seed", range(cases(2)))
def test_that_random_use_of_the_widgets_shows_what_holds_and_undoes_to_the_start(build: BuildPage, seed: int) -> None:
    start = preset("lenet-5")
    build.set_design(start)
    hands = Hands(build, seed)
    for _ in range(120):
        hands.anything()
        if build.picking.list.isVisible():
            build.picking.list.close()
        menu = QApplication.activePopupWidget()
        if menu is not None:  # Alt+Down in a field that has words
            menu.close()
        check_what_is_shown(build)
    build.grab()
    write_design(build.design())
    while build.undo_stack.canUndo():
        build.undo_stack.undo()

    assert build.design() == start
    check_what_is_shown(build)
