"""How much every filter differs, as bars."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from convviz.gui.workspaces.compare.change_bars import ChangeBars


@pytest.fixture
def bars(qtbot) -> ChangeBars:
    made = ChangeBars()
    qtbot.addWidget(made)
    made.resize(300, 40)
    made.show_change(np.array([0.1, 0.4, np.nan, 0.2]), 1)
    return made


def test_that_the_highest_bar_fills_the_height_and_none_is_missing(bars: ChangeBars) -> None:
    heights = [bars.rect_of(number).height() for number in range(4)]
    assert heights[1] == bars.height() - 2
    assert heights[3] == pytest.approx(heights[1] / 2)
    assert heights[2] == 2.0


def test_that_a_click_chooses_a_filter_in_either_order(qtbot, bars: ChangeBars) -> None:
    for largest_first in (False, True):
        bars.set_sorted(largest_first)
        with qtbot.waitSignal(bars.chosen) as told:
            qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.rect_of(3).center().toPoint())
        assert told.args == [3]
    assert bars.rect_of(1).left() == 0


def test_that_keys_go_along_the_bars_as_they_stand(qtbot, bars: ChangeBars) -> None:
    bars.set_sorted(True)
    asked: list[int] = []
    bars.chosen.connect(asked.append)
    qtbot.keyClick(bars, Qt.Key.Key_Right)
    qtbot.keyClick(bars, Qt.Key.Key_End)
    qtbot.keyClick(bars, Qt.Key.Key_Left)
    assert asked == [3, 2, 1]


def test_that_a_pixel_of_many_filters_is_its_largest(qtbot, bars: ChangeBars) -> None:
    change = np.full(3000, 0.1)
    change[1234] = 1.0
    bars.show_change(change, 0)
    with qtbot.waitSignal(bars.chosen) as told:
        qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=QPoint(123, 20))  # ten filters a pixel
    assert told.args == [1234]
    assert not bars.grab().isNull()
