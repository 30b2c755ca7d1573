"""From Probe to Step and back: the pass that made a map, the changed image, and images from other workspaces."""

from __future__ import annotations

import numpy as np
import pytest
from probe_hands import in_window, page_of
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from small_run import noise
from whole_window import DATA, PROBE, STEP, WholeWindow

from convviz.core.lower import PROBABILITIES
from convviz.core.score import Target
from convviz.gui.workspaces.probe.change_card import ChangeCard
from convviz.gui.workspaces.probe.change_way import LEAST, SIGNS
from convviz.gui.workspaces.probe.filters_tab import VIEWS
from convviz.gui.workspaces.probe.page import ProbePage
from convviz.gui.workspaces.probe.pruning_view import CURVE
from convviz.gui.workspaces.step import arrival
from convviz.gui.workspaces.step.page import StepPage
from convviz.present.step.pass_words import about, weights_of
from convviz.probe.attack import smallest_change, smallest_fgsm
from convviz.probe.passes import probabilities_of, scores_of
from convviz.probe.pruning import prune
from convviz.probe.removal import without_filter
from convviz.probe.saliency import gradient, guided_backprop
from convviz.training.images import Split
from convviz.training.pass_source import PassKind


@pytest.fixture
def explained(qtbot, window: WholeWindow) -> ProbePage:
    """Why? with all maps of the surest mistake."""
    page = page_of(qtbot, window)
    page.mistakes.choose_all()
    page.go_to(1)
    qtbot.waitUntil(lambda: len(page.why.tiles) == 7 and page.why.change.way is not None, timeout=30000)
    return page


def stepped(qtbot, window: WholeWindow, button: QWidget, note: str = "") -> StepPage:
    """Step in front, with what a button of Probe asks for, and not what was asked for before.

    ``note`` is in what is said of it.
    """
    before = window.step.source
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.stack.currentIndex() == STEP
    step = window.step

    def is_there() -> bool:
        return step.source is not before and step.source.kind is PassKind.PROBED and note in step.source.note

    qtbot.waitUntil(is_there, timeout=20000)
    qtbot.waitUntil(step.is_idle, timeout=20000)
    return step


def test_that_the_pass_of_a_map_ends_in_its_gradient(qtbot, window: WholeWindow, explained: ProbePage) -> None:
    why, row = explained.why, explained.mistakes.grid.row
    qtbot.mouseClick(why.tiles[1], Qt.MouseButton.LeftButton)
    step = stepped(qtbot, window, why.computed)
    _, test = noise()
    target = Target.of_class(*why.target)
    step.step_to(step.run.last)
    qtbot.waitUntil(lambda: step.run.whole and step.run.cursor.step == step.run.last, timeout=20000)
    expected = gradient(in_window(window), test.images[row], target)[0]
    np.testing.assert_allclose(step.run.array(step.run.program.gradients["x"])[0], expected, atol=1e-5)
    for _ in range(step.run.last + 1):
        step.command("back")
        assert step.scene is not None
    assert "this image" not in about(step.source, 16)
    assert weights_of(step.source, "now") == "weights after step 0"
    assert "test image" in window.status.text()
    assert not step.views.pass_choice.testing.isVisible()


@pytest.mark.parametrize("at_once", [60.0, 0.0], ids=["at once", "walked to"])
def test_that_a_pass_begins_at_the_step_that_matters_and_leads_back(
    qtbot, window: WholeWindow, explained: ProbePage, monkeypatch, at_once: float
) -> None:
    monkeypatch.setattr(arrival, "AT_ONCE", at_once)
    why = explained.why
    window.go_to(STEP)
    step = window.step
    qtbot.waitUntil(lambda: step.debugger is not None and step.is_idle(), timeout=20000)
    kind, target = step.choice.kind, step.run.program.steps[4].output
    step.step_to(4)
    qtbot.waitUntil(lambda: step.is_idle() and step.debugger.progress.done > 0, timeout=20000)
    step.pick_cell(target, tuple(n - 1 for n in step.run.program.arrays[target].shape))
    place = step.debugger.place
    window.go_to(PROBE)
    maps = next(tile for tile in why.tiles if tile.explanation.title.startswith("Grad-CAM"))
    expected = {why.tiles[1]: "conv1.d_x", maps: "relu1.d_a"}
    for tile, output in expected.items():
        qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
        stepped(qtbot, window, why.computed)
        qtbot.waitUntil(lambda output=output: step.debugger.step.output == output, timeout=20000)
        assert step.debugger.progress.done > 0, "it has run"
        window.go_to(PROBE)
    window.go_to(STEP)
    back = step.views.pass_choice.back
    qtbot.waitUntil(lambda: step.is_idle() and back.isVisible(), timeout=20000)
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: step.source.kind is kind and step.is_idle(), timeout=20000)
    qtbot.waitUntil(lambda: step.debugger.place.position == place.position, timeout=20000)
    assert step.debugger.place.cells == place.cells
    assert not back.isVisible()


def test_that_guided_backpropagation_is_stepped_as_such(qtbot, window: WholeWindow, explained: ProbePage) -> None:
    why, row = explained.why, explained.mistakes.grid.row
    qtbot.mouseClick(why.tiles[3], Qt.MouseButton.LeftButton)
    step = stepped(qtbot, window, why.computed)
    _, test = noise()
    expected = guided_backprop(in_window(window), test.images[row], Target.of_class(*why.target))[0]
    step.step_to(step.run.last)
    qtbot.waitUntil(lambda: step.run.whole and step.run.cursor.step == step.run.last, timeout=20000)
    np.testing.assert_allclose(step.run.array(step.run.program.gradients["x"])[0], expected, atol=1e-5)


def test_that_the_slider_has_the_scores_on_the_way_and_its_image_is_stepped(
    qtbot, window: WholeWindow, explained: ProbePage
) -> None:
    card, row = explained.why.change, explained.mistakes.grid.row
    _, test = noise()
    network = in_window(window)
    found = smallest_change(network, test.images[row])
    before, after = int(found.before.argmax()), int(found.after.argmax())
    assert card.slider.value() > 0
    assert f"<b>{after} " in card.scores.text()
    assert card.share.text() == "× 1.00", "it begins at the change that was found"
    card.slider.setValue(0)
    assert f"<b>{before} {found.before[before]:.3f}</b>" in card.scores.text()
    np.testing.assert_allclose(card.image, test.images[row])
    card.slider.setValue(card.slider.maximum())
    changed = np.clip(test.images[row] + 1.5 * found.change, 0, 1)
    p = probabilities_of(scores_of(network, changed[None]))[0]
    assert f"{after} {p[after]:.3f}" in card.scores.text()
    step = stepped(qtbot, window, card.step)
    np.testing.assert_allclose(step.run.array("x")[0], changed, atol=1e-6)
    assert step.source.label(0) == str(test.labels[row])
    assert not step.run.program.updates
    assert "changed test image" in window.status.text()


def test_that_a_change_into_a_chosen_class_is_searched(qtbot, window: WholeWindow, explained: ProbePage) -> None:
    card, row = explained.why.change, explained.mistakes.grid.row
    _, test = noise()
    network = in_window(window)
    answer = int(scores_of(network, test.images[row : row + 1])[0].argmax())
    assert card.into.values == [-1, *(k for k in range(10) if k != answer)]
    expected = {to: smallest_change(network, test.images[row], to=to) for to in range(10) if to != answer}
    to = next(to for to, change in expected.items() if change.found and change.after.argmax() != first_answer(card))
    card.into.set_value(to)
    card.into.edited.emit(to)
    qtbot.waitUntil(lambda: card.way is not None and card.way.to == to, timeout=20000)
    np.testing.assert_allclose(card.way.change.image, expected[to].image)
    assert f"The smallest change found makes it a{'n' if to == 8 else ''} {to} instead of" in card.found.text()
    card.kind.set_value(SIGNS)
    card.kind.edited.emit(SIGNS)
    qtbot.waitUntil(lambda: "Searching" not in card.found.text(), timeout=20000)
    by_signs = smallest_fgsm(network, test.images[row], to=to)
    assert ("The smallest step by signs found" if by_signs.found else "No step by signs") in card.found.text()
    card.into.set_value(-1)
    card.kind.set_value(LEAST)


def first_answer(card: ChangeCard) -> int:
    """The class that the change found first leads to."""
    assert card.way is not None
    return int(card.way.change.after.argmax())


def test_that_another_network_has_nothing_from_probe(qtbot, window: WholeWindow, explained: ProbePage) -> None:
    step = stepped(qtbot, window, explained.why.computed)
    step.choose_kind(PassKind.ONE)
    assert step.source.kind is PassKind.ONE
    step.choose_kind(PassKind.PROBED)
    assert step.source.kind is PassKind.PROBED
    assert window.step.views.pass_choice.kind.value == PassKind.PROBED


def test_that_data_opens_an_image_in_why(qtbot, window: WholeWindow) -> None:
    page_of(qtbot, window)
    window.go_to(DATA)
    data = window.stack.front.page
    window.watched.select(split="test", sample=7)
    qtbot.waitUntil(lambda: data.panel.isVisible(), timeout=10000)
    qtbot.mouseClick(data.panel.buttons["Probe"], Qt.MouseButton.LeftButton)
    assert window.stack.currentIndex() == PROBE
    page = window.stack.front.page
    assert page.tab == "Why?"
    qtbot.waitUntil(lambda: page.why.image.title.text() == "Test image 7", timeout=20000)
    assert data.panel.buttons["Probe"].text() == "Why?"


def test_that_drawings_are_probed_too(qtbot, window: WholeWindow) -> None:
    page = page_of(qtbot, window)
    assert not page.split.button(2).isEnabled()
    _, test = noise()
    window.run.set_drawings(Split(test.images[:3], test.labels[:3]))
    try:
        window.run.progressed.emit()
        assert page.split.button(2).isEnabled()
        page.split.selected.emit(2)
        qtbot.waitUntil(lambda: "of 3 images" in page.mistakes.about.text(), timeout=20000)
        page.mistakes.choose_all()
        page.go_to(1)
        assert page.why.image.title.text().startswith("Drawing ")
        page.go_to(0)
    finally:
        window.run.set_drawings(None)
        page.split.selected.emit(0)
        qtbot.waitUntil(lambda: "of 20 images" in page.mistakes.about.text(), timeout=20000)


def last_of(qtbot, step: StepPage) -> None:
    """Go to the end of the pass."""
    step.step_to(step.run.last)
    qtbot.waitUntil(lambda: step.run.whole and step.run.cursor.step == step.run.last, timeout=20000)


def test_that_an_answer_is_stepped(qtbot, window: WholeWindow) -> None:
    page = page_of(qtbot, window)
    page.mistakes.choose_all()
    row = page.mistakes.grid.row
    step = stepped(qtbot, window, page.mistakes.how, "the answer that is counted")
    qtbot.waitUntil(lambda: step.debugger.step.output == PROBABILITIES, timeout=20000)
    assert step.source.rows == (row,)
    last_of(qtbot, step)
    _, test = noise()
    expected = probabilities_of(scores_of(in_window(window), test.images[row : row + 1]))
    np.testing.assert_allclose(step.run.array(PROBABILITIES), expected, atol=1e-6)


def test_that_what_a_filter_makes_of_a_patch_is_stepped(qtbot, window: WholeWindow) -> None:
    page = page_of(qtbot, window, "Filters")
    tab = page.filters
    tab.go_to(0)
    qtbot.waitUntil(lambda: tab.facts is not None and tab.facts.moment is window.stack.front.moment, timeout=20000)
    value = tab.facts.found.values[tab.number, tab.panel.patches.position]
    assert window.status.text().startswith(f"{tab.facts.maps.name}, filter {tab.number} · 20 test images")
    place = tab.facts.found.places[tab.number, tab.panel.patches.position].tolist()
    step = stepped(qtbot, window, tab.panel.how, "what the filter makes of this patch")
    qtbot.waitUntil(lambda: step.debugger.step.output.startswith(f"{tab.facts.maps.last}."), timeout=20000)
    assert step.debugger.focus() == (0, tab.number, *place)
    last_of(qtbot, step)
    np.testing.assert_allclose(step.run.array("score.s"), [value], atol=1e-6)


def test_that_the_worth_of_a_filter_is_stepped(qtbot, window: WholeWindow) -> None:
    page = page_of(qtbot, window, "Filters")
    tab = page.filters
    tab.go_to(0)
    qtbot.waitUntil(lambda: tab.facts is not None and tab.facts.moment is window.stack.front.moment, timeout=20000)
    qtbot.mouseClick(tab.rank, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tab.panel.how_worth.isVisible(), timeout=20000)
    number = tab.number
    step = stepped(qtbot, window, tab.panel.how_worth, f"filter {number} times 0")
    qtbot.waitUntil(lambda: step.debugger.step.output.startswith(f"without{number}."), timeout=20000)
    last_of(qtbot, step)
    row = step.source.rows[0]
    _, test = noise()
    expected = scores_of(without_filter(in_window(window), number), test.images[row : row + 1])
    np.testing.assert_allclose(step.run.array(PROBABILITIES), probabilities_of(expected), atol=1e-6)


def test_that_a_bar_of_the_calibration_has_its_images_and_one_is_stepped(qtbot, window: WholeWindow) -> None:
    page = page_of(qtbot, window)
    tab, mistakes = page.mistakes, window.stack.front.moment.mistakes
    found = mistakes.calibration()
    bar = int(found.counts.argmax())
    view = tab.calibration
    room = view.width() - 42
    at = QPoint(34 + round(room * (bar + 0.5) / len(found.counts)), view.height() // 2)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    assert set(tab.grid.rows.tolist()) == set(np.flatnonzero(mistakes.bins() == bar).tolist())
    assert f"{found.counts[bar]} · {found.accuracy[bar]:.1%} right" in tab.images.caption.text()
    step = stepped(qtbot, window, tab.how_sure, f"{found.accuracy[bar]:.1%}, among the")
    assert mistakes.bins()[step.source.rows[0]] == bar
    page = page_of(qtbot, window)
    tab.choose_all()
    assert view.bar == -1


def test_that_pruned_weights_are_stepped(qtbot, window: WholeWindow) -> None:
    page = page_of(qtbot, window, "Filters")
    page.filters.go_to(VIEWS.index("pruning"))
    pruning = page.filters.pruning
    page.go_to(0)  # what was begun is left, and taken up again
    page.go_to(2)
    qtbot.waitUntil(lambda: not pruning.missing, timeout=20000)
    assert set(CURVE) <= set(pruning.curve.points), "the curve is drawn without a hand at the slider"
    pruning.slider.setValue(60)
    step = stepped(qtbot, window, pruning.how, "without 60 %")
    expected = prune(in_window(window), 0.6).network.arrays["conv1.weight"]
    np.testing.assert_array_equal(step.source.arrays["conv1.weight"], expected)
    pruning.slider.setValue(0)
    page.filters.go_to(0)


def test_that_evidence_and_a_place_on_the_map_are_stepped(qtbot, window: WholeWindow) -> None:
    page = page_of(qtbot, window, "Filters")
    page.filters.go_to(VIEWS.index("evidence"))
    evidence = page.filters.evidence
    evidence.choose_class(2)
    step = stepped(qtbot, window, evidence.how, "multiplies these weights")
    assert step.source.target == Target.of_class(2)
    page.filters.go_to(0)
    page = page_of(qtbot, window, "Map")
    qtbot.waitUntil(lambda: page.map.shown is not None, timeout=20000)
    page.map.choose(5)
    step = stepped(qtbot, window, page.map.panel.how, "what the map compares")
    assert step.source.rows == (5,)
    assert step.source.target is None


def test_that_status_and_panel_of_the_map_name_the_same_image(qtbot, window: WholeWindow) -> None:
    page = page_of(qtbot, window, "Map")
    qtbot.waitUntil(lambda: page.map.shown is not None and page.map.view.row >= 0, timeout=20000)
    row = page.map.view.row
    assert page.map.panel.card.title.text() == f"Test image {row}"
    assert window.status.text().startswith(f"x_test[{row}] · ")
    qtbot.keyClick(page.map.view, Qt.Key.Key_N)
    assert page.map.view.row != row
    assert window.watched.value.image == ("test", page.map.view.row)  # not before: nobody has chosen the first one
    assert window.status.text().startswith(f"x_test[{page.map.view.row}] · ")
    assert page.map.panel.card.title.text() == f"Test image {page.map.view.row}"
