"""One setting as a row: its name, when a change takes effect, its editor, and an error message."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.widgets.badge import Badge
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.labels import Caption, ThemedLabel
from convviz.gui.workspaces.builder.fields.choice_edit import WIDE
from convviz.gui.workspaces.builder.fields.editors import Editor, editor_for
from convviz.plurals import capital
from convviz.present.design.fields import FieldSpec, Words
from convviz.present.run_facts import RunDifference, RunFacts

EDITOR = 96
"""Width of an editor in pixels: enough for 0.0001 and an arrow."""
ROOM = 289
"""Width of a row in the panel of settings, beside a scroll bar, in pixels."""
APPLIED_MS = 1600
"""Milliseconds for which a row shows that the run has taken over its value."""


class LabelledRow(QWidget):
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
        self._extra = extra
        self._kind = "" if words.live is None else "live" if words.live else "restart"
        self._parts = [self.label, *([extra] if extra is not None else []), editor]
        self._difference: RunDifference | None = None
        if self._kind:
            self.badge = Badge(self._kind, self._kind)
            row.addWidget(self.badge)
        self._applied = QTimer(self)
        self._applied.setSingleShot(True)
        self._applied.setInterval(APPLIED_MS)
        self._applied.timeout.connect(self._show_badge)
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

    def stops(self) -> list[QWidget]:
        """The widgets in it that Tab reaches."""
        return [] if self._extra is None else [self._extra]

    @property
    def is_faulty(self) -> bool:
        """Whether an error message is shown."""
        return bool(self._message.text())

    @Slot(str)
    def say(self, sentence: str) -> None:
        """Show an error message; an empty one removes it."""
        self._message.setText(sentence)
        self._message.setVisible(bool(sentence))

    def show_run(self, facts: RunFacts | None, difference: RunDifference | None) -> None:
        """Show the run's value if it differs from the row's."""
        if difference != self._difference:
            self._difference = difference
            self._show_badge()
        if facts is not None and difference is not None and self.badge is not None:
            self.badge.setToolTip(facts.explains(difference))

    def show_applied(self) -> None:
        """Show for a moment that the run has taken over the row's value."""
        if self.badge is not None and self._difference is None:
            self.badge.set_badge("applied", "accent")
            self.badge.setToolTip("The run now uses this value")
            self._applied.start()

    @Slot()
    def _show_badge(self) -> None:
        self._applied.stop()
        if self.badge is None:
            return
        if self._difference is None:
            self.badge.set_badge(self._kind, self._kind)
            return
        room = ROOM - sum(8 + part.sizeHint().boundedTo(part.maximumSize()).width() for part in self._parts)
        for pill in (f"run has {self._difference.run}", f"run: {self._difference.run}", "differs"):
            self.badge.set_badge(pill, "warning")
            if self.badge.sizeHint().width() <= room:
                break


class FieldRow(LabelledRow):
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

    def stops(self) -> list[QWidget]:
        return [*super().stops(), *self.editor.stops()]

    def set_value(self, value: Any) -> None:
        """Show a value."""
        self.editor.set_value(value)


class KindRow(LabelledRow):
    """A choice between kinds of optimiser or schedule.

    Attributes
    ----------
    kindChosen : Signal(type)
    """

    kindChosen = Signal(object)

    def __init__(self, spec: FieldSpec, kinds: list[tuple[str, type, str]]) -> None:
        self.kinds = tuple(kind for _, kind, _ in kinds)
        self.combo = Combo([(title, kind) for title, kind, _ in kinds], name=spec.label, tip=spec.tip)
        self.combo.setFixedWidth(WIDE)
        for _, kind, summary in kinds:
            self.combo.set_item_tip(kind, summary)
        super().__init__(spec.words, self.combo, spec.tip)
        self.combo.edited.connect(self.kindChosen)

    def stops(self) -> list[QWidget]:
        return [*super().stops(), self.combo]
