"""The drawer of breakpoints at the side of Watch."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.badge import Badge
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Caption, Heading, Note
from convviz.gui.widgets.tab_order import tab_in_order
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.gui.workspaces.watch.views.breakpoints.row import MARGIN, RowWidget, ValueLine
from convviz.present.watch.breakpoints import BreakpointsPicture
from convviz.present.watch.look import Look


class BreakpointsDrawer(WatchView):
    """A row for each breakpoint, and a field and a list to add more.

    Attributes
    ----------
    switched, kindPicked : Signal(int, bool)
    valueTyped : Signal(int, str)
    added : Signal(str)
        A condition to add, as text.
    removed : Signal(int)
    hitPicked : Signal(int, int, str)
        Number, step and sentence of a hit.
    searched : Signal(int)
        Search back to where the condition was last true.
    """

    switched = Signal(int, bool)
    kindPicked = Signal(int, bool)
    valueTyped = Signal(int, str)
    added = Signal(str)
    removed = Signal(int)
    hitPicked = Signal(int, int, str)
    searched = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._theme.changed.connect(self.update)
        self._picture: BreakpointsPicture | None = None
        self._current = 0
        """Number of the row that had the focus last."""
        self.rows: dict[int, RowWidget] = {}
        self.badge = Badge("")
        self.add = Button("Add", icon_name="plus", kind="quiet", small=True, tip="Break when something else happens")
        self.add.clicked.connect(self._offer)
        title = QHBoxLayout()
        title.setContentsMargins(MARGIN, 0, 8, 0)
        title.addWidget(Heading("Breakpoints", level=3))
        title.addWidget(self.badge)
        title.addStretch()
        title.addWidget(self.add)
        heads = QHBoxLayout()
        heads.setContentsMargins(MARGIN, 0, MARGIN, 0)
        heads.addWidget(Caption("break when"))
        heads.addStretch()
        heads.addWidget(Caption("hits"))
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self.expression = ValueLine()
        self.expression.setPlaceholderText("conv1.d_weight … or loss > 2")
        self.expression.setAccessibleName("condition to add")
        self.expression.setToolTip(
            "Any condition: loss > 2, step 500, or an expression over the arrays of the pass, such as\n"
            "mean(abs(conv1.d_weight)) > 0.1. Enter adds it."
        )
        self.expression.entered.connect(self._typed)
        self.expression.hide()
        self.fault = Note("", token="danger")
        self.fault.hide()
        below = QVBoxLayout()
        below.setContentsMargins(MARGIN, 6, MARGIN, 0)
        below.setSpacing(4)
        below.addWidget(self.expression)
        below.addWidget(self.fault)
        below.addWidget(Note("● holds before the update   ○ only marks it"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 12)
        column.setSpacing(4)
        column.addLayout(title)
        column.addLayout(heads)
        column.addLayout(self._rows)
        column.addLayout(below)
        key = QShortcut(QKeySequence("F9"), self)
        key.setWhatsThis("Switch the chosen breakpoint on or off")
        key.activated.connect(self._toggle)
        back = QShortcut(QKeySequence("Shift+F9"), self)
        back.setWhatsThis("Go back to where the condition of the chosen breakpoint was last true")
        back.activated.connect(self._search)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._focus_moved)

    @staticmethod
    def picture_of(look: Look) -> BreakpointsPicture | None:
        """The breakpoints of the look."""
        return look.breakpoints

    def show_picture(self, picture: BreakpointsPicture) -> None:
        """Show all breakpoints."""
        if picture == self._picture:
            return
        self._picture = picture
        wanted = {row.number for row in picture.rows}
        new = wanted - set(self.rows)
        if self.rows and new:
            self._current = max(new)
        for number in [number for number in self.rows if number not in wanted]:
            gone = self.rows.pop(number)
            self._rows.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        held = picture.held.number if picture.held is not None else 0
        for row in picture.rows:
            shown = self.rows.get(row.number)
            if shown is not None and (shown.row.words, shown.row.unit) != (row.words, row.unit):
                self._rows.removeWidget(shown)
                shown.hide()
                shown.deleteLater()
                shown = None
            if shown is None:
                shown = self.rows[row.number] = self._made(RowWidget(row))
                self._rows.insertWidget(picture.rows.index(row), shown)
            shown.show_row(row, is_held=row.number == held)
        if new:
            tab_in_order(self.add, *(self.rows[row.number] for row in picture.rows), self.expression)
        on = sum(row.is_on for row in picture.rows)
        self.badge.set_badge(f"{on} on")
        self.fault.setText(picture.fault)  # its text begins with what was typed
        self.fault.setVisible(bool(picture.fault))
        self.expression.show_text(self.expression.text() if picture.fault else "", picture.fault)
        if held:
            self._current = held

    def show_row(self, number: int) -> None:
        """Put the cursor into the value field of a breakpoint."""
        row = self.rows.get(number)
        if row is not None:
            (row.field if row.row.value is not None else row.switch).setFocus()
            above = self.parentWidget()
            while above is not None and not isinstance(above, QScrollArea):
                above = above.parentWidget()
            if above is not None:
                above.ensureWidgetVisible(row)

    def write(self, text: str) -> None:
        """Put a condition into the field for a new breakpoint, for the user to change and enter."""
        self._ask()
        self.expression.setText(text)
        self.expression.setModified(True)
        value = text.rpartition(" ")[2]
        self.expression.setSelection(len(text) - len(value), len(value))

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(0, 0, self.width(), 1, self._theme.colour("line"))

    def _made(self, row: RowWidget) -> RowWidget:
        row.switched.connect(self.switched)
        row.kindPicked.connect(self.kindPicked)
        row.valueTyped.connect(self.valueTyped)
        row.removed.connect(self.removed)
        row.hitPicked.connect(self.hitPicked)
        row.searched.connect(self.searched)
        return row

    def _offer(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, written in self._picture.kinds if self._picture is not None else ():
            menu.addAction(words).triggered.connect(partial(self._add, written))
        menu.addSeparator()
        menu.addAction("an expression …").triggered.connect(self._ask)
        menu.popup(self.add.mapToGlobal(QPoint(0, self.add.height() + 2)))

    def _add(self, written: str, _checked: bool = False) -> None:
        self.added.emit(written)

    def _ask(self) -> None:
        self.expression.show()
        self.expression.setFocus()

    def _typed(self, text: str) -> None:
        if not text.strip():
            self.expression.hide()
            return
        self.added.emit(text)
        if self._picture is not None and not self._picture.fault:
            self.expression.clear()
            self.add.setFocus()  # otherwise the next field would get the focus
            self.expression.hide()

    def _chosen(self) -> int:
        """Number of the row that the keys act on: the focused or newest one, else the first; 0 without rows."""
        fixed = {row.number for row in self._picture.rows if row.is_fixed} if self._picture is not None else set()
        if self._current in self.rows and self._current not in fixed:
            return self._current
        return next((one for one in self.rows if one not in fixed), 0)

    def _toggle(self) -> None:
        number = self._chosen()
        if number:
            self.switched.emit(number, not self.rows[number].row.is_on)

    def _search(self) -> None:
        number = self._chosen()
        if number:
            self.searched.emit(number)

    def _focus_moved(self, _: QWidget | None, now: QWidget | None) -> None:
        for number, row in self.rows.items():
            if now is not None and row.isAncestorOf(now):
                self._current = number


if __name__ == "__main__":
    run_view(BreakpointsDrawer)
