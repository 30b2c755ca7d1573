"""The strip above Watch while a breakpoint holds the run."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.widgets.labels import ElidedLabel, ThemedLabel
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.plurals import capital
from convviz.present.watch.breakpoints import HeldPicture
from convviz.present.watch.hold.strip import held_picture

HEIGHT = 64
DOT = 5


class BreakStrip(WatchView):
    """Says why the run is held, or which hit the shown past moment had; a button steps the minibatch.

    Attributes
    ----------
    stepAsked : Signal()
        Step the minibatch whose update is held.
    editAsked : Signal(int)
        Go to the breakpoint in the drawer.
    openAsked : Signal(bool)
        Whether to show the held minibatch (True) or the network.
    liveAsked : Signal()
        Show the live network again.
    """

    picture_of = staticmethod(held_picture)
    stepAsked = Signal()
    openAsked = Signal(bool)
    editAsked = Signal(int)
    liveAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._theme.changed.connect(self.update)
        self._picture: HeldPicture | None = None
        self._is_open = True
        self.headline = ThemedLabel(size=14, weight=QFont.Weight.DemiBold)
        self.where = FittingLabel(size=13, token="muted")
        self.why = ElidedLabel(size=13, token="ink")
        self.edit = Button("Edit breakpoint …", kind="quiet")
        self.back = Button("Back to live", kind="quiet", tip="Show the live network again (End)")
        self.back.clicked.connect(self.liveAsked)
        self.step = Button(
            "Step this minibatch",
            kind="primary",
            icon_name="over",
            tip="Step through this very pass, with the weights before the update, from the chosen image on (S)",
        )
        self.other = Button("Show the network", tip="The network as it is now, before the update, or the minibatch")
        first = QHBoxLayout()
        first.setSpacing(10)
        first.addWidget(self.headline)
        first.addWidget(self.where, 1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(first)
        words.addWidget(self.why)
        row = QHBoxLayout(self)
        row.setContentsMargins(40, 8, 14, 8)
        row.setSpacing(10)
        row.addLayout(words, 1)
        row.addWidget(self.back)
        row.addWidget(self.edit)
        row.addWidget(self.other)
        row.addWidget(self.step)
        self.setFixedHeight(HEIGHT)
        self.step.clicked.connect(self.stepAsked)
        self.other.clicked.connect(lambda: self.openAsked.emit(not self._is_open))
        self.edit.clicked.connect(self._ask_edit)

    def show_picture(self, picture: tuple[HeldPicture, bool]) -> None:
        """Say what holds the run."""
        if picture == (self._picture, self._is_open):
            return
        self._picture, self._is_open = picture
        self._show(self._picture)

    def _ask_edit(self) -> None:
        if self._picture is not None and self._picture.number is not None:
            self.editAsked.emit(self._picture.number)

    def _show(self, picture: HeldPicture) -> None:
        self.other.setText("Show the network" if self._is_open else "Show the minibatch")
        self.other.setVisible(picture.can_step or picture.number is None)
        self.edit.setVisible(picture.number is not None)
        self.back.setVisible(picture.number is None)
        self.where.set_token("muted" if picture.number is not None else "accent_text")
        self.headline.setText(picture.hit.headline)
        shorter = picture.place.partition(", ")[0]
        self.where.set_texts((picture.place, shorter, shorter.partition(":")[0]), picture.place)
        first, why = picture.hit.why.partition(" ")[0], picture.hit.why
        if "." not in first:  # the name of an array is not capitalised
            why = capital(why)
        self.why.set_text(why)
        self.why.setVisible(bool(why))
        self.step.setVisible(picture.can_step)
        self.setAccessibleName(f"{'Hit' if picture.number is None else 'Held'}: {picture.hit.sentence}")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self._theme.colour("danger_wash"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.colour("danger"))
        painter.setPen(self._theme.colour("danger"))
        painter.setBrush(self._theme.colour("danger"))
        at = self.headline.mapTo(self, QPoint(0, self.headline.height() // 2))
        painter.drawEllipse(QPoint(22, at.y()), DOT, DOT)


if __name__ == "__main__":
    run_view(BreakStrip)
