"""The code of a step: a few lines of plain NumPy or, on demand, the kernel that ran."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.labels import Caption, ThemedLabel
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.checker import Checker
from convviz.gui.workspaces.step.picture import CellPicture
from convviz.present.step.source import Source

TIPS = (
    "A few lines of plain NumPy that do the same as this step. Tests run them on arrays of passes like this one",
    "The function that runs when the network is trained: with views prepared in advance and memory reused",
)
COMPARE_TIP = "Run these lines on the arrays of this pass, and find the largest difference from the array on the screen"
READ, RAN = 0, 1
"""Positions of the switch: the code to read, and the code that ran."""


class SourceView(QWidget):
    """A step in plain NumPy or the kernel that ran it, with a switch between the two.

    On demand, the plain NumPy runs on the arrays of the pass, and its results are compared with those on screen.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: CellPicture | None = None
        self.title = ThemedLabel("Source", token="muted", size=11, weight=QFont.Weight.DemiBold)
        self.switch = SegmentedControl(("NumPy", "kernel"), tips=TIPS, small=True, name="which code is shown")
        self.switch.selected.connect(self._show)
        self.code = CodeView()
        self.check = Button("Compare with the array", small=True, tip=COMPARE_TIP)
        self.check.clicked.connect(self.compare)
        self.checker = Checker(self)
        self.checker.checked.connect(self._compared)
        self.found = Caption("", wrap=True, token="ink")
        self.found.hide()
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.switch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.code)
        column.addWidget(self.check, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.found)

    @property
    def source(self) -> Source | None:
        """The function that is shown."""
        return self.code.source

    def show_cell(self, picture: CellPicture) -> None:
        """Show the code that made another cell."""
        before, self._picture = self._picture, picture
        if before is None or before.readable is not picture.readable or before.settings != picture.settings:
            self.checker.forget()
            self.found.hide()
        self._show()

    @Slot()
    def compare(self) -> None:
        """Run the plain NumPy on the arrays of the pass, and say by how much its results differ from the shown ones."""
        if self._picture is not None:
            self.found.setText("Running …")
            self.found.show()
            self.checker.ask(self._picture.compare())

    @Slot(object)
    def _compared(self, found: str | None) -> None:
        self.found.setText(found or "There is not enough memory to run it beside the pass.")

    @Slot()
    def _show(self) -> None:
        picture = self._picture
        if picture is None:
            return
        reads = self.switch.index == READ
        self.title.setText(
            "In plain NumPy" if reads else "Source that ran" if picture.has_run else "Source that will run"
        )
        shown = (picture.readable, picture.settings) if reads else (picture.source, picture.call)
        self.code.set_source(*shown)
        self.check.setVisible(reads)
        self.check.setEnabled(picture.has_run)
        self.found.setVisible(reads and picture.has_run and bool(self.found.text()) and not self.found.isHidden())


class CodeView(QWidget):
    """A function with the line that does the work highlighted; long lines wrap, indented further."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.source: Source | None = None
        self._note = ""
        self._rows: list[tuple[str, str, bool]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self.update)

    def set_source(self, source: Source, note: str = "") -> None:
        """Show another function, and below it a comment on this call of it."""
        if source is not self.source or note != self._note:
            self.source, self._note = source, note
            self.setToolTip(source.where)
            self.setAccessibleName("\n".join((*source.lines, note)))
            self._lay_out()

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._theme.colour
        painter.setPen(colour("line"))
        painter.setBrush(colour("field"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setFont(self._theme.mono(11))
        metrics = painter.fontMetrics()
        step = metrics.height() + 2
        y = 8
        for text, token, lit in self._rows:
            if lit:
                body = text.lstrip()
                left = 10 + metrics.horizontalAdvance(text[: len(text) - len(body)])
                painter.fillRect(QRectF(left - 2, y, metrics.horizontalAdvance(body) + 4, step), colour("accent_wash"))
            painter.setPen(colour("accent_text" if lit else token))
            painter.drawText(QRectF(10, y, self.width(), step), Qt.AlignmentFlag.AlignVCenter, text)
            y += step

    def _lay_out(self) -> None:
        if self.source is None:
            return
        self.ensurePolished()
        metrics = QFontMetrics(self._theme.mono(11))
        room = max(16, (self.width() - 20) // max(1, metrics.horizontalAdvance("0")))
        rows: list[tuple[str, str, bool]] = []
        kept = shortened(self.source)
        for number, line in enumerate(self.source.lines):
            if number not in kept:
                if number - 1 in kept:
                    rows.append(("    …", "muted", False))
                continue
            lit = number in self.source.lit
            token = "muted" if self.source.quiet[number] else "ink"
            rows += [(part, token, lit) for part in wrapped(line, room)]
        rows += [(part, "muted", False) for part in wrapped(self._note, room)] if self._note else []
        self._rows = rows
        self.setFixedHeight(16 + len(rows) * (metrics.height() + 2))
        self.update()


def shortened(source: Source, most: int = 9) -> set[int]:
    """Return the lines to show: in a function of more than ``most`` lines, only the ends of its docstring."""
    everything = set(range(len(source.lines)))
    doc = [number for number, quiet in enumerate(source.quiet) if quiet]
    if len(source.lines) <= most or len(doc) < 4:
        return everything
    return everything - set(doc[1:-1])


def wrapped(line: str, room: int) -> list[str]:
    """Break a line of code at spaces; the following lines are indented by four more."""
    if len(line) <= room:
        return [line]
    indent = len(line) - len(line.lstrip())
    found, rest, lead = [], line.strip(), " " * indent
    while len(lead) + len(rest) > room:
        cut = rest.rfind(" ", 0, max(8, room - len(lead)) + 1)
        if cut <= 0:
            cut = max(8, room - len(lead))
        found.append(lead + rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
        lead = " " * min(indent + 4, max(0, room - 12))
    return [*found, lead + rest]


if __name__ == "__main__":
    run_view(SourceView)
