"""A line for an expression over the arrays of a pass, with completion, and its answer below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.console.completion import completed, completions, word_before
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.labels import Note

EXAMPLE = "mean(abs(conv1.d_weight))"
TIP = (
    "An expression over the arrays of the pass, such as norm(conv1.weight), conv1.weight[0, 0, 1, 1] or\n"
    "share(conv1.d_weight == 0). Enter evaluates it, Tab completes a name, Up and Down bring back earlier ones."
)
MOST_ASKED = 50
OFFERED = 4
"""Largest number of names offered."""


class ExpressionEdit(QLineEdit):
    """A field that completes names and remembers what was entered.

    Attributes
    ----------
    entered : Signal(str)
        Enter was pressed.
    offered : Signal(list)
        Names that Tab can complete, the next first.
    """

    KEYS = FocusKeys(
        "an expression",
        {
            "Evaluate it": ("Return", "Enter"),
            "Complete the name": ("Tab",),
            "An earlier or later expression": ("Up", "Down"),
            "Leave the field": ("Esc",),
        },
    )
    entered = Signal(str)
    offered = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._asked: list[str] = []
        self._at = 0
        self.setProperty("mono", True)
        self.setFont(current_theme().mono(12))
        self.setPlaceholderText(EXAMPLE)
        self.setAccessibleName("expression over the arrays of the pass")
        self.setToolTip(TIP)
        self.setMaxLength(200)
        self.textEdited.connect(self._offer)

    def set_names(self, names: Sequence[str]) -> None:
        """Set the names that Tab completes."""
        self._names = tuple(names)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Tab:
            found = completions(word_before(self.text(), self.cursorPosition()), self._names)
            if found:
                self._complete(found[0])
                return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._takes(event):
            event.accept()
            return True
        return super().event(event)

    def _takes(self, event: QKeyEvent) -> bool:
        """Whether a key belongs to the field, not to the workspace's shortcuts."""
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        types = bool(event.text()) and event.text().isprintable()
        return plain and (event.key() == Qt.Key.Key_Escape or types)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._recall(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.clearFocus()
        else:
            super().keyPressEvent(event)

    def _enter(self) -> None:
        text = self.text().strip()
        if text:
            self._asked = [*[one for one in self._asked if one != text], text][-MOST_ASKED:]
            self._at = len(self._asked)
        self.entered.emit(text)

    def _recall(self, way: int) -> None:
        self._at = min(max(self._at + way, 0), len(self._asked))
        self.setText(self._asked[self._at] if self._at < len(self._asked) else "")

    def _offer(self) -> None:
        """Offer the names that complete the word before the cursor."""
        self.offered.emit(completions(word_before(self.text(), self.cursorPosition()), self._names))

    def _complete(self, chosen: str) -> None:
        text, cursor = completed(self.text(), self.cursorPosition(), chosen)
        self.setText(text)
        self.setCursorPosition(cursor)
        self._offer()


class Console(QWidget):
    """The field, a button that pins its expression, and the answer.

    Attributes
    ----------
    asked : Signal(str)
        Evaluate this; the answer comes by :meth:`show_answer`.
    pinAsked : Signal(str)
        Pin this number.
    """

    asked = Signal(str)
    pinAsked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = ExpressionEdit()
        self.pin = Button("Pin", small=True, tip="Measure this number all along the run: a curve in Watch (Pinned)")
        self.answer = Note("")
        self.answer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.answer.hide()
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.field, 1)
        row.addWidget(self.pin)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.answer)
        self.field.entered.connect(self._entered)
        self.field.offered.connect(self._offer)
        self.pin.clicked.connect(self._pin)

    def show_answer(self, text: str, *, is_fault: bool = False) -> None:
        """Show what an expression gives, or why it gives nothing."""
        self.answer.setText(text)
        self.answer.set_token("danger" if is_fault else "ink")
        self.answer.setVisible(bool(text))

    def _offer(self, names: list[str]) -> None:
        more = f" and {len(names) - OFFERED:,} more" if len(names) > OFFERED else ""
        self.show_answer(f"Tab: {', '.join(names[:OFFERED])}{more}" if names else "")
        self.answer.set_token("muted")

    def _entered(self, text: str) -> None:
        if text:
            self.asked.emit(text)
        else:
            self.show_answer("")

    def _pin(self) -> None:
        if self.field.text().strip():
            self.pinAsked.emit(self.field.text().strip())
