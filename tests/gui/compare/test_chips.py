"""Chips where there is little room."""

from __future__ import annotations

import random
from collections.abc import Sequence

from PySide6.QtGui import QFont, QFontMetrics

from convviz.gui.workspaces.compare.chips import GAP, PAD, fitting
from convviz.present.compare.differences import Difference

RATE = Difference("training.optimiser.lr", "lr", "0.01", "0.05")
FILTERS = Difference("layers.conv1.filters", "conv1.filters", "32", "8")
SEED = Difference("training.seed", "seed", "0", "1")


def metrics() -> QFontMetrics:
    return QFontMetrics(QFont("Inter", 12))


def room_for(*texts: str) -> float:
    return sum(metrics().horizontalAdvance(text) + 2 * PAD for text in texts) + GAP * (len(texts) - 1)


def test_that_the_old_value_goes_first_then_the_layer(qapp) -> None:
    for words in ("conv1.filters 32 → 8", "conv1.filters → 8", "filters → 8"):
        assert fitting([FILTERS], metrics(), room_for(words)) == [words]


def test_that_the_new_value_stays_where_the_field_does_not_fit(qapp) -> None:
    (words,) = fitting([FILTERS], metrics(), room_for("filters → 8") - 1)
    assert words.startswith("fil")
    assert words.endswith("… → 8")
    assert room_for(words) <= room_for("filters → 8") - 1


def test_that_the_value_stands_alone_before_it_is_cut(qapp) -> None:
    optimiser = Difference("training.optimiser.type", "optimiser", "sgd", "momentum")
    assert fitting([optimiser], metrics(), room_for("→ momentum")) == ["→ momentum"]
    (words,) = fitting([optimiser], metrics(), room_for("→ momentum") - 1)
    assert words.endswith("…")


def test_that_chips_are_shortened_before_one_is_left_out(qapp) -> None:
    chips = [RATE, FILTERS, SEED]
    whole = [chip.words for chip in chips]
    assert fitting(chips, metrics(), room_for(*whole)) == whole
    short = ["lr → 0.05", "conv1.filters → 8", "seed → 1"]
    assert fitting(chips, metrics(), room_for(*whole) - 1) == short
    assert fitting(chips, metrics(), room_for("lr → 0.05", "filters → 8", "+1")) == ["lr → 0.05", "filters → 8"]
    assert fitting(chips, metrics(), room_for("lr 0.01 → 0.05", "+2")) == ["lr 0.01 → 0.05"]


def test_that_without_room_there_is_nothing(qapp) -> None:
    assert fitting([RATE], metrics(), 10.0) == []
    assert fitting([], metrics(), 100.0) == []


def spelled_out(chips: Sequence[Difference], room: float) -> list[str]:
    """The rule of ``fitting`` as it is said: all chips, then one less, and each number of them ever shorter."""
    for shown in range(len(chips), 0, -1):
        for level in range(3):
            texts = [chip.forms[min(level, len(chip.forms) - 1)] for chip in chips[:shown]]
            more = [f"+{len(chips) - shown}"] if shown < len(chips) else []
            if room_for(*texts, *more) <= room:
                return texts
    return []


def test_that_of_any_chips_as_many_fit_as_the_rule_says(qapp) -> None:
    chance = random.Random(5)
    some = [RATE, FILTERS, SEED, Difference("layers.pool2", "pool2", "max_pool", "–"), Difference("x", "", "", "")]
    for _ in range(60):
        chips = chance.choices(some, k=chance.randrange(1, 9))
        room = chance.uniform(room_for("conv1.filters 32 → 8", "+8"), 700)
        assert fitting(chips, metrics(), room) == spelled_out(chips, room)


class Counted(QFontMetrics):
    """Counts what is measured."""

    times = 0

    def horizontalAdvance(self, text: str) -> int:
        self.times += 1
        return super().horizontalAdvance(text)


def test_that_chips_for_which_there_is_no_room_are_not_measured(qapp) -> None:
    counted = Counted(metrics())
    assert fitting([FILTERS] * 200, counted, 320.0)
    assert counted.times < 100
