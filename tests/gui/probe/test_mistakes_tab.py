"""Probe's Mistakes: what its cells say, ignored labels, and the answers as a file."""

from __future__ import annotations

import csv
from dataclasses import replace as replaced
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from probe_hands import page_of
from probed import PLAIN, labelled, probed
from PySide6.QtCore import Qt
from whole_window import WholeWindow

from convviz.gui.workspaces.probe.answers_file import write_answers
from convviz.gui.workspaces.probe.mistakes_tab import (
    BY_NUMBER,
    LEAST_SURE,
    SUREST,
    WRONG_FIRST,
    MistakesTab,
)
from convviz.gui.workspaces.probe.moment import Moment
from convviz.probe.mistakes import measure_mistakes
from convviz.probe.progress import ProbeCancelledError, silent

NAMES = ("cat", "dog", "eel")


def moment_of(ignored: int | None = None) -> Moment:
    network = probed(replace(PLAIN, training=replace(PLAIN.training, ignored_label=ignored)))
    split = labelled(network, 40)
    return Moment(network, 3, "step 3", "test", split, NAMES, measure_mistakes(network, split))


@pytest.fixture
def tab(qtbot) -> MistakesTab:
    made = MistakesTab()
    qtbot.addWidget(made)
    made.resize(1100, 600)
    made.show()
    return made


def test_that_cells_say_counts_or_shares_of_their_row(qtbot, tab: MistakesTab) -> None:
    moment = moment_of()
    tab.show_moment(moment)
    counts = moment.mistakes.confusion
    wrong = counts - np.diag(np.diag(counts))
    assert tab.matrix.most == wrong.max()
    qtbot.keyClick(tab.matrix, Qt.Key.Key_C)
    assert tab.unit.index == 1
    assert tab.matrix.most == pytest.approx((100 * wrong / counts.sum(axis=1, keepdims=True)).max())
    assert not tab.grab().isNull()
    qtbot.keyClick(tab.matrix, Qt.Key.Key_C)
    assert tab.unit.index == 0
    assert tab.matrix.most == wrong.max()


def test_that_ignored_labels_are_left_out_and_said(tab: MistakesTab) -> None:
    moment = moment_of(ignored=1)
    tab.show_moment(moment)
    missing = int((moment.images.labels == 1).sum())
    assert f"{missing} images with the ignored label dog left out." in tab.about.text()
    assert f"of {40 - missing} images" in tab.about.text()
    tab.choose_cell(1, 0)
    assert tab.empty.text() == "No dog is taken for cat."
    tab.choose_cell(1, 1)
    assert tab.empty.text() == "The loss ignores dog: these images are neither right nor wrong."
    tab.choose_all()
    assert not (moment.images.labels[tab.grid.rows] == 1).any()


def test_that_answers_are_saved_with_the_names_of_classes(tmp_path: Path) -> None:
    moment = moment_of()
    said = write_answers(moment, tmp_path / "answers.csv", silent)
    assert said == "Saved the answers to 40 test images in answers.csv."
    with (tmp_path / "answers.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = moment.mistakes
    assert [row["label"] for row in rows] == [NAMES[k] for k in found.labels]
    assert [row["answer"] for row in rows] == [NAMES[k] for k in found.answers]
    np.testing.assert_array_equal([float(row["p(dog)"]) for row in rows], found.probabilities[:, 1])
    with pytest.raises(ProbeCancelledError):
        write_answers(moment, tmp_path / "other.csv", lambda done, total: False)
    assert not (tmp_path / "other.csv").exists()


def test_that_the_window_saves_answers_and_says_what_hinders(
    qtbot, window: WholeWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.csv").write_text("label,pixel1\n3,0.5\n")
    page = page_of(qtbot, window)
    assert page.save.isVisible()
    for path, words in (
        (tmp_path / "a.csv", "20 test images in a.csv"),
        (tmp_path / "no" / "b.csv", "expected a folder to write in"),
        (tmp_path / "mine.csv", "answers that were saved before to replace, got plain text"),
    ):
        monkeypatch.setattr(
            "convviz.gui.workspaces.probe.answers_file.QFileDialog.getSaveFileName",
            lambda *_, path=path: (str(path), ""),
        )
        page.save.click()
        qtbot.waitUntil(lambda words=words: words in window.message.text(), timeout=20000)
    assert len((tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()) == 21
    page.go_to(1)
    assert not page.save.isVisible()


def test_that_images_come_in_the_order_of_choice(tab: MistakesTab) -> None:
    moment = moment_of()
    tab.show_moment(moment)
    tab.choose_all()
    found, sure = moment.mistakes, moment.mistakes.confidence
    worst = set(np.flatnonzero(found.wrong).tolist())

    def choose(order: str) -> list[int]:
        tab.order.set_value(order)
        tab.order.edited.emit(order)
        return tab.grid.rows.tolist()

    assert tab.order.value == SUREST
    surest = tab.grid.rows.tolist()
    assert set(surest) == worst
    assert (np.diff(sure[surest]) <= 0).all()
    least = choose(LEAST_SURE)
    assert set(least) == worst
    assert (np.diff(sure[least]) >= 0).all()
    assert choose(BY_NUMBER) == sorted(worst)
    label = int(np.diag(found.confusion).argmax())
    tab.choose_cell(label, label)
    assert tab.order.value == BY_NUMBER, "it stays for other cells"
    assert tab.grid.rows.tolist() == sorted(found.rows(label, label).tolist())
    assert choose(SUREST) == found.rows(label, label)[np.argsort(-sure[found.rows(label, label)])].tolist()
    assert tab.images.title.text() == f"{NAMES[label]}, answered right"


def test_that_each_kind_of_images_has_its_usual_order(tab: MistakesTab) -> None:
    moment = moment_of()
    tab.show_moment(moment)
    found = moment.mistakes
    label = int(np.diag(found.confusion).argmax())
    tab.choose_cell(label, label)
    assert tab.order.value == LEAST_SURE
    bar = int(found.calibration().counts.argmax())
    tab.choose_bar(bar)
    assert tab.order.value == WRONG_FIRST
    wrong = found.wrong[tab.grid.rows]
    assert (np.diff(wrong.astype(int)) <= 0).all()
    tab.order.set_value(BY_NUMBER)
    tab.order.edited.emit(BY_NUMBER)
    assert tab.calibration.bar == bar
    assert (np.diff(tab.grid.rows) > 0).all()


def test_that_long_names_of_classes_fit_a_small_window(tab: MistakesTab) -> None:
    names = tuple(f"great white shark of the seven seas, number {k}" for k in range(3))
    tab.show_moment(replaced(moment_of(), names=names))
    for label in range(3):
        for answer in range(3):
            tab.choose_cell(label, answer)
            assert tab.minimumSizeHint().width() <= 1072
