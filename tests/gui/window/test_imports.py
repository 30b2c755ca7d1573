"""What the window is made of is imported without a thread beside Qt's."""

from __future__ import annotations

import subprocess
import sys

from convviz.gui.window.imports import QT, needed
from convviz.gui.workspaces.registry import WORKSPACES, Adapter


def of_qt(name: str) -> bool:
    return name.partition(".")[0] in QT or name.startswith("convviz.gui")


def test_that_the_thread_imports_nothing_of_qt() -> None:
    plain, qt = needed([entry.make.module for entry in WORKSPACES if isinstance(entry.make, Adapter)])
    assert not [name for name in plain if of_qt(name)]
    assert not [name for name in qt if not of_qt(name)]
    assert {"numpy", "convviz.training.trainer"} <= set(plain)
    assert "pyqtgraph" in qt
    script = (
        f"import sys\nfrom importlib import import_module\nfor name in {plain!r}: import_module(name)\n"
        f"print([name for name in sys.modules if name.partition('.')[0] in {set(QT)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_that_a_module_comes_after_those_that_it_imports() -> None:
    _, qt = needed(["convviz.gui.window.main_window"])
    assert qt[-1] == "convviz.gui.window.main_window"
    assert len(set(qt)) == len(qt)
    assert qt.index("PySide6.QtWidgets") < qt.index("convviz.gui.theme") < qt.index("convviz.gui.window.top_bar")


def test_that_a_module_outside_of_the_window_has_nothing_to_do_with_qt() -> None:
    assert needed(["json", "convviz.core.network"]) == (("json", "convviz.core.network"), ())
