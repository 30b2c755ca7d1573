"""The window: assembly only. What happens is in the workspaces, the session and the bridge."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMenu, QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from convviz import __version__
from convviz.core.design import Design, course_design
from convviz.gui.bridge import Bridge
from convviz.gui.opening import builtin_digits, data_file
from convviz.gui.panels.top_bar import TopBar
from convviz.gui.state import Selection, SelectionModel
from convviz.gui.theme import ThemeMode, current_theme
from convviz.gui.widgets.inline_message import InlineMessage
from convviz.gui.widgets.status_line import StatusLine
from convviz.gui.workspaces.watch import WatchWorkspace
from convviz.present.history import History
from convviz.present.words import count, duration
from convviz.training.events import EpochDone, Evaluating, MinibatchDone, Position
from convviz.training.pace import Pace
from convviz.training.session import (
    Busy,
    Command,
    DataChoice,
    Failed,
    Message,
    Pause,
    Prepare,
    Prepared,
    Resume,
    RunEnded,
    RunStarted,
    Session,
    SetLearningRate,
    State,
    StateChanged,
    StepMinibatch,
    Stop,
    Train,
    Watch,
)

WORKSPACES = (("Watch", "What happens while it learns (Ctrl+3)"),)


class MainWindow(QMainWindow):
    """The one window.

    Parameters
    ----------
    settings : QSettings
        Where size, theme and recent data are remembered.
    threads : int
        Threads of the trainer.
    """

    def __init__(self, settings: QSettings, *, threads: int = 2) -> None:
        super().__init__()
        self.setWindowTitle("convviz")
        self.setMinimumSize(900, 600)
        self.setAcceptDrops(True)
        self._settings = settings
        self.session = Session(threads=threads)
        self.bridge = Bridge(self.session, self)
        self.history = History()
        self.selection = SelectionModel(self)
        self.state = State.EMPTY
        self.position = Position(0, 0, 0, 0, 0)
        self._pace = Pace()
        self._design: Design = course_design()
        self._evaluating = ""
        self._busy = ""
        self._data: DataChoice = builtin_digits()
        self.top = TopBar(WORKSPACES)
        self.status = StatusLine()
        self.message = InlineMessage()
        self.message.hide()
        self.watch = WatchWorkspace(self.selection, self.history)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.watch)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(self.message)
        column.addWidget(self.pages, 1)
        column.addWidget(self.status)
        self.setCentralWidget(inside)
        self._connect()
        self._make_menu()
        self._restore()
        self._show_status("")

    # --- assembly ----------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.bridge.messagesArrived.connect(self._take_messages)
        self.bridge.snapshotArrived.connect(self.watch.show_snapshot)
        self.top.trainPressed.connect(self._train_pressed)
        self.top.stepPressed.connect(partial(self.bridge.send, StepMinibatch()))
        self.top.stopPressed.connect(partial(self.bridge.send, Stop()))
        self.top.workspaceSelected.connect(self.pages.setCurrentIndex)
        self.watch.statusChanged.connect(self._show_status)
        self.watch.settings.designEdited.connect(self.prepare)
        self.watch.settings.learningRateEdited.connect(self._set_learning_rate)
        self.watch.settings.openRequested.connect(self.choose_data)
        self.watch.settings.builtinRequested.connect(self.open_builtin)
        self.selection.changed.connect(self._selection_changed)

    def _make_menu(self) -> None:
        menu = QMenu(self)
        self._add(menu, "Open data file…", self.choose_data, QKeySequence(QKeySequence.StandardKey.Open))
        self._add(menu, "Use the built-in digits", self.open_builtin)
        menu.addSeparator()
        themes = menu.addMenu("Theme")
        group = QActionGroup(themes)
        for mode, word in ((ThemeMode.SYSTEM, "Like the system"), (ThemeMode.LIGHT, "Light"), (ThemeMode.DARK, "Dark")):
            action = themes.addAction(word)
            action.setCheckable(True)
            action.setChecked(current_theme().mode is mode)
            action.triggered.connect(partial(self.set_theme, mode))
            group.addAction(action)
        self._add(menu, "Switch light and dark", self.toggle_theme, QKeySequence("Ctrl+T"))
        menu.addSeparator()
        self._add(menu, "About convviz", self.about)
        quit_keys = QKeySequence(QKeySequence.StandardKey.Quit)
        self._add(menu, "Quit", self.close, quit_keys if not quit_keys.isEmpty() else QKeySequence("Ctrl+Q"))
        self.top.menu.setMenu(menu)
        opener = QShortcut(QKeySequence("Alt+M"), self)
        opener.activated.connect(self.top.menu.showMenu)
        self.top.menu.setToolTip("Menu (Alt+M)")

    def _add(self, menu: QMenu, word: str, call, keys: QKeySequence | None = None) -> QAction:
        action = menu.addAction(word)
        action.triggered.connect(lambda _checked=False: call())
        if keys is not None:
            action.setShortcut(keys)
            self.addAction(action)
        return action

    def _restore(self) -> None:
        self.resize(1440, 900)
        geometry = self._settings.value("window/geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)

    @property
    def design(self) -> Design:
        """The design that the network was made for."""
        return self._design

    # --- actions -----------------------------------------------------------------------------------------------

    def start(self, design: Design | None = None, data: DataChoice | None = None) -> None:
        """Start the session's thread and make the first network."""
        self.bridge.start()
        self.prepare(design or self._design, data or self._data)

    def prepare(self, design: Design, data: DataChoice | None = None) -> None:
        """Make an untrained network for a design; with ``data`` open that first."""
        self.message.hide()
        self.bridge.send(Prepare(design, data))

    def choose_data(self) -> None:
        """Ask for a data file and open it."""
        folder = str(self._settings.value("data/folder", str(Path.home())))
        name, _ = QFileDialog.getOpenFileName(
            self, "Open a data set", folder, "HDF5 data sets (*.h5 *.hdf5 *.hdf);;All files (*)"
        )
        if name:
            self.open_file(Path(name))

    def open_file(self, path: Path) -> None:
        """Open a data file; the network stays if its images fit."""
        self._settings.setValue("data/folder", str(path.parent))
        self.prepare(without_sizes(self._design), data_file(path, self._design))

    def open_builtin(self) -> None:
        """Use the built-in digits."""
        self.prepare(without_sizes(self._design), builtin_digits())

    def set_theme(self, mode: ThemeMode, *_: object) -> None:
        """Be light, dark, or like the system."""
        current_theme().set_mode(mode)
        self._settings.setValue("window/theme", str(mode))

    def toggle_theme(self) -> None:
        """From light to dark and back."""
        self.set_theme(ThemeMode.LIGHT if current_theme().dark else ThemeMode.DARK)

    def about(self) -> None:
        """Say what this is."""
        box = QMessageBox(self)
        box.setWindowTitle("About convviz")
        box.setText(f"<b>convviz {__version__}</b>")
        box.setInformativeText(
            "A debugger for convolutions. Every number on screen comes from an array that its own NumPy trainer "
            "computed."
        )
        box.open()

    def _train_pressed(self) -> None:
        command: Command = Train()
        if self.state is State.RUNNING:
            command = Pause()
        elif self.state is State.PAUSED:
            command = Resume()
        self.bridge.send(command)

    def _set_learning_rate(self, rate: float) -> None:
        self._design = self.watch.settings.edited_design()
        self.bridge.send(SetLearningRate(rate))

    def _selection_changed(self, new: Selection, before: Selection) -> None:
        if (new.split, new.sample) != (before.split, before.sample):
            self.bridge.send(Watch(new.split, new.sample))
            self.session.want_snapshot()

    # --- messages of the session -------------------------------------------------------------------------------

    def _take_messages(self, messages: list[Message]) -> None:
        for message in messages:
            match message:
                case MinibatchDone():
                    self.position = message.position
                    self._evaluating = ""
                    self._pace.add(message.images, time.monotonic())
                    self.history.minibatches.add(message.position.step, message.loss, message.accuracy)
                case Evaluating():
                    self._evaluating = f"evaluating {message.split} {100 * message.done // message.total} %"
                case EpochDone():
                    self._evaluating = ""
                    self.history.epochs.add(
                        message.position.step,
                        message.loss,
                        message.train_loss,
                        message.train_accuracy,
                        message.test_loss,
                        message.test_accuracy,
                    )
                case StateChanged():
                    self._state_changed(message.state)
                case Prepared():
                    self._prepared(message)
                case RunStarted():
                    self.history.clear()
                    self._pace = Pace()
                    self.position = message.position
                case RunEnded():
                    self.position = message.position
                    self._evaluating = "finished" if message.finished else "stopped"
                    self.watch.show_curves()
                case Failed():
                    self.message.say(message.reason, "error")
                    if self.state is State.IDLE:
                        self.watch.settings.say("")
                case Busy():
                    self._busy = message.what
        self._show_facts()

    def _prepared(self, message: Prepared) -> None:
        self._design = message.design
        self.position = Position(0, 0, 0, 0, 0)
        self._evaluating = ""
        self.history.clear()
        self.watch.reset_scales()
        self.watch.show_curves()
        self.watch.set_design(message.design, message.data_name, len(message.train), len(message.test))
        sizes = message.design.training
        n_train, n_test = sizes.train_size or len(message.train), sizes.test_size or len(message.test)
        self.top.set_subject(message.design.name, f"{message.data_name} {n_train:,} / {n_test:,}")
        sample = min(self.selection.value.sample, n_test - 1)
        self.selection.select(sample=sample)

    def _state_changed(self, state: State) -> None:
        self.state = state
        self.top.set_state(state)
        self.watch.settings.set_running(state in (State.RUNNING, State.PAUSED))
        if state is State.RUNNING:
            self.message.hide()
            self._pace.resume(time.monotonic())
        else:
            self.watch.show_curves()

    def _show_facts(self) -> None:
        p = self.position
        if self._busy:
            self.top.set_facts(f"{self._busy} …", 0.0)
        elif p.epoch == 0:
            self.top.set_facts("untrained", 0.0)
        else:
            parts = [f"epoch {p.epoch} / {p.epochs}", f"step {count(p.step)} / {count(p.steps)}"]
            if self._evaluating:
                parts.append(self._evaluating)
            elif self.state is State.RUNNING:
                parts.append(f"{count(self._pace.rate())} img/s")
            if self.state is State.RUNNING:
                parts.append(f"{duration(self._pace.left(p))} left")
            elif self.state is State.PAUSED:
                parts.append("paused")
            self.top.set_facts("   ".join(parts), p.step / p.steps if p.steps else 0.0)
        self._show_status("")

    def _show_status(self, text: str) -> None:
        chosen = self.selection.value
        p = self.position
        self.status.set_status(
            [
                text or f"{chosen.split} image {chosen.sample}",
                f"epoch {p.epoch}, step {count(p.step)}" if p.epoch else "untrained",
            ],
            ["scales: each picture's own, held over time, growing only"],
        )

    # --- Qt ----------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.open_file(Path(event.mimeData().urls()[0].toLocalFile()))

    def closeEvent(self, event: QCloseEvent) -> None:
        self._settings.setValue("window/geometry", self.saveGeometry())
        self._settings.sync()
        self.bridge.close()
        super().closeEvent(event)

    def changeEvent(self, event) -> None:
        super().changeEvent(event)
        if hasattr(self, "bridge"):
            self.bridge.set_wanting(not (self.windowState() & Qt.WindowState.WindowMinimized))


def without_sizes(design: Design) -> Design:
    """The design for another data set: all of its images."""
    from msgspec.structs import replace

    return replace(design, training=replace(design.training, train_size=None, test_size=None))
