"""Choosing and opening data sets; a trained model is recognised and opened as one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Thread

from PySide6.QtCore import QObject, QSettings, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from convviz.core.design import Design
from convviz.data.errors import DataError
from convviz.data.importing.choices import change_words
from convviz.data.importing.recipe import Recipe
from convviz.data.importing.remembered import RememberedRecipes
from convviz.data.open import dialog_filter
from convviz.data.sources import BuiltinDigits, DataFile, DataSource, ImageSpec
from convviz.gui.files.downloads import Downloads
from convviz.gui.files.importing.dialog import ImportDialog
from convviz.gui.files.importing.reader import ImportReader, Looked
from convviz.gui.files.model_files import ModelFiles
from convviz.gui.run_model.edited_design import EditedDesign
from convviz.gui.run_model.follower import DesignFollower
from convviz.gui.run_model.run import RunModel
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.present.design.build_text import written_shape
from convviz.present.design.costs import costs
from convviz.present.design.edits import for_data
from convviz.present.words import counted
from convviz.run.commands import Identify
from convviz.run.messages import Failed, Identified, Prepared
from convviz.run.state import State

FOLDER = "data/folder"
"""Key in the settings."""
SAID = 12.0
"""Seconds for which a message about a change is shown."""


class DataFiles(QObject):
    """Opens data sets; the network stays if its images fit.

    Parameters
    ----------
    run : RunModel
    window : QWidget
        Parent of the dialogs.
    settings : QSettings
        The folder is stored here.
    models : ModelFiles
        Opens a file that turns out to be a trained model.
    follower : DesignFollower
    message : InlineMessage
        Is cleared when another data set is opened, and shows errors.
    edited : EditedDesign
        The design that data sets are opened for.
    remembered : Path, optional
        The file in which import choices are remembered; only in memory unless given.

    Attributes
    ----------
    downloads : Downloads
        Known sets.
    recent : RecentFiles
        Data sets that were opened last.
    dialog : ImportDialog or None
        The question about a file, while it is asked.
    """

    def __init__(
        self,
        run: RunModel,
        window: QWidget,
        settings: QSettings,
        *,
        models: ModelFiles,
        follower: DesignFollower,
        message: InlineMessage,
        edited: EditedDesign,
        remembered: Path | None = None,
    ) -> None:
        super().__init__(window)
        self._run, self._window, self._settings = run, window, settings
        self._models, self._follower, self._message = models, follower, message
        self._edited = edited
        self._opened: Path | None = None
        """The file that was requested last."""
        self._opened_name = ""
        self._remembered = RememberedRecipes(remembered)
        self.downloads = Downloads(parent=self)
        self.recent = models.known_data
        self._reader: ImportReader | None = None
        self.dialog: ImportDialog | None = None
        self._said_changes = ""
        """The message once the file is open."""
        self.downloads.fetched.connect(self._fetched)
        self.downloads.failed.connect(self._not_fetched)
        run.identified.connect(self._identified)
        follower.made.connect(self._made)
        run.failed.connect(self._failed)

    def choose(self) -> None:
        """Ask for a file and open it."""
        folder = str(self._settings.value(FOLDER, str(Path.home())))
        name, _ = QFileDialog.getOpenFileName(self._window, "Open a data set", folder, dialog_filter())
        if name:
            self.open_path(name)

    def choose_folder(self) -> None:
        """Ask for a folder of pictures or of files that belong together, and open it."""
        folder = str(self._settings.value(FOLDER, str(Path.home())))
        name = QFileDialog.getExistingDirectory(self._window, "Open a folder", folder)
        if name:
            self.open_path(name)

    @Slot(str)
    def open_path(self, path: Path | str) -> None:
        """Open a file: as a trained model if it is one, else as a data set."""
        if self._message.kind == "error" and not self._message.action_buttons:
            self._message.say("")  # it was about another file; what offers a way out stays
        self._models.asked.emit()
        self._run.bridge.send(Identify(Path(path)))

    @Slot(str, object)
    def _fetched(self, _key: str, path: Path) -> None:
        self.open_path(path)

    @Slot(str, str)
    def _not_fetched(self, key: str, reason: str) -> None:
        title = next(one.title for one in self.downloads.known if one.key == key)
        again: dict[str, Callable[[], object]] = {"Try again": partial(self.downloads.start, key)}
        self._message.say(f"{title} can't be fetched: {reason}.", "error", again)

    def open_builtin(self) -> None:
        """Use the built-in digits, if the network takes such images; otherwise offer to change it."""
        design = self._edited.design
        like, digits = ImageSpec.of(design), BuiltinDigits.like
        if like.shape == digits.shape and like.classes >= digits.classes:
            self._open(design, BuiltinDigits())
            return
        changed = for_data(design, digits.shape, digits.classes if like.classes < digits.classes else None)
        ways: dict[str, Callable[[], object]] = {}
        if costs(changed).valid:
            ways[f"Change the network to {written_shape(digits.shape)}"] = partial(self._use_builtin, changed)
        own, wanted = written_shape(digits.shape), written_shape(like.shape)
        taken = f"{wanted} and {like.classes} classes" if like.classes < digits.classes else wanted
        self._message.say(f"The built-in digits are {own}, ten classes; the network takes {taken}.", "info", ways)

    def _use_builtin(self, design: Design) -> None:
        self._edited.document.edit(design, "input for the built-in digits")
        self._open(design, BuiltinDigits())

    def _identified(self, message: Identified) -> None:
        path = message.path
        if message.is_recording or message.is_weights:
            return  # for RunFiles and WeightFiles
        if message.is_model or message.as_model:
            self._models.open_identified(message)
            return
        self._settings.setValue(FOLDER, str(path.parent))
        self.examine(path)

    def examine(self, path: Path, *, ask: bool = False) -> None:
        """Find out what a file holds: open it at once if that is sure and fits, otherwise ask.

        Parameters
        ----------
        path : Path
        ask : bool
            Ask anyway.
        """
        if self._reader is not None:
            self._reader.close()
        if self.dialog is not None:
            self.dialog.reject()
        self._opened = path
        reader = self._reader = ImportReader(path, ImageSpec.of(self._edited.design), self, known=self._remembered)
        if ask:
            self._ask(reader)
        else:
            reader.looked.connect(self._looked)
            reader.failed.connect(self._not_recognised)
        reader.start()

    @Slot(object)
    def _looked(self, seen: Looked) -> None:
        """Take the first look at a file; nothing is asked if no network is open."""
        reader, recipe = self._reader, seen.recognised.recipe
        if reader is None or self.sender() is not reader:
            return
        reader.looked.disconnect(self._looked)
        reader.failed.disconnect(self._not_recognised)
        fits = recipe.shape == reader.like.shape and recipe.classes <= reader.like.classes
        if seen.remembered and fits:
            self._end_reader()
            words = ", ".join(change_words(recipe)) or "no value is changed"
            self._said_changes = f"{reader.path.name}: opened as last time, {words}."
            self._open_as(reader.path, recipe)
            return
        if seen.preview is None or (seen.recognised.is_sure and fits and recipe.train[1] is not None):
            self._end_reader()
            changes = change_words(recipe)
            self._said_changes = f"{reader.path.name}: {', '.join(changes)}." if changes and seen.preview else ""
            self._open_file(reader.path)
            return
        self._ask(reader)
        assert self.dialog is not None
        self.dialog.show_looked(seen)

    @Slot(object)
    def _not_recognised(self, _error: DataError) -> None:
        """The session reports why, as for every file that can't be opened."""
        reader = self._reader
        if reader is not None and self.sender() is reader:
            self._end_reader()
            self._open_file(reader.path)

    def _ask(self, reader: ImportReader) -> None:
        self.dialog = ImportDialog(reader, self._fault_of, self._window)
        self.dialog.imported.connect(self._imported)
        self.dialog.finished.connect(self._asked)
        self.dialog.open()

    def _asked(self) -> None:
        self.dialog = None
        self._end_reader()

    def _end_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _imported(self, recipe: Recipe) -> None:
        """Open a file as the user chose, with a network that takes it."""
        path, design = self._opened, self._edited.design
        if path is None:
            return
        changed = self._for_recipe(recipe)
        if changed != design:
            self._edited.document.edit(changed, f"input for {recipe.name}")
        # Written in a separate thread: a disk can be slow.
        Thread(target=self._remembered.add, args=(path, recipe), name="convviz-remember", daemon=True).start()
        self._open_as(path, recipe)

    def _open_as(self, path: Path, recipe: Recipe) -> None:
        design = self._edited.design
        self._open(design, DataFile(path, ImageSpec.of(design), recipe), path)

    def _for_recipe(self, recipe: Recipe) -> Design:
        design = self._edited.design
        like = ImageSpec.of(design)
        shape = recipe.shape if recipe.shape != like.shape else None
        return for_data(design, shape, recipe.classes if recipe.classes > like.classes else None)

    def _fault_of(self, recipe: Recipe) -> str:
        changed = self._for_recipe(recipe)
        if changed == self._edited.design:
            return ""
        error = costs(changed).error
        return "" if error is None else f"The network can't take these images: {error}"

    def _open_file(self, path: Path) -> None:
        design = self._edited.design
        self._open(design, DataFile(path, ImageSpec.of(design)), path)

    def _open(self, design: Design, data: DataSource, path: Path | None = None) -> None:
        self._message.say("")
        self._opened, self._opened_name = path, data.name
        if path is not None:
            self._models.known_data.add(path)
        self._follower.open(design, data)

    def _made(self, message: Prepared) -> None:
        """A file was opened without a question: say what was changed."""
        said, self._said_changes = self._said_changes, ""
        path = self._opened
        if said and path is not None and message.data_name == self._opened_name:
            ways: dict[str, Callable[[], object]] = {"Choose otherwise…": partial(self.examine, path, ask=True)}
            self._message.say(said, "info", ways, seconds=SAID)

    def _failed(self, message: Failed) -> None:
        self._said_changes = ""
        if message.diverged:
            return  # the run failed, not a file
        ways: dict[str, Callable[[], object]] = {}
        if (message.fits is not None or message.classes is not None) and self._opened is not None:
            changed = for_data(self._edited.design, message.fits, message.classes)
            says = [written_shape(message.fits)] if message.fits is not None else []
            says += [counted(message.classes, "class", "classes")] if message.classes is not None else []
            if costs(changed).valid:
                ways[f"Change the network to {', '.join(says)}"] = partial(self._change, changed, self._opened)
        if self._run.state is State.EMPTY:
            ways["Use the built-in digits"] = self.open_builtin
        self._message.say(message.reason, "error", ways)

    def _change(self, design: Design, path: Path) -> None:
        """Change the design's input to a file's images, and open the file."""
        self._edited.document.edit(design, f"input for {path.name}")
        self._open(design, DataFile(path, ImageSpec.of(design)), path)
