"""A name that looks like text until it is edited."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy

from convviz.gui.theme import current_theme
from convviz.gui.widgets.fields.value_edit import asks_to_undo
from convviz.gui.widgets.focus_keys import FocusKeys

INSET = 1
"""Pixels between the edge of the field and its text; a title above the field has the same indent."""


class NameEdit(QLineEdit):
    """A line of text, edited in place. Enter or leaving the field accepts the new name, Esc restores the old one.

    Parameters
    ----------
    name : str
    size : int
        Size of the text, in pixels.
    heading : bool
        Whether the name is semibold and may be long.
    what : str
        What the name is, for screen readers.
    empty : str
        Shown in place of an empty name.
    check : callable, optional
        Returns what is wrong with a name, or an empty text; a wrong name stays in the field on Enter.

    Attributes
    ----------
    renamed : Signal(str)
        The user entered another name.
    left : Signal()
        Enter or Esc was pressed: the focus may return to where it was.
    problemChanged : Signal(str)
        What is wrong with the typed name; empty if nothing is.
    """

    KEYS = FocusKeys(
        "a field",
        {
            "Take it over": ("Return", "Enter"),
            "Take it back, or leave the field": ("Esc",),
        },
    )

    renamed = Signal(str)
    left = Signal()
    problemChanged = Signal(str)

    def __init__(
        self,
        name: str,
        *,
        size: int = 11,
        heading: bool = False,
        what: str = "name",
        empty: str = "",
        check: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__(name)
        self._theme = current_theme()
        self._name = name
        self._heading = heading
        self._check = check
        self._said = ""
        self.setFrame(False)
        self.setTextMargins(-2, 0, 0, 0)  # removes the two pixels that Qt adds
        self.setMaxLength(100 if heading else 40)
        self.setPlaceholderText(empty)
        weight = QFont.Weight.DemiBold if heading else QFont.Weight.Normal
        self.setFont(self._theme.font(size, weight) if heading else self._theme.mono(size))
        self.setAccessibleName(what)
        self.setSizePolicy(
            QSizePolicy.Policy.Preferred if heading else QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed
        )
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.editingFinished.connect(self._finish)
        self.textEdited.connect(self._typed)
        self.textChanged.connect(self.updateGeometry)
        self._theme.follow(self._restyle)
        self._restyle()

    def set_name(self, name: str) -> None:
        """Show another name."""
        if name != self._name:
            self._name = name
        if not self.hasFocus() or not self.isModified():
            self.setText(name)
            self.setCursorPosition(0)

    def set_fault(self, sentence: str) -> None:
        """Mark the name as the thing at fault."""
        if sentence != self.toolTip():
            self.setToolTip(sentence)
            self._restyle(bool(sentence))

    def begin(self) -> None:
        """Put the cursor here, with the whole name selected."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def sizeHint(self) -> QSize:
        wide = self.fontMetrics().horizontalAdvance(self.text() or self.placeholderText()) + 14
        return QSize(max(60, wide), self.fontMetrics().height() + (8 if self._heading else 4))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._take_back()
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            wrong = self._wrong()
            self._say(wrong)
            if not wrong:
                self._finish()
                self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self._wrong():
            self._take_back()
        self.deselect()
        self.setCursorPosition(0)

    def event(self, event: QEvent) -> bool:
        # If nothing was typed, undo and redo apply to the whole design.
        if asks_to_undo(event) and not self.isModified():
            event.ignore()
            return True
        return super().event(event)

    def _wrong(self) -> str:
        """What is wrong with the name in the field."""
        text = self.text().strip()
        changed = self.isModified() and text != self._name
        return self._check(text) if changed and self._check is not None else ""

    def _take_back(self) -> None:
        self.setText(self._name)
        self.setModified(False)
        self._say("")

    @Slot(str)
    def _typed(self, _: str) -> None:
        # The user is correcting the name; it is checked again at the end.
        self._say("")

    def _say(self, sentence: str) -> None:
        if sentence != self._said:
            self._said = sentence
            self.problemChanged.emit(sentence)

    @Slot()
    def _finish(self) -> None:
        if self._wrong():
            return
        if self.isModified() and self.text().strip() != self._name:
            self.setModified(False)
            self.renamed.emit(self.text().strip())
            # The receiver sets an accepted name again; a refused one must not stay.
            self.setText(self._name)

    @Slot()
    def _restyle(self, wrong: bool = False) -> None:
        colours = self._theme.palette
        ink = colours.danger if wrong else colours.ink if self._heading else colours.muted
        self.setStyleSheet(
            f"NameEdit {{ background: transparent; border: 1px solid transparent; border-radius: 4px; color: {ink};"
            f" padding: 0; min-height: {20 if self._heading else 14}px; }}"
            f"NameEdit:hover {{ border-color: {colours.line}; }}"
            f"NameEdit:focus {{ border-color: {colours.focus}; background: {colours.field}; color: {colours.ink}; }}"
        )
