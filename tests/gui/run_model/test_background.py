"""Work in a thread of its own: the newest counts."""

from __future__ import annotations

import threading

import pytest
from patience import PATIENCE

from convviz.gui.run_model.background import Background


def test_that_what_was_dropped_keeps_nothing_busy(qtbot) -> None:
    work, go_on = Background("convviz-test"), threading.Event()
    found: list[object] = []
    work.done.connect(found.append)
    try:
        work.start(lambda _cancelled: go_on.wait(PATIENCE))
        assert work.is_busy
        work.cancel()
        assert not work.is_busy
        work.start(lambda cancelled: "second" if not cancelled() else "dropped")
        assert work.is_busy
    finally:
        go_on.set()
    qtbot.waitUntil(lambda: not work.is_busy)
    assert found == ["second"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_that_a_task_that_breaks_off_lets_the_next_one_run(qtbot) -> None:
    work, found = Background("convviz-test"), list[object]()
    work.done.connect(found.append)

    def broken(_: object) -> None:
        raise OSError("the disk is gone")

    work.start(broken)
    qtbot.waitUntil(lambda: not work.is_busy)
    assert found == []
    work.start(lambda _: "next")
    qtbot.waitUntil(lambda: found == ["next"])
