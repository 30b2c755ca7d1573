"""The widgets of the Step workspace and where they stand."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from convviz.gui.theme import Theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Caption, ThemedLabel
from convviz.gui.workspaces.step.views.cell_editor import CellEditor
from convviz.gui.workspaces.step.views.chooser import Chooser
from convviz.gui.workspaces.step.views.equation import EquationCard
from convviz.gui.workspaces.step.views.fact_table import FactTable
from convviz.gui.workspaces.step.views.formula import FormulaView
from convviz.gui.workspaces.step.views.heading import FittedHeading
from convviz.gui.workspaces.step.views.inspector import Inspector, Title
from convviz.gui.workspaces.step.views.listing import Listing
from convviz.gui.workspaces.step.views.origins import Origins
from convviz.gui.workspaces.step.views.panes.grid import PaneGrid
from convviz.gui.workspaces.step.views.scale_choice import ScaleChoice
from convviz.gui.workspaces.step.views.source import SourceView
from convviz.gui.workspaces.step.views.transport import Transport

NARROW = 1260
"""Below this width there is less text beside the pictures."""


CHANGES_TIP = (
    "Numbers that you set, and everything computed from them since.\n"
    "Dashed outlines: cells that the last change made other numbers of."
)


class Views:
    """Makes the widgets and lays them out in a parent: listing, panes with their bar and equation, inspector.

    Parameters
    ----------
    parent : QWidget
    theme : Theme
    """

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        self.listing = Listing()
        self.heading = FittedHeading()
        self.edits = Caption("")
        self.edits.setToolTip(CHANGES_TIP)
        self.undo = Button(icon_name="undo", kind="quiet", small=True, tip="Take the last change back (Ctrl+Z)")
        self.redo = Button(icon_name="redo", kind="quiet", small=True, tip="Make the change again (Ctrl+Shift+Z)")
        for one in (self.undo, self.redo):
            policy = one.sizePolicy()
            policy.setRetainSizeWhenHidden(True)  # the bar below must not jump with the first change
            one.setSizePolicy(policy)
        self.transport = Transport()
        self.panes = PaneGrid()
        self.equation = EquationCard()
        self.scale = ScaleChoice()
        self.chooser = Chooser(self.scale)
        self.way_back = Button("", small=True)
        self.way_back.setVisible(False)
        self.cell_title = Title("Cell")
        self.facts = FactTable()
        self.formula = FormulaView()
        self.explanation = ThemedLabel(token="muted", size=13)
        self.explanation.setWordWrap(True)
        self.explanation.setTextFormat(Qt.TextFormat.RichText)
        self.origins = Origins()
        self.source_title = Title("Source that ran")
        self.source = SourceView()
        self.inspector = Inspector(
            (
                (self.chooser, self.way_back, self.cell_title, self.facts),
                (Title("Formula"), self.formula, self.explanation),
                (Title("Where does it come from?"), self.origins),
                (self.source_title, self.source),
            )
        )
        self.editor = CellEditor(parent)
        self.panes.scaleAsked.connect(self.scale.open_menu)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.heading, 1)
        head.addWidget(self.edits)
        head.addWidget(self.undo)
        head.addWidget(self.redo)
        middle = QVBoxLayout()
        middle.setContentsMargins(16, 12, 16, 14)
        middle.setSpacing(10)
        middle.addLayout(head)
        middle.addWidget(self.transport)
        middle.addWidget(self.panes, 1)
        middle.addWidget(self.equation)
        row = QHBoxLayout(parent)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        # The workspace may be narrower than its words are wide: fit() then shortens them.
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        row.addWidget(self.listing)
        row.addWidget(Rule(theme))
        row.addLayout(middle, 1)
        row.addWidget(Rule(theme))
        row.addWidget(self.inspector)

    def offer_return(self, cell: str, step: str = "") -> None:
        """Offer to go back to the cell and the step that the last jump began at; an empty text offers nothing."""
        self.way_back.setText(f"← back to {cell}")
        self.way_back.setToolTip(f"Back to {step}, where this jump began (Alt+Left)")
        self.way_back.setVisible(bool(cell))

    def show_changes(self, edits: int, can_redo: bool) -> None:
        """Say how many changes are in force, and offer to take the last one back or to make it again."""
        self.edits.setText(f"{edits} change{'s' if edits != 1 else ''}" if edits else "")
        for button, usable in ((self.undo, bool(edits)), (self.redo, can_redo)):
            button.setVisible(bool(edits) or can_redo)
            button.setEnabled(usable)

    def fit(self, width: int) -> None:
        """Make room: below :data:`NARROW` the sides are slimmer and buttons have icons only."""
        narrow = width < NARROW
        self.listing.setFixedWidth(220 if narrow else 264)
        self.inspector.setFixedWidth(252 if narrow else 304)
        self.inspector.set_narrow(narrow)
        self.transport.set_narrow(narrow)
        self.scale.set_narrow(narrow)


class Rule(QWidget):
    """A line of one pixel between two views."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedWidth(1)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.colour("line"))
