"""The timeline along the bottom of Watch: go to any minibatch of the run, play it, step it, branch from it."""

from __future__ import annotations

import math
from functools import partial

from PySide6.QtCore import QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.badge import Badge
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.timeline.plot import TimelinePlot
from convviz.gui.widgets.timeline.walk import WALKS, ZOOMS, walked
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.watch.family import Relative
from convviz.present.watch.look import Look
from convviz.present.watch.timeline import TimelinePicture, timeline_picture

SPEEDS = (1, 8, 64)
"""Speeds of playing, in minibatches from one picture to the next."""
PLAY_MS = 60


class TimelineView(WatchView):
    """The plot of the timeline, and buttons.

    Attributes
    ----------
    stepAsked : Signal(int)
        Show the moment after this step.
    markAsked : Signal(int)
        The moment that was asked for has a mark, at this step: show what is marked.
    liveAsked : Signal()
        Show the live network.
    passAsked : Signal()
        Step through the minibatch that led to the shown moment.
    branchAsked : Signal()
        Begin a new run at the shown moment.
    runAsked : Signal(object)
        Open a :class:`Relative` of this run.
    """

    KEYS = FocusKeys(
        "the page of Watch",
        {
            **WALKS,
            **ZOOMS,
            "Play from here, or stop": ("Space",),
            "Step this minibatch": ("S",),
            "Branch from here": ("B",),
            "To the run that it branched from, or to a branch": ("P",),
        },
    )
    is_slow = True
    stepAsked = Signal(int)
    markAsked = Signal(int)
    liveAsked = Signal()
    passAsked = Signal()
    branchAsked = Signal()
    runAsked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._picture: TimelinePicture | None = None
        self._family: tuple[Relative, ...] = ()
        self.plot = TimelinePlot()
        self.first = Button(icon_name="start", small=True, tip="The first moment (Home)")
        self.back = Button(icon_name="left", small=True, tip="One minibatch back (Left)")
        self.play = Button(icon_name="play", small=True, tip="Play from here (Space)")
        self.forward = Button(icon_name="right", small=True, tip="One minibatch on (Right)")
        self.live = Button(icon_name="end", small=True, tip="The live network (End)")
        self.speed = SegmentedControl(
            ["1×", "8×", "64×"], small=True, name="Speed", tips=[f"{one} minibatches a picture" for one in SPEEDS]
        )
        self.speed.set_index(1)
        self.peaks = [
            Button("‹ peak", kind="quiet", small=True, tip="To the previous peak of the loss (Shift+N)"),
            Button("peak ›", kind="quiet", small=True, tip="To the next peak of the loss (N)"),
        ]
        self.sign = Badge("")
        self.where = FittingLabel(size=13, token="ink")
        self.step_button = Button(
            "Step this minibatch", icon_name="over", small=True, tip="Open its pass in Step, replayed exactly (S)"
        )
        self.branch_button = Button(
            "Branch from here", icon_name="fit", small=True, tip="Begin a new run at this moment (B)"
        )
        self.branch_button.set_icon("redo")
        self.family_button = Button("Branches", small=True, tip="The run that it branched from, and its branches (P)")
        self.family = QMenu(self.family_button)
        self.family_button.setMenu(self.family)
        self.family_button.hide()
        row = QHBoxLayout()
        row.setContentsMargins(16, 8, 16, 0)
        row.setSpacing(6)
        for widget in (self.first, self.back, self.play, self.forward, self.live):
            row.addWidget(widget)
        row.addSpacing(6)
        row.addWidget(self.speed)
        for button, way in zip(self.peaks, (-1, 1), strict=True):
            button.clicked.connect(partial(self._go_to_peak, way))
            row.addWidget(button)
        row.addSpacing(10)
        row.addWidget(self.sign)
        row.addSpacing(2)
        row.addWidget(self.where, 1)
        row.addWidget(self.step_button)
        row.addWidget(self.branch_button)
        row.addWidget(self.family_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 1, 0, 2)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.plot)
        self._timer = QTimer(self)
        self._timer.setInterval(PLAY_MS)
        self._timer.timeout.connect(self._play_on)
        self.plot.stepAsked.connect(self.stepAsked)
        self.plot.stepAsked.connect(self.stop)
        self.plot.markAsked.connect(self.markAsked)
        self.plot.hovered.connect(self.hovered)
        self.first.clicked.connect(lambda: self._go(0))
        self.back.clicked.connect(lambda: self._go(self._now - 1))
        self.forward.clicked.connect(lambda: self._go(self._now + 1))
        self.live.clicked.connect(self._go_live)
        self.play.clicked.connect(self._toggle)
        self.step_button.clicked.connect(self.passAsked)
        self.branch_button.clicked.connect(self.branchAsked)
        self._theme.changed.connect(self.update)

    @staticmethod
    def picture_of(look: Look) -> TimelinePicture | None:
        """The timeline; None if nothing is recorded."""
        return None if look.past is None else timeline_picture(look, look.past)

    def show_picture(self, picture: TimelinePicture) -> None:
        """Show a timeline."""
        self.plot.show_picture(picture)
        self.show_place(picture)

    def show_place(self, picture: TimelinePicture) -> None:
        """Say which moment is shown, without updating the plot, which may be a few pictures behind."""
        self._picture = picture
        past, is_past = picture.past, picture.past.step is not None
        if not is_past:
            self.stop()
        step = self._now
        loss = picture.loss_at(step)
        if picture.held is not None:
            place = f"{past.place(step)} · before" if is_past else "before"
            place = f"{place} the update of step {picture.held:,}"
            self.where.set_texts((place, f"step {picture.held:,}"), place)
        else:
            place = past.place(step)
            whole = place if math.isnan(loss) else f"{place} · loss {loss:.4g}"
            self.where.set_texts((whole, f"step {step:,}"), whole)
        sign = picture.sign
        if sign.word != self.sign.text():
            self.sign.set_badge(sign.word, sign.kind)
            self.sign.setToolTip(sign.about)
            self.sign.setAccessibleDescription(sign.about)
        # This button would step the minibatch before the held one, for which the strip above has a button.
        self.step_button.setVisible(picture.held is None)
        self._show_family(past.family)
        self.live.setEnabled(is_past)
        self.forward.setEnabled(is_past)
        self.play.setEnabled(is_past)
        self.step_button.setEnabled(step > 0)

    def _show_family(self, family: tuple[Relative, ...]) -> None:
        if family == self._family:
            return
        self._family = family
        self.family.clear()
        for one in family:
            action = self.family.addAction(one.says)
            action.setEnabled(one.path is not None)
            action.triggered.connect(partial(self._ask_run, one))
        self.family_button.setVisible(bool(family))
        is_parent = len(family) == 1 and family[0].is_parent
        self.family_button.setText("Parent" if is_parent else "Branches")

    def _ask_run(self, one: Relative, *_: object) -> None:
        self.runAsked.emit(one)

    def stop(self, *_: object) -> None:
        """Stop playing."""
        self._timer.stop()
        self.play.set_icon("play")

    def handle_key(self, event: QKeyEvent) -> bool:
        """Move the cursor in response to a key; return False if the key means nothing here."""
        picture = self._picture
        if picture is None or self.isHidden():
            return False
        key, held = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        none = held == Qt.KeyboardModifier.NoModifier
        to = walked(picture, key, event.modifiers())
        if self.plot.zoom_by(event):
            return True
        if none and key == Qt.Key.Key_End:
            self._go_live()
        elif to is not None:
            self._go(to)
            if held == Qt.KeyboardModifier.ControlModifier:
                self.markAsked.emit(to)
        elif none and key == Qt.Key.Key_Space and picture.past.step is not None:
            self._toggle()
        elif none and key == Qt.Key.Key_S and self._now > 0:
            self.passAsked.emit()
        elif none and key == Qt.Key.Key_B:
            self.branch_button.click()
        elif none and key == Qt.Key.Key_P and self._family:
            above = QPoint(0, -self.family.sizeHint().height())
            self.family.popup(self.family_button.mapToGlobal(above))
        else:
            return False
        return True

    @property
    def _now(self) -> int:
        return 0 if self._picture is None else self._picture.now

    def _go(self, step: int) -> None:
        self.stop()
        self.stepAsked.emit(max(step, 0))

    def _go_to_peak(self, way: int, *_: object) -> None:
        to = None if self._picture is None else self._picture.peak_from(self._now, way)
        if to is None:
            self.hovered.emit("The loss has no peak there: nothing stands out from the minibatches before it")
        else:
            self._go(to)

    def _go_live(self) -> None:
        self.stop()
        self.liveAsked.emit()

    def _toggle(self) -> None:
        if self._timer.isActive():
            self.stop()
        else:
            self._timer.start()
            self.play.set_icon("pause")

    def _play_on(self) -> None:
        """Ask for the next moment, once the previous one is shown."""
        if self._picture is None or not self.isVisible() or self._picture.past.problem:
            self.stop()
        elif not self._picture.past.is_loading:
            self.stepAsked.emit(self._now + SPEEDS[self.speed.index])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))
        painter.fillRect(QRectF(0, 0, self.width(), 1), self._theme.colour("line"))


if __name__ == "__main__":
    run_view(TimelineView)
