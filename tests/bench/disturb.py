"""Disturb tests, so that one that does not wait for what it claims fails here and not once in a thousand runs.

    CONVVIZ_TEST_DISTURB=7 pytest -p tests.bench.disturb tests/gui/window

Threads sleep for a moment at random where they hand something over: at their start and end, and around what goes
through a queue, an event or a future. Files and their tests come in another order, the pointer stands in the middle of
the window that tests share, and another window has the focus. The number seeds all of it; a failure is tried again with
the same one.
"""

from __future__ import annotations

import os
import queue
import random
import sys
import threading
import time
import zlib
from collections.abc import Callable, Generator
from concurrent.futures import Future
from typing import Any

import pytest

SEED = int(os.environ.get("CONVVIZ_TEST_DISTURB", "1"))
OFTEN, LONGEST = 0.2, 0.03
"""Share of all hand-overs that take long, and their longest sleep in seconds."""
CALCULATING = "convviz-shard"
"""Threads that hand over many times a minibatch."""
MIDDLE = (550, 350)

chance = random.Random(SEED)
elsewhere: list[Any] = []


def nap() -> None:
    """Sleep for a moment, in threads of convviz alone."""
    # Not threading.current_thread(): in a thread that just begins that makes another one.
    thread = threading._active.get(threading.get_ident())  # type: ignore[attr-defined]  # noqa: SLF001
    if thread is None or not thread.name.startswith("convviz") or thread.name.startswith(CALCULATING):
        return
    if chance.random() < OFTEN:
        time.sleep(chance.random() ** 2 * LONGEST)


def late(call: Callable[..., object]) -> Callable[..., object]:
    """The same call, before and after which a thread may sleep."""

    def calls(*given: object, **more: object) -> object:
        nap()
        found = call(*given, **more)
        nap()
        return found

    return calls


class LateQueue(queue.SimpleQueue):
    """A queue through which things take a moment."""

    put = late(queue.SimpleQueue.put)
    get = late(queue.SimpleQueue.get)
    get_nowait = late(queue.SimpleQueue.get_nowait)


queue.SimpleQueue = LateQueue  # type: ignore[misc]
for kind, name in ((threading.Event, "set"), (threading.Event, "clear"), (threading.Thread, "run")):
    setattr(kind, name, late(getattr(kind, name)))
Future.set_result = late(Future.set_result)  # type: ignore[method-assign]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring files, and the tests of each, into another order."""
    order = random.Random(SEED)
    files: dict[object, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    found = list(files.values())
    order.shuffle(found)
    for one in found:
        order.shuffle(one)
    items[:] = [item for one in found for item in one]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Begin each test with chances of its own, and with pointer and focus where another one may have left them."""
    chance.seed(SEED + zlib.crc32(item.nodeid.encode()))
    if "PySide6.QtWidgets" in sys.modules:
        leave_behind()
    return (yield)


def leave_behind() -> None:
    """Put the pointer over the window, and give the focus to another."""
    from PySide6.QtGui import QCursor
    from PySide6.QtWidgets import QApplication, QLineEdit

    if QApplication.instance() is None:
        return
    if not elsewhere:
        elsewhere.append(QLineEdit())
        elsewhere[0].setGeometry(3000, 3000, 80, 20)
    elsewhere[0].show()
    elsewhere[0].activateWindow()
    elsewhere[0].setFocus()
    QCursor.setPos(*MIDDLE)
    QApplication.processEvents()
