from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from convviz.gui import widgets
from convviz.gui.theme import Theme

FOLDER = Path(widgets.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(FOLDER).with_suffix("").parts)
    for path in FOLDER.rglob("*.py")
    if "def _demo()" in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", MODULES)
def test_that_every_widget_runs_alone_in_both_themes(qtbot, theme: Theme, name: str) -> None:
    page = importlib.import_module(f"convviz.gui.widgets.{name}")._demo()
    qtbot.addWidget(page)
    page.resize(480, 360)
    page.show()
    light = page.grab().toImage()
    theme.set_mode("dark")
    dark = page.grab().toImage()
    assert not light.isNull()
    assert light != dark  # nothing kept the colours of the other theme as a whole
