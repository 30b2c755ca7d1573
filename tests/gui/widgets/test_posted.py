"""Calls from other threads into the window's."""

from __future__ import annotations

import gc
import threading
import time

import pytest
from patience import PATIENCE
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from pytestqt.qtbot import QtBot

from convviz.gui.widgets.posted import posted


class Told(QObject):
    """Remembers what it was told, and in which thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.found: list[tuple[int, str, threading.Thread]] = []

    def take(self, number: int, word: str = "none") -> None:
        self.found.append((number, word, threading.current_thread()))


def in_thread(work) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_that_calls_come_in_order_and_in_the_windows_thread(qtbot: QtBot) -> None:
    told = Told()
    send = posted(told.take)
    in_thread(lambda: [send(number, word=f"word {number}") for number in range(100)])
    assert told.found == []
    qtbot.waitUntil(lambda: len(told.found) == 100)
    assert told.found == [(number, f"word {number}", threading.main_thread()) for number in range(100)]


def test_that_a_call_from_the_windows_thread_waits_for_its_turn_too(qtbot: QtBot) -> None:
    told = Told()
    posted(told.take)(1)
    assert told.found == []
    qtbot.waitUntil(lambda: len(told.found) == 1)


def test_that_what_was_deleted_is_told_nothing_and_not_kept(qtbot: QtBot) -> None:
    parent, other = QObject(), Told()
    child, alone = Told(parent), Told()
    found = child.found, alone.found
    sends = posted(child.take), posted(alone.take), posted(other.take)
    in_thread(lambda: [send(1) for send in sends])
    parent.deleteLater()
    QCoreApplication.sendPostedEvents(parent, QEvent.Type.DeferredDelete)
    del alone
    gc.collect()
    qtbot.waitUntil(lambda: len(other.found) == 1)
    assert found == ([], [])


@pytest.mark.parametrize("collected", [False, True])
def test_that_objects_may_be_deleted_while_threads_tell_them_something(qtbot: QtBot, collected: bool) -> None:
    ended, told = threading.Event(), Told()
    sends = [posted(told.take)]

    def work() -> None:
        number = 0
        while not ended.is_set():
            for send in sends:
                send(number := number + 1)
            time.sleep(1e-4)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(200):
            parent = QObject()
            made = [Told(parent) for _ in range(5)]
            sends[1:] = [posted(one.take) for one in made]
            QCoreApplication.processEvents()
            if collected:
                made.append(parent)
                parent.ring = made
                del parent, made
                gc.collect()
            else:
                parent.deleteLater()
                QCoreApplication.sendPostedEvents(parent, QEvent.Type.DeferredDelete)
    finally:
        ended.set()
        for thread in threads:
            thread.join(PATIENCE)
    qtbot.waitUntil(lambda: bool(told.found))
