"""Watch shows a run that has stopped once, however often it did in one go."""

from __future__ import annotations

import pytest
from whole_window import BUILD, WATCH, WholeWindow


def test_that_a_run_that_stops_several_times_in_one_go_is_shown_once(
    window: WholeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.go_to(WATCH)
    run, shown = window.run, list[int]()
    monkeypatch.setattr(window.watch, "show_all", lambda: shown.append(run.position.step))
    run.held.emit()
    run.edited.emit()
    run.held.emit()
    assert not shown  # more may come
    run.progressed.emit()
    assert len(shown) == 1
    run.progressed.emit()
    assert len(shown) == 1


def test_that_what_stopped_before_another_workspace_came_is_not_shown_again(
    window: WholeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.go_to(WATCH)
    window.run.held.emit()
    window.go_to(BUILD)
    window.go_to(WATCH)
    shown = list[int]()
    monkeypatch.setattr(window.watch, "show_all", lambda: shown.append(1))
    window.run.progressed.emit()
    assert not shown
