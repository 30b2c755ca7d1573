"""The window without a mouse, and for screen readers: everything has a name and is reached by Tab."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from controls import controls, name, said
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QStackedWidget,
    QWidget,
)
from shared_window import SharedWindow
from whole_window import BUILD, DATA, STEP, WATCH, WholeWindow

from convviz.gui.widgets.buttons import Button
from convviz.gui.window.help.dialog import HelpDialog
from convviz.gui.window.runs.dialog import RunsDialog
from convviz.gui.workspaces.builder.layers.layer_card import LayerCard
from convviz.gui.workspaces.builder.layers.layer_list import LayerList
from convviz.gui.workspaces.builder.settings.hyper_panel import HyperPanel
from convviz.gui.workspaces.compare.new_sweep import NewSweep


@pytest.fixture(autouse=True)
def new_window(shared_window: SharedWindow) -> None:
    """Let each test have a window of its own: what can be reached depends on what was opened in it before."""
    shared_window.close()


def reached_by_tab(window: QWidget) -> list[QWidget]:
    """Walk on by Tab until it comes round."""
    seen: list[QWidget] = []
    for _ in range(500):
        window.focusNextChild()
        here = QApplication.focusWidget()
        assert here is not None
        if here in seen:
            return seen
        seen.append(here)
    raise AssertionError("Tab never comes round")


def with_its_group(stops: list[QWidget]) -> list[QWidget]:
    """With the other buttons of exclusive groups: arrow keys go on inside one."""
    found = list(stops)
    for stop in stops:
        if isinstance(stop, QAbstractButton) and stop.group() is not None and stop.group().exclusive():
            found += stop.group().buttons()
    return found


@pytest.mark.parametrize("size", [(1440, 900), (1100, 700)])
def test_that_everything_in_the_window_has_a_name_and_is_reached_by_tab(
    qtbot, window: WholeWindow, size: tuple[int, int]
) -> None:
    window.resize(*size)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    nameless: list[str] = []
    unreached: list[str] = []
    pages = window.centralWidget().findChild(QStackedWidget)
    for number in range(pages.count()):
        qtbot.keyClick(window, Qt.Key(Qt.Key.Key_1 + number), Qt.KeyboardModifier.ControlModifier)
        assert pages.currentIndex() == number
        QApplication.processEvents()
        before = list(controls(window))
        nameless += [said(one) for one in before if not name(one)]
        window.top.menu.setFocus()  # before the page: a walk that began inside it would end with another card selected
        stops = with_its_group(reached_by_tab(window))
        # Walking may select a card and show more of it: what is in sight at the end counts too.
        usable = [one for one in {*before, *controls(window)} if one.isVisible() and one.isEnabled()]
        unreached += [said(one) for one in usable if one not in stops]
    assert not nameless, f"without a name: {', '.join(nameless)}"
    assert not unreached, f"not reached by Tab: {', '.join(unreached)}"


def test_that_no_button_that_is_hidden_now_is_left_out_by_tab(window: WholeWindow) -> None:
    """Those that come with a run, a zoom or another page. Of cards only the selected one has its own."""
    left_out = [
        said(one)
        for one in window.findChildren(Button)
        if not one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not (one.group() is not None and one.group().exclusive())
        and not isinstance(one.parentWidget(), LayerCard)
    ]
    assert not left_out, f"not reached by Tab: {', '.join(left_out)}"


def test_that_tab_goes_through_the_settings_from_top_to_bottom(qtbot, window: WholeWindow) -> None:
    window.resize(1440, 900)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.go_to(BUILD)
    QApplication.processEvents()
    panel = window.findChild(HyperPanel)
    places = [one.mapTo(panel, one.rect().center()).y() for one in reached_by_tab(window) if panel.isAncestorOf(one)]
    assert len(places) > 8
    assert all(later >= earlier - 4 for earlier, later in pairwise(places))


def test_that_builds_keys_work_from_the_top_bar_too(qtbot, window: WholeWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.go_to(BUILD)
    window.top.train.setFocus()
    cards = window.findChild(LayerList).cards
    assert cards
    qtbot.keyClick(window.top.train, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert window.findChild(LayerList).cards == []
    qtbot.keyClick(window.top.train, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(window.findChild(LayerList).cards) == len(cards)


def test_that_tab_goes_through_every_workspace_as_it_is_read(qtbot, window: WholeWindow) -> None:
    """Also through what is made later than the rest of its page: rows, cards, tabs, pictures."""
    window.resize(1440, 900)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    parts: dict[int, Callable[[], list[QWidget]]] = {
        DATA: lambda: data_parts(window),
        BUILD: lambda: [*window.build.layers.cards, window.build.layers.palette_bar, window.findChild(HyperPanel)],
        WATCH: lambda: [window.watch.network, window.watch.views.cards, window.watch.views.side],
        STEP: lambda: step_parts(window),
    }
    for number, parts_of in parts.items():
        window.go_to(number)
        if number == STEP:
            qtbot.waitUntil(lambda: window.step.run is not None and bool(window.step.views.panes.cards), timeout=20_000)
        QApplication.processEvents()
        window.top.menu.setFocus()
        stops, names = reached_by_tab(window), parts_of()
        found = [next((at for at, part in enumerate(names) if is_in(part, stop)), -1) for stop in stops]
        found = [at for at in found if at >= 0]
        assert set(found) == set(range(len(names)))
        assert found == sorted(found), f"{window.stack.title}: {[said(stop) for stop in stops]}"


def is_in(part: QWidget, stop: QWidget) -> bool:
    return part is stop or part.isAncestorOf(stop)


def data_parts(window: WholeWindow) -> list[QWidget]:
    page = window.stack.front.page
    known = [row for row in page.sources.known.values() if row.isVisible()]
    return [*known, page.sources.open, page.search, page.classes, page.filters, page.grid, page.panel]


def step_parts(window: WholeWindow) -> list[QWidget]:
    views = window.step.views
    return [views.pass_choice, views.listing, views.transport, *views.panes.cards, views.equation, views.inspector]


def test_that_escape_closes_every_dialog(qtbot, window: WholeWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    dialogs = [RunsDialog, HelpDialog]
    for kind, show in zip(dialogs, (window.show_runs, window.help), strict=True):
        show()
        dialog = next(one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible())
        qtbot.waitUntil(lambda dialog=dialog: dialog.isActiveWindow())
        for stop in reached_by_tab(dialog):
            assert is_in(dialog, stop)
        qtbot.keyClick(QApplication.focusWidget() or dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()


def test_that_tab_goes_through_a_new_sweep_from_top_to_bottom_and_escape_leaves_it(qtbot, window: WholeWindow) -> None:
    dialog = NewSweep(window.run.design, window)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    parts = [*dialog.fields, dialog.add, dialog.settings, dialog.cancel, dialog.start]
    dialog.fields[0].field.setFocus()
    found = [next((at for at, part in enumerate(parts) if is_in(part, stop)), -1) for stop in reached_by_tab(dialog)]
    found = [at for at in found if at >= 0]
    start = found.index(0)
    found = found[start:] + found[:start]  # the walk begins behind the first field
    while found and found[-1] == 0:
        found.pop()
    assert found == sorted(found)
    assert {0, len(dialog.fields), len(dialog.fields) + 2} <= set(found)
    qtbot.keyClick(QApplication.focusWidget() or dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
