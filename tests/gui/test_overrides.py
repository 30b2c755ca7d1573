"""An error in an override of one of Qt's methods is raised or printed; it doesn't end the process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pyqtgraph
import pytest

from convviz.gui.overrides import BASE, GUARDED, overrides
from convviz.gui.widgets.labels import Note
from convviz.gui.window.main_window import MainWindow

ENVIRONMENT = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}

ERRORS = """
import convviz.gui
from PySide6.QtCore import QEvent, QPoint, QSize, QStringListModel, Qt
from PySide6.QtWidgets import QApplication, QGraphicsRectItem, QGraphicsScene, QWidget

class Fails:
    def fail(self):
        raise NotImplementedError

    def customEvent(self, event):
        self.fail()

class Widget(Fails, QWidget):
    def event(self, event):
        return super().event(event)

    def resizeEvent(self, event):
        self.fail()

    def sizeHint(self):
        self.fail()
        return QSize(1, 1)

    def paintEvent(self, event):
        self.fail()

class Derived(Widget):
    def resizeEvent(self, event):
        super().resizeEvent(event)

class Endless(QWidget):
    def resizeEvent(self, event):
        super().resizeEvent(event)
        self.resize(self.width() % 500 + 1, 50)

class Strings(QStringListModel):
    def data(self, index, role=0):
        return [][0]

class Item(QGraphicsRectItem):
    def itemChange(self, change, value):
        return 1 / 0

def told(what, call):
    try:
        call()
        app.processEvents()
    except Exception as error:
        print(what, type(error).__name__)
    else:
        print(what, "nothing")

app = QApplication([])
fails = (lambda self: [][0], lambda self: int("one"), lambda self: len(1), lambda self: QPoint("a"))
for fail in fails:
    Fails.fail = fail
    widget = Derived()
    told("event", lambda: app.sendEvent(widget, QEvent(QEvent.Type.User)))
    told("show", widget.show)
    told("resize", lambda: widget.resize(80, 60))
    told("grab", widget.grab)
    told("adjust", widget.adjustSize)
endless = Endless()
endless.show()
told("endless", lambda: endless.resize(endless.width() + 1, 50))
told("again", lambda: (lambda: endless.resize(endless.width() + 1, 50))())
model = Strings(["a"])
told("match", lambda: model.match(model.index(0), Qt.ItemDataRole.DisplayRole, "a"))
scene, item = QGraphicsScene(), Item(0, 0, 1, 1)
told("item", lambda: scene.addItem(item))
Fails.fail = lambda self: (app.exit(7), [][0])
app.postEvent(widget, QEvent(QEvent.Type.User))
print("loop", app.exec())
"""


def run(script: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)


def test_that_an_error_in_an_override_does_not_end_the_process() -> None:
    ran = run(ERRORS)
    assert ran.returncode == 0, ran.stderr[-2000:]
    errors = ("IndexError", "ValueError", "TypeError", "TypeError")
    every = [f"{what} {error}" for error in errors for what in ("event", "show", "resize", "grab", "adjust")]
    endless = ["endless RecursionError", "again RecursionError"]
    assert ran.stdout.splitlines() == [*every, *endless, "match IndexError", "item ZeroDivisionError", "loop 7"]
    assert "IndexError" in ran.stderr, "while Qt alone waits, it is printed"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="errors are objects from the start")
def test_that_every_override_of_the_window_is_guarded() -> None:
    found = {one for one in below(BASE) if one.__module__.startswith(("convviz.", "pyqtgraph."))}
    methods = {f"{one.__qualname__}.{name}": method for one in found for name, method in overrides(one).items()}
    known = {MainWindow: "closeEvent", Note: "resizeEvent", pyqtgraph.GraphicsView: "paintEvent"}
    assert {f"{one.__name__}.{name}" for one, name in known.items()} <= set(methods)
    assert not [name for name, method in methods.items() if not hasattr(method, GUARDED)]


def below(cls: type) -> Iterator[type]:
    """Every class that is derived from one."""
    for one in type.__subclasses__(cls):
        yield one
        yield from below(one)
