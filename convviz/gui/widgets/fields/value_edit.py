"""A small inline field that edits one value of the schema as text: ``7×7``, ``same``, ``0.01``, ``all``."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.theme.icon import icon
from convviz.gui.theme.style_property import set_style_property
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.present.design.fields import FieldSpec, FieldValueError

_NARROWEST = 30
_ARROW = 20
"""Width that Qt reserves for an action inside a field."""


class ValueEdit(QLineEdit):
    """Edits one value, and explains why a text is not a valid value.

    A live field emits every valid value during typing. When the text becomes invalid, the value returns to that from
    before the typing, so that ``31x-2`` does not leave the 31 of its beginning behind. A field that isn't live emits a
    value when Enter is pressed or the field is left.

    Up and Down (with Page Up and Page Down ten at a time) and the wheel over a field that has the focus step the value,
    within :meth:`set_reach`. Esc undoes the typing. If words are values too, the arrow lists them.

    Parameters
    ----------
    spec : FieldSpec
        Description of the value.
    value
        The first value.
    width : int
        Width in pixels; 0 fits the text.
    name : str
        Name for screen readers, if it is not the label of ``spec``.
    live : bool

    Attributes
    ----------
    edited : Signal(object)
        The user entered another valid value.
    finished : Signal()
        The user left the field or pressed Enter: the next edit is a separate one.
    problemChanged : Signal(str)
        The problem with the text; empty if there is none any more.
    left : Signal()
        Esc was pressed with nothing to undo.
    faultChanged : Signal(str)
        See :meth:`set_fault`.
    """

    KEYS = FocusKeys(
        "a field",
        {
            "More or less": ("Up", "Down"),
            "Ten times more or less": ("PgUp", "PgDown"),
            "List the words that can stand here": ("Alt+Down",),
            "Take it back, or leave the field": ("Esc",),
        },
    )

    edited = Signal(object)
    finished = Signal()
    problemChanged = Signal(str)
    left = Signal()
    faultChanged = Signal(str)

    def __init__(self, spec: FieldSpec, value: Any, *, width: int = 0, name: str = "", live: bool = True) -> None:
        super().__init__()
        self.spec = spec
        self._live = live
        self._theme = current_theme()
        self._value = self._before = value
        self._width = width
        self._reach: tuple[float | None, float | None] = (None, None)
        self._problem = ""
        self._fault = ""
        self.setProperty("mono", True)
        self.setFont(self._theme.mono(12))
        self.setAlignment(Qt.AlignmentFlag.AlignRight if width else Qt.AlignmentFlag.AlignHCenter)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name or spec.label)
        self.setToolTip(spec.tip)
        self.setMaxLength(60)
        self.setText(spec.write(value))
        self._arrow: QAction | None = None
        words = self._words
        if words:
            self._arrow = QAction(f"values of {name or spec.label}", self)
            self._arrow.setToolTip(f"{spec.label}: {', '.join(words)}")
            self._arrow.triggered.connect(self._list_words)
            self.addAction(self._arrow, QLineEdit.ActionPosition.TrailingPosition)
            self._theme.follow(self._recolour)
            self._recolour()
        # Not "0 8px": these are chips in a line of text. Set here so that the sheet's other states stay in force.
        self.setStyleSheet(f"ValueEdit {{ padding: 0 {6 if width else 2}px; min-height: {22 if width else 20}px; }}")
        self.textEdited.connect(self._typed)
        self.editingFinished.connect(self._finish)
        self.textChanged.connect(self.updateGeometry)

    @property
    def value(self) -> Any:
        """The last valid value."""
        return self._value

    @property
    def problem(self) -> str:
        """The problem with the text; empty if there is none."""
        return self._problem

    def set_value(self, value: Any) -> None:
        """Show another value, without a signal. A typed text that already has this value is not changed."""
        same = self._value == value and type(self._value) is type(value)
        self._value = value
        if same and (self._problem or (self.isModified() and not self._live)):
            return
        try:
            if self._live and self.hasFocus() and self.isModified() and self.spec.read(self.text()) == value:
                return
        except FieldValueError:
            pass
        self._before = value
        text = self.spec.write(value)
        if text != self.text():
            self.setText(text)
        self._say("")

    def set_reach(self, low: float | None, high: float | None) -> None:
        """Set the limits for arrow keys and wheel, such as the sizes that fit here. Typing may exceed them."""
        if (low, high) != self._reach:
            self._reach = (low, high)
            here = "" if high is None else f"\nHere {low:g} to {high:g} fit." if low is not None else ""
            self.setToolTip(self.spec.tip + here)

    def stops(self) -> list[QWidget]:
        """The widgets that Tab reaches in it."""
        return [self]

    @property
    def fault(self) -> str:
        """The sentence of :meth:`set_fault`."""
        return self._fault

    def set_fault(self, sentence: str) -> None:
        """Mark a valid value as wrong for an external reason; an empty sentence removes the mark."""
        if sentence != self._fault:
            self._fault = sentence
            self._restyle()
            self.faultChanged.emit(sentence)

    def take_back(self) -> None:
        """Restore the value from before the typing."""
        changed, self._value = self._differs(self._before), self._before
        self.setText(self.spec.write(self._value))
        self.setModified(False)
        self.selectAll()
        self._say("")
        if changed:
            self.edited.emit(self._value)

    def step(self, way: int) -> None:
        """Step to the next value up (1) or down (-1)."""
        here = self._read()
        value = self._value if here is None else here[0]
        new = self.spec.stepped(value, way, *self._reach)
        if new != value:
            self._take(new)
            self.selectAll()

    def sizeHint(self) -> QSize:
        if self._width:
            return QSize(self._width, 26)
        wide = self.fontMetrics().horizontalAdvance(self.text() or "0") + 16
        return QSize(max(_NARROWEST, wide) + (_ARROW if self._arrow else 0), 24)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        # Undo and redo act on the whole design, not on the text of this field.
        if asks_to_undo(event):
            event.ignore()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        way = steps.get(Qt.Key(event.key()), 0)
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if way and plain:
            for _ in range(abs(way)):
                self.step(1 if way > 0 else -1)
        elif event.key() == Qt.Key.Key_Down and event.modifiers() == Qt.KeyboardModifier.AltModifier and self._arrow:
            self._list_words()
        elif event.key() == Qt.Key.Key_Escape:
            if self._problem or self._differs(self._before) or self.text() != self.spec.write(self._before):
                self.take_back()
            else:
                self.left.emit()
                event.ignore()  # Esc goes up one level
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # The wheel over a form scrolls the form, unless the field has the focus.
        if self.hasFocus() and event.angleDelta().y():
            self.step(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()

    @property
    def _words(self) -> list[str]:
        """The words that are values."""
        return [*self.spec.choices, *([self.spec.none_word] if self.spec.optional and self.spec.none_word else [])]

    def _differs(self, value: Any) -> bool:
        return value != self._value or type(value) is not type(self._value)

    def _take(self, value: Any) -> None:
        changed = self._differs(value)
        self._value = self._before = value
        self.setText(self.spec.write(value))
        self._say("")
        if changed:
            self.edited.emit(value)

    def _read(self) -> tuple[Any] | None:
        """The value of the text, in a tuple because it may be None; None if the text is invalid."""
        try:
            return (self.spec.read(self.text()),)
        except FieldValueError:
            return None

    @Slot(str)
    def _typed(self, text: str) -> None:
        try:
            value = self.spec.read(text)
        except FieldValueError as error:
            self._say(str(error))
            value = self._before
        else:
            self._say("")
        if not self._live:
            self.set_fault("")  # the fault belonged to the previous value
        elif self._differs(value):
            self._value = value
            self.edited.emit(value)

    @Slot()
    def _finish(self) -> None:
        if self._problem:
            # The text stays, to be corrected. A live field may have emitted valid beginnings, so emit the value that
            # counts.
            kept = f"; {self.spec.write(self._value)} stays" if self._live else ""
            self._say(self._problem if self._problem.endswith(kept) else self._problem + kept)
        else:
            self._commit()
        self.finished.emit()

    def _commit(self) -> None:
        found = self._read()
        changed = not self._live and found is not None and self._differs(found[0])
        if changed and found is not None:
            self._value = found[0]
        self._before = self._value
        self.setText(self.spec.write(self._value))
        self.setModified(False)
        if changed:
            self.edited.emit(self._value)

    @Slot()
    def _list_words(self) -> None:
        menu = QMenu(self)
        numbers = [one for one in self.spec.words.usual if self.spec.holds(one)]
        for value in [*numbers, *self._words]:
            menu.addAction(str(value)).triggered.connect(partial(self._choose, str(value)))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def _choose(self, word: str, _checked: bool = False) -> None:
        value = self.spec.read(word)
        if self._differs(value) or self._problem:
            self._take(value)
            self.finished.emit()

    def _say(self, sentence: str) -> None:
        if sentence != self._problem:
            self._problem = sentence
            self._restyle()
            self.problemChanged.emit(sentence)

    def _restyle(self) -> None:
        wrong = self._problem or self._fault
        self.setAccessibleDescription(wrong)
        set_style_property(self, "invalid", bool(wrong))

    @Slot()
    def _recolour(self) -> None:
        if self._arrow is not None:
            self._arrow.setIcon(icon("down", self._theme.palette.muted))


def asks_to_undo(event: QEvent) -> bool:
    """Whether an event asks a field to claim the undo or redo keys before the window's actions.

    If a field ignores it, the keys go to the design's undo.
    """
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
        return False
    return event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
