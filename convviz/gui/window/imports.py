"""Imports what the window is made of, while the window is already on the screen and responds."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

import convviz
from convviz.gui.widgets.posted import posted

__all__ = ["Imports", "needed"]

QT = frozenset({"PySide6", "shiboken6", "pyqtgraph", "qtawesome", "qtpy"})
"""Packages that touch Qt's types."""
TYPES = tuple(f"PySide6.{name}" for name in ("QtCore", "QtGui", "QtWidgets", "QtTest", "QtOpenGL", "QtOpenGLWidgets"))
"""Modules of PySide6 of which pyqtgraph uses all types."""
TURN = 0.008
"""Seconds of importing after which the event loop runs."""
LATER = ("numpy.ma",)
"""Modules that libraries import when they are first used for something: ``np.unique`` took 40 ms of a step in Step."""
STATEMENT = re.compile(r"^(?:from ([\w.]+) import \(?([^#\n)]*)|import ([\w.]+))", re.MULTILINE)
"""An import at the top level: those for type checking alone are indented."""


def needed(modules: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The imports of the window's modules, found in their source.

    Parameters
    ----------
    modules : sequence of str

    Returns
    -------
    plain : tuple of str
        Modules that have nothing to do with Qt.
    qt : tuple of str
        The others, each after those that it imports: of ``convviz.gui`` and of Qt's packages.
    """
    plain: dict[str, None] = {}
    qt: dict[str, None] = {}
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen:
            return
        seen.add(name)
        if name.partition(".")[0] in QT:
            qt[name] = None
            return
        if not name.startswith("convviz.gui"):
            plain[name] = None
            return
        file = _file_of(name)
        # Without its source, as in a frozen application, it is imported at once with everything it needs.
        text = "" if file is None else file.read_text("utf-8")
        for package, names, alone in STATEMENT.findall(text):
            if alone or package == "__future__":
                if alone:
                    visit(alone)
                continue
            parts = [f"{package}.{one.split()[0]}" for one in names.split(",") if one.strip()]
            inside = [one for one in parts if _file_of(one) is not None]
            for one in inside or [package]:
                visit(one)
        qt[name] = None

    for module in modules:
        visit(module)
    return tuple(plain), tuple(qt)


def _file_of(name: str) -> Path | None:
    """The file of one of convviz's modules; None if there is none."""
    top, *rest = name.split(".")
    if top != "convviz":
        return None
    place = Path(convviz.__file__).parent.joinpath(*rest)
    for file in (place.with_suffix(".py"), place / "__init__.py"):
        if file.is_file():
            return file
    return None


class Imports(QObject):
    """Imports groups of modules one after another.

    Modules without Qt are imported in a separate thread. The others are imported in this one, some milliseconds at a
    time: PySide creates its types on first use, and another thread that handles events meanwhile could find one half
    created. Importing everything in a thread crashed about one start in thirty.

    Parameters
    ----------
    groups : sequence of sequences of str
        Modules of the window, in the order in which they are needed.

    Attributes
    ----------
    imported : Signal(int)
        The group with this number is imported, or has failed: importing it again then raises the error.
    """

    imported = Signal(int)

    def __init__(self, groups: Sequence[Sequence[str]], parent: QObject) -> None:
        super().__init__(parent)
        self._groups = groups
        self._unwanted = threading.Event()
        self._thread = threading.Thread(target=self._work, name="imports")
        self._left: list[str | int] = []
        """Modules to import here, and after each group its number."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._next)
        self._prepared = posted(self._take)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Stop importing, and wait for the current module."""
        self._unwanted.set()
        self._timer.stop()
        if self._thread.ident is not None:
            self._thread.join()

    def _work(self) -> None:
        for number, group in enumerate(self._groups):
            plain, qt = needed(group)
            for name in plain:
                if self._unwanted.is_set():
                    return
                with contextlib.suppress(Exception):
                    import_module(name)
            self._prepared(number, qt)
        for name in LATER:
            if not self._unwanted.is_set():
                with contextlib.suppress(Exception):
                    import_module(name)

    def _take(self, number: int, modules: tuple[str, ...]) -> None:
        for name in modules:
            # pyqtgraph uses every type of these: they are created first, one module a turn.
            self._left += [*(TYPES if name == "pyqtgraph" else ()), name]
        self._left.append(number)
        self._timer.start(0)

    @Slot()
    def _next(self) -> None:
        until = time.perf_counter() + TURN
        while self._left and time.perf_counter() < until:
            first = self._left.pop(0)
            if isinstance(first, int):
                self.imported.emit(first)
                break
            with contextlib.suppress(Exception):
                module = import_module(first)
                if first in TYPES:
                    for name in dir(module):
                        getattr(module, name)
        if self._left:
            self._timer.start(0)
