"""Lists of calls side by side: all are done when it returns, and an error of any of them is raised."""

from __future__ import annotations

import gc
import threading

import numpy as np
import pytest
from patience import PATIENCE

from convviz.core.lanes import Lanes


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
def test_that_every_list_is_done_in_its_order(threads: int, count: int) -> None:
    done: list[list[int]] = [[] for _ in range(count)]
    lanes = Lanes(threads)
    for _ in range(3):
        lanes.run([[lambda i=i, at=at: done[at].append(i) for i in range(5)] for at in range(count)])
    lanes.close()
    assert done == [[0, 1, 2, 3, 4] * 3] * count


def test_that_lists_run_at_the_same_time() -> None:
    meeting = threading.Barrier(3, timeout=PATIENCE)
    lanes = Lanes(3)
    lanes.run([[meeting.wait], [], [meeting.wait], [meeting.wait]])
    lanes.close()
    assert not meeting.broken


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("place", [0, 1])
def test_that_an_error_is_raised_once_all_lists_are_done(threads: int, place: int) -> None:
    finished = []

    def fail() -> None:
        raise MemoryError("no room")

    lanes = Lanes(threads)
    lists = [[lambda: finished.append(1)], [lambda: finished.append(1)]]
    lists[place].append(fail)
    with pytest.raises(MemoryError, match="no room"):
        lanes.run(lists)
    assert finished == [1, 1]
    lanes.run([[lambda: finished.append(2)]] * 2)
    lanes.close()
    assert finished == [1, 1, 2, 2]


def test_that_numbers_that_are_not_finite_are_no_warning_in_any_thread() -> None:
    lanes = Lanes(2)
    lanes.run([[lambda: np.zeros(1) / np.zeros(1)]] * 2)
    lanes.close()


@pytest.mark.parametrize("closed", [True, False])
def test_that_threads_end_with_what_they_were_made_for(closed: bool) -> None:
    before = set(threading.enumerate())
    lanes = Lanes(3)
    mine = set(threading.enumerate()) - before
    lanes.run([[int], [int], [int]])
    if closed:
        lanes.close()
    del lanes
    gc.collect()
    for thread in mine:
        thread.join(PATIENCE)
    assert len(mine) == 2
    assert not any(thread.is_alive() for thread in mine)
