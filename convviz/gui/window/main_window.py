"""The window: assembly only. What happens is in the workspaces, the run and the session."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from convviz.core.design import Design
from convviz.data.sources import BuiltinDigits, DataSource
from convviz.gui.files.data_files import DataFiles
from convviz.gui.files.design_files import DesignFiles
from convviz.gui.files.model_files import ModelFiles
from convviz.gui.files.opener import FileOpener
from convviz.gui.run_model.design_binding import DesignBinding
from convviz.gui.run_model.edited_design import FIRST, EditedDesign
from convviz.gui.run_model.follower import DesignFollower
from convviz.gui.run_model.run import RunModel
from convviz.gui.run_model.watched import WatchedModel
from convviz.gui.theme import ThemeMode, current_theme
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.gui.widgets.status_line import StatusLine
from convviz.gui.window.about import show_about
from convviz.gui.window.menu import WindowMenu
from convviz.gui.window.run_controls import RunControls
from convviz.gui.window.top_bar import TopBar
from convviz.gui.window.workspace_stack import WorkspaceStack
from convviz.gui.workspaces.context import WorkspaceContext
from convviz.gui.workspaces.registry import START, WORKSPACES, Entry
from convviz.storage.presets import preset


class MainWindow(QMainWindow):
    """The one window.

    Parameters
    ----------
    settings : QSettings
        Where size, theme and recent files are remembered.
    threads : int
        Threads of the trainer.
    workspaces : sequence of Entry
        In the order of their tabs.

    Attributes
    ----------
    ready : Signal()
        All workspaces have been made.
    """

    ready = Signal()

    def __init__(self, settings: QSettings, *, threads: int = 2, workspaces: Sequence[Entry] = WORKSPACES) -> None:
        super().__init__()
        self.setWindowTitle("convviz")
        self.setMinimumSize(900, 600)
        self.setAcceptDrops(True)
        self._settings = settings
        self._asking = False
        """Whether closing waits for an answer."""
        self.run = RunModel(threads, self)
        self.follower = DesignFollower(self.run, self)
        self.watched = WatchedModel(self.run, self)
        self.edited = EditedDesign(self)
        self.binding = DesignBinding(self.edited, self.run, self.follower, self.watched)
        self.status = StatusLine()
        self.message = InlineMessage()
        self.models = ModelFiles(self.run, self, settings, self.message)
        self.data = DataFiles(
            self.run,
            self,
            settings,
            models=self.models,
            follower=self.follower,
            message=self.message,
            edited=self.edited,
        )
        self.designs = DesignFiles(self.edited.document, self, settings, self.message.say)
        self.opener = FileOpener(self, self.designs, self.models, self.data)
        self.stack = WorkspaceStack(
            workspaces,
            WorkspaceContext(
                self.run,
                self.edited,
                self.follower,
                self.watched,
                self.data,
                self.designs,
                self.message,
                settings,
                image_views=tuple((one.title, one.shows_image) for one in workspaces if one.shows_image),
            ),
        )
        self.top = TopBar([(one.title, f"{one.tip} (Ctrl+{n})") for n, one in enumerate(workspaces, 1)])
        self.controls = RunControls(
            self.run,
            self.top,
            self.stack,
            follower=self.follower,
            edited=self.edited,
            models=self.models,
            message=self.message,
        )
        self.menu = WindowMenu(self, self.designs.actions)
        self.top.menu.setMenu(self.menu)
        self._lay_out()
        self._connect()
        self._connect_menu()
        self._restore()
        titles = [entry.title for entry in workspaces]
        self.go_to(titles.index(START) if START in titles else 0)

    # --- assembly ----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        self.message.setContentsMargins(14, 10, 14, 6)  # its own, so that they go with it
        column.addWidget(self.message)
        column.addWidget(self.stack, 1)
        column.addWidget(self.status)
        self.setCentralWidget(inside)

    def _connect(self) -> None:
        self.designs.opened.connect(self.stack.go_where_designs_are_edited)
        self.models.opening.connect(self.follower.settle)
        self.top.workspaceSelected.connect(self.go_to)
        self.stack.entered.connect(self._entered)
        self.stack.statusChanged.connect(self._show_status)
        self.stack.allMade.connect(self.ready)
        for number in range(self.stack.count()):
            QShortcut(QKeySequence(f"Ctrl+{number + 1}"), self).activated.connect(partial(self.go_to, number))

    def _connect_menu(self) -> None:
        menu = self.menu
        menu.open.triggered.connect(self.opener.choose)
        menu.save_model.triggered.connect(self.models.save)
        menu.aboutToShow.connect(partial(self.opener.fill_recent, menu.recent))
        menu.open_data.triggered.connect(self.data.choose)
        menu.builtin.triggered.connect(self.data.open_builtin)
        menu.themeChosen.connect(self.set_theme)
        menu.toggle_theme.triggered.connect(self.toggle_theme)
        menu.add_help("About convviz").triggered.connect(self.about)
        menu.quit.triggered.connect(self.close)
        QShortcut(QKeySequence("Alt+M"), self).activated.connect(self.top.menu.showMenu)

    def _restore(self) -> None:
        self.resize(1440, 900)
        geometry = self._settings.value("window/geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)

    # --- actions -----------------------------------------------------------------------------------------------

    def start(self, design: Design | None = None, data: DataSource | None = None) -> None:
        """Start the session's thread, make the first network, then the other workspaces."""
        first = design or preset(FIRST)
        self.binding.begin_with(first)
        self.run.bridge.start()
        self.run.prepare(first, data or BuiltinDigits())
        QTimer.singleShot(0, self.stack.make_all)

    def go_to(self, number: int) -> None:
        """Show a workspace."""
        self.stack.go_to(number)

    def _entered(self, number: int) -> None:
        self.top.switch.set_index(number)
        self._show_status()

    def _show_status(self) -> None:
        said = self.stack.front.status()
        self.status.set_status(said.left, said.right)

    def set_theme(self, mode: ThemeMode) -> None:
        """Be light, dark, or like the system."""
        current_theme().set_mode(mode)
        self._settings.setValue("window/theme", str(mode))

    def toggle_theme(self) -> None:
        """From light to dark and back."""
        self.set_theme(ThemeMode.LIGHT if current_theme().dark else ThemeMode.DARK)

    def about(self) -> None:
        """Say what this is."""
        show_about(self)

    # --- Qt ----------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.opener.open_path(Path(event.mimeData().urls()[0].toLocalFile()))

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._may_close():
            event.ignore()
            return
        self.stack.close_all()
        self._settings.setValue("window/geometry", self.saveGeometry())
        self._settings.sync()
        self.run.bridge.close()
        super().closeEvent(event)

    def _may_close(self) -> bool:
        """Ask what is to become of what no file has, once: a second try while a question is open does nothing."""
        if self._asking:
            return False
        self._asking = True
        try:
            return self.models.may_close() and self.stack.may_close()
        finally:
            self._asking = False

    def changeEvent(self, event) -> None:
        super().changeEvent(event)
        if hasattr(self, "stack"):
            self.stack.set_seen(not self.windowState() & Qt.WindowState.WindowMinimized)
