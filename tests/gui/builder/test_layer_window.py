"""What is said of the selected layer, measuring, and what a screen reader is told."""

from __future__ import annotations

from building import DEEP
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from convviz.core.layers import Conv2D, MaxPool2D, pair
from convviz.gui.workspaces.builder.page import BuildPage
from convviz.present.design.data_facts import DataFacts
from convviz.storage.presets import preset
from convviz.training.measure import Measured


def test_that_the_formula_stands_there_with_its_numbers(build: BuildPage) -> None:
    build.set_design(preset("course-7x7"))
    assert build.inspector.formula.accessibleName() == "output size ⌊(28 − 7 + 2·1) / 1⌋ + 1 = 24"
    build.editor.set_layer_field(0, "padding", (1, 0))

    assert "⌊(28 − 7 + 2·0) / 1⌋ + 1 = 22" in build.inspector.formula.accessibleName()


def test_that_the_window_moves_with_arrow_keys_and_takes_the_receptive_field_along(build: BuildPage) -> None:
    build.set_design(preset("course-7x7"))
    picture = build.inspector.picture
    before = picture.position
    QTest.keyClick(picture, Qt.Key.Key_Right)
    QTest.keyClick(picture, Qt.Key.Key_Down)

    assert picture.position == (before[0] + 1, before[1] + 1)
    assert build.inspector.field.at == picture.position


def test_that_sliders_of_a_kind_of_layer_that_was_selected_before_are_used_again(build: BuildPage) -> None:
    build.set_design(DEEP)
    pool = next(number for number, layer in enumerate(DEEP.layers) if isinstance(layer, MaxPool2D))
    build.layers.focus_card(0)
    first = build.inspector.sliders["kernel"]
    build.layers.focus_card(pool)
    assert build.inspector.sliders["kernel"] is not first
    assert not first.isVisible()
    build.layers.focus_card(0)
    assert build.inspector.sliders["kernel"] is first
    assert first.isVisible()
    assert first.value() == max(pair(DEEP.layers[0].kernel))


def test_that_a_window_that_does_not_fit_is_drawn_beside_its_formula(build: BuildPage) -> None:
    build.set_design(
        replace(preset("course-7x7"), layers=(Conv2D(name="conv1", kernel=40), *preset("course-7x7").layers[1:]))
    )

    assert build.inspector.formula.accessibleName().endswith("= -11")
    assert build.inspector.picture.misfit is not None
    assert not build.grab().isNull()


def test_that_time_per_epoch_is_measured_in_the_background(build: BuildPage, qtbot) -> None:
    build.set_design(preset("toy-4x4"))
    build.edited.set_data(DataFacts("four", 40, 10, (1, 4, 4), 2))
    assert build.totals.epoch.number.text() == "not measured"
    build.set_training(False)
    with qtbot.waitSignal(build.totals_model.measurer.measured, timeout=20_000) as told:
        pass

    assert isinstance(told.args[1], Measured)
    assert told.args[1].steps >= 1
    assert build.totals.epoch.number.text().endswith("s")
    assert "Measured on this machine" in build.totals.epoch.toolTip()


def test_that_a_rate_needs_no_new_measurement_and_a_layer_does(build: BuildPage) -> None:
    build.set_design(DEEP)
    build.totals_model.measured = (build.design(), Measured(0.01, 1e-5, 64, 3, 1000))
    build.editor.set_setting(("training", "optimiser", "lr"), 0.3)
    assert build.totals_model.measured is not None
    build.editor.set_layer_field(0, "filters", 9)

    assert build.totals_model.measured is None


def test_that_the_status_line_names_the_selected_layer(build: BuildPage) -> None:
    said: list[str] = []
    build.statusChanged.connect(said.append)
    build.set_design(DEEP)
    build.layers.focus_card(3)

    assert said[-1] == "maxpool1 · MaxPool2D · Only the largest cell of every window is kept"


def test_that_everything_can_be_told_by_a_screen_reader(build: BuildPage) -> None:
    build.set_design(preset("best-small"))
    for card in build.layers.cards:
        assert card.accessibleName()
        assert card.accessibleDescription()
        for stop in card.focus_stops():
            assert stop.accessibleName(), f"{card.accessibleName()}: {type(stop).__name__}"
    for stop in build.hyper.focus_stops():
        assert stop.accessibleName()
