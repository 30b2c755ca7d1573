"""What stands beside the pictures: formula, explanation, source, facts of the cell, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Caption, ElidedLabel, ThemedLabel
from convviz.present.step.facts import Fact
from convviz.present.step.formula import formula_svg
from convviz.present.step.provenance import Origin
from convviz.present.step.source import Source

EDIT_TIP = (
    "Put another number here and recompute the pass (E)\nOr paint: Shift and the left button over a picture; "
    "with Alt as well they rub out"
)


class Section(ThemedLabel):
    """The heading of a part of the inspector."""

    def __init__(self, text: str) -> None:
        super().__init__(text, token="muted", size=11, weight=QFont.Weight.DemiBold)


class FormulaView(QWidget):
    """A typeset formula, drawn a moment after it is asked for: typesetting takes longer than a step may."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._latex = ""
        self._lines: list[QSvgRenderer] = []
        self._made: tuple[str, str] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(15)
        self._timer.timeout.connect(self._render)
        self.setFixedHeight(64)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self._timer.start)

    def is_pending(self) -> bool:
        """Whether a formula is still to be typeset."""
        return self._timer.isActive()

    def set_formula(self, latex: str) -> None:
        """Show a formula written in LaTeX."""
        if latex != self._latex:
            self._latex = latex
            self.setAccessibleName(latex)
            self._timer.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        sizes = [line.defaultSize() for line in self._lines]
        if not sizes:
            return
        wide, high = max(size.width() for size in sizes), sum(size.height() for size in sizes)
        scale = min(1.0, self.width() / max(1, wide), self.height() / max(1, high))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, y = (self.width() - wide * scale) / 2, (self.height() - high * scale) / 2
        for line, size in zip(self._lines, sizes, strict=True):
            line.render(painter, QRectF(left, y, size.width() * scale, size.height() * scale))
            y += size.height() * scale

    def _render(self) -> None:
        wanted = self._latex, self._theme.palette.ink
        if wanted == self._made or not self._latex:
            return
        self._made = wanted
        whole = self._typeset(self._latex)
        left, equals, right = self._latex.partition(" = ")
        if whole.defaultSize().width() > self.width() and equals:
            # Too long for the column: what it is on one line, what it is made of on the next.
            self._lines = [self._typeset(left), self._typeset(rf"\;= {right}")]
        else:
            self._lines = [whole]
        self.update()

    def _typeset(self, latex: str) -> QSvgRenderer:
        return QSvgRenderer(QByteArray(formula_svg(latex, self._theme.palette.ink, 19)))


class SourceView(QWidget):
    """The code that ran, its working line lit; long lines wrap, further in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._source: Source | None = None
        self._rows: list[tuple[str, str, bool]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self.update)

    def set_source(self, source: Source) -> None:
        """Show another function."""
        if source is not self._source:
            self._source = source
            self.setToolTip(source.where)
            self.setAccessibleName("\n".join(source.lines))
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
        if self._source is None:
            return
        self.ensurePolished()
        from PySide6.QtGui import QFontMetrics

        metrics = QFontMetrics(self._theme.mono(11))
        room = max(16, (self.width() - 20) // max(1, metrics.horizontalAdvance("0")))
        rows: list[tuple[str, str, bool]] = []
        kept = shortened(self._source)
        for number, line in enumerate(self._source.lines):
            if number not in kept:
                if number - 1 in kept:
                    rows.append(("    …", "muted", False))
                continue
            lit = number in self._source.lit
            token = "muted" if self._source.quiet[number] else "ink"
            rows += [(part, token, lit) for part in wrapped(line, room)]
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


class FactTable(QWidget):
    """Labels and values of the cell."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[ElidedLabel, ElidedLabel]] = []

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Show other lines; labels are kept and reused."""
        while len(self._rows) < len(facts):
            label = ElidedLabel(token="muted", size=12)
            value = ElidedLabel(mono=True, size=12, align=Qt.AlignmentFlag.AlignRight)
            row = len(self._rows)
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(value, row, 1)
            self._rows.append((label, value))
        for number, (label, value) in enumerate(self._rows):
            there = number < len(facts)
            label.setVisible(there)
            value.setVisible(there)
            if there:
                label.set_text(facts[number].label)
                value.set_text(facts[number].text)
                if facts[number].full:
                    value.setToolTip(facts[number].full)

    def texts(self) -> dict[str, str]:
        """Return what is shown."""
        return {label.text(): value.text() for label, value in self._rows if label.isVisibleTo(self)}


class Inspector(QWidget):
    """The right-hand side.

    Attributes
    ----------
    originPicked : Signal(str, tuple)
        A stop on the way back was clicked: array and index.
    nudgeAsked, editAsked : Signal()
    """

    originPicked = Signal(str, tuple)
    nudgeAsked = Signal()
    editAsked = Signal()

    def __init__(self, chooser: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(chooser)
        column.addWidget(Section("Formula"))
        self.formula = FormulaView()
        column.addWidget(self.formula)
        self.explanation = ThemedLabel(token="muted", size=13)
        self.explanation.setWordWrap(True)
        self.explanation.setTextFormat(Qt.TextFormat.RichText)
        column.addWidget(self.explanation)
        column.addSpacing(2)
        column.addWidget(Section("Source that ran"))
        self.source = SourceView()
        column.addWidget(self.source)
        column.addSpacing(2)
        self.cell_title = Section("Cell")
        column.addWidget(self.cell_title)
        self.facts = FactTable()
        column.addWidget(self.facts)
        column.addSpacing(2)
        column.addWidget(Section("Where does it come from?"))
        self.origins = QLabel()
        self.origins.setWordWrap(True)
        self.origins.setTextFormat(Qt.TextFormat.RichText)
        self.origins.setFont(self._theme.font(12))
        self.origins.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.origins.linkActivated.connect(self._origin)
        column.addWidget(self.origins)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scroll, 1)
        self.result = Caption("", wrap=True, token="ink")
        self.result.setContentsMargins(16, 4, 16, 4)
        self.result.setVisible(False)
        outer.addWidget(self.result)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 8, 16, 14)
        foot.setSpacing(8)
        self.nudge = Button("Nudge ±ε and check", tip="Change this number by ±ε, see the loss change, compare (N)")
        self.edit = Button(
            "Edit value",
            tip=EDIT_TIP,
        )
        self.nudge.clicked.connect(self.nudgeAsked)
        self.edit.clicked.connect(self.editAsked)
        foot.addWidget(self.nudge)
        foot.addWidget(self.edit)
        foot.addStretch(1)
        outer.addLayout(foot)
        self._stops: tuple[Origin, ...] = ()
        self._theme.changed.connect(self._show_origins)

    def sizeHint(self) -> QSize:
        return QSize(304, 600)

    def set_narrow(self, narrow: bool) -> None:
        """Use shorter words on the buttons."""
        self.nudge.setText("Nudge ±ε" if narrow else "Nudge ±ε and check")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))

    def set_origins(self, stops: tuple[Origin, ...]) -> None:
        """Show the way back from the cell."""
        if stops != self._stops:
            self._stops = stops
            self._show_origins()

    def set_result(self, text: str, good: bool | None = None) -> None:
        """Say what a check found; an empty text hides it."""
        self.result.setText(text)
        self.result.setVisible(bool(text))
        self.result.set_token("ink" if good is None else "success" if good else "danger")

    def _show_origins(self) -> None:
        muted, link = self._theme.palette.muted, self._theme.palette.accent_text
        parts = []
        for number, stop in enumerate(self._stops[1:], start=1):
            cell = stop.name.rpartition(".")[2]
            if number == len(self._stops) - 1 and stop.index:
                cell += f"[{', '.join(map(str, stop.index))}]"
            made = self._stops[number - 1].step
            by = f" ← {made.op.name} ← " if made is not None else " ← "
            parts.append(f"{by}<a href='{number}' style='color:{link};text-decoration:none'>{cell}</a>")
        first = self._stops[0] if self._stops else None
        text = ""
        if first is not None:
            text = first.name.rpartition(".")[2] + "".join(parts)
            if not parts:
                text += ": given, not computed"
        self.origins.setText(f"<span style='color:{muted}'>{text}</span>")

    def _origin(self, link: str) -> None:
        stop = self._stops[int(link)]
        self.originPicked.emit(stop.name, tuple(stop.index))
