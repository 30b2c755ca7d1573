"""A modal question: a sentence, an explanation, and the possible answers."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Heading, ThemedLabel

WIDTH = 448


class Answer(StrEnum):
    """The possible answers."""

    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


KINDS = {Answer.SAVE: "primary", Answer.DISCARD: "danger", Answer.CANCEL: "secondary"}


class Question(QDialog):
    """A dialog over a window. Esc and closing it mean Cancel; Enter chooses the answer that loses nothing.

    Parameters
    ----------
    sentence : str
        The question.
    explanation : str
        The consequences.
    answers : mapping of Answer to str
        Texts of the buttons. A single one just closes the dialog.
    parent : QWidget, optional
    """

    def __init__(
        self,
        sentence: str,
        explanation: str,
        answers: Mapping[Answer, str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("convviz")
        self.setAccessibleName(sentence)
        self.setAccessibleDescription(explanation)
        self.answer = Answer.CANCEL
        self.sentence = Heading(sentence)
        self.explanation = ThemedLabel(explanation, token="muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(8)
        for label in (self.sentence, self.explanation):
            label.setWordWrap(True)
            label.setFixedWidth(WIDTH - 48)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            column.addWidget(label)
        column.addSpacing(14)
        self.buttons = {answer: Button(word, kind=KINDS[answer]) for answer, word in answers.items()}
        row = QHBoxLayout()
        row.setSpacing(8)
        # The answer that loses something is set apart; the one that loses nothing comes last, where the eye ends.
        for answer in (Answer.DISCARD, None, Answer.CANCEL, Answer.SAVE):
            if answer is None:
                row.addStretch()
            elif answer in self.buttons:
                button = self.buttons[answer]
                button.setAutoDefault(True)
                button.clicked.connect(lambda _checked=False, answer=answer: self._end(answer))
                row.addWidget(button)
        column.addLayout(row)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        default = self.buttons.get(Answer.SAVE) or self.buttons.get(Answer.CANCEL)
        if default is not None:
            default.setDefault(True)
            default.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _end(self, answer: Answer) -> None:
        self.answer = answer
        self.accept()


def ask(question: Question) -> Answer:
    """Show a question and wait for the answer."""
    try:
        question.exec()
        return question.answer
    finally:
        question.deleteLater()


def ask_to_save(parent: QWidget, sentence: str, explanation: str, *, save: str = "Save…") -> Answer:
    """Ask whether to save something that would be lost."""
    answers = {Answer.SAVE: save, Answer.DISCARD: "Discard", Answer.CANCEL: "Cancel"}
    return ask(Question(sentence, explanation, answers, parent))
