"""The memory of a deep network is estimated in another thread."""

from __future__ import annotations

import threading

import pytest
from msgspec.structs import replace
from patience import PATIENCE
from pytestqt.qtbot import QtBot

from convviz.core.design import Design
from convviz.core.layers import Tanh
from convviz.gui.run_model.design_document import DesignDocument
from convviz.gui.theme import Theme
from convviz.gui.workspaces.builder.totals import totals
from convviz.gui.workspaces.builder.totals.bar import TotalsBar
from convviz.present.design.build_text import short_bytes
from convviz.present.design.costs import memory
from convviz.storage.presets import preset


def test_that_it_is_estimated_once_however_often_the_totals_are_shown(
    qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy, go_on, asked = preset("toy-4x4"), threading.Event(), list[Design]()
    deep = replace(toy, layers=(*(Tanh() for _ in range(totals.DEEP)), *toy.layers)).named()

    def slowly(design: Design) -> int:
        asked.append(design)
        go_on.wait(PATIENCE)
        return memory(design)

    monkeypatch.setattr(totals, "memory", slowly)
    bar = TotalsBar()
    qtbot.addWidget(bar)
    model = totals.TotalsModel(bar, DesignDocument(deep, bar), bar)
    try:
        for _ in range(4):
            model.set_training(True)  # nothing is measured then
            assert bar.memory.number.text() == "…"
    finally:
        go_on.set()
    qtbot.waitUntil(lambda: short_bytes(memory(deep)) in bar.memory.number.text())
    assert asked == [deep]
