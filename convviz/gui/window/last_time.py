"""What was open last time: remembered while the window is open, and offered at the next start in one line."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.data.sources import BuiltinDigits, DataFile, DataSource, ImageSpec, ToyImages
from convviz.data.toy import TOY_CLASSES
from convviz.gui.files.model_files import ModelFiles
from convviz.gui.files.run_files import RunFiles
from convviz.gui.run_model.edited_design import EditedDesign
from convviz.gui.run_model.follower import DesignFollower
from convviz.gui.run_model.run import RunModel
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.gui.window.workspace_stack import WorkspaceStack
from convviz.present.words import count
from convviz.run.commands import Remember
from convviz.run.messages import Prepared
from convviz.storage.designs import read_design, write_design
from convviz.storage.last_session import LastSession, SessionFolder
from convviz.storage.presets import preset, preset_names

KINDS: dict[type, str] = {BuiltinDigits: "builtin", ToyImages: "toy", DataFile: "file"}


class LastTime(QObject):
    """Remembers what was open, and opens it again.

    Parameters
    ----------
    folder : SessionFolder or None
        None remembers nothing.
    run : RunModel
    edited : EditedDesign
    follower : DesignFollower
        Opens the data where nothing was trained.
    models : ModelFiles
        Opens the kept network.
    runs : RunFiles
        Opens the run's recording instead, where there is one.
    stack : WorkspaceStack
    message : InlineMessage
    """

    def __init__(
        self,
        folder: SessionFolder | None,
        run: RunModel,
        edited: EditedDesign,
        *,
        follower: DesignFollower,
        models: ModelFiles,
        runs: RunFiles,
        stack: WorkspaceStack,
        message: InlineMessage,
    ) -> None:
        super().__init__(run)
        self._folder, self._run, self._edited = folder, run, edited
        self._follower, self._models, self._runs = follower, models, runs
        self._stack, self._message = stack, message
        self._offered: LastSession | None = None
        """The record on offer, until it is opened or dismissed."""
        self._taken: LastSession | None = None
        """The record that is being opened, until its network is here."""
        self._instead: Path | None = None
        """The network to open if the recording can't be."""
        run.failed.connect(self._failed)
        run.held.connect(self.remember)
        run.prepared.connect(self._prepared)

    def offer(self) -> bool:
        """Offer what was open last time, if that is known; returns whether it is."""
        last = self._offered = None if self._folder is None else self._folder.read()
        if last is not None:
            ways = {"Take it up": self.take_up, "Dismiss": self.dismiss}
            self._message.say(f"Last time: {words(last)}", "info", ways)
        return last is not None

    def dismiss(self) -> None:
        """Drop the offer; kept networks stay in the menu."""
        self._message.say("")
        self._offered = None
        if self._folder is not None:
            self._folder.forget()

    def take_up(self) -> None:
        """Open what was open last time, and go where the user was."""
        last, self._offered = self._offered, None
        if self._folder is None or last is None:
            return
        self._message.say("")
        self._taken = last
        network, recording = self._folder.network_of(last), Path(last.recording)
        self._instead = None
        if last.recording and recording.is_file():
            self._instead = network
            self._runs.open_path(recording, stays=True)  # it has the network, and how it was trained
        elif network is not None:
            self._models.open_path(network)
        else:
            self._take_up_untrained(last)
        if last.workspace in self._stack.titles:
            self._stack.go_to(self._stack.number_of(last.workspace))

    def remember(self) -> None:
        """Let the session write down what is open, if it is more than every start has."""
        run, document = self._run, self._edited.document
        # The last record is not overwritten by what every start opens.
        usual = isinstance(run.source, BuiltinDigits | ToyImages) or self._offered is not None
        if self._folder is None or not (run.is_trained or document.is_modified or not usual):
            return
        run.bridge.send(Remember(self._record()))

    def _record(self) -> LastSession:
        design, source = self._edited.design, self._run.source
        return LastSession(
            write_design(design),
            design.name,
            KINDS.get(type(source), "other"),  # type: ignore[arg-type]
            self._run.data_name,
            str(source.path.resolve()) if isinstance(source, DataFile) else "",
            self._stack.title,
        )

    def _take_up_untrained(self, last: LastSession) -> None:
        try:
            design = read_design(last.design, "the last session")
        except DesignError as error:
            self._message.say(str(error))
            return
        self._taken = None
        if is_preset(design):
            self._edited.document.replace(design, "take up the last session")
        else:  # treated as an unsaved edit: it is remembered again, and not replaced without a question
            self._edited.document.edit(design.named(), "take up the last session")
        source = source_of(last, ImageSpec.of(design))
        if source is not None:
            self._follower.open(design, source)

    def _failed(self, _: object) -> None:
        network, self._instead = self._instead, None
        if network is not None and self._taken is not None:
            self._models.open_path(network)

    def _prepared(self, message: Prepared) -> None:
        """The network is here: put back the edits that were waiting beside it."""
        last, self._taken, self._instead = self._taken, None, None
        if last is None or message.origin is None:
            return
        try:
            design = read_design(last.design, "the last session")
        except DesignError:
            return  # the network's own design is here
        if design.named() != message.design:
            self._edited.document.edit(design.named(), "take up the last session")


def source_of(last: LastSession, like: ImageSpec) -> DataSource | None:
    """The data set of a record; None where its images came from no file, or the file is gone."""
    if last.data == "builtin":
        return BuiltinDigits()
    if last.data == "toy":
        return ToyImages() if like.classes >= TOY_CLASSES else None
    path = Path(last.data_path)
    return DataFile(path, like) if last.data == "file" and path.exists() else None


def is_preset(design: Design) -> bool:
    """Whether a design is the preset of its name, unchanged."""
    return design.name in preset_names() and preset(design.name).named() == design.named()


def is_edited(last: LastSession) -> bool:
    """Whether the design of a record has the name of a preset but differs from it."""
    try:
        design = read_design(last.design, "the last session")
    except DesignError:
        return False
    return design.name in preset_names() and not is_preset(design)


def words(last: LastSession) -> str:
    """``course-7x7, edited, on built-in digits, epoch 3, 97.1 % of test images right after epoch 2``."""
    said = (
        f"{last.name or 'an untitled design'}{', edited,' if is_edited(last) else ''} on {last.data_name or 'its data'}"
    )
    if not last.step:
        return f"{said}, untrained"
    said += f", epoch {count(last.epoch)}"
    if last.accuracy is None:
        return said
    said += f", {100 * last.accuracy:.1f} % of test images right"
    if not last.measured:
        return f"{said} after its last whole epoch"
    return said if last.measured == last.epoch else f"{said} after epoch {count(last.measured)}"
