"""Probe's Filters in the window: cards, the chosen filter, ranking, kernels, evidence and pruning."""

from __future__ import annotations

import numpy as np
import pytest
from probe_hands import in_window, page_of
from PySide6.QtCore import Qt
from small_run import noise
from whole_window import STEP, WATCH, WholeWindow

from convviz.gui.theme import Theme
from convviz.gui.workspaces.probe.adapter import ProbeAdapter
from convviz.gui.workspaces.probe.filter_cards import FilterCards
from convviz.gui.workspaces.probe.filter_facts import Dream
from convviz.gui.workspaces.probe.filters_control import FiltersControl
from convviz.gui.workspaces.probe.filters_tab import VIEWS, FiltersTab
from convviz.gui.workspaces.probe.pruning_view import PruneFound, PruningView
from convviz.probe.ablation import rank_filters
from convviz.probe.filters import measure_filters
from convviz.probe.mistakes import measure_mistakes
from convviz.probe.pruning import prune


@pytest.fixture
def filters(qtbot, window: WholeWindow) -> FiltersTab:
    tab = page_of(qtbot, window, "Filters").filters
    tab.go_to(0)
    front = window.stack.front
    assert isinstance(front, ProbeAdapter)
    qtbot.waitUntil(lambda: tab.facts is not None and tab.facts.moment is front.moment, timeout=20000)
    reorder(tab, "number")
    return tab


def reorder(tab: FiltersTab, by: str) -> None:
    tab.order.set_value(by)
    tab.order.edited.emit(by)


def test_that_cards_show_what_was_measured(qtbot, window: WholeWindow, filters: FiltersTab) -> None:
    _, test = noise()
    found = measure_filters(in_window(window), test, "conv1")
    assert filters.cards.numbers == [0, 1, 2, 3]
    facts = filters.facts
    np.testing.assert_array_equal(facts.found.patches, found.patches)
    assert "over 20 test images, untrained" in filters.said.text()
    assert "each sees 3×3 pixels" in filters.said.text()
    assert f"above zero {100 * found.on[filters.number]:.1f} % of positions" in filters.panel.facts.text()
    reorder(filters, "largest")
    assert filters.cards.numbers == np.argsort(-found.largest, kind="stable").tolist()


def test_that_the_filter_with_the_largest_output_is_chosen_at_first(qtbot, filters: FiltersTab) -> None:
    first = FiltersTab((("Watch", "Show in Watch"),))
    qtbot.addWidget(first)
    first.show_moment(filters.facts.moment)
    first.show_facts(filters.facts, None, {})
    assert first.number == int(filters.facts.found.largest.argmax())


def test_that_what_a_filter_likes_best_grows_while_it_is_looked_for(qtbot, filters: FiltersTab) -> None:
    panel = filters.panel
    qtbot.waitUntil(lambda: panel.again.isVisible(), timeout=20000)
    before = panel.dream.values.copy()
    scores: list[str] = []
    qtbot.mouseClick(panel.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: scores.append(panel.dream_words.text()) or panel.again.isVisible(), timeout=20000)
    assert panel.dream.values.shape == (1, 3, 3)
    np.testing.assert_array_equal(panel.dream.values, before)
    assert panel.dream_words.text().startswith("z ")


def test_that_keys_choose_a_filter_and_open_it(qtbot, window: WholeWindow, filters: FiltersTab) -> None:
    filters.choose(1)
    filters.cards.setFocus()
    qtbot.keyClick(filters.cards, Qt.Key.Key_Right)
    assert filters.number == 2
    assert filters.panel.card.title.text() == "conv1, filter 2"
    row = filters.panel.patches.row
    qtbot.keyClick(filters.cards, Qt.Key.Key_Return)
    assert window.stack.currentIndex() == WATCH
    watched = window.watched.value
    assert (watched.image, watched.layer, watched.filter) == (("test", row), "conv1", 2)


def test_that_cards_look_the_same_however_one_came_to_them(qtbot, theme: Theme, filters: FiltersTab) -> None:
    facts = filters.facts
    worth = rank_filters(facts.moment.network, facts.moment.images, "conv1").worth
    dream = Dream("conv1", 2, facts.found.patches[2, 0], 1.5, 3)

    def cards() -> FilterCards:
        made = FilterCards()
        qtbot.addWidget(made)
        made.resize(500, 400)
        return made

    used, fresh = cards(), cards()
    used.show_facts(facts, [0, 1, 2, 3], None)
    for number in (0, 2, 1):
        used.choose(number)
        used.grab()
    used.show_facts(facts, [3, 2, 1, 0], worth)
    used.grab()
    used.show_dream(dream)
    used.grab()
    used.resize(700, 300)
    theme.set_mode("dark")
    used.grab()
    used.choose(3)
    fresh.resize(700, 300)
    fresh.show_facts(facts, [3, 2, 1, 0], worth)
    fresh.show_dream(dream)
    fresh.choose(3)
    assert used.grab().toImage() == fresh.grab().toImage()


def test_that_a_patch_opens_its_image(qtbot, window: WholeWindow, filters: FiltersTab) -> None:
    panel = filters.panel
    qtbot.mouseClick(panel.patches, Qt.MouseButton.LeftButton, pos=panel.patches.rect_of(1).center())
    row = panel.patches.row
    assert row == filters.facts.found.rows[filters.number, 1]
    assert window.watched.value.image == ("test", row)
    qtbot.mouseClick(panel.why, Qt.MouseButton.LeftButton)
    page = window.stack.front.page
    assert page.tab == "Why?"
    assert page.why.image.title.text() == f"Test image {row}"
    page.go_to(2)
    qtbot.mouseClick(panel.buttons["Step"], Qt.MouseButton.LeftButton)
    assert window.stack.currentIndex() == STEP


def test_that_filters_are_ranked_by_what_they_are_worth(qtbot, window: WholeWindow, filters: FiltersTab) -> None:
    _, test = noise()
    expected = rank_filters(in_window(window), test, "conv1")
    qtbot.mouseClick(filters.rank, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: filters.ablation is not None, timeout=20000)
    np.testing.assert_array_equal(filters.ablation.without, expected.without)
    assert filters.cards.numbers == expected.ranking.tolist()
    filters.choose(int(expected.ranking[0]))
    assert "rank 1 of 4" in filters.panel.facts.text()


def test_that_ranking_is_cancelled(qtbot, window: WholeWindow, filters: FiltersTab) -> None:
    front = window.stack.front
    assert isinstance(front, ProbeAdapter)
    before = filters.ablation
    filters.rankAsked.emit()
    assert filters.cancel.isVisible()
    filters.cancelAsked.emit()
    assert not filters.cancel.isVisible()
    assert filters.ablation is before
    assert "each sees 3×3 pixels" in filters.said.text()


def test_that_worth_may_be_asked_for_where_the_measurement_was_cancelled(qtbot, filters: FiltersTab) -> None:
    tab = FiltersTab((("Watch", "Show in Watch"),))
    qtbot.addWidget(tab)
    control = FiltersControl(tab, tab)
    control.show_moment(filters.facts.moment, 1)
    tab.cancelAsked.emit()
    tab.rankAsked.emit()
    qtbot.waitUntil(lambda: tab.facts is not None and tab.ablation is not None)
    assert sorted(tab.cards.numbers) == [0, 1, 2, 3]
    control.close()


def test_that_kernels_and_evidence_are_shown(qtbot, window: WholeWindow, filters: FiltersTab) -> None:
    filters.go_to(VIEWS.index("kernels"))
    assert filters.kernels.spectra.picture.values.shape == (4, 16, 16)
    assert "twins" in filters.kernels.said.text().lower()
    filters.go_to(VIEWS.index("evidence"))
    evidence = filters.evidence.evidence
    filters.evidence.choose_class(3)
    np.testing.assert_array_equal(filters.evidence.class_view.picture.values, evidence.weights[3])
    assert filters.evidence.of_class.title.text() == "What speaks for 3"
    filters.evidence.choose_map(1)
    np.testing.assert_array_equal(filters.evidence.map_view.picture.values, evidence.weights[:, 1])
    filters.go_to(0)


def test_that_pruning_measures_a_copy(qtbot, window: WholeWindow, filters: FiltersTab) -> None:
    filters.go_to(VIEWS.index("pruning"))
    view = filters.pruning
    view.slider.setValue(70)
    _, test = noise()
    network = in_window(window)
    expected = measure_mistakes(prune(network, 0.7).network, test).accuracy
    qtbot.waitUntil(lambda: view.share.text().startswith(f"{expected:.2%} right ("), timeout=20000)
    qtbot.waitUntil(lambda: not view.missing, timeout=20000)
    for percent, found in view.curve.points.items():
        assert found == measure_mistakes(prune(network, percent / 100).network, test).accuracy
    assert "conv1.weight" in view.layers.text()
    view.slider.setValue(0)
    filters.go_to(0)


def test_that_no_count_over_the_first_images_takes_the_place_of_one_over_all(qtbot, filters: FiltersTab) -> None:
    moment = filters.facts.moment
    every, whole, network = moment.mistakes.accuracy, len(moment.images), moment.network
    view = PruningView()
    qtbot.addWidget(view)
    view.show_moment(moment)
    assert view.share.text() == f"{every:.2%} right", "all weights: that was counted for every tab"
    view.show_found(PruneFound(0, prune(network, 0.0), 0.9, 10))
    assert view.share.text() == f"{every:.2%} right"
    assert "counting" not in view.said.text()
    view.slider.setValue(70)
    assert view.share.text() == "measuring …", "the number of another place stays nowhere"
    view.show_found(PruneFound(70, prune(network, 0.7), 0.9, 10))
    assert view.share.text() == "90.00% of the first 10 images right"
    assert view.said.text().endswith(f"counting all {whole} images …")
    view.show_found(PruneFound(70, prune(network, 0.7), 0.5, whole))
    assert view.share.text() == f"50.00% right ({100 * (0.5 - every):+.2f} points)"
    view.slider.setValue(0)
    assert view.share.text() == f"{every:.2%} right"
