"""One setting as a row: its name, when a change takes effect, its editor, and what is wrong with it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.widgets.badge import Badge
from convviz.gui.widgets.combo import Combo
from convviz.gui.widgets.labels import Caption, ThemedLabel
from convviz.gui.workspaces.build.choice_edit import WIDE
from convviz.gui.workspaces.build.editors import Editor, editor_for
from convviz.present.field_words import Words
from convviz.present.fields import FieldSpec

EDITOR = 96
"""Wide enough for 0.0001 and an arrow."""


def capital(text: str) -> str:
    """With a capital at the beginning of a word; β stays what it is."""
    return text[:1].upper() + text[1:] if text[:1].isascii() else text


class Row(QWidget):
    """A label at the left, a badge and any editor at the right, a message below."""

    def __init__(self, words: Words, editor: QWidget, tip: str, *, extra: QWidget | None = None) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.label = ThemedLabel(capital(words.label))
        self.label.setToolTip(tip)
        self.label.setBuddy(editor)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.label, 1)
        self.badge: Badge | None = None
        if words.live is not None:
            kind = "live" if words.live else "restart"
            self.badge = Badge(kind, kind)
            row.addWidget(self.badge)
        if extra is not None:
            row.addWidget(extra)
        row.addWidget(editor)
        self._message = Caption(wrap=True, token="danger")
        self._message.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._message.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(2)
        outer.addLayout(row)
        outer.addWidget(self._message)

    @Slot(str)
    def say(self, sentence: str) -> None:
        """Say what is wrong, or nothing."""
        self._message.setText(sentence)
        self._message.setVisible(bool(sentence))


class FieldRow(Row):
    """A field of the schema.

    Attributes
    ----------
    edited : Signal(object)
    finished : Signal()
    """

    edited = Signal(object)
    finished = Signal()

    def __init__(self, spec: FieldSpec, value: Any, *, extra: QWidget | None = None) -> None:
        self.spec = spec
        self.editor: Editor = editor_for(spec, value, name=spec.label, width=EDITOR)
        super().__init__(spec.words, self.editor, spec.tip, extra=extra)
        self.editor.edited.connect(self.edited)
        self.editor.finished.connect(self.finished)
        self.editor.problemChanged.connect(self.say)

    def set_value(self, value: Any) -> None:
        """Show a value."""
        self.editor.set_value(value)


class KindRow(Row):
    """Which of several kinds something is: an optimiser, a schedule.

    Attributes
    ----------
    kindChosen : Signal(type)
    """

    kindChosen = Signal(object)

    def __init__(self, spec: FieldSpec, kinds: list[tuple[str, type, str]]) -> None:
        self.combo = Combo([(title, kind) for title, kind, _ in kinds], name=spec.label, tip=spec.tip)
        self.combo.setFixedWidth(WIDE)
        for _, kind, summary in kinds:
            self.combo.set_item_tip(kind, summary)
        super().__init__(spec.words, self.combo, spec.tip)
        self.combo.edited.connect(self.kindChosen)
