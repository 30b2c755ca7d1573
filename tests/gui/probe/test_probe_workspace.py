"""Probe in the window: the matrix and its images, the maps of one, and what is said where there is nothing to see."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from probe_hands import in_window, page_of
from PySide6.QtCore import Qt
from small_run import noise
from whole_window import PROBE, STEP, WATCH, WholeWindow

import convviz
from convviz.core.score import Target
from convviz.gui.workspaces.probe.adapter import ProbeAdapter
from convviz.gui.workspaces.probe.page import ProbePage
from convviz.gui.workspaces.probe.worker import Worker
from convviz.probe.linear import contributions
from convviz.probe.mistakes import measure_mistakes
from convviz.probe.passes import scores_of
from convviz.probe.progress import ProbeCancelledError
from convviz.run.commands import Inspect
from convviz.run.state import State
from convviz.training.events import Position


@pytest.fixture
def probe(qtbot, window: WholeWindow) -> ProbePage:
    return page_of(qtbot, window)


def test_that_the_matrix_counts_what_the_network_answers(window: WholeWindow, probe: ProbePage) -> None:
    _, test = noise()
    found = convviz.predict(in_window(window), test.images, test.labels)
    assert probe.said.text() == f"{found.accuracy:.2%} right · untrained: chance is 10%"
    wrong = found.confusion - np.diag(np.diag(found.confusion))
    assert probe.mistakes.matrix.most == wrong.max()
    assert probe.mistakes.matrix.cell == np.unravel_index(wrong.argmax(), wrong.shape)
    assert f"{wrong.sum()} of 20 images" in probe.mistakes.about.text()


def test_that_weights_of_a_file_are_not_called_untrained(qtbot, window: WholeWindow, tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    np.savez(path, **{name: array + np.float32(0.01) for name, array in in_window(window).arrays.items()})
    with qtbot.waitSignal(window.run.prepared, timeout=20000):
        window.models.open_weights(path, window.run.design)
    probe = page_of(qtbot, window)
    qtbot.waitUntil(lambda: probe.said.text().endswith("% right · weights of mine.npz"), timeout=20000)
    assert " · weights of mine.npz · " in window.status.text()


def test_that_what_was_missing_is_not_said_any_more_while_it_is_measured(
    qtbot, window: WholeWindow, probe: ProbePage
) -> None:
    said: list[bool] = []
    hear = window.run.inspected.connect(lambda _: said.append(not probe.empty.isHidden()))
    probe.show_results(False, "No data set is open yet: open one in Data.")
    window.run.prepare(window.run.design)
    qtbot.waitUntil(lambda: bool(said), timeout=20000)
    window.run.inspected.disconnect(hear)
    assert not any(said)


def test_that_a_cell_shows_its_images_the_surest_first(qtbot, window: WholeWindow, probe: ProbePage) -> None:
    _, test = noise()
    before = window.watched.value.image
    found = convviz.predict(in_window(window), test.images, test.labels)
    tab = probe.mistakes
    label, answer = next((a, b) for a, b in zip(test.labels, found.predicted, strict=True) if a != b)
    centre = tab.matrix.rect_of(int(label), int(answer)).center().toPoint()
    qtbot.mouseClick(tab.matrix, Qt.MouseButton.LeftButton, pos=centre)
    rows = tab.grid.rows
    assert set(rows) == set(np.flatnonzero((test.labels == label) & (found.predicted == answer)))
    sure = found.probabilities[rows].max(axis=1)
    assert (np.diff(sure) <= 0).all()
    assert tab.images.title.text() == f"{label} taken for {answer}"
    assert window.watched.value.image == before  # looking at a cell chooses no image for the other workspaces
    said = f"x_test[{rows[0]}] · label {label}, taken for {answer}"
    assert window.status.text().startswith(said)
    qtbot.mouseClick(tab.grid.viewport(), Qt.MouseButton.LeftButton, pos=tab.grid.rect_of(int(rows[0])).center())
    assert window.watched.value.image == ("test", rows[0])
    assert window.status.text().startswith(said)
    assert " · shown in Data, Watch and Step, too" in window.status.text()
    empty = next(tuple(at) for at in np.argwhere(found.confusion == 0) if at[0] != at[1])
    tab.choose_cell(int(empty[0]), int(empty[1]))
    assert tab.empty.text() == f"No {empty[0]} is taken for {empty[1]}."


def test_that_neighbours_and_calibration_are_shown(qtbot, window: WholeWindow, probe: ProbePage) -> None:
    _, test = noise()
    found = measure_mistakes(in_window(window), test)
    tab = probe.mistakes
    assert tab.calibration.calibration.error == pytest.approx(found.calibration().error)
    tab.choose_all()
    row = tab.grid.row
    probe.mistakes.imageChosen.emit(row)
    answer = int(found.answers[row])
    away = np.square(test.images - test.images[row]).sum(axis=(1, 2, 3))
    away[row] = np.inf
    expected = []
    for kind in (int(test.labels[row]), answer):
        own = [int(one) for one in np.argsort(away, kind="stable") if test.labels[one] == kind and one != row]
        expected.append(own[:4])
    qtbot.waitUntil(lambda: tab.neighbours.rows == expected, timeout=10000)
    assert tab.neighbours.words[1].text() == f"most like it: {answer}, the answer"


def test_that_arrow_keys_move_the_cell(qtbot, probe: ProbePage) -> None:
    tab = probe.mistakes
    tab.choose_cell(2, 3)
    tab.matrix.setFocus()
    for key, cell in ((Qt.Key.Key_Down, (3, 3)), (Qt.Key.Key_Right, (3, 4)), (Qt.Key.Key_Up, (2, 4))):
        qtbot.keyClick(tab.matrix, key)
        assert tab.matrix.cell == cell
    assert "answered right" not in tab.images.title.text()


def test_that_why_shows_every_map_and_one_large(qtbot, window: WholeWindow, probe: ProbePage) -> None:
    probe.mistakes.choose_all()
    row = probe.mistakes.grid.row
    probe.mistakes.grid.setFocus()
    qtbot.keyClick(probe.mistakes.grid, Qt.Key.Key_Return)
    assert probe.tab == "Why?"
    why = probe.why
    titles = ("gradient × input", "gradient", "Grad-CAM conv1", "guided backprop", "integrated gradients")
    qtbot.waitUntil(lambda: len(why.tiles) == 7, timeout=20000)
    assert [tile.explanation.title for tile in why.tiles] == [*titles, "SmoothGrad", "occlusion 5×5"]
    qtbot.mouseClick(why.tiles[0], Qt.MouseButton.LeftButton)  # the map chosen before stays chosen
    _, test = noise()
    target = Target.of_class(*why.target)
    parts = contributions(in_window(window), test.images[row], target)
    np.testing.assert_allclose(why.large.picture.values[0], parts.pixels.sum(axis=0), atol=1e-12)
    assert "the pixels sum to the score" in why.about.text()
    qtbot.mouseClick(why.tiles[2], Qt.MouseButton.LeftButton)
    assert why.heading.text() == "<b>Grad-CAM conv1</b>"
    assert [tile.isChecked() for tile in why.tiles] == [number == 2 for number in range(7)]
    qtbot.waitUntil(lambda: "Searching" not in why.change.found.text(), timeout=20000)
    assert "The smallest change found makes it a" in why.change.found.text()


def test_that_a_difference_of_scores_is_explained_too(qtbot, window: WholeWindow, probe: ProbePage) -> None:
    probe.mistakes.choose_all()
    probe.go_to(1)
    why = probe.why
    qtbot.waitUntil(lambda: len(why.tiles) == 7, timeout=20000)
    qtbot.mouseClick(why.tiles[0], Qt.MouseButton.LeftButton)
    before = why.large.picture.values[0].copy()
    why.choice.scores.selected.emit(2)
    qtbot.waitUntil(lambda: len(why.tiles) == 7, timeout=20000)
    assert why.target[1] is not None
    assert not np.array_equal(before, why.large.picture.values[0])
    assert "purple for" in why.sides.text()


def test_that_another_patch_is_covered_and_its_scores_are_shown(qtbot, window: WholeWindow, probe: ProbePage) -> None:
    probe.mistakes.choose_all()
    probe.go_to(1)
    why, row = probe.why, probe.mistakes.grid.row
    qtbot.waitUntil(lambda: len(why.tiles) == 7 and not why.cancel.isVisible(), timeout=20000)
    assert not why.occlusion.isVisible()
    qtbot.mouseClick(why.tiles[6], Qt.MouseButton.LeftButton)
    assert why.occlusion.isVisible()
    for combo, value in ((why.occlusion.patch, 3), (why.occlusion.stride, 2)):
        combo.set_value(value)
        combo.edited.emit(value)
    qtbot.waitUntil(lambda: why.heading.text() == "<b>occlusion 3×3</b>", timeout=20000)
    _, test = noise()
    image, (label, against) = test.images[row], why.target
    high, wide = ((side - 3) // 2 + 1 for side in image.shape[1:])
    qtbot.waitUntil(lambda: why.shown.covered.scores.shape == (high, wide), timeout=20000)
    assert len(why.tiles) == 7
    assert f"{high * wide} passes" in why.occlusion.cost.text()
    why.occlusion.shown.selected.emit(1)
    shown = why.large.picture.values[0]
    for at in ((0, 0), (1, 2), (high - 1, wide - 1)):
        covered = image.copy()
        covered[:, 2 * at[0] : 2 * at[0] + 3, 2 * at[1] : 2 * at[1] + 3] = 0
        scores = scores_of(in_window(window), covered[None])[0]
        assert shown[at] == pytest.approx(scores[label] - (0 if against is None else scores[against]), abs=1e-4)
    why.occlusion.shown.selected.emit(0)
    for combo, value in ((why.occlusion.stride, 1), (why.occlusion.patch, 5)):
        combo.set_value(value)
        combo.edited.emit(value)
    qtbot.waitUntil(lambda: why.heading.text() == "<b>occlusion 5×5</b>", timeout=20000)


def test_that_maps_can_be_cancelled_and_computed_after_all(qtbot, probe: ProbePage) -> None:
    probe.mistakes.choose_all()
    probe.go_to(1)
    why = probe.why
    qtbot.waitUntil(lambda: len(why.tiles) == 7 and not why.cancel.isVisible(), timeout=20000)
    why.choice.scores.selected.emit(1)
    assert why.cancel.isVisible()
    qtbot.mouseClick(why.cancel, Qt.MouseButton.LeftButton)
    assert "not computed: " in why.said.text()
    assert "occlusion" in why.said.text()
    assert why.rest.isVisible()
    qtbot.mouseClick(why.rest, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(why.tiles) == 7 and not why.cancel.isVisible(), timeout=20000)
    assert why.change.way is not None
    assert why.said.text() == ""
    why.choice.scores.selected.emit(0)
    qtbot.waitUntil(lambda: len(why.tiles) == 7 and not why.cancel.isVisible(), timeout=20000)


@pytest.mark.parametrize(("title", "number"), [("Watch", WATCH), ("Step", STEP)])
def test_that_an_image_is_opened_elsewhere(
    qtbot, window: WholeWindow, probe: ProbePage, title: str, number: int
) -> None:
    probe.mistakes.choose_all()
    probe.go_to(1)
    row = probe.mistakes.grid.row
    qtbot.mouseClick(probe.why.buttons[title], Qt.MouseButton.LeftButton)
    assert window.stack.currentIndex() == number
    assert window.watched.value.image == ("test", row)


def test_that_the_training_images_are_measured_too(qtbot, window: WholeWindow, probe: ProbePage) -> None:
    probe.split.selected.emit(1)
    qtbot.waitUntil(lambda: "of 96 images" in probe.mistakes.about.text(), timeout=20000)
    probe.split.selected.emit(0)
    qtbot.waitUntil(lambda: "of 20 images" in probe.mistakes.about.text(), timeout=20000)


def test_that_it_says_of_which_step_its_numbers_are(qtbot, window: WholeWindow, probe: ProbePage) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F5)
    if window.stack.currentIndex() != PROBE:
        window.go_to(PROBE)
    qtbot.waitUntil(lambda: window.run.position.step > 0 and window.run.state is not State.RUNNING, timeout=30000)
    qtbot.waitUntil(lambda: "measured at epoch 3, step 18" in probe.said.text(), timeout=20000)


def test_that_mistakes_are_counted_again_after_every_epoch(
    window: WholeWindow, probe: ProbePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = window.run
    asked: list[object] = []
    monkeypatch.setattr(run.bridge, "send", asked.append)
    monkeypatch.setattr(run, "state", State.RUNNING)
    monkeypatch.setattr(run, "position", Position(0, 3, 3, 3, 6))
    run.progressed.emit()
    assert not asked
    monkeypatch.setattr(run, "position", Position(2, 1, 7, 3, 6))
    probe.go_to(1)
    run.progressed.emit()
    assert not asked, "only where they are looked at"
    probe.go_to(0)
    run.progressed.emit()
    run.progressed.emit()
    assert asked == [Inspect()]


def test_that_a_network_with_nan_is_refused_in_a_sentence(qtbot, window: WholeWindow, probe: ProbePage) -> None:
    front = window.stack.front
    assert isinstance(front, ProbeAdapter)
    network = in_window(window)
    network.arrays["conv1.weight"][0] = np.nan
    worker = Worker()
    found: list[str] = []
    worker.failed.connect(lambda kind, sentence: found.append(sentence))
    worker.start("it", lambda progress, tell: measure_mistakes(network, noise()[1], progress=progress))
    qtbot.waitUntil(lambda: bool(found), timeout=10000)
    worker.close()
    assert "conv1.weight has NaN or infinity" in found[0]


def test_that_a_later_question_cancels_the_one_before(qtbot) -> None:
    worker = Worker()
    results: list[object] = []
    worker.finished.connect(lambda kind, result: results.append(result))

    def wait(progress, tell) -> object:
        while progress(0, 1):
            pass
        raise ProbeCancelledError("cancelled")

    worker.start("it", wait)
    worker.start("it", lambda progress, tell: "second")
    qtbot.waitUntil(lambda: results == ["second"], timeout=10000)
    assert not worker.is_busy("it")
    worker.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_that_a_fault_is_told_and_the_next_question_answered(qtbot) -> None:
    worker = Worker()
    said: list[object] = []
    worker.failed.connect(lambda kind, sentence: said.append(sentence))
    worker.finished.connect(lambda kind, result: said.append(result))
    worker.start("it", lambda progress, tell: 1 // 0)
    qtbot.waitUntil(lambda: len(said) == 1, timeout=10000)
    assert "fault of convviz" in said[0]
    assert not worker.is_busy("it")
    worker.start("it", lambda progress, tell: "second")
    qtbot.waitUntil(lambda: said[1:] == ["second"], timeout=10000)
    worker.close()
