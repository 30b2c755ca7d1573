"""From Probe to Step and back: the pass that made a map, the changed image, and images from other workspaces."""

from __future__ import annotations

import numpy as np
import pytest
from probe_hands import in_window, page_of
from PySide6.QtCore import Qt
from small_run import noise
from whole_window import DATA, PROBE, STEP, WholeWindow

from convviz.core.score import Target
from convviz.gui.workspaces.probe.page import ProbePage
from convviz.gui.workspaces.step.page import StepPage
from convviz.present.step.pass_words import about, weights_of
from convviz.probe.attack import smallest_change
from convviz.probe.passes import probabilities_of, scores_of
from convviz.probe.saliency import gradient, guided_backprop
from convviz.training.images import Split
from convviz.training.pass_source import Kind


@pytest.fixture
def explained(qtbot, window: WholeWindow) -> ProbePage:
    """Why? with all maps of the surest mistake."""
    page = page_of(qtbot, window)
    page.mistakes.choose_all()
    page.go_to(1)
    qtbot.waitUntil(lambda: len(page.why.tiles) == 7 and page.why.change.way is not None, timeout=30000)
    return page


def stepped(qtbot, window: WholeWindow) -> StepPage:
    """Step in front, with what Probe asked for."""
    assert window.stack.currentIndex() == STEP
    step = window.step
    qtbot.waitUntil(lambda: step.source is not None and step.source.kind is Kind.PROBED, timeout=20000)
    qtbot.waitUntil(step.is_idle, timeout=20000)
    return step


def test_that_the_pass_of_a_map_ends_in_its_gradient(qtbot, window: WholeWindow, explained: ProbePage) -> None:
    why, row = explained.why, explained.mistakes.grid.row
    qtbot.mouseClick(why.tiles[1], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(why.computed, Qt.MouseButton.LeftButton)
    step = stepped(qtbot, window)
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


def test_that_guided_backpropagation_is_stepped_as_such(qtbot, window: WholeWindow, explained: ProbePage) -> None:
    why, row = explained.why, explained.mistakes.grid.row
    qtbot.mouseClick(why.tiles[3], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(why.computed, Qt.MouseButton.LeftButton)
    step = stepped(qtbot, window)
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
    card.slider.setValue(0)
    assert f"<b>{before} {found.before[before]:.3f}</b>" in card.scores.text()
    np.testing.assert_allclose(card.image, test.images[row])
    card.slider.setValue(card.slider.maximum())
    changed = np.clip(test.images[row] + 1.5 * found.change, 0, 1)
    p = probabilities_of(scores_of(network, changed[None]))[0]
    assert f"{after} {p[after]:.3f}" in card.scores.text()
    qtbot.mouseClick(card.step, Qt.MouseButton.LeftButton)
    step = stepped(qtbot, window)
    np.testing.assert_allclose(step.run.array("x")[0], changed, atol=1e-6)
    assert step.source.label(0) == str(test.labels[row])
    assert not step.run.program.updates
    assert "changed test image" in window.status.text()


def test_that_another_network_has_nothing_from_probe(qtbot, window: WholeWindow, explained: ProbePage) -> None:
    qtbot.mouseClick(explained.why.computed, Qt.MouseButton.LeftButton)
    step = stepped(qtbot, window)
    step.choose_kind(Kind.ONE)
    assert step.source.kind is Kind.ONE
    step.choose_kind(Kind.PROBED)
    assert step.source.kind is Kind.PROBED
    assert window.step.views.pass_choice.kind.value == Kind.PROBED


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
