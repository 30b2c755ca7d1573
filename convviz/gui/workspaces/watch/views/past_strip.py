"""A strip above the page that says that a past moment is shown, and returns to the live network."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QTimer, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.theme.icon import icon_pixmap
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.widgets.labels import ThemedLabel
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.watch.look import Look
from convviz.present.watch.past_look import PastLook

HEIGHT, SIGN, SIDE = 36, 16, 16
"""Height of the strip, size of its sign, and space beside it, in pixels."""
PAST = "Looking at the past"
PATIENCE_MS = 250
"""Milliseconds before the strip says that it waits for a moment; sooner, the text would flicker during dragging."""


class PastStrip(WatchView):
    """Says which moment is shown, or why it can't be shown.

    Attributes
    ----------
    liveAsked : Signal()
    stepAsked : Signal(int)
        Show the nearest moment that can be shown, which is after this step.
    """

    liveAsked = Signal()
    stepAsked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._past = PastLook()
        self._is_late = False
        """Whether the moment has taken so long that the strip says it is waiting."""
        self.headline = ThemedLabel(PAST, token="accent_text", weight=QFont.Weight.DemiBold)
        self.text = FittingLabel(size=13, token="ink", cut=True)
        self.nearest = Button("", small=True, tip="The nearest moment that is in the recording")
        self.back = Button("Back to live", icon_name="end", small=True, tip="Show the live network again (End)")
        row = QHBoxLayout(self)
        row.setContentsMargins(SIDE + SIGN + 8, 0, 12, 0)
        row.setSpacing(10)
        row.addWidget(self.headline)
        row.addWidget(self.text, 1)
        row.addWidget(self.nearest)
        row.addWidget(self.back)
        self.setFixedHeight(HEIGHT)
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(PATIENCE_MS)
        self._waiting.timeout.connect(self._grow_late)
        self.back.clicked.connect(self.liveAsked)
        self.nearest.clicked.connect(self._ask_nearest)
        self._theme.changed.connect(self.update)

    @staticmethod
    def picture_of(look: Look) -> PastLook | None:
        """The look at the past; None while the live network is shown."""
        past = look.past
        if past is None or (past.step is None and not past.problem):
            return None
        # A past hit has its own strip, which also says that the moment is past.
        return None if look.hold is not None and look.hold.is_past and not past.problem else past

    def show_picture(self, picture: PastLook) -> None:
        """Say which moment is shown."""
        self._past = picture
        if not picture.is_loading:
            self._waiting.stop()
            self._is_late = False
        elif not self._is_late and not self._waiting.isActive():
            self._waiting.start()
        self._say()

    def _grow_late(self) -> None:
        self._is_late = True
        self._say()

    def _say(self) -> None:
        picture = self._past
        step = picture.live if picture.step is None else picture.step
        if picture.problem:
            texts: tuple[str, ...] = (
                f"Step {step:,} can't be replayed: {picture.problem}",
                f"Step {step:,} can't be replayed",
            )
        else:
            behind, place = picture.live - step, picture.place(step)
            steps = f"{behind:,} step{'' if behind == 1 else 's'} before the live network"
            live = f"{steps}, which is at {picture.live:,}"
            if picture.live_loss is not None:
                live = f"{live} with loss {picture.live_loss:.4g}"
            if picture.is_loading and self._is_late:
                shown = f"{place} · being replayed from the recording …"
                texts = (f"{shown} Until then, the previous moment stays below.", shown, f"{place} …")
            else:
                texts = (f"{place} · {live}. The network below is as it was then.", f"{place} · {live}")
                texts += (f"{place} · {steps}", place)
            if picture.only_key_points:
                why = "only key points can be shown without the data set"
                texts = (f"{place} · {steps}; {why}", f"{place} · {why}", f"{place} · a key point")
        self.headline.setVisible(not picture.problem)
        self.text.set_texts(texts, texts[0])
        self.setAccessibleName(texts[0] if picture.problem else f"{PAST}: {texts[0]}")
        self.nearest.setVisible(bool(picture.problem) and picture.nearest is not None)
        if picture.nearest is not None:
            self.nearest.setText(f"Go to step {picture.nearest:,}")
        self.update()

    def _ask_nearest(self) -> None:
        if self._past.nearest is not None:
            self.stepAsked.emit(self._past.nearest)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        is_wrong = bool(self._past.problem)
        painter.fillRect(self.rect(), self._theme.colour("danger_wash" if is_wrong else "accent_wash"))
        thick = 2 if self._past.is_loading or is_wrong else 1
        line = QRectF(0, self.height() - thick, self.width(), thick)
        painter.fillRect(line, self._theme.colour("danger" if is_wrong else "accent"))
        palette = self._theme.palette
        sign, colour = ("error", palette.danger) if is_wrong else ("clock", palette.accent_text)
        painter.drawPixmap(SIDE, (HEIGHT - SIGN) // 2, icon_pixmap(sign, colour, SIGN, self.devicePixelRatioF()))


if __name__ == "__main__":
    run_view(PastStrip)
