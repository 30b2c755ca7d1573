"""A strip above the page with warnings about the run."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.theme.icon import icon_pixmap
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.widgets.labels import Caption
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.watch.look import Look
from convviz.present.watch.warnings import HealthWarning, warnings_of

HEIGHT, HIGHER = 40, 52
"""Height of the strip with one line and with two, in pixels."""
SIZED = QEvent.Type.Resize, QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.Polish, QEvent.Type.Show
"""After these the words may need more room, or less."""


class WarningStrip(WatchView):
    """One warning at a time: its sentence and advice, a link to where it shows, and a button that dismisses it.

    Attributes
    ----------
    placeAsked : Signal(str, str)
        Go to a layer (the name may be empty) and a card.
    dismissed : Signal(str)
        The user has read the warning with this key.
    """

    is_slow = True
    comes_unasked = True
    placeAsked = Signal(str, str)
    dismissed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._warnings: tuple[HealthWarning, ...] = ()
        self._number = 0
        self._sign = QLabel()
        self._sign.setFixedSize(16, 20)
        self.text = FittingLabel(size=13, token="ink", cut=True)
        self.advice = FittingLabel(size=12, cut=True)
        """The advice, if there is no room for it behind the sentence."""
        self.count = Caption("")
        self.next = Button(icon_name="right", kind="quiet", small=True, tip="The next warning")
        self.look = Button("Show", small=True, tip="Select the layer and open the card")
        self.close_button = Button(icon_name="close", kind="quiet", small=True, tip="Don't say this again in this run")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(self._sign)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch()
        words.addWidget(self.text)
        words.addWidget(self.advice)
        words.addStretch()
        row.addLayout(words, 1)
        for widget in (self.count, self.next, self.look, self.close_button):
            row.addWidget(widget)
        self.text.installEventFilter(self)
        self.setFixedHeight(HEIGHT)
        self.advice.hide()
        self.next.clicked.connect(self._go_on)
        self.look.clicked.connect(self._ask)
        self.close_button.clicked.connect(lambda: self.dismissed.emit(self.shown.key) if self.shown else None)
        self._theme.changed.connect(self._restyle)
        self._restyle()

    @staticmethod
    def picture_of(look: Look) -> tuple[HealthWarning, ...] | None:
        """The warnings; None if there are none."""
        return warnings_of(look) or None

    @property
    def shown(self) -> HealthWarning | None:
        """The visible warning; None if there is none."""
        return self._warnings[self._number] if self._warnings else None

    def show_picture(self, picture: tuple[HealthWarning, ...]) -> None:
        """Show the first warning, or keep the visible one if it still applies."""
        if picture == self._warnings:
            return
        key = self.shown.key if self.shown is not None else ""
        self._warnings = picture
        self._number = next((number for number, one in enumerate(picture) if one.key == key), 0)
        self._say()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("warning_wash"))
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), self._theme.colour("line"))

    def _say(self) -> None:
        shown = self.shown
        if shown is None:
            return
        whole = f"{shown.sentence} {shown.advice}"
        self.setAccessibleName(whole)
        many = len(self._warnings) > 1
        self.count.setText(f"{self._number + 1} of {len(self._warnings)}" if many else "")
        self.next.setVisible(many)
        self.look.setVisible(bool(shown.card))
        self._fit()

    def _fit(self) -> None:
        """Put the advice behind the sentence if it fits there, otherwise below it."""
        shown = self.shown
        if shown is None:
            return
        whole = f"{shown.sentence} {shown.advice}"
        has_room = self.text.fontMetrics().horizontalAdvance(whole) <= self.text.width()
        self.text.set_texts((whole if has_room else shown.sentence,), whole)
        self.advice.set_texts((shown.advice,), whole)
        if self.advice.isHidden() != has_room:
            self.advice.setVisible(not has_room)
            self.setFixedHeight(HEIGHT if has_room else HIGHER)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in SIZED:
            self._fit()
        return False

    def _go_on(self) -> None:
        self._number = (self._number + 1) % max(len(self._warnings), 1)
        self._say()

    def _ask(self) -> None:
        if self.shown is not None:
            self.placeAsked.emit(self.shown.layer, self.shown.card)

    def _restyle(self) -> None:
        self._sign.setPixmap(icon_pixmap("warning", self._theme.palette.warning, 16, self.devicePixelRatioF()))
        self.update()


if __name__ == "__main__":
    run_view(WarningStrip)
