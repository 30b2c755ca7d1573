"""The answers to all images as a table: label, answer and the probability of every class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from convviz.files.tables import csv_path, write_table
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.worker import Worker
from convviz.present.words import counted
from convviz.probe.progress import Progress, batches

ANSWERS = "answers"
COLUMNS = ("index", "label", "answer", "probability")


def write_answers(moment: Moment, path: Path, progress: Progress) -> str:
    """Write a row for each image, completely or not at all; returns what was done.

    Raises
    ------
    OutputError
        There is a file of another kind, or it can't be written.
    ProbeCancelledError
    """
    write_table(path, answer_rows(moment, progress), "answers that were saved before", COLUMNS)
    return f"Saved the answers to {counted(len(moment.mistakes.labels), moment.noun)} in {path.name}."


def answer_rows(moment: Moment, progress: Progress) -> Iterator[Sequence[object]]:
    """The rows of the table, with its head."""
    found = moment.mistakes
    yield [*COLUMNS, *(f"p({name})" for name in moment.names)]
    for part in batches(len(found.labels), progress, 1000):
        labels, answers = found.labels[part].tolist(), found.answers[part].tolist()
        for index, label, answer, row in zip(
            range(part.start, part.stop), labels, answers, found.probabilities[part], strict=True
        ):
            # The shortest text that reads back as the same number.
            yield [index, moment.names[label], moment.names[answer], str(row[answer]), *map(str, row)]


class AnswersFile(QObject):
    """Saves the answers in a separate thread, and reports the result.

    Parameters
    ----------
    page : QWidget
        Parent of the dialog.
    message : InlineMessage
    """

    def __init__(self, page: QWidget, message: InlineMessage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page, self._message = page, message
        self._worker = Worker(self)
        self._worker.finished.connect(lambda _kind, words: self._message.say(str(words), "success"))
        self._worker.failed.connect(lambda _kind, words: self._message.say(words, "error"))

    def ask(self, moment: Moment) -> None:
        """Ask for a file, and write it."""
        name, _ = QFileDialog.getSaveFileName(self._page, "Save the answers", "answers.csv", "Tables (*.csv)")
        if name:
            self.save_to(moment, csv_path(name))

    def save_to(self, moment: Moment, path: Path) -> None:
        """Write the file."""

        def work(progress: Progress, _tell: object) -> str:
            return write_answers(moment, path, progress)

        self._worker.start(ANSWERS, work)

    def close(self) -> None:
        """End the thread."""
        self._worker.close()
