"""Work in turns of the event loop."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer

from convviz.gui.widgets.turns import Turns


def pieces(done: list[str], *names: str) -> Iterator[None]:
    for name in names:
        done.append(name)
        yield


def test_that_the_event_loop_runs_between_turns(qtbot) -> None:
    holder, done = QObject(), []
    turns = Turns(holder, seconds=0.0)  # every piece takes longer than that
    turns.start(pieces(done, "a", "b", "c"))
    assert turns.is_going
    assert done == []
    QTimer.singleShot(0, holder, lambda: done.append("event"))
    qtbot.waitUntil(lambda: not turns.is_going)
    assert sorted(done) == ["a", "b", "c", "event"]
    assert done[-1] != "event"


def test_that_what_is_left_can_be_done_at_once_or_dropped(qtbot) -> None:
    holder, done = QObject(), []
    turns = Turns(holder)
    turns.start(pieces(done, "a", "b"))
    turns.finish()
    assert done == ["a", "b"]
    assert not turns.is_going
    turns.start(pieces(done, "c"))
    turns.stop()
    turns.finish()
    assert done == ["a", "b"]


def test_that_other_work_takes_the_place_of_what_is_left_even_out_of_a_piece(qtbot) -> None:
    holder, done = QObject(), []
    turns = Turns(holder)

    def first() -> Iterator[None]:
        done.append("first")
        turns.start(pieces(done, "second"))
        yield
        done.append("never")

    turns.start(first())
    qtbot.waitUntil(lambda: not turns.is_going)
    assert done == ["first", "second"]
