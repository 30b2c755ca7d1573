"""The list of recorded runs: open one, go on with it, keep it, name it, delete it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QSize, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QInputDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from convviz.files.cancel import Cancelled
from convviz.gui.files.run_files import RunFiles
from convviz.gui.run_model.background import Background
from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.labels import Heading, Note, ThemedLabel
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.gui.widgets.messages.question import Answer, Question, ask
from convviz.gui.window.runs.row import LINE, RunPainter
from convviz.present.recorded_runs import megabytes, run_line
from convviz.present.run_names import names_in_list
from convviz.present.words import counted
from convviz.storage.recording.catalogue import Catalogue, ListedRun
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.folder import MOST_BYTES, MOST_RUNS
from convviz.storage.recording.names import short_name
from convviz.storage.recording.notes import RunNotes, RunRemarks

WIDTH, HEIGHT, EDGE = 860, 620, 60
RUN = Qt.ItemDataRole.UserRole + 1
ABOUT = (
    f"Every run of the window is recorded. Beyond {MOST_RUNS} runs or {MOST_BYTES >> 30} GB the oldest go; "
    "those that you rename stay."
)
NONE = "Nothing is recorded yet: Train begins the first run."
OPEN_HERE = "is the run that is open here: Keep as… copies it under a name of yours."


class RunsDialog(QDialog):
    """The list. It blocks nothing; Esc closes it, Enter opens a run.

    Parameters
    ----------
    window : QWidget
    files : RunFiles
        Opens and keeps runs, and knows where they lie.
    """

    KEYS = FocusKeys("the list of recorded runs", {"Another run": ("Up", "Down"), "Open it": ("Return",)})

    def __init__(self, window: QWidget, files: RunFiles) -> None:
        super().__init__(window)
        self.setWindowTitle("Recorded runs")
        self.setAccessibleName("Recorded runs")
        self._window, self._files = window, files
        self._catalogue = Catalogue()
        self._looking = Background("convviz-runs", self)
        self._looking.done.connect(self._show)
        self._names: dict[Path, str] = {}
        """Of the listed runs."""
        self._chosen: Path | None = None
        """The run to select once the list is read again."""
        self.message = InlineMessage()
        self.list = QListWidget()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setAccessibleName("Recorded runs")
        self.list.setItemDelegate(RunPainter(self.list))
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemDoubleClicked.connect(self.open_run)
        self.list.currentItemChanged.connect(self._enable)
        self.empty = ThemedLabel("", token="muted", size=13)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.total = ThemedLabel("", token="muted", size=12)
        self.open_button = Button("Open", kind="primary", tip="Open it as if it had just been stopped (Enter)")
        self.go_on_button = Button("Resume", tip="Open it and train on from its end")
        self.keep_button = Button("Keep as…", tip="Copy it to a file")
        self.rename_button = Button("Rename…", tip="Give it a name of yours: it is never removed by itself then")
        self.delete_button = Button("Delete…", kind="quiet", tip="Remove its recording from the disk")
        self.open_button.clicked.connect(self.open_run)
        self.go_on_button.clicked.connect(self._go_on)
        self.keep_button.clicked.connect(self._keep)
        self.rename_button.clicked.connect(self._rename)
        self.delete_button.clicked.connect(self._delete)
        files.changed.connect(self._changed)
        current_theme().changed.connect(self.list.viewport().update)
        self._lay_out()

    def _lay_out(self) -> None:
        close = Button("Close", tip="Close the list (Esc)")
        close.clicked.connect(self.close)
        top = QHBoxLayout()
        top.addWidget(Heading("Recorded runs"))
        top.addStretch()
        top.addWidget(close)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.total)
        foot.addStretch()
        buttons = (self.delete_button, self.rename_button, self.keep_button, self.go_on_button, self.open_button)
        for one in buttons:
            one.setAutoDefault(False)
            foot.addWidget(one)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(Note(ABOUT))
        column.addWidget(self.message)
        column.addWidget(self.list, 1)
        column.addWidget(self.empty, 1)
        column.addLayout(foot)

    # --- showing -----------------------------------------------------------------------------------------------

    def open_list(self) -> None:
        """Read the list again, and show it in the middle of the window."""
        if self.isHidden():
            size = self._window.size()
            self.resize(QSize(min(WIDTH, size.width() - EDGE), min(HEIGHT, size.height() - EDGE)))
            self.move(self._window.geometry().center() - self.rect().center())
            self.message.say("")
        self.show()
        self.raise_()
        self.activateWindow()
        self.look()

    def look(self) -> None:
        """Read the facts about the runs, in a thread."""
        if not self.list.count():
            self._say_empty("Looking for recorded runs …")
        catalogue, paths, folder = self._catalogue, self._files.paths, self._files.folder

        def work(_cancelled: Cancelled) -> object:
            runs = sorted(catalogue.of(paths()), key=lambda run: run.created, reverse=True)
            return tuple(runs), {} if folder is None else RunNotes(folder.path).marks

        self._looking.start(work)

    @property
    def runs(self) -> tuple[ListedRun, ...]:
        """The runs of the list, in order."""
        return tuple(self.list.item(row).data(RUN) for row in range(self.list.count()))

    @property
    def run(self) -> ListedRun | None:
        """The run that is selected."""
        item = self.list.currentItem()
        found = None if item is None else item.data(RUN)
        return found if isinstance(found, ListedRun) else None

    @Slot(object)
    def _show(self, found: tuple[tuple[ListedRun, ...], dict[str, RunRemarks]]) -> None:
        runs, marks = found
        names = self._names = names_in_list(runs, marks)
        by_id = {run.id: names[run.path] for run in runs if run.id}
        before = self._chosen or (self.run.path if self.run is not None else None)
        self._chosen = None
        self.list.clear()
        for run in runs:
            line = run_line(run, None, names, by_id.get(run.parent.id, "") if run.parent is not None else "")
            item = QListWidgetItem()
            item.setData(LINE, line)
            item.setData(RUN, run)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, line.says)
            item.setToolTip(run.problem or str(run.path))
            self.list.addItem(item)
            if run.path == before:
                self.list.setCurrentItem(item)
        if runs and self.list.currentItem() is None:
            self.list.setCurrentRow(0)
        self._say_empty("" if runs else NONE)
        total = sum(run.nbytes for run in runs)
        self.total.setText(f"{counted(len(runs), 'run')}, {megabytes(total)}" if runs else "")
        if not self.message.isVisible():
            self.list.setFocus()
        self._enable()

    def _say_empty(self, words: str) -> None:
        self.empty.setText(words)
        self.empty.setVisible(bool(words))
        self.list.setVisible(not words)

    def _enable(self, *_: object) -> None:
        run = self.run
        can_open = run is not None and not run.problem
        ours = run is not None and self._files.is_ours(run.path)
        self.open_button.setEnabled(can_open)
        self.keep_button.setEnabled(can_open)
        self.go_on_button.setEnabled(
            run is not None and can_open and run.step < run.steps and run.ended not in ("running", "failed")
        )
        self.rename_button.setEnabled(can_open and ours)
        self.delete_button.setEnabled(ours)

    def _changed(self) -> None:
        if self.isVisible():
            self.look()

    # --- what the user does --------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.list.hasFocus():
            self.open_run()
        else:
            super().keyPressEvent(event)

    def open_run(self, *_: QListWidgetItem | QModelIndex | bool) -> None:
        """Open the run that is selected."""
        if self.run is not None and not self.run.problem:
            self.close()
            self._files.open_path(self.run.path)

    def _go_on(self) -> None:
        if self.run is not None:
            self.close()
            self._files.open_path(self.run.path, go_on=True)

    def _keep(self) -> None:
        if self.run is not None:
            self._files.keep(self.run.path)

    def _rename(self) -> None:
        run = self.run
        if run is None or self._refuse_open(run):
            return
        name = self.ask_name(short_name(run.path, run.name))
        folder = self._files.folder
        if not name or folder is None:
            return
        try:
            self._chosen = folder.rename(run.path, name)
            notes = RunNotes(folder.path)
            if notes.marks.get(run.id, RunRemarks()).name:
                notes.set(run.id, name="")  # one name: the latest
        except RecordingError as error:
            self.message.say(str(error), "error")
            return
        self.message.say("")
        self.look()

    def ask_name(self, name: str) -> str:
        """Ask for a name; empty if there is none. A method of its own so that a test can answer."""
        found, given = QInputDialog.getText(
            self,
            "Rename the run",
            "A run with a name of yours is never removed by itself.",
            QLineEdit.EchoMode.Normal,
            name,
        )
        return found.strip() if given else ""

    def _delete(self) -> None:
        run, folder = self.run, self._files.folder
        if run is None or folder is None or self._refuse_open(run):
            return
        line = run_line(run, None, self._names)
        told = f"{line.says}. Its recording is removed from the disk."
        answers = {Answer.DISCARD: "Delete", Answer.CANCEL: "Cancel"}
        if self.ask(Question(f"Delete the run {line.title}?", told, answers, self)) is not Answer.DISCARD:
            return
        try:
            folder.remove(run.path)
        except RecordingError as error:
            self.message.say(str(error), "error")
            return
        self.message.say("")
        self.look()

    def ask(self, question: Question) -> Answer:
        """Ask a question; a method of its own so that a test can answer."""
        return ask(question)

    def _refuse_open(self, run: ListedRun) -> bool:
        """Whether it is the run that is open here; says so if it is."""
        if not self._files.is_open(run.path):
            return False
        self.message.say(f"{self._names[run.path]} {OPEN_HERE}", "info")
        return True
