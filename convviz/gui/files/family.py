"""Finds the parent and the branches of the run among the recordings, for its timeline."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from convviz.files.cancel import Cancelled
from convviz.gui.files.run_files import RunFiles
from convviz.gui.run_model.background import Background
from convviz.gui.run_model.past import PastModel
from convviz.gui.run_model.run import RunModel
from convviz.present.watch.family import relatives
from convviz.storage.recording.catalogue import Catalogue
from convviz.storage.recording.head import Parent
from convviz.storage.recording.notes import RunNotes


class FamilyModel(QObject):
    """Looks whenever there are other recordings, in a thread.

    Parameters
    ----------
    run : RunModel
    past : PastModel
        Gets what was found.
    files : RunFiles
        Knows where recordings lie.
    """

    def __init__(self, run: RunModel, past: PastModel, files: RunFiles) -> None:
        super().__init__(run)
        self._run, self._past, self._files = run, past, files
        self._catalogue = Catalogue()
        self._looking = Background("convviz-family", self)
        self._looking.done.connect(self._found)
        files.changed.connect(self._look)
        run.prepared.connect(self._look)

    @Slot()
    def _look(self, *_: object) -> None:
        recordings = self._run.recordings
        own, past, files, catalogue = recordings.own, recordings.past, self._files, self._catalogue
        if own is None and past is None:
            self._looking.cancel()
            self._past.set_family(())
            return

        def work(_cancelled: Cancelled) -> object:
            paths = files.paths()
            if own is not None and own not in paths:
                paths = [own, *paths]
            runs = catalogue.of(paths)
            marks = {} if files.folder is None else RunNotes(files.folder.path).marks
            this = next((one for one in runs if one.path == own), None)
            if this is not None:
                return relatives(this.id, this.parent, runs, marks)
            if past is None or past.branch_step is None:
                return ()
            return relatives("", Parent(past.id, past.path.name, past.branch_step), runs, marks)

        self._looking.start(work)

    @Slot(object)
    def _found(self, found: object) -> None:
        if isinstance(found, tuple):
            self._past.set_family(found)
