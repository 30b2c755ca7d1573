"""A name that looks like text until it is edited."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy

from convviz.gui.theme import current_theme


class NameEdit(QLineEdit):
    """One line in place. Enter or leaving it takes the new name, Esc the old one.

    Attributes
    ----------
    renamed : Signal(str)
        The user gave another name, which is not checked here.
    left : Signal()
        Enter or Esc: the keyboard may go back to where it was.
    """

    renamed = Signal(str)
    left = Signal()

    def __init__(
        self, name: str, *, size: int = 11, heading: bool = False, what: str = "name", empty: str = ""
    ) -> None:
        super().__init__(name)
        self._theme = current_theme()
        self._name = name
        self._heading = heading
        self.setFrame(False)
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
        self.textChanged.connect(self.updateGeometry)
        self._theme.changed.connect(self._restyle)
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
        self.setToolTip(sentence)
        self._restyle(bool(sentence))

    def begin(self) -> None:
        """Put the cursor here, with all of it selected."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def sizeHint(self) -> QSize:
        wide = self.fontMetrics().horizontalAdvance(self.text() or self.placeholderText()) + 14
        return QSize(max(60, wide), self.fontMetrics().height() + (8 if self._heading else 4))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._name)
            self.setModified(False)
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.deselect()
        self.setCursorPosition(0)

    @Slot()
    def _finish(self) -> None:
        if self.isModified() and self.text().strip() != self._name:
            self.setModified(False)
            self.renamed.emit(self.text().strip())
            # Whoever takes the name tells it back; a refused one must not stay.
            self.setText(self._name)

    @Slot()
    def _restyle(self, wrong: bool = False) -> None:
        colours = self._theme.palette
        ink = colours.danger if wrong else colours.ink if self._heading else colours.muted
        self.setStyleSheet(
            f"NameEdit {{ background: transparent; border: 1px solid transparent; border-radius: 4px; color: {ink};"
            f" padding: 0; margin-left: -2px; min-height: {20 if self._heading else 14}px; }}"
            f"NameEdit:hover {{ border-color: {colours.line}; }}"
            f"NameEdit:focus {{ border-color: {colours.focus}; background: {colours.field}; color: {colours.ink}; }}"
        )
