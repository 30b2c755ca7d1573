"""Fixtures for everything that draws: no widget may outlive its test."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import wraps
from pathlib import Path

import pytest
from patience import PATIENCE
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot
from shared_window import FAILED, SHARED, SharedWindow, addresses, lend, share
from shiboken6 import getCppPointer, isValid
from whole_window import FIRST_FOUR, WholeWindow

from convviz.gui.theme import Theme, current_theme
from convviz.gui.widgets.messages import inline_message
from convviz.gui.workspaces.step import arrival

HERE = Path(__file__).parent
WAITS = ("waitUntil", "waitSignal", "waitSignals", "waitExposed", "waitActive")


@pytest.fixture(autouse=True)
def no_leaked_widgets(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a window behind; parts of a window are found with it.

    Windows that tests share stay, with the menus and lists that belong to them, none of them on the screen.
    """
    before, shared = addresses(), request.config.stash.setdefault(SHARED, [])
    yield
    QToolTip.hideText()
    if _left_over(before, shared):
        gc.collect()  # a window that only waits for the garbage collector is not a leak
    leaked = _left_over(before, shared)
    names = sorted(f"{type(one).__name__} {one.objectName() or one.windowTitle()}".strip() for one in leaked)
    for one in leaked:
        one.close()
        one.deleteLater()
    _deliver_deletions()
    assert not names, f"widgets left behind: {', '.join(names)}"


@pytest.fixture
def qtbot(qtbot: QtBot) -> Iterator[QtBot]:
    """pytest-qt's bot, which keeps the widgets that it is given until it has closed them, and has patience.

    It knows them weakly, so a widget that only the test's local variables hold would be destroyed by the garbage
    collector at any moment after the test's last line: in the middle of its own resize event, for example.
    """
    for name in WAITS:
        setattr(qtbot, name, _patient(getattr(qtbot, name)))
    kept: list[QWidget] = []
    add = qtbot.addWidget

    def add_and_keep(widget: QWidget, **more: object) -> None:
        kept.append(widget)
        add(widget, **more)

    qtbot.addWidget = add_and_keep
    yield qtbot
    kept.clear()


@pytest.fixture(autouse=True)
def numpy_kernels() -> Iterator[None]:
    """Train with NumPy's kernels: a window shows what it is told, and compiling others takes longer than any test.

    A test that is about the others sets ``CONVVIZ_FAST`` to 1. The test's own ``monkeypatch`` would have to outlive
    the window for this, which is put back without what a test has patched.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CONVVIZ_FAST", "0")
        yield


@pytest.fixture(autouse=True, scope="session")
def lasting_messages() -> Iterator[None]:
    """Keep messages: a slow machine may take longer to ask for one than it stays."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(inline_message, "LASTS", 600.0)
        yield


@pytest.fixture(autouse=True, scope="session")
def passes_at_their_place() -> Iterator[None]:
    """Bring a new pass of Step to its place before it is shown, however slow the machine is.

    One that takes too long is shown at its first step, from where keys would move it. A test of that sets the time.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(arrival, "AT_ONCE", PATIENCE)
        yield


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """Give the application's theme, light; put it back afterwards."""
    found = current_theme()
    mode = found.mode
    found.set_mode("light")
    yield found
    found.set_mode(mode)


def _patient(wait: Callable[..., object]) -> Callable[..., object]:
    """A wait of the bot's that gives up no sooner than :data:`PATIENCE` says, unless it is told not to wait at all."""

    @wraps(wait)
    def waits(*given: object, timeout: float = 1000 * PATIENCE, **more: object) -> object:
        return wait(*given, timeout=round(max(timeout, 1000 * PATIENCE)) if timeout else 0, **more)

    return waits


def _left_over(before: set[int], shared: Sequence[SharedWindow]) -> list[QWidget]:
    _deliver_deletions()
    found = [one for one in QApplication.topLevelWidgets() if isValid(one) and getCppPointer(one)[0] not in before]
    for each in shared:
        found = [one for one in found if one is not each.window and (one.isVisible() or not each.owns(one))]
    found = [one for one in found if one.isVisible() or not _belongs_to(one, before)]
    return [one for one in found if one.metaObject().className() != "QTipLabel"]


def _belongs_to(one: QWidget, windows: set[int]) -> bool:
    """Whether it is part of one of these windows."""
    above = one.parentWidget()
    while above is not None and getCppPointer(above)[0] not in windows:
        above = above.parentWidget()
    return above is not None


def _deliver_deletions() -> None:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(scope="session")
def shared_window(
    request: pytest.FixtureRequest, qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedWindow]:
    """The window that every test of the whole window uses in turn."""
    yield from share(request, SharedWindow(tmp_path_factory.mktemp("window")))


@pytest.fixture(scope="session")
def recording_window(
    request: pytest.FixtureRequest, qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedWindow]:
    """The window that tests of recorded runs use in turn."""
    yield from share(request, SharedWindow(tmp_path_factory.mktemp("recording"), FIRST_FOUR, records=True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """Close shared windows after the last test here: their sessions hold BLAS to one thread, which others test."""
    yield
    if nextitem is None or HERE not in nextitem.path.parents:
        for shared in item.config.stash.get(SHARED, []):
            shared.close()


@pytest.fixture
def window(
    request: pytest.FixtureRequest, qtbot, theme: Theme, shared_window: SharedWindow, numpy_kernels: None
) -> Iterator[WholeWindow]:
    """The whole window on a small network and noise, ready to train, as if it had just been opened."""
    yield from lend(request, qtbot, shared_window)


@pytest.fixture
def recording(
    request: pytest.FixtureRequest, qtbot, theme: Theme, recording_window: SharedWindow, numpy_kernels: None
) -> Iterator[WholeWindow]:
    """The same, in a window that records its runs."""
    yield from lend(request, qtbot, recording_window)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note a failure, for fixtures that are torn down after it."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report
