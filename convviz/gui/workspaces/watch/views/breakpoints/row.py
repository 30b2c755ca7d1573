"""One breakpoint in the drawer."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.theme.style_property import set_style_property
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.labels import Caption, Note
from convviz.gui.widgets.switch import Switch
from convviz.gui.workspaces.watch.views.breakpoints.kind_dot import HOLDS, MARKS, KindDot
from convviz.plurals import capital
from convviz.present.watch.breakpoints import BreakpointRow
from convviz.present.words import count

FIELD = 60
HITS = 40
NO_HITS = "No hits since the run began, or was opened"
MARGIN = 14
SHORTER = (
    ("gradient norm", "‖dW‖"),
    ("update ratio", "‖ΔW‖/‖W‖"),
    ("test accuracy", "accuracy"),
    ("accuracy from", "acc. from"),
    ("acc. from", "acc."),
    (" above", " >"),
    ("a filter is dead", "filter dead"),
    ("filter dead for", "dead for"),
    ("dead for", "dead"),
)
"""Words of conditions, and shorter ones for a narrow panel."""


def shorter(words: str) -> tuple[str, ...]:
    """The words of a condition, then ever shorter versions for a narrow panel."""
    forms = [words]
    for long, short in SHORTER:
        if long in forms[-1]:
            forms.append(forms[-1].replace(long, short))
    return tuple(forms)


class ValueLine(QLineEdit):
    """A field for a value as text; Enter or leaving the field signals it, Esc discards what was typed.

    Attributes
    ----------
    entered : Signal(str)
        The new text.
    done : Signal()
        Enter was pressed on a valid value.
    """

    KEYS = FocusKeys("the value of a breakpoint", {"Take back what was typed": ("Esc",)})
    entered = Signal(str)
    done = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self.setProperty("mono", True)
        self.setFont(current_theme().mono(12))
        self.setMaxLength(200)
        self.setStyleSheet("ValueLine { padding: 0 6px; min-height: 22px; }")
        self.editingFinished.connect(self._hand_on)

    def show_text(self, text: str, fault: str) -> None:
        """Show a text, and mark it if ``fault`` says why it can't be used; text being typed is left alone."""
        if text != self._shown and not (self.isModified() and self.hasFocus()):
            self.setText(text)
            self.setCursorPosition(0)  # the beginning of a long text says more than its end
        self._shown = text
        set_style_property(self, "invalid", bool(fault))
        self.setAccessibleDescription(fault)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text() != self._shown:
            self.setText(self._shown)
            return
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.property("invalid") is not True:
            self.done.emit()

    def _hand_on(self) -> None:
        if self.text() != self._shown:
            self.setModified(False)
            self.entered.emit(self.text())


class RowWidget(QWidget):
    """Switch, kind, words, value and hits of a breakpoint.

    Attributes
    ----------
    switched : Signal(int, bool)
    kindPicked : Signal(int, bool)
        Number, and whether the breakpoint holds the run.
    valueTyped : Signal(int, str)
    removed : Signal(int)
    hitPicked : Signal(int, int, str)
        Number, step and sentence of a hit that was chosen in the list.
    searched : Signal(int)
        Search back to where the condition was last true.
    """

    KEYS = FocusKeys("a breakpoint", {"Remove it": ("Del",)})
    switched = Signal(int, bool)
    kindPicked = Signal(int, bool)
    valueTyped = Signal(int, str)
    removed = Signal(int)
    hitPicked = Signal(int, int, str)
    searched = Signal(int)

    def __init__(self, row: BreakpointRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._theme.changed.connect(self.update)
        self.row = row
        self._is_held = False
        number = row.number
        self.switch = Switch(row.name)
        self.dot = KindDot()
        self.words = FittingLabel(size=13, token="ink", align=Qt.AlignmentFlag.AlignLeft)
        self.words.set_texts(shorter(row.words))
        self.field = ValueLine()
        self.unit = Caption(row.unit)
        self.hits = Button("0", kind="quiet", small=True)
        self.hits.setFixedWidth(HITS)
        self.fault = Note("", token="danger")
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self.switch)
        line.addWidget(self.dot)
        if row.words:
            line.addWidget(self.words, 1)
            self.field.setFixedWidth(FIELD)
            self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        line.addWidget(self.field, 0 if row.words else 1)
        line.addWidget(self.unit)
        line.addWidget(self.hits)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 3, 6, 3)
        column.setSpacing(2)
        column.addLayout(line)
        column.addWidget(self.fault)
        self.switch.clicked.connect(lambda on: self.switched.emit(number, on))
        self.dot.clicked.connect(lambda holds: self.kindPicked.emit(number, holds))
        self.field.entered.connect(lambda text: self.valueTyped.emit(number, text))
        # Otherwise the next key meant for the page, such as S or Space, would be typed into the value.
        self.field.done.connect(self.switch.setFocus)
        self.hits.clicked.connect(lambda: self._menu().popup(self.hits.mapToGlobal(QPoint(0, self.hits.height()))))
        self.show_row(row, is_held=False)

    def show_row(self, row: BreakpointRow, *, is_held: bool) -> None:
        """Show the present state of the breakpoint."""
        self.row, self._is_held = row, is_held
        self.switch.setChecked(row.is_on)
        self.switch.setEnabled(not row.is_fixed)
        self.dot.setEnabled(not row.is_fixed)
        self.dot.setChecked(row.holds)
        self.dot.set_lit(row.is_on)
        self.words.set_token("ink" if row.is_on else "muted")
        self.field.setVisible(row.value is not None)
        self.field.show_text(row.value or "", row.fault)
        self.field.setAccessibleName(row.words or "expression")
        self.unit.setVisible(bool(row.unit))
        self.hits.setText(count(row.count))
        self.hits.setToolTip("Its hits, and more" if row.count else NO_HITS)
        self.hits.setAccessibleName(f"{row.count} hits of {row.name}")
        self.fault.setText(capital(row.fault))
        self.fault.setVisible(bool(row.fault))
        self.setToolTip(row.tip)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and not self.row.is_fixed:
            self.removed.emit(self.row.number)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._menu().popup(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._is_held:
            painter.fillRect(self.rect(), self._theme.colour("danger_wash"))
        painter.fillRect(MARGIN, self.height() - 1, self.width() - 2 * MARGIN, 1, self._theme.colour("line"))

    def _menu(self) -> QMenu:
        menu, row = QMenu(self), self.row
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for hit in row.hits:
            action = menu.addAction(f"step {hit.step:,}   {hit.headline}")
            action.setToolTip(hit.sentence)
            action.triggered.connect(partial(self._pick, hit.step, hit.sentence))
        if not row.hits:
            menu.addAction(NO_HITS).setEnabled(False)
        menu.addSeparator()
        back = menu.addAction("Go back to where it was last true\tShift+F9")
        back.setToolTip("Search the recording, back from the shown moment")
        back.triggered.connect(lambda: self.searched.emit(row.number))
        if not row.is_fixed:
            menu.addSeparator()
            other = MARKS if row.holds else HOLDS
            kind = menu.addAction(f"At a hit: {other}")
            kind.triggered.connect(lambda: self.kindPicked.emit(row.number, not row.holds))
            gone = menu.addAction("Remove\tDel")
            gone.triggered.connect(lambda: self.removed.emit(row.number))
        return menu

    def _pick(self, step: int, sentence: str, _checked: bool = False) -> None:
        self.hitPicked.emit(self.row.number, step, sentence)
