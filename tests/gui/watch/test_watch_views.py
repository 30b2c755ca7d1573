"""Views of Watch: each is one file and one line, runs alone, and is drawn while it is in sight only."""

from __future__ import annotations

import importlib
import itertools
import runpy
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QWidget
from whole_window import WholeWindow

from convviz.gui.run_model.run import RunModel
from convviz.gui.run_model.watched import WatchedModel
from convviz.gui.theme import Theme
from convviz.gui.workspaces.watch import alone
from convviz.gui.workspaces.watch.alone import look_at
from convviz.gui.workspaces.watch.card_row import CardRow, shared
from convviz.gui.workspaces.watch.layout import Views
from convviz.gui.workspaces.watch.page import WatchPage
from convviz.gui.workspaces.watch.registry import VIEWS, Entry, Place
from convviz.gui.workspaces.watch.side_panel import SidePanel
from convviz.gui.workspaces.watch.view import WatchView
from convviz.gui.workspaces.watch.views.filter_detail import FilterDetailView
from convviz.present.history import History
from convviz.present.watch.data_health import DataHealth
from convviz.present.watch.filters import filter_picture
from convviz.present.watch.look import Look

EVERYWHERE = [place for place in Place if place is not Place.WHOLE]


@pytest.fixture(scope="module")
def look() -> Look:
    return look_at("course-7x7", steps=3)


class ToyView(WatchView):
    """Keeps what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[int] = []

    @staticmethod
    def picture_of(look: Look) -> int:
        return look.watched.sample

    def show_picture(self, picture: int) -> None:
        self.shown.append(picture)


class SlowToy(ToyView):
    is_slow = True


class ToyEntry(Entry):
    """A toy's line in the registry."""

    def make(self) -> WatchView:
        return SlowToy() if self.name == "SlowToy" else ToyView()


def watch_page(qtbot, monkeypatch: pytest.MonkeyPatch, *entries: Entry) -> WatchPage:
    monkeypatch.setattr("convviz.gui.workspaces.watch.page.VIEWS", (*VIEWS, *entries))
    run = RunModel(1)
    made = WatchPage(WatchedModel(run), History())
    run.setParent(made)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    return made


@pytest.mark.parametrize("entry", VIEWS, ids=lambda entry: entry.title)
def test_that_a_view_runs_alone(qtbot, theme: Theme, look: Look, entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[WatchView] = []
    monkeypatch.setattr(alone, "run_view", lambda make: made.append(make()))
    module = f"convviz.gui.workspaces.watch.views.{entry.module}"
    runpy.run_path(importlib.import_module(module).__file__ or "", run_name="__main__")
    (view,) = made
    qtbot.addWidget(view)
    view.resize(700, 420)
    before = view.grab().toImage()
    shown = replace(look, data=DataHealth(255.0, 10))  # a healthy run has no warnings
    if entry.title in ("Break", "Held image", "Hold"):
        shown = alone.while_held(shown)
    picture = view.picture_of(shown)
    assert picture is not None
    view.show_picture(picture)
    assert view.grab().toImage() != before


@pytest.mark.parametrize("place", EVERYWHERE)
def test_that_one_line_in_the_registry_puts_a_view_on_the_page(
    qtbot, theme: Theme, look: Look, monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    page = watch_page(qtbot, monkeypatch, ToyEntry("Toy", place, "", "ToyView"))
    toy = page.views.of(ToyView)
    page.show()
    if place is Place.CARD:
        page.views.cards.go_to("Toy")
    page.show_snapshot(look.moment)
    assert toy.shown
    assert toy.isVisible()
    with qtbot.waitSignal(page.statusChanged, check_params_cb=lambda text: text == "over a toy"):
        toy.hovered.emit("over a toy")
    toy.filterPicked.emit("conv1", 7)
    assert page.look.watched.filter == 7


def test_that_a_covered_view_is_shown_nothing_and_is_current_when_it_comes_into_sight(
    qtbot, theme: Theme, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = watch_page(
        qtbot, monkeypatch, ToyEntry("Toy", Place.CARD, "", "ToyView"), ToyEntry("Last", Place.CARD, "", "SlowToy", 440)
    )
    page.views.cards.go_to("Layer")
    behind, below = page.views.of(ToyView), page.views.of(SlowToy)
    page.show()
    page.show_snapshot(look.moment)
    assert behind.shown == []
    page.views.cards.go_to("Toy")
    assert behind.shown == [0]
    page.open_picture("conv1.weight")
    told = list(behind.shown), list(below.shown)
    page.show_snapshot(look.moment)
    page.show_all()
    assert (behind.shown, below.shown) == told, "an enlarged picture covers them"
    page.open_picture("")
    assert len(behind.shown) == len(told[0]) + 1
    page.hide()
    told = list(behind.shown), list(below.shown)
    page.show_all()
    assert (behind.shown, below.shown) == told


def test_that_a_slow_view_is_drawn_once_in_several_pictures_and_after_the_last(
    qtbot, theme: Theme, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = watch_page(
        qtbot, monkeypatch, ToyEntry("Toy", Place.CARD, "", "SlowToy"), ToyEntry("Toy", Place.MAP, "", "ToyView")
    )
    slow = page.views.of(SlowToy)
    quick = next(view for view in page.views.made if type(view) is ToyView)
    page.show()
    for _ in range(4):  # until all views have their places
        page.show_snapshot(look.moment)
    page.show_all()
    slow.shown.clear()
    quick.shown.clear()
    for _ in range(4):
        page.show_snapshot(look.moment)
    assert (len(slow.shown), len(quick.shown)) == (0, 4)
    qtbot.waitUntil(lambda: len(slow.shown) == 1)
    page.show_snapshot(look.moment)
    qtbot.waitUntil(lambda: len(slow.shown) == 2)
    page.show_snapshot(look.moment)
    page.rest()
    page.show_all()
    assert len(slow.shown) == 3


def test_that_a_view_that_has_nothing_to_show_leaves_the_side(qtbot, theme: Theme, look: Look) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    views = Views(parent, VIEWS)
    side = next(view for view, entry in zip(views.made, VIEWS, strict=True) if entry.title == "Filter")
    views.show(Look(), lambda view: True)
    assert side.isHidden()
    views.show(look, lambda view: True)
    assert not side.isHidden()


class FleetingView(ToyView):
    """Has something to show of every image but the first."""

    @staticmethod
    def picture_of(look: Look) -> int | None:  # type: ignore[override]
        return look.watched.sample or None


class FleetingEntry(Entry):
    def make(self) -> WatchView:
        return FleetingView()


@pytest.mark.parametrize("place", [Place.PAST, Place.TIMELINE, Place.WHOLE])
def test_that_a_view_takes_its_place_only_while_it_has_something_to_show(
    qtbot, theme: Theme, look: Look, monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    page = watch_page(qtbot, monkeypatch, FleetingEntry("Fleeting", place, "", "FleetingView"))
    fleeting = page.views.of(FleetingView)
    page.show()
    page.show_snapshot(look.moment)
    assert not fleeting.isVisible()
    assert page.network.isVisible()
    for sample in (5, 0):
        fleeting.imagePicked.emit("test", sample)
        page.show_all()
        assert fleeting.isVisible() == bool(sample)
        assert page.network.isVisible() == (not sample or place is not Place.WHOLE)


@pytest.mark.parametrize(
    ("widths", "room", "together"),
    [
        ((300, 300, 300), 924, 1),
        ((300, 300, 300), 923, 2),
        ((300, 300, 300), 611, 3),
        ((300,), 100, 1),
        ((9, 99), 110, 2),
    ],
)
def test_that_the_first_cards_share_a_place_where_not_all_fit_side_by_side(
    widths: tuple[int, ...], room: int, together: int
) -> None:
    assert shared(widths, room) == together


@pytest.mark.parametrize("width", [500, 800, 1300])
def test_that_cards_in_sight_fill_their_row_and_do_not_overlap(qtbot, theme: Theme, width: int) -> None:
    row = CardRow([(title, QWidget(), 350) for title in "abc"])
    qtbot.addWidget(row)
    row.resize(width, 300)
    row.show()
    areas = [card.geometry() for card in row.in_sight]
    assert len(areas) == min(3, width // 350)
    assert areas[0].left() == 0
    assert areas[-1].right() == width - 1
    assert all(one.right() < other.left() for one, other in itertools.pairwise(areas))
    for title in "abc":
        row.go_to(title)
        assert row.cards["abc".index(title)].isVisible()


def test_that_the_panel_of_a_filter_is_laid_out_in_the_turn_that_shows_it(qtbot, window: WholeWindow) -> None:
    picture = filter_picture(window.watch.look)
    view, below = FilterDetailView(), QWidget()
    below.setMinimumHeight(250)
    view.hide()
    panel = SidePanel([view, below])
    qtbot.addWidget(panel)
    panel.resize(280, 500)
    panel.show()
    qtbot.waitExposed(panel)
    view.show()
    view.show_picture(picture)
    assert view.weight.view.geometry().bottom() < view.weight.scale.geometry().top()
    assert view.height() >= view.minimumSizeHint().height()
