"""Every view of Step alone: it takes a picture in, and needs no other view."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from patience import PATIENCE
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from convviz.gui.theme import Theme
from convviz.gui.workspaces.step import views
from convviz.gui.workspaces.step.alone import show_toy
from convviz.gui.workspaces.step.layout import Views
from convviz.gui.workspaces.step.picture import CellView, StepView, WayView
from convviz.gui.workspaces.step.settling import ALONE, SETTLE, Settling
from convviz.gui.workspaces.step.views.listing import ROW_ROLE, Listing
from convviz.present.step.listing import ListingRow

MODULES = [
    found.name
    for found in pkgutil.walk_packages(views.__path__, f"{views.__name__}.")
    if not found.ispkg and not found.name.startswith("_")
]


def shown_by(module: str) -> list[type[QWidget]]:
    """The views of a module: what takes a picture."""
    made = vars(importlib.import_module(module)).values()
    kinds = (StepView, CellView, WayView)
    return [
        one
        for one in made
        if isinstance(one, type)
        and issubclass(one, QWidget)
        and one.__module__ == module
        and any(hasattr(one, name) for kind in kinds for name in vars(kind) if name.startswith("show_"))
    ]


VIEWS = [view for module in MODULES for view in shown_by(module)]


@pytest.mark.parametrize("view", VIEWS, ids=[view.__name__ for view in VIEWS])
def test_that_a_view_shows_a_picture_without_the_others(qtbot: QtBot, theme: Theme, view: type[QWidget]) -> None:
    made = view()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    before = made.grab().toImage()
    show_toy(made)
    qtbot.waitUntil(lambda: made.grab().toImage() != before or made.isHidden())


def test_that_every_view_stands_in_the_room(qtbot: QtBot, theme: Theme) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    views = Views(parent, theme)
    for _ in views.make():
        pass
    placed = {type(one) for one in vars(views).values()}
    assert set(VIEWS) <= placed


def test_that_the_listing_draws_only_rows_whose_state_changed(qtbot: QtBot, theme: Theme) -> None:
    view = Listing()
    qtbot.addWidget(view)
    show_toy(view)
    model = view.steps
    spans: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: spans.append((first.row(), last.row())))
    here = next(row for row in range(model.rowCount()) if model.state(model.index(row).data(ROW_ROLE)) == "current")
    step = model.index(here).data(ROW_ROLE).step
    model.set_cursor(step + 1, True, {})
    assert spans == [(here, model.row_of_step(step + 1))]
    model.set_cursor(step + 1, True, {})
    assert len(spans) == 1, "what is as it was draws nothing"


@pytest.mark.parametrize(("width", "is_named"), [(200, False), (360, True)])
def test_that_what_a_step_makes_is_named_in_whole_or_not_at_all(
    qtbot: QtBot, theme: Theme, width: int, is_named: bool
) -> None:
    view = Listing()
    qtbot.addWidget(view)
    view.resize(width, 100)
    pictures = []
    for output in ("bn1.variance", ""):
        view.steps.set_rows((ListingRow("step", "channel_variance", "16", 0, output),), lambda _step: "")
        pictures.append(view.grab().toImage())
    assert (pictures[0] != pictures[1]) == is_named


def test_that_a_move_does_not_lay_the_listing_out_anew(qtbot: QtBot, theme: Theme) -> None:
    laid: list[int] = []

    class Counted(Listing):
        def doItemsLayout(self) -> None:
            laid.append(self.steps.rowCount())
            super().doItemsLayout()

    view = Counted()
    qtbot.addWidget(view)
    show_toy(view)
    view.show()
    view.grab()
    assert laid
    laid.clear()
    for step in (3, 0, 5):
        view.set_cursor(step, True, {step: "0.5"})
        view.grab()
    assert not laid


def test_that_a_view_runs_alone(tmp_path: Path) -> None:
    shot = tmp_path / "view.png"
    command = [sys.executable, "-W", "error", "-m", f"{views.__name__}.equation", "--light", "--shot", str(shot)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    assert shot.stat().st_size > 1000


@pytest.mark.parametrize(("pause", "waited"), [(0, ALONE), (10**9, SETTLE)])
def test_that_texts_wait_longer_while_moves_follow_one_another(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, pause: int, waited: int
) -> None:
    monkeypatch.setattr("convviz.gui.workspaces.step.settling.PAUSE", pause)
    timer = Settling()
    timer.moved()
    assert timer.interval() == ALONE
    timer.moved()
    assert timer.interval() == waited


def test_that_texts_come_in_a_turn_after_all_that_is_due_with_them(qtbot: QtBot) -> None:
    timer, happened = Settling(), []
    timer.settled.connect(lambda: happened.append("texts"))
    timer.moved()
    QTimer.singleShot(ALONE, lambda: happened.append("painting"))
    QTest.qSleep(2 * ALONE)  # as a move that takes long: both are due
    qtbot.waitUntil(lambda: len(happened) == 2)
    assert happened == ["painting", "texts"]
    assert not timer.isActive()
