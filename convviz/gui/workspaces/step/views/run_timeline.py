"""The timeline of the run under Step: going to a minibatch steps its pass."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.widgets.timeline.plot import TimelinePlot
from convviz.gui.workspaces.step.alone import run_view
from convviz.present.watch.timeline import TimelinePicture

SIDE = 254
"""Width of the part before the loss, in pixels: about that of the listing above."""
AREA = 22
"""Height of the curve of the loss, in pixels."""


class RunTimeline(QWidget):
    """A cursor over the run; hidden while nothing is recorded.

    Attributes
    ----------
    stepAsked : Signal(int)
        Step the minibatch that led to this step of the run.
    liveAsked : Signal()
        Step the last minibatch again.
    hovered : Signal(str)
        What is under the pointer, in words; empty if nothing is.
    """

    stepAsked = Signal(int)
    liveAsked = Signal()
    hovered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._picture: TimelinePicture | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Timeline of the run")
        self.plot = TimelinePlot(area=AREA)
        self.first = Button(icon_name="start", small=True, tip="The first minibatch of the run")
        self.back = Button(icon_name="left", small=True, tip="Step the previous minibatch")
        self.forward = Button(icon_name="right", small=True, tip="Step the next minibatch")
        self.live = Button("Live", icon_name="end", small=True, tip="Back to the live network (End)")
        self.where = FittingLabel(size=12, token="ink", align=Qt.AlignmentFlag.AlignLeft)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for widget in (self.first, self.back, self.forward, self.live):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            buttons.addWidget(widget)
        self.words = FittingLabel(size=12, token="muted", align=Qt.AlignmentFlag.AlignLeft)
        buttons.addSpacing(4)
        buttons.addWidget(self.words, 1)
        side = QWidget()
        side.setFixedWidth(SIDE)
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 5, 0, 3)
        column.setSpacing(3)
        column.addLayout(buttons)
        column.addWidget(self.where)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 1, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addWidget(self.plot, 1)
        self.plot.stepAsked.connect(self._go)
        self.plot.hovered.connect(self.hovered)
        self.first.clicked.connect(lambda: self._go(0))
        self.back.clicked.connect(lambda: self._go(self._now - 1))
        self.forward.clicked.connect(lambda: self._go(self._now + 1))
        self.live.clicked.connect(self.liveAsked)
        self._theme.changed.connect(self.update)
        self.hide()

    @property
    def _now(self) -> int:
        return 0 if self._picture is None else self._picture.now

    def show_timeline(self, picture: TimelinePicture | None, words: str) -> None:
        """Show where in the run the pass is, and in words how well it was replayed; None hides the timeline."""
        self._picture = picture
        self.setVisible(picture is not None)
        if picture is None:
            return
        self.plot.show_picture(picture)
        is_past, step = picture.past.step is not None, picture.now
        place = picture.past.place(step)
        loss = picture.loss_at(step)
        said = place if math.isnan(loss) else f"{place} · loss {loss:.4g}"
        if not is_past:
            said = f"live · {said}"
        self.where.set_texts((said, place, f"step {step:,}"), said)
        self.words.set_texts((words, "replayed, differs") if words else (), words)
        self.back.setEnabled(step > 1)
        self.forward.setEnabled(is_past)
        self.live.setEnabled(is_past)

    def _go(self, step: int) -> None:
        self.plot.setFocus()
        if self._picture is None:
            return
        if step >= self._picture.past.live:
            self.liveAsked.emit()
        else:
            self.stepAsked.emit(max(step, 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colour = QPainter(self), self._theme.colour
        painter.fillRect(self.rect(), colour("panel"))
        painter.fillRect(QRectF(0, 0, self.width(), 1), colour("line"))


if __name__ == "__main__":
    run_view(RunTimeline)
