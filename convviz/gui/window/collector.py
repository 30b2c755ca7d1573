"""Collects Python's garbage in the window's thread alone, a little at a time, leaving out objects that stay."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

from convviz.gui.window.activity import Activity
from convviz.gui.window.main_window import MainWindow
from convviz.run.state import State

EVERY_MS = 250
"""Milliseconds between two looks for something to collect."""
TURNS = 4
"""Looks after which the youngest objects are collected even if they are few."""
MOST = (2_000, 10_000, 20_000)
"""Objects of each generation, from the youngest, that wait for a collection; one of all of them takes 20 ms."""
STILL = 200
"""Objects that an idle window makes between two looks, at most."""
RESTS = ((1.2, 120.0), (2.0, 20.0), (4.0, 2.0))
"""Growth of the frozen objects since the last full collection, and seconds without input after which another one may
come: the longer nobody has used the window, the less likely somebody does in the third of a second that it takes."""
RESTS_IN_TRAINING = ((2.0, 120.0), (4.0, 20.0))
"""The same while a network is trained: somebody may watch."""


class Collector(QObject):
    """Stops Python's own collector and collects in its place, from when the window is ready.

    Python collects in whichever thread happens to create the object that exceeds a limit. So a closed dialog that is
    kept by a reference cycle alone could be deleted in the trainer's thread while Qt sends it events in the window's: a
    segmentation fault.

    A window, its libraries and the compiler of kernels are 200,000 objects, every workspace and every opened design add
    some ten thousand more. A full collection looks at each of them, in 0.2 s, and no other thread can run Python
    meanwhile. So young objects are collected before they are many, and those that survive three collections are frozen,
    which leaves them out. Cycles among frozen objects are found by :meth:`look_through`, which comes when nobody has
    used the window for a while. Python counts frozen objects by going from one to the next, in 30 ms, so those that are
    added, and those that are found to be garbage, are counted here.

    Parameters
    ----------
    window : MainWindow
        Not yet assembled. Python's collector works again once it is deleted.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._turns = self._seen = 0
        self._generations = Generations()
        self._frozen = 0
        """Frozen objects, also those that have been deleted since they were counted."""
        self._activity = Activity(self)
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self._look)
        gc.disable()
        window.destroyed.connect(gc.enable)
        window.ready.connect(self._ready)

    def look_through(self) -> None:
        """Collect all garbage, also among what was frozen."""
        self._freeze()  # so that all there is has been counted
        gc.unfreeze()
        self._frozen -= gc.collect()
        gc.freeze()
        self._seen = self._frozen

    def _ready(self) -> None:
        self._generations.freeze()
        self._frozen = self._seen = gc.get_freeze_count()  # most of it was there before anything was counted here
        self._timer.start()
        self._window.run.compilingChanged.connect(self._freeze)

    def _freeze(self) -> None:
        self._frozen += self._generations.freeze()

    def _look(self) -> None:
        """Collect at most once: another generation has to wait for its turn."""
        is_still = gc.get_count()[0] < STILL * (self._turns + 1)
        if is_still and self._is_worth_a_look():
            self.look_through()
            return
        self._turns += 1
        if self._turns < TURNS and gc.get_count()[0] <= MOST[0]:
            return
        self._turns = 0
        if self._generations.collect() == 2:
            self._freeze()

    def _is_worth_a_look(self) -> bool:
        """Whether there are so many more frozen objects, after so long a rest, that all of them are worth a look."""

        def is_worth_it() -> bool:
            is_training = self._window.run.state is State.RUNNING
            return is_worth_a_look(self._frozen / max(1, self._seen), self._activity.rest, is_training=is_training)

        if is_worth_it():
            self._frozen = gc.get_freeze_count()  # some have been deleted
            return is_worth_it()
        return False


def is_worth_a_look(growth: float, rest: float, *, is_training: bool) -> bool:
    """Whether a full collection may come, after so many seconds without input and so much more that is frozen."""
    return any(growth > least and rest >= seconds for least, seconds in (RESTS_IN_TRAINING if is_training else RESTS))


class Generations:
    """Python's collector, called by hand, and about how many objects wait in each of its generations.

    ``gc.get_objects`` would tell exactly, but its list refers to everything, also to a tuple that another thread is
    still filling: there ``tuple(…)`` of an iterator then fails with a SystemError. So survivors are counted here: what
    was made since the last collection, less what was found to be garbage. Python's count of what was made goes down
    whenever an object is deleted, an older one too.
    """

    def __init__(self) -> None:
        self._survivors = [0, 0]
        """In the second generation and in the third."""

    def size(self, generation: int) -> int:
        """About how many objects there are in a generation."""
        return self._survivors[generation - 1] if generation else gc.get_count()[0]

    def collect(self) -> int:
        """Collect the oldest generation that has become large, or the youngest; returns which.

        Survivors move on to the next generation. A collection includes all younger generations.
        """
        oldest = next((number for number in (2, 1) if self._is_due(number)), 0)
        there = sum(map(self.size, range(oldest + 1)))
        left = max(0, there - gc.collect(oldest))
        for number in range(oldest):
            self._survivors[number] = 0
        self._survivors[min(oldest, 1)] += left
        return oldest

    def freeze(self) -> int:
        """Leave everything out of later collections; returns about how many objects that are."""
        frozen = sum(map(self.size, range(3)))
        gc.freeze()
        self._survivors = [0, 0]
        return frozen

    def _is_due(self, generation: int) -> bool:
        """Whether there are many objects in a generation, or Python itself would collect it."""
        count, most = gc.get_count()[generation], gc.get_threshold()[generation]
        return self.size(generation) > MOST[generation] or count > most > 0
