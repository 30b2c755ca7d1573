"""What stands beside the pictures: facts of the cell, formula, explanation, source, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Caption, ThemedLabel
from convviz.gui.workspaces.step.fact_table import FactTable
from convviz.gui.workspaces.step.formula_view import FormulaView
from convviz.gui.workspaces.step.source_view import SourceView
from convviz.present.step.provenance import Branch

NUDGE_TIP = "Change this number by ±ε, see the loss change, compare (N)"
EDIT_TIP = (
    "Set another number here and recompute the pass (E)\nOr paint: Shift and the left button over a picture; "
    "with Alt as well they rub out"
)


FIRST_STOPS, LAST_STOPS = 2, 1
"""Of a long way back so many stops at its beginning and its end are written; a click shows those between."""


class Section(ThemedLabel):
    """The heading of a part of the inspector."""

    def __init__(self, text: str) -> None:
        super().__init__(text, token="muted", size=11, weight=QFont.Weight.DemiBold)


class Inspector(QWidget):
    """The right-hand side.

    Attributes
    ----------
    originPicked : Signal(str, tuple)
        A stop on the way back was clicked: array and index.
    nudgeAsked, editAsked, backAsked : Signal()
    """

    originPicked = Signal(str, tuple)
    nudgeAsked = Signal()
    editAsked = Signal()
    backAsked = Signal()

    def __init__(self, chooser: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(chooser)
        self.way_back = Button("", small=True)
        self.way_back.clicked.connect(self.backAsked)
        self.way_back.setVisible(False)
        column.addWidget(self.way_back, 0, Qt.AlignmentFlag.AlignLeft)
        self.cell_title = Section("Cell")
        column.addWidget(self.cell_title)
        self.facts = FactTable()
        column.addWidget(self.facts)
        column.addSpacing(2)
        column.addWidget(Section("Formula"))
        self.formula = FormulaView()
        column.addWidget(self.formula)
        self.explanation = ThemedLabel(token="muted", size=13)
        self.explanation.setWordWrap(True)
        self.explanation.setTextFormat(Qt.TextFormat.RichText)
        column.addWidget(self.explanation)
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
        column.addSpacing(2)
        self.source_title = Section("Source that ran")
        column.addWidget(self.source_title)
        self.source = SourceView()
        column.addWidget(self.source)
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
        self.nudge = Button("Nudge ±ε and check", tip=NUDGE_TIP)
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
        self._branches: tuple[Branch, ...] = ()
        self._whole_ways = False
        self._origin_of = ""
        self._theme.changed.connect(self._show_origins)

    def sizeHint(self) -> QSize:
        return QSize(304, 600)

    def set_narrow(self, narrow: bool) -> None:
        """Use shorter words on the buttons."""
        self.nudge.setText("Nudge ±ε" if narrow else "Nudge ±ε and check")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))

    def set_origins(self, first: str, branches: tuple[Branch, ...]) -> None:
        """Show the ways back from the cell, one a line, below what is said of the cell itself."""
        if (first, branches) != (self._origin_of, self._branches):
            self._origin_of, self._branches, self._whole_ways = first, branches, False
            self._show_origins()

    def set_usable(self, no_nudge: str, no_edit: str) -> None:
        """Disable what can't be done with the cell; the texts say why, and are empty where it can."""
        for button, reason, tip in ((self.nudge, no_nudge, NUDGE_TIP), (self.edit, no_edit, EDIT_TIP)):
            button.setEnabled(not reason)
            button.setToolTip(reason or tip)

    def set_way_back(self, cell: str, step: str = "") -> None:
        """Offer to go back to the cell and the step that the last jump began at; an empty text offers nothing."""
        self.way_back.setText(f"← back to {cell}")
        self.way_back.setToolTip(f"Back to {step}, where this jump began (Alt+Left)")
        self.way_back.setVisible(bool(cell))

    def set_result(self, text: str, good: bool | None = None) -> None:
        """Say what a check found; an empty text hides it."""
        self.result.setText(text)
        self.result.setVisible(bool(text))
        self.result.set_token("ink" if good is None else "success" if good else "danger")

    def _show_origins(self) -> None:
        muted, link = self._theme.palette.muted, self._theme.palette.accent_text
        lines = []
        for way, branch in enumerate(self._branches):
            words = ""
            last = len(branch.stops) - 1
            hidden = range(0) if self._whole_ways else range(FIRST_STOPS, last - LAST_STOPS + 1)
            if len(hidden) < 3:
                hidden = range(0)
            for number, stop in enumerate(branch.stops):
                if number in hidden:
                    if number == hidden.start:
                        words += f"← <a href='all' style='color:{muted}'>… {len(hidden)} steps …</a> "
                    continue
                cell = stop.name.rpartition(".")[2]
                if number in (0, last) and stop.index:
                    cell += f"[{', '.join(map(str, stop.index))}]"
                words += f"← <a href='{way}.{number}' style='color:{link};text-decoration:none'>{cell}</a> "
                if number == 0 and branch.cells > 1:
                    words += f"(one of {branch.cells:,}) "
                if stop.step is not None:
                    words += f"← {stop.step.op.name} "
                    if stop.terms > 1:
                        words += f"(one of {stop.terms:,}) "
            lines.append(words.strip())
        text = "<br>".join([self._origin_of, *lines])
        self.origins.setText(f"<span style='color:{muted}'>{text}</span>")

    def _origin(self, link: str) -> None:
        if link == "all":
            self._whole_ways = True
            self._show_origins()
            return
        way, _, number = link.partition(".")
        stop = self._branches[int(way)].stops[int(number)]
        self.originPicked.emit(stop.name, tuple(stop.index))
