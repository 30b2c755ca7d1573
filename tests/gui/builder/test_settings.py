"""Hyperparameters and data beside the layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from building import DEEP, LEFT, NONE, type_into
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from convviz.core.augment.settings import Augmentation
from convviz.core.design import Design, Input, Training
from convviz.core.optim import Adam
from convviz.core.schedule import Cosine, StepDecay
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.workspaces.builder.page import BuildPage
from convviz.gui.workspaces.builder.settings.field_row import ROOM, FieldRow
from convviz.present.design.data_facts import DataFacts
from convviz.present.design.edits import live_only, optimiser_kinds, set_field
from convviz.present.design.fields import fields_of
from convviz.storage.presets import preset
from convviz.training.images import Split
from convviz.training.trainer import Trainer


def test_that_the_rows_of_an_optimiser_that_was_chosen_before_are_used_again(build: BuildPage) -> None:
    build.set_design(DEEP)
    rate = build.hyper.rows["training", "optimiser", "lr"]
    build.hyper.kinds["optimiser"].kindChosen.emit(Adam)
    assert build.hyper.rows["training", "optimiser", "lr"] is not rate
    assert not rate.isVisible()
    build.undo_stack.undo()
    assert build.hyper.rows["training", "optimiser", "lr"] is rate
    assert rate.isVisible()
    type_into(rate.editor, "0.25")
    assert build.design().training.optimiser.lr == 0.25


def test_that_rows_made_in_idle_turns_are_used_when_their_kind_is_chosen(build: BuildPage, qtbot) -> None:
    hyper = build.hyper
    build.set_design(DEEP)
    hyper.prepare()
    qtbot.waitUntil(lambda: not hyper.is_preparing)
    there = set(hyper.findChildren(FieldRow))
    for row in hyper.kinds.values():
        for kind in row.kinds:
            row.kindChosen.emit(kind)
            assert set(hyper.rows.values()) <= there
            assert all(one.isVisible() for one in hyper.rows.values())


def test_that_another_optimiser_brings_its_own_fields_and_keeps_what_was_set(build: BuildPage) -> None:
    build.set_design(DEEP)
    rate = build.hyper.rows["training", "optimiser", "lr"].editor
    type_into(rate, "0.5")
    build.hyper.kinds["optimiser"].kindChosen.emit(Adam)

    assert build.design().training.optimiser == Adam(lr=0.5)
    assert ("training", "optimiser", "beta1") in build.hyper.rows
    build.undo_stack.undo()
    assert ("training", "optimiser", "beta1") not in build.hyper.rows


def test_that_live_settings_are_told_apart(build: BuildPage, qtbot) -> None:
    build.set_design(preset("lenet-5"))
    live: list[Design] = []
    build.document.changed.connect(lambda new, old: live.append(new) if live_only(old, new) else None)
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
            values = {
                "schedule": Cosine(),
                "clip_norm": 1.0,
                "weight_decay": 0.1,
                "epochs": 60,
                "loss": "hinge",
                "class_weights": (0.5,) * 10,
                "ignored_label": 3,
                "augmentation": Augmentation(shift=1.0),
            }
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


def test_that_a_badge_says_when_each_setting_takes_effect(build: BuildPage) -> None:
    badges = {path: row.badge.text() for path, row in build.hyper.rows.items() if row.badge is not None}

    assert badges["training", "optimiser", "lr"] == "live"
    assert badges["training", "batch_size"] == "restart"
    assert set(badges) == set(build.hyper.rows)


@pytest.mark.parametrize("name", ["stable-deep", "best-small"])
def test_that_no_setting_is_wider_than_the_panel_and_no_choice_is_cut(build: BuildPage, name: str) -> None:
    build.document.replace(preset(name), f"open {name}")
    hyper = build.hyper
    rows = [*hyper.rows.values(), *hyper.kinds.values()]
    assert max(row.minimumSizeHint().width() for row in rows) <= ROOM
    for row in rows:
        for combo in row.findChildren(Combo):
            text = combo.fontMetrics().horizontalAdvance(combo.currentText())
            assert text <= combo.width() - 28, combo.currentText()  # the arrow and the margins


def test_that_the_dice_give_another_seed(build: BuildPage) -> None:
    seeds = set()
    for _ in range(5):
        build.hyper.diceThrown.emit()
        seeds.add(build.design().training.seed)

    assert len(seeds) > 1
    assert build.undo_stack.count() == 5


def test_that_data_of_another_size_is_a_fault_with_a_way_out(build: BuildPage, qtbot) -> None:
    build.set_design(preset("course-7x7"))
    valid: list[bool] = []
    build.edited.changed.connect(lambda: valid.append(build.is_valid()))
    build.edited.set_data(DataFacts("CIFAR-10", 50_000, 10_000, (3, 32, 32), 10))
    assert not build.is_valid()
    assert valid == [False]
    assert "The network takes 1×28×28 images, CIFAR-10 has 3×32×32." in build.data_box.message.text()

    build.data_box.fitAsked.emit()
    assert build.design().input == Input(channels=3, height=32, width=32)
    assert build.is_valid()
    assert valid[-1]


def test_that_more_images_than_there_are_is_a_fault(build: BuildPage) -> None:
    build.set_design(preset("stable-deep"))
    build.edited.set_data(DataFacts("few", 500, 100, (1, 28, 28), 10))

    assert not build.is_valid()
    assert build.totals.text() == "Can't train yet: 20,000 training images are wanted, few has 500."


def test_that_a_dropped_file_is_handed_on(build: BuildPage, qtbot, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "data.h5"))])
    event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, LEFT, NONE)
    with qtbot.waitSignal(build.dataDropped) as dropped:
        build.data_box.dropEvent(event)

    assert dropped.args == [str(tmp_path / "data.h5")]


def test_that_a_trouble_with_the_data_moves_nothing_in_the_panel(qtbot) -> None:
    page = BuildPage()
    qtbot.addWidget(page)
    page.resize(1400, 900)
    page.show()
    qtbot.waitExposed(page)
    page.set_design(preset("course-7x7"))
    page.edited.set_data(DataFacts("noise", 100, 20, (1, 28, 28), 10))
    QApplication.processEvents()

    def places() -> dict[str, int]:
        shown = [one for one in page.data_box.findChildren(QWidget) if one is not page.data_box.message]
        shown = [one for one in shown if one.isVisible() and not page.data_box.message.isAncestorOf(one)]
        return {str(one): one.mapTo(page.data_box, QPoint()).y() for one in shown}

    before = places()
    assert page.data_box.message.isHidden()
    page.edited.set_data(DataFacts("noise", 100, 20, (3, 32, 32), 10))
    QApplication.processEvents()
    assert page.data_box.message.isVisible()
    assert places() == before


def test_that_a_stand_in_is_no_data_set(build: BuildPage, qtbot) -> None:
    black = np.zeros((3, 16, 16), np.float32)
    build.set_design(preset("course-7x7"))
    build.edited.set_data(DataFacts("no images", 1, 1, (3, 16, 16), 1, black, stands_in=True))
    assert build.totals.text() == "Can't train yet: No data set is open; the network takes 1×28×28 images."
    assert build.data_box.name.text() == "none"
    (offer,) = build.data_box.message.action_buttons
    assert offer.text() == "Use the built-in digits"
    with qtbot.waitSignal(build.data_box.digitsAsked):
        offer.click()
    build.edited.set_data(DataFacts("no images", 1, 1, (1, 28, 28), 1, black[:1], stands_in=True))
    assert build.totals.text().startswith("Open a data set to train on")
