"""A view of Build is a file and a line, and runs alone."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from building import DEEP
from patience import PATIENCE

from convviz.core.augment.settings import Augmentation
from convviz.core.layers import Conv2D
from convviz.gui.theme import Theme
from convviz.gui.workspaces.builder.alone import look_at
from convviz.gui.workspaces.builder.page import BuildPage
from convviz.gui.workspaces.builder.registry import VIEWS, Entry, Place
from convviz.gui.workspaces.builder.view import BuildLook, BuildView
from convviz.present.design.data_facts import DataFacts
from convviz.present.design.edits import set_field


class ToyView(BuildView):
    """Remembers what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[BuildLook] = []

    def show_look(self, look: BuildLook) -> None:
        self.shown.append(look)


@dataclass(frozen=True, slots=True)
class ToyEntry(Entry):
    def make(self) -> BuildView:
        return ToyView()


@pytest.mark.parametrize("place", Place)
def test_that_one_line_in_the_registry_puts_a_view_on_the_page(qtbot, theme: Theme, place: Place) -> None:
    page = BuildPage(theme, views=(*VIEWS, ToyEntry(place, "", "ToyView")))
    qtbot.addWidget(page)
    page.set_training(True)
    page.resize(1440, 900)
    page.show()
    toy = next(view for view in page.side_views.all.values() if isinstance(view, ToyView))
    assert toy.isVisible()

    page.set_design(DEEP)
    page.layers.focus_card(2)
    qtbot.waitUntil(lambda: not page.side_views.is_waiting)
    assert (toy.shown[-1].design, toy.shown[-1].number) == (DEEP, 2)
    data = DataFacts("noise", 100, 10, (1, 28, 28), 10)
    page.edited.set_data(data)
    qtbot.waitUntil(lambda: not page.side_views.is_waiting)
    assert toy.shown[-1].data is data

    toy.edited.emit(("layers", 0, "filters"), 7)
    toy.edited.emit(("layers", 0, "filters"), 9)
    toy.gestureEnded.emit()
    toy.edited.emit(("training", "batch_size"), 3)
    first = page.design().layers[0]
    assert isinstance(first, Conv2D)
    assert (first.filters, page.design().training.batch_size) == (9, 3)
    qtbot.waitUntil(lambda: toy.shown[-1].design is page.design())
    assert page.undo_stack.count() == 2
    page.close_down()


@pytest.mark.parametrize("entry", VIEWS, ids=lambda entry: entry.name)
def test_that_every_view_shows_a_look_by_itself(qtbot, theme: Theme, entry: Entry) -> None:
    view = entry.make()
    qtbot.addWidget(view)
    view.resize(330, 640)
    empty = view.grab().toImage()
    look = look_at("toy-4x4")
    design = set_field(look.design, ("training", "augmentation"), Augmentation(shift=1.0))
    view.show_look(replace(look, design=design))
    assert view.grab().toImage() != empty


def test_that_a_view_runs_alone(tmp_path: Path) -> None:
    shot = tmp_path / "view.png"
    module = "convviz.gui.workspaces.builder.inspector.inspector"
    command = [sys.executable, "-W", "error", "-m", module, "--preset", "toy-4x4", "--light", "--shot", str(shot)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    assert shot.stat().st_size > 1000
