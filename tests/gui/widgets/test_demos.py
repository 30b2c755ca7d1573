from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from convviz.gui.theme import current_theme
from tests.demos import DEMOS


@pytest.fixture(scope="module")
def pictures(qapp: QApplication) -> Iterator[dict[str, tuple[QImage, QImage]]]:
    """Every demo in the light theme and then in the dark one, switched while all of them are shown."""
    theme = current_theme()
    before = theme.mode
    theme.set_mode("light")
    pages = {name: make() for name, make in DEMOS.items()}
    for page in pages.values():
        page.resize(480, 360)
        page.show()
    light = {name: page.grab().toImage() for name, page in pages.items()}
    theme.set_mode("dark")
    yield {name: (light[name], page.grab().toImage()) for name, page in pages.items()}
    for page in pages.values():
        page.close()
        page.deleteLater()
    theme.set_mode(before)


@pytest.mark.parametrize("name", DEMOS)
def test_that_every_widget_runs_alone_in_both_themes(pictures: dict[str, tuple[QImage, QImage]], name: str) -> None:
    light, dark = pictures[name]
    assert not light.isNull()
    assert light != dark  # nothing kept the colours of the other theme as a whole
