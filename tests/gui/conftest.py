"""Fixtures for everything that draws: no widget may outlive its test."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from shiboken6 import isValid
from whole_window import WholeWindow

from convviz.gui.theme import Theme, current_theme
from convviz.run.messages import State


@pytest.fixture(autouse=True)
def no_leaked_widgets(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a window behind; parts of a window are found with it."""
    before = set(map(id, QApplication.topLevelWidgets()))
    yield
    QToolTip.hideText()
    if _left_over(before):
        gc.collect()  # a window that only waits for the garbage collector is not a leak
    leaked = _left_over(before)
    names = sorted(f"{type(one).__name__} {one.objectName() or one.windowTitle()}".strip() for one in leaked)
    for one in leaked:
        one.close()
        one.deleteLater()
    _deliver_deletions()
    assert not names, f"widgets left behind: {', '.join(names)}"


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """Give the application's theme, light; put it back afterwards."""
    found = current_theme()
    mode = found.mode
    found.set_mode("light")
    yield found
    found.set_mode(mode)


def _left_over(before: set[int]) -> list[QWidget]:
    _deliver_deletions()
    found = [one for one in QApplication.topLevelWidgets() if isValid(one) and id(one) not in before]
    return [one for one in found if one.metaObject().className() != "QTipLabel"]


def _deliver_deletions() -> None:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def window(qtbot, theme: Theme, tmp_path: Path) -> Iterator[WholeWindow]:
    """The whole window on a small network and noise, ready to train; closing it has to end the session."""
    from small_run import DESIGN, noise_data

    made = WholeWindow(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    made.resize(1100, 700)
    made.show()
    made.start(DESIGN, noise_data())
    qtbot.waitUntil(lambda: made.step is not None and made.run.state is State.IDLE, timeout=20000)
    qtbot.waitUntil(lambda: bool(made.watch.strip.panes), timeout=10000)
    yield made
    made.run.unsaved.forget()  # nothing unsaved: closing asks nothing
    made.edited.document.reset(made.edited.design)
    made.close()
    assert not made.run.bridge.running, "closing must end the session's thread"
    made.deleteLater()
