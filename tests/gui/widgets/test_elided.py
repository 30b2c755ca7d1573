"""Text that is cut keeps the numbers at its end, and cuts no number in two."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QWidget

from convviz.gui.widgets.elided import CutTexts, by_parts, elided
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.widgets.labels import ElidedLabel

TEXTS = (
    "branch of course-7×7 at step 2,263",
    "at their last key points, steps 2,747 and 2,263",
    "96.55 % right · measured at epoch 3, step 2,296",
    "conv1.weight[22] · changed most",
    "12 of 2,000 are wrong",
)
WHOLE = re.compile(r"\d[\d.,]*\d|\d")


@pytest.fixture
def metrics(qapp) -> QFontMetrics:
    return QFontMetrics(QFont("Inter", 12))


@pytest.mark.parametrize("text", TEXTS)
def test_that_every_number_is_whole_and_everything_fits(metrics: QFontMetrics, text: str) -> None:
    for room in range(metrics.horizontalAdvance("…"), metrics.horizontalAdvance(text) + 20, 3):
        found = elided(text, metrics, room)
        assert metrics.horizontalAdvance(found) <= room
        assert set(WHOLE.findall(found)) <= set(WHOLE.findall(text)), (room, found)
        assert found in ("", text) or "…" in found


def test_that_the_number_at_the_end_stays(metrics: QFontMetrics) -> None:
    room = metrics.horizontalAdvance("branch of… step 2,263") + 2
    found = elided(TEXTS[0], metrics, room)
    assert found.startswith("branch")
    assert found.endswith(" step 2,263")


def test_that_the_end_goes_where_it_has_no_number(metrics: QFontMetrics) -> None:
    found = elided(TEXTS[3], metrics, metrics.horizontalAdvance(TEXTS[3]) - 20)
    assert found.startswith("conv1.weight[22] · ")
    assert found.endswith("…")


LONG = (
    "Watch shows the network at the past moment of step 1,200, the live network is at step 2,263: epoch 3, measured "
    "for the 10,000 images of the test set"
)


class CountedMetrics(QFontMetrics):
    """Counts how often a text is measured."""

    count = 0

    def horizontalAdvance(self, text: str) -> int:
        self.count += 1
        return super().horizontalAdvance(text)


def test_that_a_long_text_is_not_measured_for_every_letter_of_every_cut(qapp) -> None:
    whole = QFontMetrics(QFont("Inter", 12)).horizontalAdvance(LONG)
    for room in range(20, whole, 20):
        metrics = CountedMetrics(QFont("Inter", 12))
        assert QFontMetrics.horizontalAdvance(metrics, elided(LONG, metrics, room)) <= room
        assert metrics.count < len(LONG)


def test_that_a_text_is_cut_once_for_every_font_and_room(qapp) -> None:
    cuts, font = CutTexts(), QFont("Inter", 12)
    metrics = CountedMetrics(font)
    found = cuts.cut(TEXTS[0], font, metrics, 150)
    assert found == elided(TEXTS[0], QFontMetrics(font), 150)
    count = metrics.count
    assert cuts.cut(TEXTS[0], font, metrics, 150) == found
    assert metrics.count == count
    larger = QFont("Inter", 24)
    assert cuts.cut(TEXTS[0], larger, QFontMetrics(larger), 150) == elided(TEXTS[0], QFontMetrics(larger), 150)
    assert cuts.cut(TEXTS[0], font, metrics, 90) == elided(TEXTS[0], QFontMetrics(font), 90)


PARTS = "49×36,864 · columns 12–95 · image 0 is 0–575 · one column a window"


def test_that_the_last_parts_of_a_caption_are_left_out_whole(metrics: QFontMetrics) -> None:
    room = metrics.horizontalAdvance("49×36,864 · columns 12–95 · image 0 is 0–57")
    assert by_parts(PARTS, metrics, room) == "49×36,864 · columns 12–95 · …"
    for room in range(metrics.horizontalAdvance("…"), metrics.horizontalAdvance(PARTS), 3):
        found = by_parts(PARTS, metrics, room)
        assert metrics.horizontalAdvance(found) <= room
        assert set(WHOLE.findall(found)) <= set(WHOLE.findall(PARTS)), (room, found)


@pytest.mark.parametrize(("cut", "shown"), [(True, "step…"), (False, "")])
def test_that_the_shortest_form_is_cut_only_where_the_label_asks_for_it(qtbot, cut: bool, shown: str) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    label = FittingLabel(("the weights after step 2,263", "step 2,263"), around, cut=cut)
    around.show()
    metrics = label.fontMetrics()
    label.resize(metrics.horizontalAdvance("step 2,263"), 20)
    assert label.shown_text() == "step 2,263"
    label.resize(metrics.horizontalAdvance("step…"), 20)
    assert label.shown_text() == shown
    assert label.toolTip() == "the weights after step 2,263"
    label.set_texts(())
    assert label.shown_text() == ""


def test_that_a_label_says_all_of_it_in_its_tooltip(qtbot) -> None:
    label = ElidedLabel(TEXTS[0])
    qtbot.addWidget(label)
    label.resize(label.sizeHint().width() - 40, 20)
    label.show()
    qtbot.waitExposed(label)
    assert label.shown_text().endswith(" 2,263")
    assert label.toolTip() == TEXTS[0]
