"""Garbage is collected in the window's thread, and a full collection does not go over the window."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from convviz.gui.window import activity, collector
from convviz.gui.window.collector import MOST, Collector, Generations, is_worth_a_look
from convviz.run.state import State

SOON = ((0.0, 0.0),)
"""However little there is, after no rest at all."""


class Run(QObject):
    compilingChanged = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.state = State.IDLE


class Window(QObject):
    ready = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.run = Run()
        self.collector: Collector


class Ring:
    """Is only found by the collector."""

    def __init__(self) -> None:
        self.ring = self


@pytest.fixture
def window() -> Iterator[Window]:
    before = gc.isenabled()
    made = Window()
    made.collector = Collector(made)
    yield made
    shiboken6.delete(made)
    assert gc.isenabled()
    gc.unfreeze()
    if not before:
        gc.disable()


def many(count: int = 5000) -> weakref.ref[Ring]:
    """Make garbage; returns one ring of it."""
    rings = [Ring() for _ in range(count)]
    return weakref.ref(rings[count // 2])


def test_that_nothing_is_collected_while_the_window_is_made(window: Window) -> None:
    assert not gc.isenabled()
    assert many()() is not None


def test_that_garbage_of_another_thread_is_collected_in_the_windows(qtbot, window: Window) -> None:
    window.ready.emit()
    threads: list[threading.Thread] = []
    found: list[weakref.ref[Ring]] = []

    def note(phase: str, about: dict[str, int]) -> None:
        threads.append(threading.current_thread())

    gc.callbacks.append(note)
    try:
        other = threading.Thread(target=lambda: found.append(many()))
        other.start()
        other.join()
        assert not threads
        qtbot.waitUntil(lambda: found[0]() is None)
    finally:
        gc.callbacks.remove(note)
    assert set(threads) == {threading.main_thread()}


@pytest.fixture
def empty() -> Iterator[None]:
    """Three generations without objects."""
    before = gc.isenabled()
    gc.disable()
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
    if before:
        gc.enable()


@pytest.mark.usefixtures("empty")
def test_that_older_garbage_is_collected_as_often_as_python_would() -> None:
    before = gc.get_threshold()
    try:
        gc.set_threshold(1000, 2, 1)
        generations = Generations()
        oldest = [generations.collect()]
        while 2 not in oldest and len(oldest) < 100:
            oldest.append(generations.collect())
        assert oldest[0] == 0
        assert set(oldest) == {0, 1, 2}
        gone = many(1)
        generations.collect()
        assert gone() is None
    finally:
        gc.set_threshold(*before)


@pytest.mark.usefixtures("empty")
def test_that_an_older_generation_is_collected_once_it_is_large() -> None:
    generations = Generations()
    collect, size = generations.collect, generations.size
    kept = [Ring() for _ in range(MOST[1] + 1)]
    assert [collect(), collect()] == [0, 1]
    kept += [Ring() for _ in range(MOST[2] + 1)]
    assert [collect(), collect(), collect()] == [0, 1, 2]
    assert size(2) >= len(kept)
    del kept
    assert collect() == 2
    assert size(2) < MOST[2] // 2


@pytest.mark.usefixtures("empty")
def test_that_what_waits_is_counted_about_as_python_has_it() -> None:
    generations = Generations()
    kept = [Ring() for _ in range(3000)]
    many(2000)
    generations.collect()
    assert generations.size(0) < 100
    assert generations.size(1) == pytest.approx(len(gc.get_objects(1)), abs=200)
    assert generations.size(1) >= len(kept)
    frozen = gc.get_freeze_count()
    assert generations.freeze() == pytest.approx(gc.get_freeze_count() - frozen, abs=200)
    assert (generations.size(1), generations.size(2)) == (0, 0)


def test_that_no_list_of_all_objects_is_made(qtbot, window: Window, monkeypatch) -> None:
    """It would refer to a tuple that another thread is filling, whose ``tuple(…)`` then fails with a SystemError."""
    for name, value in (("RESTS", SOON), ("STILL", 1_000_000), ("TURNS", 1)):
        monkeypatch.setattr(collector, name, value)
    asked: list[object] = []
    monkeypatch.setattr(gc, "get_objects", lambda *given: asked.append(given) or [])
    gone = many(3 * MOST[0])
    window.ready.emit()
    window.run.compilingChanged.emit()
    young = many()
    qtbot.waitUntil(lambda: gone() is None and young() is None)
    assert not asked


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


def test_that_what_survives_a_full_collection_is_left_out_of_the_next(qtbot, window: Window) -> None:
    before = gc.get_threshold()
    window.ready.emit()
    frozen = gc.get_freeze_count()
    kept, gone = [Ring() for _ in range(1000)], many()
    gc.collect(0)
    gc.collect(1)
    gc.set_threshold(before[0], before[1], 1)
    gc.collect(1)
    try:
        qtbot.waitUntil(lambda: gc.get_freeze_count() > frozen + len(kept) // 2)
    finally:
        gc.set_threshold(*before)
    assert gone() is None


def test_that_rings_among_what_is_left_out_are_found_when_all_is_looked_through(window: Window) -> None:
    rings = [Ring() for _ in range(1000)]
    gone = weakref.ref(rings[0])
    window.ready.emit()
    frozen = gc.get_freeze_count()
    del rings
    gc.collect()
    assert gone() is not None
    window.collector.look_through()
    assert gone() is None
    assert gc.get_freeze_count() < frozen - 1000


def test_that_growth_is_counted_from_the_last_look_through_without_going_over_all(
    qtbot, window: Window, monkeypatch
) -> None:
    growths: list[float] = []

    def note(growth: float, rest: float, *, is_training: bool) -> bool:
        growths.append(growth)
        return False

    def grown() -> float:
        count = len(growths)
        qtbot.waitUntil(lambda: len(growths) > count)
        return growths[-1]

    monkeypatch.setattr(collector, "STILL", 1_000_000)
    monkeypatch.setattr(collector, "is_worth_a_look", note)
    window.ready.emit()
    window.collector.look_through()  # garbage that other tests have left is no growth, and would be found below
    start = gc.get_freeze_count()
    assert grown() == pytest.approx(1, abs=0.05)
    rings = [Ring() for _ in range(start // 2)]
    window.run.compilingChanged.emit()
    assert grown() == pytest.approx(1.5, abs=0.05)
    counted: list[None] = []
    monkeypatch.setattr(gc, "get_freeze_count", lambda: counted.append(None) or 0)
    window.collector.look_through()
    assert not counted
    assert grown() == pytest.approx(1, abs=0.05)
    del rings
    window.collector.look_through()
    assert grown() == pytest.approx(1, abs=0.05)
    rings = [Ring() for _ in range(start // 2)]
    window.run.compilingChanged.emit()
    assert grown() == pytest.approx(1.5, abs=0.05), "the garbage that was found is not counted"
    assert rings


def test_that_all_is_looked_through_when_nobody_does_anything(qtbot, window: Window, monkeypatch) -> None:
    for name, value in (("RESTS", SOON), ("STILL", 1_000_000)):
        monkeypatch.setattr(collector, name, value)
    ring = Ring()
    gone = weakref.ref(ring)
    window.ready.emit()
    del ring
    qtbot.waitUntil(lambda: gone() is None)


def test_that_all_is_not_looked_through_while_a_network_is_trained(qtbot, window: Window, monkeypatch) -> None:
    for name, value in (("RESTS", SOON), ("STILL", 1_000_000), ("RESTS_IN_TRAINING", ((1_000_000, 0.0),))):
        monkeypatch.setattr(collector, name, value)
    ring = Ring()
    gone = weakref.ref(ring)
    collections: list[str] = []

    def note(phase: str, about: dict[str, int]) -> None:
        collections.append(phase)

    window.run.state = State.RUNNING
    window.ready.emit()
    del ring
    gc.callbacks.append(note)
    try:
        qtbot.waitUntil(lambda: collections.count("stop") >= 2)
    finally:
        gc.callbacks.remove(note)
    assert gone() is not None
    window.run.state = State.PAUSED
    qtbot.waitUntil(lambda: gone() is None)


def test_that_all_is_not_looked_through_while_somebody_uses_the_window(qtbot, window: Window, monkeypatch) -> None:
    for name, value in (("RESTS", ((0.0, 1000.0),)), ("STILL", 1_000_000), ("TURNS", 1)):
        monkeypatch.setattr(collector, name, value)
    now = [0.0]
    monkeypatch.setattr(activity, "monotonic", lambda: now[0])
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    widget.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWindow() is widget.windowHandle())
    ring = Ring()
    gone = weakref.ref(ring)
    collections: list[str] = []

    def note(phase: str, about: dict[str, int]) -> None:
        collections.append(phase)

    window.ready.emit()
    del ring
    gc.callbacks.append(note)
    try:
        for _ in range(3):
            now[0] += 999.0
            QTest.keyClick(widget.windowHandle(), Qt.Key.Key_Shift)
            seen = len(collections)
            qtbot.waitUntil(lambda seen=seen: collections[seen:].count("stop") >= 2)
            assert gone() is not None
    finally:
        gc.callbacks.remove(note)
    now[0] += 1000.0
    qtbot.waitUntil(lambda: gone() is None)


@pytest.mark.parametrize(
    ("growth", "rest", "is_training", "is_looked"),
    [
        (1.3, 60, False, False),
        (1.3, 120, False, True),
        (2.5, 19, False, False),
        (2.5, 20, False, True),
        (4.5, 1, False, False),
        (4.5, 2, False, True),
        (1.3, 10**6, True, False),
        (2.5, 60, True, False),
        (2.5, 120, True, True),
        (4.5, 20, True, True),
    ],
)
def test_that_the_more_is_left_out_the_less_rest_it_takes(
    growth: float, rest: float, is_training: bool, is_looked: bool
) -> None:
    assert is_worth_a_look(growth, rest, is_training=is_training) is is_looked
