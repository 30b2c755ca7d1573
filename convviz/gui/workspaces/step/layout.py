"""The widgets of the Step workspace and their layout."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from convviz.gui.theme import Theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.console.line import Console
from convviz.gui.widgets.tab_order import tab_in_order
from convviz.gui.workspaces.step.picture import CellPicture, CellView, StepPicture, StepView, WayPicture, WayView
from convviz.gui.workspaces.step.views.cell_editor import CellEditor
from convviz.gui.workspaces.step.views.change_bar import ChangeBar
from convviz.gui.workspaces.step.views.chooser import Chooser
from convviz.gui.workspaces.step.views.equation import EquationCard
from convviz.gui.workspaces.step.views.fact_table import CellFacts
from convviz.gui.workspaces.step.views.formula import FormulaView
from convviz.gui.workspaces.step.views.go_to import TIP, GoTo
from convviz.gui.workspaces.step.views.heading import FittedHeading
from convviz.gui.workspaces.step.views.inspector import Inspector
from convviz.gui.workspaces.step.views.listing import Listing
from convviz.gui.workspaces.step.views.origins import Origins
from convviz.gui.workspaces.step.views.panes.grid import PaneGrid
from convviz.gui.workspaces.step.views.pass_note import PassNoteView
from convviz.gui.workspaces.step.views.run_timeline import RunTimeline
from convviz.gui.workspaces.step.views.scale_choice import ScaleChoice
from convviz.gui.workspaces.step.views.source import SourceView
from convviz.gui.workspaces.step.views.source_choice import SourceChoice
from convviz.gui.workspaces.step.views.texts import AwaitedNote, BackLink, CellTitle, ExplanationText, Title
from convviz.gui.workspaces.step.views.transport import Transport

NARROW = 1260
"""Width in pixels below which the sides are slimmer and their texts shorter."""
WIDE = 1400
"""Width in pixels from which the listing has room for the longest step and the array it makes."""


class Views:
    """The widgets: listing, panes with their bar and equation, inspector; the timeline below.

    They exist only once :meth:`make` has run to its end.

    Parameters
    ----------
    parent : QWidget
    theme : Theme
    """

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        self._parent = parent
        self._theme = theme

    def make(self) -> Iterator[None]:
        """Make the widgets, a few before each yield, and lay them out at the end.

        Until then a hidden widget owns them, because the window may be closed before the last one is made.
        """
        nursery = QWidget(self._parent)
        nursery.hide()
        seen = len(vars(self))
        for _ in self._make():
            for view in [*vars(self).values()][seen:]:
                if isinstance(view, QWidget) and view.parentWidget() is None:
                    view.setParent(nursery)
            seen = len(vars(self))
            yield
        nursery.deleteLater()

    def _make(self) -> Iterator[None]:
        self.pass_choice = SourceChoice()
        self.listing = Listing()
        yield
        self.heading = FittedHeading()
        self.changes = ChangeBar()
        yield
        self.transport = Transport()
        yield
        self.panes = PaneGrid()
        self.awaited = AwaitedNote()
        self.equation = EquationCard()
        yield
        self.scale = ScaleChoice()
        self.go = Button("Go to…", kind="quiet", small=True, tip=TIP)
        self.chooser = Chooser(side_by_side(self.go, self.scale))
        self.way_back = BackLink()
        self.cell_title = CellTitle()
        yield
        self.pass_note = PassNoteView()
        self.facts = CellFacts()
        self.console = Console()
        self.formula = FormulaView()
        yield
        self.explanation = ExplanationText()
        self.origins = Origins()
        self.source = SourceView()
        yield
        self.inspector = Inspector(
            (
                (self.chooser, self.way_back, self.pass_note, self.cell_title, self.facts),
                (self.console,),
                (Title("Formula"), self.formula, self.explanation),
                (Title("Where does it come from?"), self.origins),
                (self.source,),
            )
        )
        yield
        self.run_timeline = RunTimeline()
        self.editor = CellEditor(self._parent)
        yield
        self.go_to = GoTo(self._parent)
        yield
        self.go.clicked.connect(self.go_to.open)
        self.panes.scaleAsked.connect(self.scale.open_menu)
        self.panes.pointerEntered.connect(self.equation.hold)
        self.panes.pointerLeft.connect(self.equation.release)
        views = [one for one in vars(self).values() if isinstance(one, QWidget) and one is not self._parent]
        # isinstance() with these one-method protocols takes ten times as long.
        self._step_views: list[StepView] = [view for view in views if hasattr(view, "show_step")]
        self._cell_views: list[CellView] = [view for view in views if hasattr(view, "show_cell")]
        self._way_views: list[WayView] = [view for view in views if hasattr(view, "show_way")]
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.heading, 1)
        head.addWidget(self.changes)
        middle = QVBoxLayout()
        middle.setContentsMargins(16, 12, 16, 14)
        middle.setSpacing(10)
        middle.addLayout(head)
        middle.addWidget(self.transport)
        middle.addWidget(self.panes, 1)
        middle.addWidget(self.awaited, 1)
        middle.addWidget(self.equation)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.pass_choice)
        left.addWidget(self.listing, 1)
        whole = QVBoxLayout(self._parent)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        # The workspace may be too narrow for its words: fit() then shortens them.
        whole.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        row = QHBoxLayout()
        row.setSpacing(0)
        whole.addLayout(row, 1)
        whole.addWidget(self.run_timeline)
        row.addLayout(left)
        row.addWidget(Rule(self._theme))
        row.addLayout(middle, 1)
        row.addWidget(Rule(self._theme))
        row.addWidget(self.inspector)
        self._order_tabs()
        self.panes.cardsMade.connect(self._order_tabs)

    def _order_tabs(self) -> None:
        """Let Tab go through the workspace as it is read: the pass, its pictures, and what is said of the cell."""
        tab_in_order(
            self.pass_choice,
            self.listing,
            self.changes,
            self.transport,
            self.panes,
            self.equation,
            self.inspector,
            self.run_timeline,
        )

    def show_awaited(self, words: str) -> None:
        """Say in place of the pictures what the pass waits for; nothing can be moved or changed until then."""
        self.awaited.setText(words)
        self._set_awaited(True)

    def _set_awaited(self, awaited: bool) -> None:
        if self.awaited.isHidden() == awaited:
            self.awaited.setVisible(awaited)
            of_pass = (self.pass_choice, self.heading, self.transport, self.panes, self.equation, self.inspector)
            for view in (*of_pass, self.changes):
                view.setVisible(not awaited)

    def show_step(self, picture: StepPicture) -> None:
        """Pass a step's picture on to all views that show part of it.

        The workspace, whose keys move, gets the focus of what is hidden or disabled by it, where Qt would give it to
        whatever Tab reaches next, such as a field that takes the keys for text.
        """
        focused = self._parent.focusWidget() if self._parent.isVisible() else None
        had_focus = focused is not None and focused.hasFocus()
        self._set_awaited(False)
        for view in self._step_views:
            view.show_step(picture)
        if had_focus and focused is not None and not (focused.isVisible() and focused.isEnabled()):
            self._parent.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_cell(self, picture: CellPicture) -> None:
        """Pass a cell's picture on to all views that show part of it."""
        for view in self._cell_views:
            view.show_cell(picture)

    def show_way(self, picture: WayPicture) -> None:
        """Pass the picture of a number's origins on to all views that show part of it."""
        for view in self._way_views:
            view.show_way(picture)

    def fit(self, width: int) -> None:
        """Adapt to a width: below :data:`NARROW` the sides are slimmer and buttons show icons only."""
        narrow = width < NARROW
        for one in (self.pass_choice, self.listing):
            one.setFixedWidth(240 if narrow else 264 if width < WIDE else 288)
        self.inspector.setFixedWidth(252 if narrow else 304)
        self.inspector.set_narrow(narrow)
        self.transport.set_narrow(narrow)
        self.scale.set_narrow(narrow)


def side_by_side(*widgets: QWidget) -> QWidget:
    """Small widgets in a row."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(2)
    for widget in widgets:
        row.addWidget(widget)
    return made


class Rule(QWidget):
    """A line of one pixel between two views."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedWidth(1)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.colour("line"))
