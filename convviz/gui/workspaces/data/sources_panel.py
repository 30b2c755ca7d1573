"""Where data come from: the set in use, known sets, recent files, one's own hand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from convviz.core.arrays import Array
from convviz.data.sources import BuiltinDigits
from convviz.gui.files.downloads import Downloads
from convviz.gui.files.known_row import KnownRow
from convviz.gui.files.recent import RecentFiles, is_there
from convviz.gui.files.source_row import SourceRow
from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.ground import Ground
from convviz.gui.widgets.labels import Caption, Note, ThemedLabel
from convviz.gui.widgets.scrolled import scrolled
from convviz.gui.widgets.tab_order import tab_in_order

WIDTH = 240
FIRST = ("mnist", "fashion-mnist", "kmnist", "emnist-balanced", "cifar-10")
"""Number of known sets that are listed before the user asks for all."""


class SourcesPanel(QWidget):
    """A column at the left of the page.

    Parameters
    ----------
    downloads : Downloads
    recent : RecentFiles, optional

    Attributes
    ----------
    pathAsked : Signal(object)
        Open a file or folder.
    builtinAsked, openAsked, folderAsked, drawAsked : Signal()
    """

    pathAsked = Signal(object)
    builtinAsked = Signal()
    openAsked = Signal()
    folderAsked = Signal()
    drawAsked = Signal()

    def __init__(self, downloads: Downloads, recent: RecentFiles | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._downloads, self._recent = downloads, recent
        self._in_use: Path | None = None
        self._all_known = False
        self.setFixedWidth(WIDTH)
        self.used = SourceRow("No data set")
        self.used.set_chosen(True)
        self.used.add_picture()
        self.builtin = SourceRow("built-in digits", "{:,} + {:,} · drawn by convviz".format(*BuiltinDigits.counts))
        self.builtin.offer("Use", tip="Use the digits that convviz draws itself")
        self.builtin.asked.connect(self.builtinAsked)
        self.known: dict[str, KnownRow] = {}
        self.recent_rows: dict[Path, SourceRow] = {}
        inside = QWidget()
        Ground(inside)
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 14, 10, 8)
        column.setSpacing(1)
        column.addWidget(_title("In use"))
        column.addWidget(self.used)
        column.addSpacing(12)
        column.addWidget(_title("Known sets"))
        column.addWidget(self.builtin)
        self._known_column = QVBoxLayout()
        self._known_column.setSpacing(1)
        column.addLayout(self._known_column)
        self.more = Button("", kind="quiet", small=True, tip="All known sets")
        self.more.clicked.connect(self._show_more)
        column.addWidget(self.more)
        column.addSpacing(12)
        self._recent_title = _title("Recent files")
        column.addWidget(self._recent_title)
        self._recent_column = QVBoxLayout()
        self._recent_column.setSpacing(1)
        column.addLayout(self._recent_column)
        column.addStretch(1)
        scroll = scrolled(inside)
        Ground(scroll.viewport())
        self.open = _wide("Open a file…", "open", "Open a data set of any common format (Ctrl+Shift+O)", self.openAsked)
        self.folder = _wide("Open a folder…", "folder", "A folder of pictures, one folder a class", self.folderAsked)
        self.draw = _wide("Draw…", "pen", "Draw images yourself: what does the network see?", self.drawAsked)
        hint = Note("or drop it here: HDF5, NPZ, CSV, IDX, MATLAB, a folder or zip of pictures")
        hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 1, 0)
        whole.setSpacing(0)
        whole.addWidget(scroll, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(14, 6, 14, 14)
        foot.setSpacing(7)
        for one in (self.open, self.folder, self.draw, hint):
            foot.addWidget(one)
        whole.addLayout(foot)
        self._theme.changed.connect(self.update)
        self.refresh()

    def show_used(self, name: str, counts: str, sample: Array | None, path: Path | None, *, builtin: bool) -> None:
        """Mark the set in use, by its path if it has one."""
        self._in_use = path
        self.used.title.set_text(name)
        self.used.about.set_text(counts)
        self.used.add_picture().show_values(sample)
        self.builtin.setVisible(not builtin)
        self.refresh()

    def refresh(self) -> None:
        """Show the present state: known sets that were fetched, and recent files."""
        keys = [one.key for one in self._downloads.known]
        if list(self.known) != keys:
            self._clear(self._known_column)
            self.known = {}
            for one in self._downloads.known:
                row = self.known[one.key] = KnownRow(one, self._downloads)
                row.pathAsked.connect(self.pathAsked)
                row.changed.connect(self._show_known)
                self._known_column.addWidget(row)
        for row in self.known.values():
            row.refresh()
        self._show_known()
        self._show_recent()
        recent = self.recent_rows.values()
        rows = self.used, self.builtin, *self.known.values(), self.more, *recent
        tab_in_order(*rows, self.open, self.folder, self.draw)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), self._theme.colour("line"))

    # --- known sets ----------------------------------------------------------------------------------------------

    def _show_known(self) -> None:
        """Show the first known sets, all that were fetched or failed, and a button for the others."""
        few = self._all_known or len(self.known) <= len(FIRST)
        hidden = 0
        for key, row in self.known.items():
            busy = self._downloads.progress(key) is not None
            listed = few or key in FIRST or row.path is not None or bool(row.fault) or busy
            row.setVisible(listed and (row.path is None or row.path != self._in_use))
            hidden += not listed
        self.more.setText(f"{hidden} more …")
        self.more.setVisible(hidden > 0)

    def _show_more(self) -> None:
        self._all_known = True
        self.refresh()

    # --- recent files --------------------------------------------------------------------------------------------

    def _show_recent(self) -> None:
        fetched = {self._downloads.path(one.key) for one in self._downloads.known}
        listed = [] if self._recent is None else self._recent.all()
        paths = [path for path in listed if path not in fetched and path != self._in_use]
        if list(self.recent_rows) != paths:
            self._clear(self._recent_column)
            self.recent_rows = {}
            for path in paths:
                row = SourceRow(path.name, icon_name="folder" if path.is_dir() else "file")
                row.setToolTip(str(path))
                row.asked.connect(partial(self.pathAsked.emit, path))
                row.dropped.connect(partial(self._forget, path))
                self.recent_rows[path] = row
                self._recent_column.addWidget(row)
        for path, row in self.recent_rows.items():
            there = is_there(path)
            row.set_missing(not there)
            row.about.set_text(_about(path) if there else "not there any more")
        self._recent_title.setVisible(bool(paths))

    def _forget(self, path: Path) -> None:
        if self._recent is not None:
            self._recent.forget(path)
        self._show_recent()

    def _clear(self, column: QVBoxLayout) -> None:
        while (item := column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()


def _title(text: str) -> ThemedLabel:
    made = Caption(text)
    made.setContentsMargins(2, 0, 0, 4)
    return made


def _wide(text: str, icon_name: str, tip: str, signal: object) -> Button:
    made = Button(text, icon_name=icon_name, tip=tip)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    emit: Callable[[], None] = signal.emit  # type: ignore[attr-defined]
    made.clicked.connect(lambda: emit())
    return made


def _about(path: Path) -> str:
    try:
        if path.is_dir():
            return f"folder in {path.parent.name or path.parent}"
        return f"{path.suffix.lstrip('.').upper() or 'file'} · {path.stat().st_size / 1e6:.1f} MB"
    except OSError:
        return ""
