"""The main window: it only assembles. The workspaces, the run and the session do the work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convviz.gui.theme import ThemeMode, current_theme
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.gui.widgets.messages.overlay import MessageOverlay
from convviz.gui.widgets.status_line import StatusLine
from convviz.gui.widgets.turns import paint_apart
from convviz.gui.window.arrival import Arrival
from convviz.gui.window.closing import Closing
from convviz.gui.window.parts import WindowParts
from convviz.gui.window.top_bar import TopBar
from convviz.gui.window.workspace_stack import WorkspaceStack
from convviz.gui.workspaces.registry import START, WORKSPACES, Entry

if TYPE_CHECKING:  # imported by `assemble`, when the window is on the screen
    from convviz.core.design import Design
    from convviz.data.sources import DataSource
    from convviz.gui.files.opener import FileOpener
    from convviz.gui.run_model.design_binding import DesignBinding
    from convviz.gui.run_model.follower import DesignFollower
    from convviz.gui.run_model.watched import WatchedModel
    from convviz.gui.window.help.dialog import HelpDialog
    from convviz.gui.window.menu import WindowMenu
    from convviz.gui.window.run_controls import RunControls
    from convviz.gui.window.runs.dialog import RunsDialog
    from convviz.gui.window.smoothness_menu import SmoothnessMenu
    from convviz.gui.window.welcome.ways import WaysIn

HELP_KEYS = ("F1", "?")
USUAL = QSize(1440, 900)
FRAME = QSize(16, 48)
"""Largest size of the desktop's frame around a window."""


class MainWindow(WindowParts):
    """The only window: bars and blank pages at first, the models and workspaces once it is assembled.

    Parameters
    ----------
    settings : QSettings
        Size, theme and recent files are stored here.
    threads : int
        Threads of the trainer.
    workspaces : sequence of Entry
        In the order of their tabs.
    kept : Path, optional
        Folder where trained networks are kept automatically, with what was open last; nowhere unless given.
    recorded : Path, optional
        Folder where every run is recorded; nowhere unless given.

    Attributes
    ----------
    follower : DesignFollower
    watched : WatchedModel
    binding : DesignBinding
    opener : FileOpener
    menu : WindowMenu
    controls : RunControls
        They exist once the window is assembled, as those of :class:`WindowParts`.
    ready : Signal()
        All workspaces have been made.
    """

    ready = Signal()

    follower: DesignFollower
    watched: WatchedModel
    binding: DesignBinding
    opener: FileOpener
    menu: WindowMenu
    smoothness: SmoothnessMenu
    controls: RunControls

    def __init__(
        self,
        settings: QSettings,
        *,
        threads: int = 2,
        workspaces: Sequence[Entry] = WORKSPACES,
        kept: Path | None = None,
        recorded: Path | None = None,
    ) -> None:
        super().__init__()
        self.setWindowTitle("convviz")
        self.setMinimumSize(900, 600)
        self.is_assembled = False
        self._settings = settings
        self._threads, self._kept, self._recorded = threads, kept, recorded
        self._workspaces = tuple(workspaces)
        self._closing = Closing(self)
        self._help: HelpDialog | None = None
        self._runs_dialog: RunsDialog | None = None
        self._ways_in: WaysIn | None = None
        self.status = StatusLine()
        self.message = InlineMessage()
        self.stack = WorkspaceStack(workspaces)
        self.top = TopBar([(one.title, f"{one.tip} (Ctrl+{n})") for n, one in enumerate(workspaces, 1)])
        self.top.set_facts(("starting …",), 0.0)
        self._lay_out()
        self._connect()
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
        column.addWidget(self.stack, 1)
        column.addWidget(self.status)
        self.setCentralWidget(inside)
        self._overlay = MessageOverlay(self.message, self.stack, inside, self.stack.foot, self.status)

    def _connect(self) -> None:
        """Connect everything that does not need the models."""
        self.top.workspaceSelected.connect(self.go_to)
        self.stack.entered.connect(self._entered)
        self.stack.statusChanged.connect(self._show_status)
        self.stack.hinted.connect(self.status.hint)
        self.stack.allMade.connect(self.ready)
        for number, title in enumerate(self.stack.titles):
            self._add_key(f"Ctrl+{number + 1}", f"Go to {title}", partial(self.top.workspaceSelected.emit, number))
        self._add_key("Alt+L", "Settings that apply while training", self.top.live.click)
        self._add_key("Alt+M", "Open the menu", self.top.menu.showMenu)

    def _add_key(self, keys: str, about: str, call: Callable[[], object]) -> None:
        made = QShortcut(QKeySequence(keys), self)
        made.setWhatsThis(about)
        made.activated.connect(call)

    def _restore(self) -> None:
        self.resize(first_size(self.screen().availableSize()))
        geometry = self._settings.value("window/geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)

    def assemble(self) -> None:
        """Make the models and the workspace in front."""
        from convviz.gui.window.first_offers import FirstOffers
        from convviz.gui.window.last_time import LastTime
        from convviz.gui.window.menu import WindowMenu
        from convviz.gui.window.models import WindowModels
        from convviz.gui.window.recovery import Recovery
        from convviz.gui.window.run_controls import RunControls
        from convviz.gui.window.smoothness_menu import SmoothnessMenu

        made = WindowModels(
            self, self._settings, self.message, threads=self._threads, kept=self._kept, recorded=self._recorded
        )
        self.run, self.follower, self.watched = made.run, made.follower, made.watched
        self.edited, self.binding = made.edited, made.binding
        self.models, self.data = made.model_files, made.data_files
        self.designs, self.opener, self.runs = made.design_files, made.opener, made.run_files
        self.weights, self.preprocess = made.weight_files, made.preprocess
        self.smoothness = SmoothnessMenu(self.run.bridge, self._settings)
        self.menu = WindowMenu(self, self.designs.actions)
        self.menu.add_choice(self.smoothness)
        self.top.menu.setMenu(self.menu)
        self.controls = RunControls(
            self.run,
            self.top,
            self.stack,
            follower=self.follower,
            edited=self.edited,
            message=self.message,
            breakpoints=made.breakpoints,
        )
        self.last_time = LastTime(
            made.kept,
            self.run,
            self.edited,
            follower=self.follower,
            models=self.models,
            runs=self.runs,
            stack=self.stack,
            message=self.message,
        )
        Recovery(self.run, self.models, self.message)
        self.first_offers = FirstOffers(self, self._settings, lambda: self.ways_in.offer())
        self.is_assembled = True
        self._connect_models()
        self.setAcceptDrops(True)
        self.stack.furnish(made.context(self._workspaces))

    def _connect_models(self) -> None:
        self.designs.opened.connect(self.stack.go_where_designs_are_edited)
        self.models.opening.connect(self.follower.settle)
        arrival = Arrival(self.stack)
        self.models.asked.connect(arrival.expect)
        self.models.traceOpened.connect(arrival.show_pass)
        self.runs.opened.connect(arrival.show_run)
        self.run.compilingChanged.connect(self._show_status)
        menu = self.menu
        menu.connect_files(self.opener, self.models, self.runs, self.data, self.weights)
        menu.runs.triggered.connect(self.show_runs)
        menu.themeChosen.connect(self.set_theme)
        menu.toggle_theme.triggered.connect(self.toggle_theme)
        menu.add_help("Shortcuts, colours and words", HELP_KEYS).triggered.connect(lambda: self.help())
        menu.add_help("Welcome").triggered.connect(self.welcome)
        menu.add_help("About convviz").triggered.connect(self.about)
        menu.quit.triggered.connect(self.close)

    # --- actions -----------------------------------------------------------------------------------------------

    def start(self, design: Design | None = None, data: DataSource | None = None) -> None:
        """Assemble the window, start its session, and make the other workspaces when idle."""
        self.begin(design, data)
        self.stack.make_all()

    def begin(self, design: Design | None = None, data: DataSource | None = None) -> None:
        """Assemble the window, start the session's thread and make the first network."""
        from convviz.data.sources import BuiltinDigits, DataFile
        from convviz.gui.run_model.edited_design import FIRST
        from convviz.storage.presets import preset

        if not self.is_assembled:
            self.assemble()
        first = design or preset(FIRST)
        self.binding.begin_with(first)
        self.run.bridge.start()
        if isinstance(data, DataFile):
            self.models.known_data.add(data.path)
        self.run.prepare(first, data or BuiltinDigits())

    def go_to(self, number: int) -> None:
        """Show a workspace."""
        self.stack.go_to(number)

    def _entered(self, number: int) -> None:
        self.top.switch.set_index(number)
        self.message.leave_with_page()
        self.status.drop_hint()  # it was about the page that was left
        self._overlay.place()
        if self.is_assembled:
            self._show_status()

    def _show_status(self) -> None:
        compiling = self.run.kernels.words if self.is_assembled else ""
        if self._ways_in is not None and self._ways_in.page.isVisible():
            self.status.set_status(("Welcome",), (compiling,))  # the front page covers the workspace
            return
        said = self.stack.front.status()
        self.status.set_status(said.left, (compiling, *said.right))

    def set_theme(self, mode: ThemeMode) -> None:
        """Change the theme to light, dark, or the system's."""
        current_theme().turn_to(mode)
        self._settings.setValue("window/theme", str(mode))

    def toggle_theme(self) -> None:
        """Switch between light and dark."""
        self.set_theme(ThemeMode.LIGHT if current_theme().dark else ThemeMode.DARK)

    def help(self, page: str = "Shortcuts") -> None:
        """Show a page of Help in a window of its own."""
        from convviz.gui.window.help.dialog import HelpDialog

        if self._help is None:
            self._help = HelpDialog(self, self.stack)
        self._help.open_at(page)

    def show_runs(self) -> None:
        """Show the list of recorded runs."""
        from convviz.gui.window.runs.dialog import RunsDialog

        if self._runs_dialog is None:
            self._runs_dialog = RunsDialog(self, self.runs)
        self._runs_dialog.open_list()

    @property
    def ways_in(self) -> WaysIn:
        """The front page, made when it is first asked for."""
        from convviz.gui.window.welcome.ways import WaysIn

        if self._ways_in is None:
            self._ways_in = WaysIn(self, self._settings)
            self._ways_in.page.opened.connect(self._show_status)
            self._ways_in.page.dismissed.connect(self._show_status)
        return self._ways_in

    def welcome(self) -> None:
        """Show the front page."""
        self.ways_in.page.open()

    def about(self) -> None:
        """Open the About box."""
        self.help("About")

    # --- Qt ----------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.opener.open_path(Path(event.mimeData().urls()[0].toLocalFile()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Explain why a key that nothing handled has no effect."""
        from convviz.gui.window.unanswered import keys_of, why_unanswered

        keys = keys_of(event)
        if keys and self.is_assembled:
            pages = {title: workspace.page for title, workspace in self.stack.made.items()}
            said = why_unanswered(keys, self.stack.front.page, pages)
            if said:
                self.status.hint(said)
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._closing.may_close():
            event.ignore()
            return
        self.stack.close_all()
        self._settings.setValue("window/geometry", self.saveGeometry())
        self._settings.sync()
        super().closeEvent(event)

    @property
    def is_asking(self) -> bool:
        """Whether closing waits for an answer."""
        return self._closing.is_asking

    def close_unasked(self) -> None:
        """Close without asking; an open question is cancelled."""
        self._closing.unasked()

    def changeEvent(self, event) -> None:
        super().changeEvent(event)
        if hasattr(self, "stack"):
            self._report_activity()

    def resizeEvent(self, event) -> None:
        paint_apart(self)  # all is laid out now, and painted in another turn
        super().resizeEvent(event)

    def showEvent(self, event) -> None:
        super().showEvent(event)
        self._report_activity()

    def hideEvent(self, event) -> None:
        super().hideEvent(event)
        self._report_activity()

    def _report_activity(self) -> None:
        self.stack.set_seen(self.isVisible() and not self.windowState() & Qt.WindowState.WindowMinimized)


def first_size(screen: QSize) -> QSize:
    """The size of a window that was never resized: the usual one, or the largest that fits on the screen."""
    return USUAL.boundedTo(screen - FRAME)
