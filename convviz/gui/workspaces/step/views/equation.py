"""The card of the equation: it has a title, and keeps its height while the pointer is on the pictures."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.core.program import Step
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.scrolled import scrolled
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.cell_text import Writer
from convviz.gui.workspaces.step.equation_flow import LINE, LINES, EquationFlow
from convviz.gui.workspaces.step.picture import CellPicture, StepPicture

HEAD = 48
"""Height of the card without the equation, in pixels."""
ORDERS = ("Largest first", "In order")
TIPS = ("Of a long sum, the terms that matter most", "The terms of a sum in the order of their cells")


class EquationCard(Card):
    """The equation of the explained number.

    Attributes
    ----------
    partPicked, partHovered : Signal(object)
    partLeft : Signal()
        Those of the :class:`EquationFlow` in it.
    """

    partPicked = Signal(object)
    partHovered = Signal(object)
    partLeft = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(" ", "", parent)
        self.flow = EquationFlow()
        self.flow.partPicked.connect(self.partPicked)
        self.flow.partHovered.connect(self.partHovered)
        self.flow.partLeft.connect(self.partLeft)
        self.flow.unfolded.connect(self._unfold)
        self._writer: Writer | None = None
        self._largest: Writer | None = None
        self.order = SegmentedControl(ORDERS, small=True, name="Order of the terms", tips=TIPS)
        self.order.selected.connect(self._reordered)
        self.order.hide()
        self.add_action(self.order)
        self.set_spacing(4, 8)
        self.title.setMinimumHeight(self.order.sizeHint().height())  # so that the equation doesn't move when it comes
        self.flow.laidOut.connect(self._offer_order)
        self._step: Step | None = None
        self._title = ""
        self._unfolded = ""
        """The cell whose equation the user has unfolded."""
        self._is_held = self._is_new = False
        self._scroll = scrolled(self.flow)
        self.body.addWidget(self._scroll, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._fit()

    def hold(self) -> None:
        """Keep the height, because the pointer is on the pictures: they would move under it."""
        self._is_held = True

    def release(self) -> None:
        """Let the height follow the equation again."""
        if self._is_held:
            self._is_held = False
            self._rewrite()

    def show_step(self, picture: StepPicture) -> None:
        """Let the height change once at another step, which replaces the pictures in any case."""
        self._is_new = self._is_new or picture.scene.step is not self._step
        self._step = picture.scene.step

    def show_cell(self, picture: CellPicture) -> None:
        """Show the equation of another cell; hovering over other cells doesn't fold an unfolded one for good."""
        equation = picture.equation
        self._title = picture.title
        if not picture.is_hovered and picture.title != self._unfolded:
            self._unfolded = ""
        self.set_equation(equation.writer, equation.note, equation.caption, equation.largest)

    def set_equation(
        self, writer: Writer | None, note: str = "", caption: str = "", largest: Writer | None = None
    ) -> None:
        """Show an equation; without one, a note and a caption instead. ``largest`` writes the largest terms first."""
        self._writer, self._largest = writer, largest
        self._rewrite()
        written = self.flow.written
        self.set_title(written.title if written is not None else (note or " "))
        self.set_caption(written.caption if written is not None else caption)

    def fold(self) -> bool:
        """Fold the equation; return whether it was unfolded."""
        if not self.flow.is_open:
            return False
        self._unfolded, self._is_new = "", True
        self._rewrite()
        return True

    def _reordered(self) -> None:
        self._is_new = True
        self._rewrite()

    def _offer_order(self) -> None:
        """Offer the order where it matters: where not all terms are there, or were not before they were unfolded."""
        folds = self.flow.is_open or self.flow.fold_place is not None
        self.order.setVisible(self._largest is not None and folds)

    def _unfold(self) -> None:
        self._unfolded, self._is_new = self._title, True
        self._rewrite()

    def _rewrite(self) -> None:
        is_open = bool(self._unfolded) and self._unfolded == self._title
        largest = None if self.order.index else self._largest
        if self._is_held and not self._is_new:
            lines = max(LINES, (self.height() - HEAD) // LINE)
            self.flow.set_equation(self._writer, is_open, lines, largest)
        else:
            self.flow.set_equation(self._writer, is_open, largest=largest)
            self._is_new = False
            self._fit()

    def _fit(self) -> None:
        body = min(self.flow.sizeHint().height(), (6 if self.flow.is_open else 4) * LINE)
        self.setFixedHeight(body + HEAD)


if __name__ == "__main__":
    run_view(EquationCard)
