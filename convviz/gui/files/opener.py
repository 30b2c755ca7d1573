"""Opening any file that convviz can open: a design, a trained model, a recorded run, or a data set."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from convviz.data import open as data_sets
from convviz.gui.files.data_files import DataFiles
from convviz.gui.files.design_files import FILTER, DesignFiles
from convviz.gui.files.model_files import ModelFiles
from convviz.gui.files.run_files import FILTER as RUNS
from convviz.gui.files.run_files import RunFiles
from convviz.storage import model_files
from convviz.storage.weights.open_file import PATTERNS


class FileOpener(QObject):
    """Opens files and recognises their kind, so that the user need not choose it first.

    Parameters
    ----------
    window : QWidget
        Parent of the dialogs.
    designs : DesignFiles
    models : ModelFiles
    data : DataFiles
    runs : RunFiles
    """

    def __init__(
        self, window: QWidget, designs: DesignFiles, models: ModelFiles, data: DataFiles, runs: RunFiles
    ) -> None:
        super().__init__(window)
        self._window = window
        self._designs, self._models, self._data, self._runs = designs, models, data, runs

    def choose(self) -> None:
        """Ask for a file and open it."""
        folder = str(self._models.recent.folder())
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Open a design, model, run or data set", folder, dialog_filter()
        )
        if name:
            self.open_path(Path(name))

    def open_path(self, path: Path) -> None:
        """Open a design if the name ends in ``.toml``; for other files, the content decides what it is."""
        if path.suffix.lower() == ".toml":
            self._designs.open_asking(path)
        else:
            self._data.open_path(path)

    def fill_recent(self, menu: QMenu) -> None:
        """Fill a menu with the designs and models that were opened or saved last."""
        menu.clear()
        menu.setToolTipsVisible(True)
        _list(menu, "Designs", self._designs.recent.paths(), self._designs.open_asking)
        _list(menu, "Trained models", self._models.recent.paths(), self._models.open_path)
        _list(menu, "Recorded runs", self._runs.recent.paths(), self._runs.open_path)
        if self._models.kept is not None:
            _list(menu, "Kept by convviz", self._models.kept.networks(), self._models.open_path)
        menu.setEnabled(not menu.isEmpty())


WEIGHTS = f"Weights ({' '.join(PATTERNS)})"


def dialog_filter() -> str:
    """Filter of a file dialog: all kinds of files together, then each kind."""
    kinds = [FILTER, model_files.dialog_filter(), WEIGHTS, RUNS, data_sets.dialog_filter()]
    each = list(dict.fromkeys(part for kind in kinds for part in kind.split(";;")))
    patterns = dict.fromkeys(one for part in each for one in part[part.index("(") + 1 : -1].split() if one != "*")
    return ";;".join([f"All that convviz opens ({' '.join(patterns)})", *each])


def _list(menu: QMenu, title: str, paths: list[Path], act: Callable[[Path], object]) -> None:
    if not paths:
        return
    menu.addSection(title)
    for path in paths:
        action = menu.addAction(path.name)
        action.setToolTip(str(path))
        action.triggered.connect(partial(_call, act, path))


def _call(act: Callable[[Path], object], path: Path, *_: object) -> None:
    act(path)
