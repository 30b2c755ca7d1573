"""The Build workspace as a user meets it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QPushButton

from convviz.core.design import Design, Input, Training
from convviz.core.layers import Conv2D, Dense, Flatten, MaxPool2D, ReLU
from convviz.core.optim import Adam
from convviz.core.schedule import Cosine, StepDecay
from convviz.gui.theme import Theme
from convviz.gui.widgets.question import Answer
from convviz.gui.workspaces.build import BuildWorkspace
from convviz.gui.workspaces.build.code_dialog import CodeDialog
from convviz.gui.workspaces.build.value_edit import ValueEdit
from convviz.present.build_text import CostCells, cost_cells
from convviz.present.edits import live_only, optimiser_kinds, set_field
from convviz.present.fields import fields_of
from convviz.storage.designs import load_design, save_design, write_design
from convviz.storage.presets import preset
from convviz.training.images import Split
from convviz.training.measure import Measured
from convviz.training.trainer import Trainer

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
ALT, CONTROL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
DEEP = Design(
    name="deep",
    layers=(Conv2D(filters=4, kernel=5), ReLU(), Conv2D(filters=8, kernel=3), MaxPool2D(), Flatten(), Dense(units=10)),
).named()


def names(build: BuildWorkspace) -> list[str]:
    return [layer.name for layer in build.design().layers]


def chip(build: BuildWorkspace, number: int, field: str) -> ValueEdit:
    editor = build.layers.cards[number].chips[field].editor
    assert isinstance(editor, ValueEdit)
    return editor


def type_into(editor: ValueEdit, text: str, *, enter: bool = True) -> None:
    editor.setFocus()
    editor.selectAll()
    QTest.keyClicks(editor, text)
    if enter:
        QTest.keyClick(editor, Qt.Key.Key_Return)


# --- what is shown -----------------------------------------------------------------------------------------------


def test_that_every_card_shows_what_its_layer_costs(build: BuildWorkspace) -> None:
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


def test_that_shapes_follow_every_keystroke(build: BuildWorkspace) -> None:
    build.set_design(preset("course-7x7"))
    type_into(chip(build, 0, "kernel"), "5", enter=False)

    assert "output 32×26×26" in build.layers.cards[0].accessibleDescription()
    assert build.design().layers[0].kernel == 5  # type: ignore[union-attr]


def test_that_the_field_at_fault_is_marked_and_a_click_repairs_it(build: BuildWorkspace, qtbot) -> None:
    build.set_design(DEEP)
    type_into(chip(build, 2, "kernel"), "26x26")
    card = build.layers.cards[2]

    assert chip(build, 2, "kernel").property("invalid") is True
    assert "conv2: filter 26×26 is larger than its padded input 24×24" in card.accessibleDescription()
    assert build.totals.text().startswith("Can't train yet: conv2: filter 26×26")
    assert not build.is_valid()
    buttons = [card._repair_row.itemAt(at).widget() for at in range(card._repair_row.count())]
    # Padding 1 would leave a 1×1 map, too small for the pooling that follows.
    assert [one.text() for one in buttons][:2] == ["Use kernel 5×5", "Use padding same"]

    QTest.mouseClick(buttons[0], LEFT)

    assert build.is_valid()
    assert chip(build, 2, "kernel").text() == "5×5"
    assert chip(build, 2, "kernel").property("invalid") is not True
    assert build.undo_stack.undoText() == "use kernel 5×5"


def test_that_layers_after_the_fault_show_no_shape(build: BuildWorkspace) -> None:
    build.set_design(
        replace(DEEP, layers=(DEEP.layers[0], replace(DEEP.layers[2], kernel=99), *DEEP.layers[3:])).named()
    )

    assert build.layers.cards[0].costs.text().startswith("output 4×24×24")
    assert [card.costs.text().split(",")[0] for card in build.layers.cards[1:]] == ["output –"] * 4


def test_that_clicking_the_sentence_below_goes_to_the_layer_at_fault(build: BuildWorkspace) -> None:
    build.set_design(replace(DEEP, layers=(*DEEP.layers[:2], replace(DEEP.layers[2], kernel=99), *DEEP.layers[3:])))
    QTest.mouseClick(build.totals, LEFT)

    assert build.layers.selected == 2


def test_that_arrow_keys_stop_where_the_window_no_longer_fits(build: BuildWorkspace) -> None:
    build.set_design(preset("toy-4x4"))
    editor = chip(build, 0, "kernel")
    editor.setFocus()
    for _ in range(20):
        QTest.keyClick(editor, Qt.Key.Key_Up)

    assert build.design().layers[0].kernel == 6  # type: ignore[union-attr]  # 4 + 2·1
    assert build.is_valid()


def test_that_what_cannot_be_a_value_is_marked_and_changes_nothing(build: BuildWorkspace) -> None:
    build.set_design(DEEP)
    before = build.design()
    type_into(chip(build, 0, "filters"), "0")
    card = build.layers.cards[0]

    assert build.design() == before
    assert chip(build, 0, "filters").property("invalid") is True
    assert "filters: expected a whole number from 1 to 65,536, got “0”" in card._message.text()

    QTest.keyClick(chip(build, 0, "filters"), Qt.Key.Key_Escape)
    assert chip(build, 0, "filters").text() == "4"
    assert card._message.isHidden()


def test_that_a_net_that_only_has_no_end_yet_is_no_fault(build: BuildWorkspace) -> None:
    build.files.new()
    build.editor.add_layer(Conv2D)
    card = build.layers.cards[0]

    assert build.totals.text() == "Not finished: a Dense with 10 units, one per class, has to end it."
    assert not card._faulty
    assert card._message.text() == "Not finished: expected 10 scores, one per class, got 32×26×26"
    assert build.totals.parameters.number.text() == "320"
    assert not build.is_valid()
    repair = card._repair_buttons[0]
    assert repair in card.focus_stops()  # by keyboard, too
    repair.click()
    assert build.is_valid()
    build.editor.set_layer_field(2, "units", 7)
    assert build.totals.text().startswith("Can't train yet:")


def test_that_what_was_left_wrong_says_what_counts(build: BuildWorkspace) -> None:
    build.set_design(preset("course-7x7"))
    kernel = chip(build, 0, "kernel")

    type_into(kernel, "abc")

    assert kernel.problem.endswith("got “abc”; 7×7 stays")
    assert kernel.text() == "abc"


def test_that_nothing_moves_between_press_and_release(build: BuildWorkspace) -> None:
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


def test_that_the_menu_of_a_card_opens_at_its_button(build: BuildWorkspace) -> None:
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


def test_that_undo_goes_to_the_layer_that_came_back(build: BuildWorkspace) -> None:
    build.set_design(DEEP)
    build.layers.focus_card(1)
    build.editor.remove_layer(1)
    build.layers.focus_card(0)

    build.undo_stack.undo()
    assert build.layers.selected == 1


def test_that_undo_is_the_designs_in_a_name_that_nothing_was_typed_into(build: BuildWorkspace, qtbot) -> None:
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


def test_that_the_header_explains_each_of_its_columns(build: BuildWorkspace) -> None:
    build.resize(1440, 900)
    header = build._columns
    said = [header.explain(x) for x in range(0, header.width(), 4)]
    told = list(dict.fromkeys(one for one in said if one))

    assert len(told) == 3
    assert "64 images" in told[0]
    assert "im2col" in told[1]
    assert "receptive field" in told[2]


def test_that_a_text_counts_as_a_whole_or_not_at_all(build: BuildWorkspace) -> None:
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


def test_that_escape_takes_back_what_was_typed_even_if_it_was_a_value(build: BuildWorkspace) -> None:
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


def test_that_a_design_replaced_with_its_changes_says_how_to_get_them_back(build: BuildWorkspace) -> None:
    build.set_design(preset("course-7x7"))
    build.editor.open_preset("lenet-5")
    assert build.message.isHidden()  # nothing was lost
    type_into(chip(build, 0, "filters"), "9")
    changed = build.design()

    build.editor.open_preset("toy-4x4")

    assert build.message.text() == "The changes to lenet-5 were in no file; Undo brings them back."
    button = next(one for one in build.message.findChildren(QPushButton) if one.text() == "Undo")
    button.click()
    assert build.design() == changed
    assert build.message.isHidden()


def test_that_what_is_wrong_beside_a_slider_is_said_there(build: BuildWorkspace) -> None:
    build.set_design(preset("lenet-5"))
    build.layers.focus_card(2)
    edit = build.playground._edits["stride"]

    type_into(edit, "nope", enter=False)
    assert build.playground.problem.text().startswith("stride: expected")
    assert not build.playground.problem.isHidden()
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert build.playground.problem.isHidden()


def test_that_an_empty_list_says_how_to_begin(build: BuildWorkspace) -> None:
    build.set_design(Design())
    assert build.layers.empty.isVisible()
    QTest.mouseClick(build.layers.empty.smallest, LEFT)

    assert names(build) == ["flatten1", "dense1"]
    assert build.is_valid()
    assert not build.layers.empty.isVisible()


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("size", [(1440, 900), (1100, 700), (840, 480)])
def test_that_it_draws_in_every_size_and_theme(
    build: BuildWorkspace, theme: Theme, mode: str, size: tuple[int, int]
) -> None:
    theme.set_mode(mode)
    build.set_data("noise", 100, 10, (1, 28, 28), 10, np.zeros((28, 28), np.float32))
    build.resize(*size)
    for name in ("best-small", "toy-4x4"):
        build.set_design(preset(name))
        for number in (-1, 0, len(build.layers.cards) - 1):
            build.layers.focus_card(number)
            assert not build.grab().isNull()
    assert (build.width(), build.height()) == size
    assert build.side.geometry().right() < size[0]


# --- rearranging -------------------------------------------------------------------------------------------------


def test_that_a_card_is_dragged_to_another_place(build: BuildWorkspace) -> None:
    build.set_design(DEEP)
    QApplication.processEvents()
    card, target = build.layers.cards[3], build.layers.cards[1]
    start = QPoint(8, card.height() // 2)
    end = card.mapFromGlobal(target.mapToGlobal(QPoint(8, 2)))
    QTest.mousePress(card, LEFT, NONE, start)
    for share in (0.1, 0.5, 1.0):
        QTest.mouseMove(card, QPoint(round(start.x()), round(start.y() + share * (end.y() - start.y()))))
    assert build.layers._mark.isVisible()
    QTest.mouseRelease(card, LEFT, NONE, end)

    assert names(build) == ["conv1", "maxpool1", "relu1", "conv2", "flatten1", "dense1"]
    assert build.layers.selected == 1
    assert not build.layers._mark.isVisible()
    build.undo_stack.undo()
    assert build.design() == DEEP


def test_that_escape_takes_a_drag_back(build: BuildWorkspace) -> None:
    build.set_design(DEEP)
    QApplication.processEvents()
    card = build.layers.cards[3]
    QTest.mousePress(card, LEFT, NONE, QPoint(8, 8))
    QTest.mouseMove(card, QPoint(8, -90))
    QTest.keyClick(card, Qt.Key.Key_Escape)
    QTest.mouseRelease(card, LEFT, NONE, QPoint(8, -90))

    assert build.design() == DEEP
    assert build.undo_stack.count() == 0


def test_that_a_card_is_moved_copied_and_removed_by_keyboard(build: BuildWorkspace) -> None:
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


def test_that_a_layer_is_inserted_below_the_selected_one(build: BuildWorkspace) -> None:
    build.set_design(DEEP)
    build.layers.focus_card(0)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Insert)
    QTest.keyClicks(build.palette_list.search, "batch")
    QTest.keyClick(build.palette_list.search, Qt.Key.Key_Return)

    assert names(build)[:3] == ["conv1", "bn1", "relu1"]
    assert build.layers.selected == 1


@pytest.mark.parametrize(("name", "words"), [("conv2", "no other layer"), ("a b", "letters, digits"), ("x", "letters")])
def test_that_a_name_that_cannot_be_is_refused_with_a_sentence(build: BuildWorkspace, name: str, words: str) -> None:
    build.set_design(DEEP)
    field = build.layers.cards[0].name
    field.begin()
    QTest.keyClicks(field, name)
    QTest.keyClick(field, Qt.Key.Key_Return)

    assert names(build)[0] == "conv1"
    assert field.text() == name  # open, to be mended
    assert field.hasFocus()
    assert words in build.layers.cards[0]._message.text()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "conv1"
    assert build.layers.cards[0]._message.isHidden()


# --- undo --------------------------------------------------------------------------------------------------------


def test_that_digits_of_one_number_are_one_step_of_undo(build: BuildWorkspace) -> None:
    build.set_design(DEEP)
    type_into(chip(build, 0, "filters"), "128")
    assert build.undo_stack.count() == 1
    type_into(chip(build, 0, "filters"), "64")
    assert build.undo_stack.count() == 2

    build.undo_stack.undo()
    assert build.design().layers[0].filters == 128  # type: ignore[union-attr]


def test_that_the_way_of_a_slider_is_one_step_of_undo(build: BuildWorkspace) -> None:
    build.set_design(preset("course-7x7"))
    slider = build.playground._sliders["kernel"]
    for value in (8, 9, 10, 11):
        slider.setValue(value)
    slider.sliderReleased.emit()
    slider.setValue(5)

    assert build.undo_stack.count() == 2
    assert build.undo_stack.undoText() == "kernel of conv1"


def test_that_control_z_in_a_field_undoes_the_design(build: BuildWorkspace) -> None:
    build.set_design(DEEP)
    type_into(chip(build, 0, "filters"), "7", enter=False)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Z, CONTROL)

    assert build.design() == DEEP
    assert chip(build, 0, "filters").text() == "4"


def test_that_opening_a_preset_can_be_undone(build: BuildWorkspace) -> None:
    build.set_design(DEEP)
    build.editor.open_preset("lenet-5")
    assert build.design() == preset("lenet-5")
    build.undo_stack.undo()

    assert build.design() == DEEP


# --- settings ----------------------------------------------------------------------------------------------------


def test_that_another_optimiser_brings_its_own_fields_and_keeps_what_was_set(build: BuildWorkspace) -> None:
    build.set_design(DEEP)
    rate = build.hyper.rows["training", "optimiser", "lr"].editor
    type_into(rate, "0.5")
    build.hyper.kinds["optimiser"].kindChosen.emit(Adam)

    assert build.design().training.optimiser == Adam(lr=0.5)
    assert ("training", "optimiser", "beta1") in build.hyper.rows
    build.undo_stack.undo()
    assert ("training", "optimiser", "beta1") not in build.hyper.rows


def test_that_live_settings_are_told_apart(build: BuildWorkspace, qtbot) -> None:
    build.set_design(preset("lenet-5"))
    live: list[Design] = []
    build.liveChanged.connect(live.append)
    build.editor.set_setting(("training", "optimiser", "lr"), 0.3)
    build.editor.choose_kind("schedule", StepDecay)
    build.editor.set_setting(("training", "schedule", "warmup"), 7)
    assert live[-1].training.schedule == StepDecay(warmup=7)
    build.editor.set_setting(("training", "optimiser", "momentum"), 0.5)
    build.editor.set_setting(("training", "clip_norm"), 1.0)
    assert len(live) == 5
    build.editor.set_setting(("training", "batch_size"), 7)
    build.editor.set_layer_field(0, "filters", 3)
    assert len(live) == 5


def test_that_what_is_called_live_is_taken_over_by_a_running_training() -> None:
    rng = np.random.default_rng(0)
    split = Split(rng.random((20, 1, 28, 28), dtype=np.float32), rng.integers(0, 10, 20))
    for optimiser in optimiser_kinds():
        start = set_field(preset("course-7x7"), ("training", "optimiser"), optimiser())
        for spec in (*fields_of(Training), *fields_of(optimiser)):
            where = ("training", "optimiser") if spec in fields_of(optimiser) else ("training",)
            values = {"schedule": Cosine(), "clip_norm": 1.0, "weight_decay": 0.1, "epochs": 60}
            value = values.get(spec.name, 0.3)
            if not spec.words.live:
                continue
            after = set_field(start, (*where, spec.name), value)
            if not live_only(start, after):
                assert (optimiser.__name__, spec.name) == ("RMSProp", "momentum")
                continue
            with Trainer(start, split, split) as trainer:
                trainer.train_on(np.arange(8))
                trainer.adopt(after)
                trainer.train_on(np.arange(8))


def test_that_a_badge_says_when_each_setting_takes_effect(build: BuildWorkspace) -> None:
    badges = {path: row.badge.text() for path, row in build.hyper.rows.items() if row.badge is not None}

    assert badges["training", "optimiser", "lr"] == "live"
    assert badges["training", "batch_size"] == "restart"
    assert set(badges) == set(build.hyper.rows)


def test_that_the_dice_give_another_seed(build: BuildWorkspace) -> None:
    seeds = set()
    for _ in range(5):
        build.hyper.diceThrown.emit()
        seeds.add(build.design().training.seed)

    assert len(seeds) > 1
    assert build.undo_stack.count() == 5


# --- data --------------------------------------------------------------------------------------------------------


def test_that_data_of_another_size_is_a_fault_with_a_way_out(build: BuildWorkspace, qtbot) -> None:
    build.set_design(preset("course-7x7"))
    valid: list[bool] = []
    build.designChanged.connect(lambda _design, ok: valid.append(ok))
    build.set_data("CIFAR-10", 50_000, 10_000, (3, 32, 32), 10)
    assert not build.is_valid()
    assert valid == [False]
    assert "The network takes 1×28×28 images, CIFAR-10 has 3×32×32." in build.data_box.message.text()

    build.data_box.fitAsked.emit()
    assert build.design().input == Input(channels=3, height=32, width=32)
    assert build.is_valid()
    assert valid[-1]


def test_that_more_images_than_there_are_is_a_fault(build: BuildWorkspace) -> None:
    build.set_design(preset("stable-deep"))
    build.set_data("few", 500, 100, (1, 28, 28), 10)

    assert not build.is_valid()
    assert build.totals.text() == "Can't train yet: 20,000 training images are wanted, few has 500."


def test_that_a_dropped_file_is_handed_on(build: BuildWorkspace, qtbot, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "data.h5"))])
    event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, LEFT, NONE)
    with qtbot.waitSignal(build.dataDropped) as dropped:
        build.data_box.dropEvent(event)

    assert dropped.args == [str(tmp_path / "data.h5")]


# --- files -------------------------------------------------------------------------------------------------------


def test_that_saving_and_opening_give_the_same_design(build: BuildWorkspace, tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "mine.toml"
    build.set_design(DEEP)
    build.editor.set_layer_field(0, "filters", 9)
    assert build.files.mark() == "unsaved changes"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path.with_suffix("")), ""))
    assert build.files.save()
    assert load_design(path) == build.design()
    assert build.files.mark() == "mine.toml"
    assert build.files.recent.paths() == [path]

    build.editor.set_layer_field(0, "filters", 10)
    assert build.files.mark() == "mine.toml  ·  unsaved changes"
    build.undo_stack.undo()
    assert build.files.mark() == "mine.toml"

    saved = build.design()
    build.editor.open_preset("toy-4x4")
    assert build.files.mark() == ""
    assert build.files.open_path(path)
    assert build.design() == saved


def test_that_saving_after_a_preset_does_not_go_into_the_file_before(
    build: BuildWorkspace, tmp_path: Path, monkeypatch
) -> None:
    path = tmp_path / "mine.toml"
    save_design(DEEP, path)
    build.files.open_path(path)
    build.editor.open_preset("toy-4x4")
    asked: list[bool] = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (asked.append(True), ("", ""))[1])

    assert not build.files.save()
    assert asked
    assert load_design(path) == DEEP


@pytest.mark.parametrize("contents", ["", "format = 9", "format = 1\nlayers = 3", "format = 1\na = " + "[" * 5000])
def test_that_a_broken_file_gives_a_sentence_and_changes_nothing(
    build: BuildWorkspace, tmp_path: Path, contents: str
) -> None:
    build.set_design(DEEP)
    path = tmp_path / "broken.toml"
    path.write_text(contents)

    assert not build.files.open_path(path)
    assert build.design() == DEEP
    assert build.undo_stack.count() == 0
    assert build.message.text().startswith("broken.toml: ")
    assert not build.message.isHidden()


@pytest.mark.parametrize(
    ("answer", "goes_on"),
    [
        (Answer.CANCEL, False),
        (Answer.DISCARD, True),
        (Answer.SAVE, True),
    ],
)
def test_that_unsaved_changes_are_asked_about(
    build: BuildWorkspace, tmp_path: Path, monkeypatch, answer: Answer, goes_on: bool
) -> None:
    path = tmp_path / "mine.toml"
    save_design(DEEP, path)
    build.files.open_path(path)
    asked: list[bool] = []
    monkeypatch.setattr(build.files, "ask_about_changes", lambda: (asked.append(True), answer)[1])
    assert build.confirm_discard()
    assert not asked

    build.editor.set_layer_field(0, "filters", 9)
    assert build.confirm_discard() is goes_on
    assert asked
    assert (load_design(path) == build.design()) is (answer is Answer.SAVE)


def test_that_a_design_goes_over_the_clipboard_as_text(build: BuildWorkspace) -> None:
    build.set_design(DEEP)
    build.files.copy()
    text = QApplication.clipboard().text()
    assert text == write_design(DEEP)
    build.editor.open_preset("toy-4x4")
    assert build.files.paste()
    assert build.design() == DEEP

    QApplication.clipboard().setText("hello")
    assert not build.files.paste()
    assert build.design() == DEEP
    assert build.message.text().startswith("Nothing was pasted. The clipboard: ")


def test_that_a_new_design_keeps_the_images(build: BuildWorkspace) -> None:
    build.set_design(replace(DEEP, input=Input(channels=3, height=32, width=32)))
    build.files.new()

    assert build.design().layers == ()
    assert build.design().input.channels == 3


def test_that_the_code_dialog_shows_copies_and_saves(build: BuildWorkspace, qtbot, tmp_path: Path) -> None:
    dialog = CodeDialog(DEEP, tmp_path, build)
    for index, word in enumerate(("import torch", "import keras", "from convviz")):
        dialog.kinds.set_index(index)
        dialog._show(index)
        assert word in dialog.text.toPlainText()
    dialog.copy.click()
    assert QApplication.clipboard().text() == dialog.text.toPlainText()
    dialog.save_to(tmp_path / "model.py")
    assert (tmp_path / "model.py").read_text() == dialog.text.toPlainText()
    dialog.save_to(tmp_path / "no" / "model.py")
    assert "can't be written" in dialog.message.text()
    dialog.close()


def test_that_the_code_dialog_of_an_impossible_design_says_why(build: BuildWorkspace, tmp_path: Path) -> None:
    dialog = CodeDialog(Design(layers=(Conv2D(name="c", kernel=99),)), tmp_path, build)

    assert "filter 99×99 is larger" in dialog.message.text()
    assert not dialog.copy.isEnabled()
    dialog.close()


# --- the window of a layer, and measuring ------------------------------------------------------------------------


def test_that_the_formula_stands_there_with_its_numbers(build: BuildWorkspace) -> None:
    build.set_design(preset("course-7x7"))
    assert build.playground.formula.accessibleName() == "output size ⌊(28 − 7 + 2·1) / 1⌋ + 1 = 24"
    build.editor.set_layer_field(0, "padding", (1, 0))

    assert "⌊(28 − 7 + 2·0) / 1⌋ + 1 = 22" in build.playground.formula.accessibleName()


def test_that_the_window_moves_with_arrow_keys_and_takes_the_receptive_field_along(build: BuildWorkspace) -> None:
    build.set_design(preset("course-7x7"))
    picture = build.playground.picture
    before = picture.position
    QTest.keyClick(picture, Qt.Key.Key_Right)
    QTest.keyClick(picture, Qt.Key.Key_Down)

    assert picture.position == (before[0] + 1, before[1] + 1)
    assert build.playground.field._at == picture.position


def test_that_a_window_that_does_not_fit_is_drawn_beside_its_formula(build: BuildWorkspace) -> None:
    build.set_design(
        replace(preset("course-7x7"), layers=(Conv2D(name="conv1", kernel=40), *preset("course-7x7").layers[1:]))
    )

    assert build.playground.formula.accessibleName().endswith("= -11")
    assert build.playground.picture._misfit is not None
    assert not build.grab().isNull()


def test_that_time_per_epoch_is_measured_in_the_background(build: BuildWorkspace, qtbot) -> None:
    build.set_design(preset("toy-4x4"))
    build.set_data("four", 40, 10, (1, 4, 4), 2)
    assert build.totals.epoch.number.text() == "not measured"
    build.set_training(False)
    with qtbot.waitSignal(build.reckoning.measurer.measured, timeout=20_000) as told:
        pass

    assert isinstance(told.args[1], Measured)
    assert told.args[1].steps >= 1
    assert build.totals.epoch.number.text().endswith("s")
    assert "Measured on this machine" in build.totals.epoch.toolTip()


def test_that_a_rate_needs_no_new_measurement_and_a_layer_does(build: BuildWorkspace) -> None:
    build.set_design(DEEP)
    build.reckoning.measured = (build.design(), Measured(0.01, 1e-5, 64, 3, 1000))
    build.editor.set_setting(("training", "optimiser", "lr"), 0.3)
    assert build.reckoning.measured is not None
    build.editor.set_layer_field(0, "filters", 9)

    assert build.reckoning.measured is None


def test_that_the_status_line_names_the_selected_layer(build: BuildWorkspace) -> None:
    said: list[str] = []
    build.statusChanged.connect(said.append)
    build.set_design(DEEP)
    build.layers.focus_card(3)

    assert said[-1] == "maxpool1 · MaxPool2D · Of every window only the largest cell stays"


def test_that_everything_can_be_told_by_a_screen_reader(build: BuildWorkspace) -> None:
    build.set_design(preset("best-small"))
    for card in build.layers.cards:
        assert card.accessibleName()
        assert card.accessibleDescription()
        for stop in card.focus_stops():
            assert stop.accessibleName(), f"{card.accessibleName()}: {type(stop).__name__}"
    for stop in build.hyper.focus_stops():
        assert stop.accessibleName()
