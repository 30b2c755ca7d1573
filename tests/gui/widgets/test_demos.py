from __future__ import annotations

import pytest

from convviz.gui.theme import Theme
from tests.demos import DEMOS


@pytest.mark.parametrize("name", DEMOS)
def test_that_every_widget_runs_alone_in_both_themes(qtbot, theme: Theme, name: str) -> None:
    page = DEMOS[name]()
    qtbot.addWidget(page)
    page.resize(480, 360)
    page.show()
    light = page.grab().toImage()
    theme.set_mode("dark")
    dark = page.grab().toImage()
    assert not light.isNull()
    assert light != dark  # nothing kept the colours of the other theme as a whole
