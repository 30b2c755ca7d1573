"""The pinned numbers of a run: one line each with its value at this moment, and the curve of the chosen one."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.console.line import Console
from convviz.gui.widgets.curve.view import CurveView
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.labels import ElidedLabel, Note, ThemedLabel
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.watch.pins import PinRow, PinsPicture, pins_picture

ROW, MOST_ROWS = 26, 3
EMPTY = "Pin a number below, or in Step (P): its curve over the run is drawn here."


class PinLine(QWidget):
    """One pinned number; a click draws its curve.

    Attributes
    ----------
    picked : Signal(int)
    removed : Signal(int)
    menuAsked : Signal(int, object)
        Number of the pin, and the widget at which to open the menu.
    """

    KEYS = FocusKeys("a pinned number", {"Draw its curve": ("Return", "Space"), "Remove it": ("Del",)})
    picked = Signal(int)
    removed = Signal(int)
    menuAsked = Signal(int, object)

    def __init__(self, row: PinRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._theme.changed.connect(self.update)
        self.row = row
        self.text = ElidedLabel(row.text, token="ink", size=12)
        self.value = ThemedLabel("", mono=True, size=12)
        self.more = Button("…", kind="quiet", small=True, tip="Break at it, search for it, remove it")
        self.more.clicked.connect(lambda: self.menuAsked.emit(self.row.number, self.more))
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 0, 0, 0)
        line.setSpacing(6)
        line.addWidget(self.text, 1)
        line.addWidget(self.value)
        line.addWidget(self.more)
        self.setFixedHeight(ROW)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_row(row)

    def show_row(self, row: PinRow) -> None:
        """Show the value at this moment."""
        self.row = row
        self.value.setText(row.value or "–")
        self.value.set_token("faint" if row.fault else "ink")
        self.setToolTip(row.fault)
        self.setAccessibleName(f"{row.text}: {row.fault or row.value or 'not measured yet'}")
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.picked.emit(self.row.number)
        elif event.button() is Qt.MouseButton.RightButton:
            self.menuAsked.emit(self.row.number, self.more)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Space):
            self.picked.emit(self.row.number)
        elif event.key() == Qt.Key.Key_Delete:
            self.removed.emit(self.row.number)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colour = QPainter(self), self._theme.colour
        if self.row.is_chosen:
            painter.fillRect(self.rect(), colour("accent_wash"))
            painter.fillRect(0, 0, 3, self.height(), colour("accent"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, colour("line"))
        if self.hasFocus():
            painter.setPen(colour("focus"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class PinnedCard(WatchView):
    """A card with the curve of the chosen number, a list of all, and a field to pin another.

    Attributes
    ----------
    pinned : Signal(str)
    removed, chosen : Signal(int)
    breakAsked : Signal(str)
        Begin a new breakpoint's condition with this expression.
    signBreakAsked, signSearched : Signal(str)
        Break when the sign of this number changes; search back to where it last changed.
    """

    pinned = Signal(str)
    removed = Signal(int)
    chosen = Signal(int)
    breakAsked = Signal(str)
    signBreakAsked = Signal(str)
    signSearched = Signal(str)
    is_slow = True
    picture_of = staticmethod(pins_picture)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key: tuple[object, ...] | None = None
        self._shown = ""
        self.rows: dict[int, PinLine] = {}
        self.curve = CurveView(
            x_name="step", x_about="steps: before the update of each", name="Pinned number", empty=EMPTY
        )
        self._lines = QVBoxLayout()
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(0)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._lines)
        column.addStretch()
        self.list = QScrollArea()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setWidgetResizable(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setWidget(inside)
        self.list.hide()
        self.note = Note("")
        self.note.hide()
        self.console = Console()
        self.console.field.setPlaceholderText("norm(conv1.d_weight)")
        self.console.field.setToolTip(
            "A number to record throughout the run: an expression over the arrays of a pass. Enter pins it, Tab "
            "completes a name."
        )
        self.curve.setMinimumHeight(104)
        self.card = Card("")
        self.card.add(self.curve, 1)
        self.card.add(self.list)
        self.card.add(self.note)
        self.card.add(self.console)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.card)
        self.console.asked.connect(self._ask)
        self.console.pinAsked.connect(self._ask)

    def show_picture(self, picture: PinsPicture) -> None:
        """Show all numbers."""
        if picture.key == self._key:
            return
        self._key = picture.key
        wanted = {row.number for row in picture.rows}
        for number in [number for number in self.rows if number not in wanted]:
            gone = self.rows.pop(number)
            self._lines.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for row in picture.rows:
            if row.number not in self.rows:
                made = self.rows[row.number] = PinLine(row)
                made.picked.connect(self.chosen)
                made.removed.connect(self.removed)
                made.menuAsked.connect(self._menu)
                self._lines.addWidget(made)
            self.rows[row.number].show_row(row)
        self.list.setVisible(bool(picture.rows))
        self.list.setFixedHeight(ROW * min(max(len(picture.rows), 1), MOST_ROWS))
        chosen = next((row for row in picture.rows if row.is_chosen), None)
        said = chosen.fault if chosen is not None and chosen.fault else picture.doing
        self.note.setText(said)
        self.note.setVisible(bool(said))
        self.console.field.set_names(picture.names)
        self.console.show_answer(picture.fault, is_fault=True)
        self.curve.set_events(picture.events, picture.moment)
        self.curve.set_series(picture.curves)
        name = "" if chosen is None else chosen.text
        if name != self._shown:
            self._shown = name
            self.curve.fit()

    def _ask(self, text: str) -> None:
        self.pinned.emit(text)
        if not self.console.answer.text():
            self.console.field.clear()

    def _menu(self, number: int, at: QWidget) -> None:
        row, menu = self.rows[number].row, QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        value = row.value if row.value and row.value[-1:].isdigit() else "0"
        for words, signal, text in (
            ("Break when …", self.breakAsked, f"{row.text} > {value}"),
            ("Break when its sign changes", self.signBreakAsked, row.text),
            ("Go back to where its sign last changed", self.signSearched, row.text),
        ):
            menu.addAction(words).triggered.connect(partial(emit, signal, text))
        menu.addSeparator()
        menu.addAction("Remove\tDel").triggered.connect(lambda: self.removed.emit(number))
        menu.popup(at.mapToGlobal(QPoint(0, at.height())))


def emit(signal: SignalInstance, text: str, _checked: bool = False) -> None:
    """Emit a signal with a text, in response to a menu's action."""
    signal.emit(text)


if __name__ == "__main__":
    run_view(PinnedCard)
