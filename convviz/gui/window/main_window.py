"""The window: assembly only. What happens is in the workspaces, the run and the session."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from convviz.core.design import Design
from convviz.data.sources import BuiltinDigits, DataSource
from convviz.gui.files.data_files import DataFiles
from convviz.gui.files.model_files import ModelFiles
from convviz.gui.run_model.follower import DesignFollower
from convviz.gui.run_model.run import RunModel
from convviz.gui.run_model.watched import Watched, WatchedModel
from convviz.gui.theme import ThemeMode, current_theme
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.gui.window.about import show_about
from convviz.gui.window.captions import Telling
from convviz.gui.window.menu import WindowMenu
from convviz.gui.window.run_controls import RunControls
from convviz.gui.window.status_line import StatusLine
from convviz.gui.window.top_bar import TopBar
from convviz.gui.workspaces.builder.run_link import BuildLink
from convviz.gui.workspaces.watch.workspace import WatchWorkspace
from convviz.present.words import place
from convviz.run.commands import (
    Inspect,
    Pause,
    Watch,
)
from convviz.run.messages import Inspected, Prepared, State
from convviz.storage.presets import preset

if TYPE_CHECKING:
    from convviz.gui.workspaces.builder.workspace import BuildWorkspace
    from convviz.gui.workspaces.step.workspace import StepWorkspace
    from convviz.training.stepping import Pass

BUILD, STEP, WATCH = range(3)
WORKSPACES = (
    ("Build", "What network, on what data, with what settings? (Ctrl+1)"),
    ("Step", "One forward and backward pass, number by number (Ctrl+2)"),
    ("Watch", "What happens while it learns (Ctrl+3)"),
)
FIRST = "course-7x7"
"""Preset that a fresh window shows."""


class MainWindow(QMainWindow):
    """The one window.

    Parameters
    ----------
    settings : QSettings
        Where size, theme and recent files are remembered.
    threads : int
        Threads of the trainer.

    Attributes
    ----------
    ready : Signal()
        All workspaces have been made.
    """

    ready = Signal()

    def __init__(self, settings: QSettings, *, threads: int = 2) -> None:
        super().__init__()
        self.setWindowTitle("convviz")
        self.setMinimumSize(900, 600)
        self.setAcceptDrops(True)
        self._settings = settings
        self.run = RunModel(threads, self)
        self.selection = WatchedModel(self)
        self.follower = DesignFollower(self.run, self)
        self.link = BuildLink(self.run, self.follower, self.selection, self)
        self.build: BuildWorkspace | None = None
        self.step: StepWorkspace | None = None
        self._asking = False
        """Whether closing waits for an answer."""
        self._looked_at = ("test", 0)
        """Image of Watch that Step was last sent to."""
        self.top = TopBar(WORKSPACES)
        self.status = StatusLine()
        self.message = InlineMessage()
        self.models = ModelFiles(self.run, self, settings, self.message)
        self.watch = WatchWorkspace(self.selection, self.run.history)
        self.data = DataFiles(
            self.run,
            self,
            settings,
            models=self.models,
            follower=self.follower,
            message=self.message,
            design=self._design,
        )
        self.controls = RunControls(
            self.run,
            self.top,
            self.watch.settings,
            follower=self.follower,
            models=self.models,
            message=self.message,
            valid=self._is_valid,
            edited=self._edited_pass,
        )
        self.pages = QStackedWidget()
        for _ in (BUILD, STEP):
            self.pages.addWidget(QWidget())
        self.pages.addWidget(self.watch)
        self.telling = Telling(self.run, self.selection, self.pages, self.top, self.status, WATCH)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        self.message.setContentsMargins(14, 10, 14, 6)  # its own, so that they go with it
        column.addWidget(self.message)
        column.addWidget(self.pages, 1)
        column.addWidget(self.status)
        self.setCentralWidget(inside)
        self.menu = WindowMenu(self)
        self.top.menu.setMenu(self.menu)
        self._connect()
        self._connect_menu()
        self._restore()
        self.go_to(WATCH)

    # --- assembly ----------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        run, top, watch = self.run, self.top, self.watch
        run.bridge.snapshotArrived.connect(watch.show_snapshot)
        run.stateChanged.connect(self._state_changed)
        self.follower.made.connect(self._prepared)
        run.failed.connect(self._failed)
        run.progressed.connect(self.telling.show_progress)
        run.held.connect(watch.show_curves)
        run.inspected.connect(self._inspected)
        self.models.opening.connect(self.follower.settle)
        self.follower.changed.connect(self._show_settings)
        self.controls.started.connect(self._show_run)
        top.workspaceSelected.connect(self.go_to)
        watch.statusChanged.connect(partial(self.telling.say, WATCH))
        watch.settings.designEdited.connect(self._edited_in_watch)
        watch.settings.openRequested.connect(self.data.choose)
        watch.settings.builtinRequested.connect(self.data.open_builtin)
        self.selection.changed.connect(self._selection_changed)
        for number in range(len(WORKSPACES)):
            QShortcut(QKeySequence(f"Ctrl+{number + 1}"), self).activated.connect(partial(self.go_to, number))

    def _make_workspaces(self) -> None:
        """Build and Step, once the window is on the screen."""
        if self.build is not None:
            return
        from convviz.gui.workspaces.builder.workspace import BuildWorkspace
        from convviz.gui.workspaces.step.workspace import StepWorkspace

        self.build = BuildWorkspace(current_theme(), settings=self._settings)
        self.step = StepWorkspace(current_theme())
        self.build.set_design(self.run.design)
        self.build.designChanged.connect(self._design_changed)
        self.build.openDataRequested.connect(self.data.choose)
        self.build.dataDropped.connect(self.data.open_path)
        self.build.statusChanged.connect(partial(self.telling.say, BUILD))
        self.step.statusChanged.connect(partial(self.telling.say, STEP))
        for number, page in ((BUILD, self.build), (STEP, self.step)):
            blank = self.pages.widget(number)
            self.pages.insertWidget(number, page)
            if blank is not None:
                self.pages.removeWidget(blank)
                blank.deleteLater()
        self.link.attach(self.build)
        self.go_to(self.top.switch.index)
        self.ready.emit()

    def _connect_menu(self) -> None:
        menu = self.menu
        menu.save_model.triggered.connect(self.models.save)
        menu.open_model.triggered.connect(self.models.open)
        menu.aboutToShow.connect(partial(self.models.fill_recent, menu.recent_models))
        menu.open_data.triggered.connect(self.data.choose)
        menu.builtin.triggered.connect(self.data.open_builtin)
        menu.themeChosen.connect(self.set_theme)
        menu.toggle_theme.triggered.connect(self.toggle_theme)
        menu.about.triggered.connect(self.about)
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
        self.run.design = design or preset(FIRST)
        self.run.bridge.start()
        self.run.prepare(self.run.design, data or BuiltinDigits())
        QTimer.singleShot(0, self._make_workspaces)

    def go_to(self, number: int) -> None:
        """Show a workspace. Going to Step holds the training, as a debugger does."""
        self.top.switch.set_index(number)
        self.pages.setCurrentIndex(number)
        self.menu.offer_file_keys(number != BUILD)  # there they are the design's
        self.run.bridge.set_wanting(number == WATCH)
        if number == STEP and self.step is not None:
            if self.run.state is State.RUNNING:
                self.run.bridge.send(Pause())
                self.message.say("Training is held while you step through a pass; Resume goes on.", "info", seconds=6)
            self.run.bridge.send(Inspect())
        if number == WATCH:
            self.run.session.want_snapshot()
            self.watch.show_curves()
        self.telling.show_status()

    def _design(self) -> Design:
        """The design being edited."""
        return self.build.design() if self.build is not None else self.run.design

    def _is_valid(self) -> bool:
        """Whether it can be trained."""
        return self.build is None or self.build.is_valid()

    def _edited_pass(self) -> Pass | None:
        """The pass of Step, where it is in front."""
        return self.step.run if self.step is not None and self.pages.currentIndex() == STEP else None

    def _show_run(self) -> None:
        """Training begins: from Build, go where it is seen."""
        if self.pages.currentIndex() == BUILD:
            self.go_to(WATCH)

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

    # --- the design --------------------------------------------------------------------------------------------

    def _design_changed(self, design: Design, valid: bool) -> None:
        possible = self.build is not None and self.build.document.costs.valid
        self.follower.follow(design, trainable=valid, possible=possible)

    def _edited_in_watch(self, design: Design) -> None:
        if self.build is not None:
            self.build.document.edit(design, "settings")
        else:
            self.run.prepare(design)

    def _selection_changed(self, new: Watched, before: Watched) -> None:
        if (new.split, new.sample) != (before.split, before.sample):
            self.run.bridge.send(Watch(new.split, new.sample))
            self.run.session.want_snapshot()
            self.telling.show_status()

    # --- the run -----------------------------------------------------------------------------------------------

    def _prepared(self, message: Prepared) -> None:
        if message.origin is not None:
            self.models.opened(message.origin, message.data_name)
        self.watch.reset_scales()
        sizes = message.design.training
        n_train, n_test = sizes.train_size or len(message.train), sizes.test_size or len(message.test)
        self.top.set_subject(message.design.name, f"{message.data_name} {n_train:,} / {n_test:,}")
        chosen = self.selection.value
        self.selection.select(sample=min(chosen.sample, (n_test if chosen.split == "test" else n_train) - 1))
        self.link.prepared(message)
        self._show_settings()
        if self.pages.currentIndex() == STEP:
            self.run.bridge.send(Inspect())

    def _show_settings(self) -> None:
        """In Watch: what the run has while it goes on, and else what Train would begin with."""
        run = self.run
        if run.train is not None and run.test is not None:
            settings = self.watch.settings
            settings.set_running(run.is_active, waits=self.follower.waits)
            self.watch.set_images(run.design, len(run.train), len(run.test))
            settings.show_design(run.design, self._design(), run.data_name, len(run.train), len(run.test))

    def _state_changed(self, state: State) -> None:
        self.controls.show_state()
        self.menu.save_model.setEnabled(state is not State.EMPTY)
        self._show_settings()
        if self.build is not None:
            self.build.set_training(state is State.RUNNING)
        if state is State.RUNNING:
            self.message.say("")
        elif self.pages.currentIndex() == STEP:
            self.run.bridge.send(Inspect())

    def _failed(self, reason: str) -> None:
        rescue = {"Use the built-in digits": self.data.open_builtin} if self.run.state is State.EMPTY else {}
        self.message.say(reason, "error", rescue)

    def _inspected(self, message: Inspected) -> None:
        run, chosen = self.run, self.selection.value
        split = run.test if chosen.split == "test" else run.train
        if self.step is None or split is None:
            return
        p = message.position
        where = place(p.epoch, p.step) if p.epoch else self.run.where()
        self.step.set_pass_source(
            message.design, message.arrays, split.images, split.labels, chosen.split, where, step=p.step
        )
        if self._looked_at != (chosen.split, chosen.sample):
            self._looked_at = (chosen.split, chosen.sample)
            self.step.choose_image(min(chosen.sample, len(split) - 1))

    # --- Qt ----------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.data.open_path(event.mimeData().urls()[0].toLocalFile())

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._may_close():
            event.ignore()
            return
        if self.build is not None:
            self.build.close_down()
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
            return self.models.may_close() and (self.build is None or self.build.confirm_discard())
        finally:
            self._asking = False

    def changeEvent(self, event) -> None:
        super().changeEvent(event)
        if hasattr(self, "pages"):
            hidden = bool(self.windowState() & Qt.WindowState.WindowMinimized)
            self.run.bridge.set_wanting(not hidden and self.pages.currentIndex() == WATCH)
