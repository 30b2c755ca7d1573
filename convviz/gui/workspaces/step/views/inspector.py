"""The column beside the pictures: sections about the cell and, below them, buttons that change it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QScrollBar, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fade import Fade
from convviz.gui.widgets.labels import Caption
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.picture import WayPicture

NUDGE_TIP = "Change this number by ±ε, and compare the slope of the loss with its gradient (N)"
EDIT_TIP = (
    "Set another number here and recompute the pass (E)\nOr paint: drag over a picture with Shift and the left button; "
    "with Alt as well, that rubs out"
)


class Inspector(QWidget):
    """The right-hand side.

    Parameters
    ----------
    sections : iterable of tuple of QWidget
        The sections from top to bottom, each with its widgets.

    Attributes
    ----------
    nudgeAsked, editAsked : Signal()
    """

    nudgeAsked = Signal()
    editAsked = Signal()

    def __init__(self, sections: Iterable[tuple[QWidget, ...]] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 12, 6, 12)
        column.setSpacing(8)
        for number, section in enumerate(sections):
            if number:
                column.addSpacing(2)
            for widget in section:
                place = Qt.AlignmentFlag.AlignLeft if isinstance(widget, Button) else Qt.AlignmentFlag(0)
                column.addWidget(widget, 0, place)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setVerticalScrollBar(StillBar())
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        Fade(scroll)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scroll, 1)
        self.result = Caption("", wrap=True, token="ink")
        self.result.setContentsMargins(16, 8, 16, 4)
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

    def sizeHint(self) -> QSize:
        return QSize(304, 600)

    def set_narrow(self, narrow: bool) -> None:
        """Use shorter words on the buttons."""
        self.nudge.setText("Nudge ±ε" if narrow else "Nudge ±ε and check")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))
        if not self.result.isHidden():  # it ends what is scrolled
            painter.fillRect(0, self.result.y(), self.width(), 1, self._theme.colour("line"))

    def show_way(self, picture: WayPicture) -> None:
        """Say what can be done with another cell."""
        self.set_usable(picture.no_nudge, picture.no_edit)

    def set_usable(self, no_nudge: str, no_edit: str) -> None:
        """Disable the buttons that don't apply to the cell: those for which the text, which says why, isn't empty."""
        for button, reason, tip in ((self.nudge, no_nudge, NUDGE_TIP), (self.edit, no_edit, EDIT_TIP)):
            button.setEnabled(not reason)
            button.setToolTip(reason or tip)

    def set_result(self, text: str, token: str = "ink") -> None:
        """Show the result of a check in a colour of the theme; an empty text hides it."""
        self.result.setText(text)
        self.result.setVisible(bool(text))
        self.result.set_token(token)


class StillBar(QScrollBar):
    """A scroll bar that always takes up its width, and is blank if there is nothing to scroll.

    Otherwise the texts beside it, whose height changes at every step, would be laid out twice, for two widths.
    """

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.maximum() > self.minimum():
            super().paintEvent(event)


if __name__ == "__main__":
    run_view(Inspector)
