"""The window: assembly only. What happens is in the workspaces, the run and the session."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMenu, QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from convviz import __version__
from convviz.core.design import Design
from convviz.gui.opening import builtin_digits, data_file, fits_toy, toy_images, without_sizes
from convviz.gui.panels.top_bar import TopBar
from convviz.gui.run import Run
from convviz.gui.state import Selection, SelectionModel
from convviz.gui.theme import ThemeMode, current_theme
from convviz.gui.widgets.inline_message import InlineMessage
from convviz.gui.widgets.status_line import StatusLine
from convviz.gui.workspaces.watch import WatchWorkspace
from convviz.present.edits import live_only
from convviz.storage.presets import preset
from convviz.training.commands import (
    Adopt,
    DataChoice,
    Inspect,
    Pause,
    SetLearningRate,
    SetWeights,
    StepMinibatch,
    Stop,
    Train,
    Watch,
)
from convviz.training.messages import Inspected, Prepared, State

if TYPE_CHECKING:
    from convviz.gui.workspaces.build.workspace import BuildWorkspace
    from convviz.gui.workspaces.step.workspace import StepWorkspace

BUILD, STEP, WATCH = range(3)
WORKSPACES = (
    ("Build", "What network, on what data, with what settings? (Ctrl+1)"),
    ("Step", "One forward and backward pass, number by number (Ctrl+2)"),
    ("Watch", "What happens while it learns (Ctrl+3)"),
)
RESTART = "End this run and train the edited design from the start"
FIRST = "course-7x7"
"""Preset that a fresh window shows."""
SETTLE_MS = 350
"""So long after the last edit of the design the network is made anew."""


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
        self.run = Run(threads, self)
        self.selection = SelectionModel(self)
        self.build: BuildWorkspace | None = None
        self.step: StepWorkspace | None = None
        self._said: dict[int, str] = {}
        self._data: DataChoice = builtin_digits()
        """Data set to go back to after the toy images."""
        self._train_when_prepared = False
        self._looked_at = ("test", 0)
        """Image of Watch that Step was last sent to."""
        self._wanted: Design | None = None
        """Design of Build that the session does not have yet."""
        self.top = TopBar(WORKSPACES)
        self.status = StatusLine()
        self.message = InlineMessage()
        self.watch = WatchWorkspace(self.selection, self.run.history)
        self.pages = QStackedWidget()
        for _ in (BUILD, STEP):
            self.pages.addWidget(QWidget())
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
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._prepare_wanted)
        self._connect()
        self._make_menu()
        self._restore()
        self.go_to(WATCH)

    # --- assembly ----------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        run, top, watch = self.run, self.top, self.watch
        run.bridge.snapshotArrived.connect(watch.show_snapshot)
        run.stateChanged.connect(self._state_changed)
        run.prepared.connect(self._prepared)
        run.failed.connect(self._failed)
        run.progressed.connect(self._show_progress)
        run.held.connect(watch.show_curves)
        run.inspected.connect(self._inspected)
        top.trainPressed.connect(self._train_pressed)
        top.stepPressed.connect(self._step_pressed)
        top.restartPressed.connect(self._restart_pressed)
        top.stopPressed.connect(partial(run.bridge.send, Stop()))
        top.workspaceSelected.connect(self.go_to)
        watch.statusChanged.connect(partial(self._say, WATCH))
        watch.settings.designEdited.connect(self._edited_in_watch)
        watch.settings.learningRateEdited.connect(self._rate_edited_in_watch)
        watch.settings.faultChanged.connect(self._show_buttons)
        watch.settings.openRequested.connect(self.choose_data)
        watch.settings.builtinRequested.connect(self.open_builtin)
        self.selection.changed.connect(self._selection_changed)
        for number in range(len(WORKSPACES)):
            QShortcut(QKeySequence(f"Ctrl+{number + 1}"), self).activated.connect(partial(self.go_to, number))

    def _make_workspaces(self) -> None:
        """Build and Step, once the window is on the screen."""
        if self.build is not None:
            return
        from convviz.gui.workspaces.build.workspace import BuildWorkspace
        from convviz.gui.workspaces.step.workspace import StepWorkspace

        self.build = BuildWorkspace(current_theme(), settings=self._settings)
        self.step = StepWorkspace(current_theme())
        self.build.set_design(self.run.design)
        self.build.designChanged.connect(self._design_changed)
        self.build.openDataRequested.connect(self.choose_data)
        self.build.dataDropped.connect(lambda name: self.open_file(Path(name)))
        self.build.statusChanged.connect(partial(self._say, BUILD))
        self.step.statusChanged.connect(partial(self._say, STEP))
        for place, page in ((BUILD, self.build), (STEP, self.step)):
            blank = self.pages.widget(place)
            self.pages.insertWidget(place, page)
            if blank is not None:
                self.pages.removeWidget(blank)
                blank.deleteLater()
        self._tell_build_the_data()
        self.go_to(self.top.switch.index)
        self.ready.emit()

    def _make_menu(self) -> None:
        menu = QMenu(self)
        self._add(menu, "Open data file…", self.choose_data, QKeySequence("Ctrl+Shift+O"))
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
        QShortcut(QKeySequence("Alt+M"), self).activated.connect(self.top.menu.showMenu)

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

    # --- actions -----------------------------------------------------------------------------------------------

    def start(self, design: Design | None = None, data: DataChoice | None = None) -> None:
        """Start the session's thread, make the first network, then the other workspaces."""
        self.run.design = design or preset(FIRST)
        self.run.bridge.start()
        self.run.prepare(self.run.design, data or builtin_digits())
        QTimer.singleShot(0, self._make_workspaces)

    def go_to(self, number: int) -> None:
        """Show a workspace. Going to Step holds the training, as a debugger does."""
        self.top.switch.set_index(number)
        self.pages.setCurrentIndex(number)
        self.run.bridge.set_wanting(number == WATCH)
        if number == STEP and self.step is not None:
            if self.run.state is State.RUNNING:
                self.run.bridge.send(Pause())
                self.message.say("Training is held while you step through a pass; Resume goes on.", "info")
            self.run.bridge.send(Inspect())
        if number == WATCH:
            self.run.session.want_snapshot()
            self.watch.show_curves()
        self._show_status()

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
        design = self._design()
        self._open(design, data_file(path, design))

    def open_builtin(self) -> None:
        """Use the built-in digits."""
        self._open(self._design(), builtin_digits())

    def _design(self) -> Design:
        """The design being edited."""
        return self.build.design() if self.build is not None else self.run.design

    def _open(self, design: Design, data: DataChoice) -> None:
        self.message.say("")
        self._wanted = None
        self._data = data
        self.run.prepare(without_sizes(design), data)

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
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("About convviz")
        box.setText(f"<b>convviz {__version__}</b>")
        box.setInformativeText(
            "A debugger for convolutions. Every number on screen comes from an array that its own NumPy trainer "
            "computed."
        )
        box.open()

    def _train_pressed(self) -> None:
        self.watch.settings.commit()
        if not self.top.train.isEnabled():
            return  # what was being typed can't be trained
        if self._wanted is not None:
            self._prepare_wanted()
        if self.pages.currentIndex() == BUILD:
            self.go_to(WATCH)
        if self.run.state is not State.RUNNING:
            self._take_over_edits()
        self.run.toggle()

    def _step_pressed(self) -> None:
        self.watch.settings.commit()
        if self.top.step.isEnabled():
            self._take_over_edits()
            self.run.bridge.send(StepMinibatch())

    def _restart_pressed(self) -> None:
        """End this run and train the edited design."""
        self._train_when_prepared = True
        self.run.bridge.send(Stop())

    def _take_over_edits(self) -> None:
        """Weights that were changed in Step are what training goes on with."""
        walk = self.step.run if self.step is not None else None
        if walk is None or self.pages.currentIndex() != STEP:
            return
        names = {edit.name for edit in walk.edits} & set(walk.program.parameters)
        if names:
            self.run.bridge.send(SetWeights({name: np.array(walk.env[name]) for name in names}))
            self.message.say(f"Training goes on with the changed {', '.join(sorted(names))}.", "info")

    # --- the design --------------------------------------------------------------------------------------------

    def _design_changed(self, design: Design, valid: bool) -> None:
        """Build has another design: the network follows when the edits have settled, or when the run has ended."""
        if design == self.run.design:
            self._wanted = None
        elif valid and self.run.state in (State.RUNNING, State.PAUSED) and live_only(self.run.design, design):
            self._wanted = None
            self.run.design = design
            self.run.bridge.send(Adopt(design))
            self._show_settings()
        else:
            self._wanted = design if valid else None
        if not valid and self.build is not None and self.build.document.costs.valid:
            self._fit_data_to(design)
        if self._wanted is not None and self.run.state not in (State.RUNNING, State.PAUSED):
            self._settle.start()
        self._show_buttons()

    def _fit_data_to(self, design: Design) -> None:
        """The toy preset brings its own images; a preset for larger ones brings the data set back."""
        if self.run.state in (State.RUNNING, State.PAUSED) or self.run.is_busy:
            return
        toy = self.run.data_name == toy_images().name
        if fits_toy(design) and not toy:
            self.run.prepare(design, toy_images())
        elif toy and not fits_toy(design):
            self.run.prepare(design, self._data)

    def _prepare_wanted(self) -> None:
        self._settle.stop()
        if self._wanted is not None and self.run.state not in (State.RUNNING, State.PAUSED):
            design, self._wanted = self._wanted, None
            self.run.design = design
            self.run.prepare(design)

    def _edited_in_watch(self, design: Design) -> None:
        if self.build is not None:
            self.build.document.edit(design, "settings")
        else:
            self.run.prepare(design)

    def _rate_edited_in_watch(self, rate: float) -> None:
        if self.build is not None:
            self.build.document.edit(self.watch.settings.edited_design(), "learning rate")
        else:
            self.run.bridge.send(SetLearningRate(rate))

    def _show_buttons(self, *_: object) -> None:
        valid = self.build is None or self.build.is_valid()
        waits = self._wanted is not None and self.run.state in (State.RUNNING, State.PAUSED)
        fault = self.watch.settings.fault() if valid else "Build has a fault to mend first"
        self.top.set_state(
            self.run.state,
            fault=fault,
            waits="End this run and train the edited design from the start" if waits else "",
        )

    def _selection_changed(self, new: Selection, before: Selection) -> None:
        if (new.split, new.sample) != (before.split, before.sample):
            self.run.bridge.send(Watch(new.split, new.sample))
            self.run.session.want_snapshot()
            self._show_status()

    # --- the run -----------------------------------------------------------------------------------------------

    def _prepared(self, message: Prepared) -> None:
        self.watch.reset_scales()
        sizes = message.design.training
        n_train, n_test = sizes.train_size or len(message.train), sizes.test_size or len(message.test)
        self.top.set_subject(message.design.name, f"{message.data_name} {n_train:,} / {n_test:,}")
        chosen = self.selection.value
        self.selection.select(sample=min(chosen.sample, (n_test if chosen.split == "test" else n_train) - 1))
        self._show_settings()
        if self.build is not None:
            if self._wanted is None and self.build.design() != message.design:
                self.build.document.edit(message.design, "data set")
            self._tell_build_the_data()
        if self.pages.currentIndex() == STEP:
            self.run.bridge.send(Inspect())
        if self._train_when_prepared:
            self._train_when_prepared = False
            self.run.bridge.send(Train())

    def _show_settings(self) -> None:
        run = self.run
        if run.train is not None and run.test is not None:
            self.watch.set_design(run.design, run.data_name, len(run.train), len(run.test))

    def _tell_build_the_data(self) -> None:
        run = self.run
        if self.build is None or run.train is None or run.test is None:
            return
        shape = run.train.images.shape
        sample = run.test.images[min(self.selection.value.sample, len(run.test) - 1)]
        classes = int(max(run.train.labels.max(), run.test.labels.max())) + 1
        image = (int(shape[1]), int(shape[2]), int(shape[3]))
        self.build.set_data(run.data_name, len(run.train), len(run.test), image, classes, np.asarray(sample))

    def _state_changed(self, state: State) -> None:
        active = state in (State.RUNNING, State.PAUSED)
        self._show_buttons()
        self.watch.settings.set_running(active)
        if self.build is not None:
            self.build.set_training(state is State.RUNNING)
        if state is State.RUNNING:
            self.message.say("")
        elif self.pages.currentIndex() == STEP:
            self.run.bridge.send(Inspect())
        if not active and self._wanted is not None:
            self._settle.start(0 if self._train_when_prepared else SETTLE_MS)

    def _failed(self, reason: str) -> None:
        self._train_when_prepared = False
        rescue = {"Use the built-in digits": self.open_builtin} if self.run.state is State.EMPTY else {}
        self.message.say(reason, "error", rescue)

    def _inspected(self, message: Inspected) -> None:
        run, chosen = self.run, self.selection.value
        split = run.test if chosen.split == "test" else run.train
        if self.step is None or split is None:
            return
        p = message.position
        where = f"epoch {p.epoch}, step {p.step:,}" if p.epoch else "untrained"
        self.step.set_pass_source(
            message.design, message.arrays, split.images, split.labels, chosen.split, where, step=p.step
        )
        if self._looked_at != (chosen.split, chosen.sample):
            self._looked_at = (chosen.split, chosen.sample)
            self.step.choose_image(min(chosen.sample, len(split) - 1))

    def _show_progress(self) -> None:
        self.top.set_facts(self.run.facts(), self.run.fraction)
        if self.pages.currentIndex() == WATCH:
            self._show_status()

    def _say(self, number: int, text: str) -> None:
        """A workspace names what it shows; only the one in front is quoted."""
        self._said[number] = text
        if number == self.pages.currentIndex():
            self._show_status()

    def _show_status(self) -> None:
        number = self.pages.currentIndex()
        text = self._said.get(number, "")
        if number == WATCH:
            chosen = self.selection.value
            left = [text or f"{chosen.split} image {chosen.sample}", self.run.where()]
            self.status.set_status(left, ["each picture has its own colour scale, which only grows"])
        else:
            self.status.set_status(text.split(" · "))

    # --- Qt ----------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.open_file(Path(event.mimeData().urls()[0].toLocalFile()))

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.build is not None:
            if not self.build.confirm_discard():
                event.ignore()
                return
            self.build.close_down()
        self._settings.setValue("window/geometry", self.saveGeometry())
        self._settings.sync()
        self.run.bridge.close()
        super().closeEvent(event)

    def changeEvent(self, event) -> None:
        super().changeEvent(event)
        if hasattr(self, "pages"):
            hidden = bool(self.windowState() & Qt.WindowState.WindowMinimized)
            self.run.bridge.set_wanting(not hidden and self.pages.currentIndex() == WATCH)
