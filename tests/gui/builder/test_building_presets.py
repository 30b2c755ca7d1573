"""Every preset is built from an empty list, with the mouse or with the keyboard alone (in depth: with both)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from depth import DEPTH
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QWidget

from convviz.core.design import Design, Training
from convviz.core.init import Init
from convviz.gui.widgets.fields.value_edit import ValueEdit
from convviz.gui.workspaces.builder.fields.choice_edit import ChoiceEdit, InitEdit, SwitchEdit
from convviz.gui.workspaces.builder.fields.editors import Editor
from convviz.gui.workspaces.builder.layers.layer_card import LayerCard
from convviz.gui.workspaces.builder.page import BuildPage
from convviz.present.design.fields import title_of
from convviz.storage.presets import preset, preset_names

LEFT = Qt.MouseButton.LeftButton


def changed_fields(struct: msgspec.Struct, start: msgspec.Struct) -> dict[str, Any]:
    """Fields in which a value differs from what one starts with."""
    return {
        field.name: getattr(struct, field.name)
        for field in msgspec.structs.fields(struct)
        if getattr(struct, field.name) != getattr(start, field.name)
    }


class Hand:
    """Sets editors the way a user does; how it gets to them is its own."""

    def __init__(self, build: BuildPage) -> None:
        self.build = build

    def reach(self, widget: QWidget) -> None:
        raise NotImplementedError

    def pick(self, combo: QComboBox, value: object) -> None:
        raise NotImplementedError

    def flip(self, switch: SwitchEdit) -> None:
        raise NotImplementedError

    def set(self, editor: Editor, value: Any) -> None:
        match editor:
            case ValueEdit():
                self.type(editor, editor.spec.write(value))
            case SwitchEdit():
                if editor.value != value:
                    self.flip(editor)
            case InitEdit():
                self.pick(editor.kind, None if value is None else value.kind)
                if value is not None and not editor.scale.isHidden():
                    self.type(editor.scale, editor.scale.spec.write(value.scale))
            case ChoiceEdit():
                self.pick(editor, value)

    def type(self, line: QLineEdit, text: str) -> None:
        self.reach(line)
        line.selectAll()
        if text.isascii():
            QTest.keyClicks(line, text)
        else:  # Qt's test keyboard has no × and no –
            QApplication.clipboard().setText(text)
            QTest.keyClick(line, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(line, Qt.Key.Key_Return)


class Mouse(Hand):
    """Clicks; types only what goes into a field."""

    def reach(self, widget: QWidget) -> None:
        area = widget.window()
        for scroll in (self.build.layers, self.build.settings_scroll):
            if scroll.widget().isAncestorOf(widget):
                scroll.ensureWidgetVisible(widget)
        QApplication.processEvents()
        inside = area.rect().contains(widget.mapTo(area, widget.rect().center()))
        assert widget.isVisible(), "a mouse cannot reach what is hidden"
        assert inside, "a mouse cannot reach what is out of the window"
        QTest.mouseClick(widget, LEFT, pos=QPoint(8, widget.height() // 2))

    def pick(self, combo: QComboBox, value: object) -> None:
        row = combo.values.index(value)
        if combo.currentIndex() == row:
            return
        self.reach(combo)
        view = combo.view()
        view.scrollTo(combo.model().index(row, 0))
        assert QTest.qWaitForWindowExposed(view.window())
        QTest.mouseMove(view.viewport(), view.visualRect(combo.model().index(row, 0)).center())
        QTest.mouseClick(view.viewport(), LEFT, pos=view.visualRect(combo.model().index(row, 0)).center())

    def flip(self, switch: SwitchEdit) -> None:
        self.reach(switch)

    def add(self, kind: type) -> None:
        bar = self.build.layers.palette_bar
        if kind.__name__ in bar.buttons:
            self.reach(bar.buttons[kind.__name__])
            return
        self.reach(bar.all)
        palette = self.build.picking.list
        for row in range(palette.list.count()):
            item = palette.list.item(row)
            if item.text().startswith(f"{title_of(kind)}:"):
                palette.list.scrollToItem(item)
                QTest.mouseClick(palette.list.viewport(), LEFT, pos=palette.list.visualItemRect(item).center())
                return
        raise AssertionError(f"{kind.__name__} is not in the palette")

    def select(self, number: int) -> None:
        card = self.build.layers.cards[number]
        self.build.layers.ensureWidgetVisible(card)
        QApplication.processEvents()
        QTest.mouseClick(card.title, LEFT)


class Keyboard(Hand):
    """Tab, arrows, letters: never the mouse."""

    def reach(self, widget: QWidget) -> None:
        assert widget.isVisible(), "the keyboard cannot reach what is hidden"
        wanted = widget.focusProxy() or widget
        for key, way in (
            (Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier),
            (Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier),
        ):
            for _ in range(140):
                if QApplication.focusWidget() is wanted:
                    return
                QTest.keyClick(QApplication.focusWidget() or self.build, key, way)
        raise AssertionError(f"Tab does not lead to {wanted.accessibleName()!r}")

    def pick(self, combo: QComboBox, value: object) -> None:
        row = combo.values.index(value)
        self.reach(combo)
        for _ in range(abs(combo.currentIndex() - row)):
            key = Qt.Key.Key_Down if combo.currentIndex() < row else Qt.Key.Key_Up
            QTest.keyClick(combo, key)

    def flip(self, switch: SwitchEdit) -> None:
        self.reach(switch)
        QTest.keyClick(switch, Qt.Key.Key_Space)

    def add(self, kind: type) -> None:
        build = self.build
        last = len(build.layers.cards) - 1
        self.select(last)
        QTest.keyClick(QApplication.focusWidget() or build, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        assert build.picking.list.isVisible()
        QTest.keyClicks(build.picking.list.search, title_of(kind))
        QTest.keyClick(build.picking.list.search, Qt.Key.Key_Return)

    def select(self, number: int) -> None:
        layers = self.build.layers
        back = Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier
        for _ in range(200):
            if any(card.hasFocus() for card in (layers.input, *layers.cards)):
                break
            QTest.keyClick(QApplication.focusWidget() or self.build, *back)
        for _ in range(abs(number - layers.selected)):
            key = Qt.Key.Key_Down if layers.selected < number else Qt.Key.Key_Up
            QTest.keyClick(QApplication.focusWidget() or self.build, key)
        assert layers.selected == number, "the arrow keys do not lead to the card"


def build_it(build: BuildPage, hand: Mouse | Keyboard, wanted: Design) -> None:
    """Build a design from nothing."""
    empty = Design(name="untitled")
    for field, value in {**changed_fields(wanted.input, empty.input), **changed_fields_of_design(wanted)}.items():
        hand.set(build.layers.input.chips[field].editor, value)
    for number, layer in enumerate(wanted.layers):
        hand.add(type(layer))
        assert len(build.design().layers) == number + 1
        hand.select(number)
        for field, value in changed_fields(layer, type(layer)()).items():
            if field != "name":
                hand.set(build.layers.cards[number].chips[field].editor, value)
    start = Training()
    for name in ("optimiser", "schedule"):
        value = getattr(wanted.training, name)
        hand.pick(build.hyper.kinds[name].combo, type(value))
        for field, inner in changed_fields(value, type(value)()).items():
            hand.set(build.hyper.rows["training", name, field].editor, inner)
    for field, value in changed_fields(wanted.training, start).items():
        if field in ("train_size", "test_size"):
            hand.set(build.data_box.rows[field].editor, value)
        elif field not in ("optimiser", "schedule"):
            hand.set(build.hyper.rows["training", field].editor, value)
    hand.type(build.header.name, wanted.name)
    hand.type(build.header.about, wanted.about)


def changed_fields_of_design(wanted: Design) -> dict[str, Any]:
    return {} if wanted.classes == 10 else {"classes": wanted.classes}


HANDS = [(name, hand) for name in preset_names() for hand in (Mouse, Keyboard)]
if DEPTH == 1:
    HANDS = [pair for number, pair in enumerate(HANDS) if number % 4 in (0, 3)]  # by turns


@pytest.mark.parametrize(("name", "hand"), HANDS)
@pytest.mark.usefixtures("no_double_clicks")
def test_that_a_preset_is_built_from_an_empty_list(build: BuildPage, name: str, hand: type) -> None:
    wanted = preset(name)
    build.set_design(Design(name="untitled"))
    build.layers.focus_card(-1)
    build_it(build, hand(build), wanted)

    assert build.design().layers == wanted.layers
    assert build.design() == wanted
    assert build.is_valid()

    while build.undo_stack.canUndo():
        build.undo_stack.undo()
    assert build.design() == Design(name="untitled")


@pytest.mark.usefixtures("no_double_clicks")
def test_that_init_choices_without_a_scale_are_equal_values(build: BuildPage) -> None:
    """A scale that a rule does not use would make designs differ that are the same."""
    editor = build.hyper.rows["training", "init"].editor
    hand = Mouse(build)
    hand.set(editor, Init(kind="constant", scale=0.7))
    hand.set(editor, Init(kind="he-normal"))

    assert build.design().training.init == Init(kind="he-normal")


def test_that_cards_are_made_once_for_undo_redo_and_presets(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    original = LayerCard.__init__

    def counted(self, *args, **kwargs) -> None:
        made.append(self)
        original(self, *args, **kwargs)

    page = BuildPage()
    qtbot.addWidget(page)
    page.set_design(preset("course-7x7"))
    monkeypatch.setattr(LayerCard, "__init__", counted)
    page.editor.open_preset("best-small")
    cards, first = page.layers.cards, len(made)
    assert 0 < first <= len(cards)
    page.undo_stack.undo()
    page.undo_stack.redo()
    page.editor.open_preset("course-7x7")
    page.editor.open_preset("best-small")
    assert len(made) == first
    assert [card.layer for card in page.layers.cards] == list(page.design().layers)
    assert [card.shown_name for card in page.layers.cards] == [layer.name for layer in page.design().layers]
    assert all(card.name.text() == card.shown_name for card in page.layers.cards)
