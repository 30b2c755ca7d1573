"""The code that ran."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.picture import CellPicture
from convviz.present.step.source import Source


class SourceView(QWidget):
    """The code that ran, its working line lit; long lines wrap, further in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.source: Source | None = None
        self._note = ""
        self._rows: list[tuple[str, str, bool]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self.update)

    def show_cell(self, picture: CellPicture) -> None:
        """Show the code that made another cell."""
        self.set_source(picture.source, picture.call)

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
    """Return the lines to show: of a long function's docstring only the first and the last."""
    everything = set(range(len(source.lines)))
    doc = [number for number, quiet in enumerate(source.quiet) if quiet]
    if len(source.lines) <= most or len(doc) < 4:
        return everything
    return everything - set(doc[1:-1])


def wrapped(line: str, room: int) -> list[str]:
    """Break a line of code at spaces; what follows is indented four more."""
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
