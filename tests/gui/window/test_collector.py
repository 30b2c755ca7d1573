"""A full garbage collection does not go over the window, while what is made later is collected."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QObject, Signal

from convviz.gui.window.collector import Collector


class Run(QObject):
    compilingChanged = Signal()


class Window(QObject):
    ready = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.run = Run()


class Ring:
    """Is only found by the collector."""

    def __init__(self) -> None:
        self.ring = self


@pytest.fixture
def window() -> Iterator[Window]:
    others = list(gc.callbacks)  # those of hypothesis
    made = Window()
    Collector(made)
    yield made
    gc.enable()
    gc.unfreeze()
    shiboken6.delete(made)
    assert gc.callbacks == others


def test_that_nothing_is_collected_while_the_window_is_made(window: Window) -> None:
    assert not gc.isenabled()
    window.ready.emit()
    assert gc.isenabled()


def test_that_what_is_there_is_left_out_of_collections_and_what_comes_later_is_not(window: Window) -> None:
    window.ready.emit()
    frozen = gc.get_freeze_count()
    assert frozen > 1000
    later = Ring()
    gone = weakref.ref(later)
    del later
    gc.collect(1)
    assert gone() is None
    kernels = [Ring() for _ in range(1000)]
    window.run.compilingChanged.emit()
    assert gc.get_freeze_count() > frozen + len(kernels) // 2


def test_that_what_survives_a_full_collection_is_left_out_of_the_next(window: Window) -> None:
    window.ready.emit()
    frozen = gc.get_freeze_count()
    kept, lost = [Ring() for _ in range(1000)], Ring()
    gone = weakref.ref(lost)
    del lost
    gc.collect()
    assert gone() is None
    assert gc.get_freeze_count() > frozen + len(kept) // 2
