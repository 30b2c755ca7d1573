"""One window for many tests: put back to how it opened, instead of made anew."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QSettings
from PySide6.QtWidgets import QApplication
from shiboken6 import getCppPointer
from small_run import DESIGN, noise, noise_data
from whole_window import STEP, WATCH, WholeWindow

from convviz.core.network import Network
from convviz.gui.run_model.breakpoints import FIRST, BreakpointsModel
from convviz.gui.run_model.watched import Watched
from convviz.gui.workspaces.registry import WORKSPACES, Entry
from convviz.run.commands import Inspect, Stop
from convviz.run.state import State

SIZE = (1100, 700)
AWAY = QPoint(5000, 5000)
"""Where it stands meanwhile: not under the mouse of tests of other windows. Hidden, it would not get active again."""


FAILED = pytest.StashKey[bool]()
"""Whether a test has failed."""
SHARED = pytest.StashKey["list[SharedWindow]"]()
"""Every one that there is."""


def addresses() -> set[int]:
    """All windows there are, by what stays the same while Python's names for them come and go."""
    return {getCppPointer(one)[0] for one in QApplication.topLevelWidgets()}


def forget(folder: Path) -> None:
    """Empty a folder, but for what is just being written: it may be the session's thread that writes it."""
    if folder.is_dir():
        for one in folder.iterdir():
            if one.is_dir():
                shutil.rmtree(one, ignore_errors=True)
            elif not one.name.startswith("."):
                one.unlink(missing_ok=True)


class SharedWindow:
    """The whole window on a small network and noise, as a test finds it: untrained, in Watch.

    Parameters
    ----------
    folder : pathlib.Path
        Where its settings lie.
    workspaces : sequence of Entry
    records : bool
        Whether it records every run, in :attr:`runs`, instead of keeping what is trained.
    """

    def __init__(self, folder: Path, workspaces: Sequence[Entry] = WORKSPACES, *, records: bool = False) -> None:
        self.kept, self.runs = folder / "kept", folder / "runs"
        """Where it keeps what is trained, and where it records runs."""
        self._workspaces, self._records = workspaces, records
        self._settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
        self.window: WholeWindow | None = None
        self.parts: set[int] = set()
        """Windows without a parent that were made with it, as :func:`addresses` has them: pyqtgraph's menus."""

    def open(self, qtbot) -> WholeWindow:
        """Show the window; a test that closed it gets the next one a new one."""
        before = addresses()
        fresh = self.window is None
        if self.window is None:
            where = {"recorded": self.runs} if self._records else {"kept": self.kept}
            self.window = WholeWindow(self._settings, workspaces=self._workspaces, **where)
            self.window.resize(*SIZE)
            self.window.show()
            self.window.start(DESIGN, noise_data())
        self.window.move(0, 0)
        qtbot.waitExposed(self.window)
        self.window.activateWindow()  # without a window manager nobody else does
        qtbot.waitUntil(self.window.isActiveWindow, timeout=5000)
        qtbot.waitUntil(self._is_ready, timeout=20000)
        if fresh:
            self.parts = addresses() - before
        return self.window

    def owns(self, one: QObject | None) -> bool:
        """Whether something is the window or belongs to it."""
        if one is not None and getCppPointer(one)[0] in self.parts:
            return True
        while one is not None and one is not self.window:
            one = one.parent()
        return one is not None

    def put_back(self, qtbot) -> None:
        """End what a test began, and forget what it left."""
        window = self.window
        if window is None or not window.run.bridge.running:
            self.close()
            self.forget()
            return
        try:
            self._put_back(qtbot, window)
        except BaseException:
            self.close()
            raise

    def _put_back(self, qtbot, window: WholeWindow) -> None:
        window.run.bridge.send(Stop())
        window.message.say("")
        window.go_to(WATCH)
        window.watch.open_picture("")
        window.watched.select(**{name: getattr(Watched(), name) for name in Watched.__dataclass_fields__})
        if window.controls.live is not None:
            window.controls.live.hide()
        if (focused := window.focusWidget()) is not None:
            focused.clearFocus()
        qtbot.waitUntil(lambda: not window.run.is_active, timeout=10000)
        window.findChild(BreakpointsModel).set_points(FIRST)
        window.edited.document.reset(DESIGN)
        with qtbot.waitSignal(window.run.prepared, timeout=10000):
            window.run.prepare(DESIGN, noise_data())
        qtbot.waitUntil(self._is_ready, timeout=10000)
        settle(qtbot, window)  # what was trained has been let go, and said
        qtbot.waitUntil(lambda: window.savings == 0)  # or a file of this test is a recent one in the next
        window.message.say("")
        self.forget()
        window.resize(*SIZE)
        window.move(AWAY)

    def forget(self) -> None:
        """Forget its settings, what it kept and what it recorded: the next window has nothing of them."""
        self._settings.clear()
        forget(self.kept)
        forget(self.runs)

    def close(self) -> None:
        """Close it; that has to end the session's thread."""
        window, self.window, self.parts = self.window, None, set()
        if window is None:
            return
        window.close_unasked()
        assert not window.run.bridge.running, "closing must end the session's thread"
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def _is_ready(self) -> bool:
        """Whether all workspaces are made, and the untrained network is shown with the first test image."""
        window = self.window
        if window is None or len(window.stack.made) < len(self._workspaces):
            return False
        if window.run.state is not State.IDLE or window.run.is_busy:
            return False
        if window.run.design != DESIGN or window.run.data_name != "noise" or window.follower.wanted is not None:
            return False
        image, weight = noise()[1].images[0, 0], Network(DESIGN).arrays["conv1.weight"]
        found, wanted = [window.seen("x"), window.seen("conv1.weight")], [image, weight.reshape(4, 3, 3)]
        return all(one is not None and np.array_equal(one, other) for one, other in zip(found, wanted, strict=True))


def settle(qtbot, window: WholeWindow) -> None:
    """Let the time go by after which an edit is taken over, and the session do all that it was told."""
    window.follower.settle()
    _inspect(qtbot, window)


def step_into(qtbot, window: WholeWindow) -> None:
    """Go to Step and wait for the network as it is now: a shared window has a pass of an earlier test there."""
    window.go_to(STEP)
    _inspect(qtbot, window)  # it may be in front already, and then asks for nothing


def _inspect(qtbot, window: WholeWindow) -> None:
    """Ask for the network, and wait for this answer and all before it."""
    window.run.bridge.send(Inspect())
    qtbot.waitUntil(lambda: window.inspections == 0)


def share(request: pytest.FixtureRequest, shared: SharedWindow) -> Iterator[SharedWindow]:
    """For a fixture: a window that no test leaks, and that is closed in the end."""
    windows = request.config.stash.setdefault(SHARED, [])
    windows.append(shared)
    yield shared
    windows.remove(shared)
    shared.close()


def lend(request: pytest.FixtureRequest, qtbot, shared: SharedWindow) -> Iterator[WholeWindow]:
    """For a fixture: the window as it opens, put back after the test."""
    yield shared.open(qtbot)
    if request.node.stash.get(FAILED, False):
        shared.close()  # who knows what state it is in
        shared.forget()
    else:
        shared.put_back(qtbot)
