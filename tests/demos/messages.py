"""Messages and questions."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.gui.widgets.messages.question import Answer, Question


def inline_message() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    for kind, sentence, actions in (
        (
            "error",
            "conv2: filter 26×26 is larger than its padded input 24×24",
            {"Use padding 1": lambda: None, "Use kernel 5×5": lambda: None},
        ),
        ("warning", "The loss is NaN since step 1,204: training is paused before the update.", {}),
        ("info", "These settings take effect when training starts anew.", {"Restart": lambda: None}),
        ("success", "Saved to course.convviz.", {}),
    ):
        message = InlineMessage()
        message.say(sentence, kind, actions)
        layout.addWidget(message)
    layout.addStretch()
    return page


def question() -> QWidget:
    answers = {Answer.SAVE: "Save…", Answer.DISCARD: "Discard", Answer.CANCEL: "Cancel"}
    return Question(
        "Save the trained model before closing?",
        "6:20 of training is in no file: it stands at epoch 3 of 50, step 2,871.",
        answers,
    )
