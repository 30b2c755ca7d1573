"""Design files: open, save, recent files, copy and paste as text, and the question about unsaved changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QFileDialog, QWidget

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.gui.files.recent import RecentFiles
from convviz.gui.run_model.design_document import DesignDocument
from convviz.gui.widgets.messages.question import Answer, ask_to_save
from convviz.plurals import capital
from convviz.storage.designs import load_design, read_design, save_design, write_design

FILTER = "convviz designs (*.toml);;All files (*)"
Say = Callable[[str, str], None]


class DesignFiles(QObject):
    """The actions on a design as a whole.

    Parameters
    ----------
    document : DesignDocument
    window : QWidget
        Parent of the dialogs.
    settings : QSettings, optional
        Recent files are stored here.
    say : callable
        Shows a sentence and its kind (``error``, ``success``).

    Attributes
    ----------
    actions : dict of str to QAction
        ``new``, ``save``, ``save_as``, ``copy``, ``paste``: for the window's menu.
    opened : Signal()
        The design was replaced by a new one, one from a file, or a pasted one.
    """

    opened = Signal()

    def __init__(self, document: DesignDocument, window: QWidget, settings: QSettings | None, say: Say) -> None:
        super().__init__(window)
        self._document = document
        self._window = window
        self._say = say
        self.recent = RecentFiles(settings)
        self.actions: dict[str, QAction] = {}
        for name, text, keys, act in (
            ("new", "New design", "Ctrl+N", self.new),
            ("save", "Save design", "Ctrl+S", self.save),
            ("save_as", "Save design as…", "Ctrl+Shift+S", self.save_as),
            ("copy", "Copy design as text", "Ctrl+Shift+C", self.copy),
            ("paste", "Paste design from text", "Ctrl+Shift+V", self.paste),
        ):
            action = QAction(text, self)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(act)
            self.actions[name] = action

    def mark(self) -> str:
        """Text after the design's name: its file, and whether it has unsaved changes."""
        path, changed = self._document.path, self._document.is_modified
        parts = [path.name if path is not None else "", "unsaved changes" if changed else ""]
        return "  ·  ".join(part for part in parts if part)

    # --- files -------------------------------------------------------------------------------------------------

    def new(self) -> None:
        """Start a design without layers, for the same kind of images; undo restores the previous design."""
        now = self._document.design
        self._document.replace(Design(input=now.input, classes=now.classes), "new design")
        self.opened.emit()

    def open_asking(self, path: Path) -> bool:
        """Open a file, after asking about unsaved changes."""
        return self.confirm_discard() and self.open_path(path)

    def open_path(self, path: Path) -> bool:
        """Open a file; if that fails, nothing changes, and a sentence says why."""
        try:
            design = load_design(path)
        except DesignError as error:
            self._say(str(error), "error")
            return False
        self._document.replace(design, f"open {path.name}", path)
        self.recent.add(path)
        self._say("", "error")
        self.opened.emit()
        return True

    def save(self) -> bool:
        """Save to the file it came from, or ask for one."""
        path = self._document.path
        return self.save_as() if path is None else self.save_path(path)

    def save_as(self) -> bool:
        """Ask for a file and save to it."""
        start = self._document.path or self.recent.folder() / f"{self._document.design.name or 'design'}.toml"
        name, _ = QFileDialog.getSaveFileName(self._window, "Save the design", str(start), FILTER)
        if not name:
            return False
        path = Path(name)
        return self.save_path(path if path.suffix else path.with_suffix(".toml"))

    def save_path(self, path: Path) -> bool:
        """Save to a file atomically."""
        try:
            save_design(self._document.design, path)
        except DesignError as error:
            self._say(str(error), "error")
            return False
        self._document.mark_saved(path)
        self.recent.add(path)
        self._say(f"Saved the design to {path.name}.", "success")
        return True

    # --- text --------------------------------------------------------------------------------------------------

    def copy(self) -> None:
        """Put the design on the clipboard as text."""
        QGuiApplication.clipboard().setText(write_design(self._document.design))
        self._say("The design is on the clipboard as text: paste it into a handout, a message, or here.", "success")

    def paste(self) -> bool:
        """Open the design on the clipboard; undo restores the previous one."""
        try:
            design = read_design(QGuiApplication.clipboard().text(), "the clipboard")
        except DesignError as error:
            self._say(f"Nothing was pasted. {capital(str(error))}", "error")
            return False
        self._say("", "error")
        self._document.replace(design, "paste a design")
        self.opened.emit()
        return True

    # --- unsaved changes ---------------------------------------------------------------------------------------

    def confirm_discard(self) -> bool:
        """Ask whether to save unsaved changes, if there are any; False means that the user wants to stay."""
        if not self._document.is_modified:
            return True
        answer = self.ask_about_changes()
        if answer is Answer.SAVE:
            return self.save()
        return answer is Answer.DISCARD

    def ask_about_changes(self) -> Answer:
        """Ask about unsaved changes; a separate method so that tests can replace it."""
        return ask_to_save(
            self._window,
            f"Save the changed design {self._document.design.name or 'untitled'}?",
            "The design is the network and its settings. What was trained is kept either way.",
            save="Save" if self._document.path is not None else "Save…",
        )
