"""The scale of a picture, held over time, with a note when it has become far too wide; a click fits it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from convviz.gui.widgets.array.scale_bar import ScaleBar
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.present.colour import ColourRole, Levels
from convviz.present.numbers import format_value
from convviz.present.scales import ScaleEnd

FIT = "Click to fit the scale to the values there are now"
QWIDGETSIZE_MAX = 16_777_215
"""Qt's name for no maximum, which PySide doesn't have."""
BAR = 88
"""Width of the bar beside a note, in pixels."""


class HeldScale(QWidget):
    """A scale bar with a note beside it, or below it.

    Parameters
    ----------
    length : int
        Greatest length of the bar, in pixels.
    below : bool
        Whether the note is below the bar; then it also says since which step the scale is unchanged.

    Attributes
    ----------
    fitAsked : Signal(str)
        The user asks to fit the scale that is held under this name.
    """

    fitAsked = Signal(str)

    def __init__(self, length: int = 150, parent: QWidget | None = None, *, below: bool = False) -> None:
        super().__init__(parent)
        self._below = below
        self._name = ""
        """The name under which the scale is held; empty if it is fixed."""
        self._said: tuple[tuple[str, ...], str] = ((), "")
        self.bar = ScaleBar(length=length)
        self.note = FittingLabel(token="accent_text")
        self.note.hide()
        way = QBoxLayout.Direction.TopToBottom if below else QBoxLayout.Direction.LeftToRight
        layout = QBoxLayout(way, self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3 if below else 8)
        layout.addWidget(self.bar, 0 if below else 1)
        layout.addWidget(self.note)

    @property
    def levels(self) -> Levels:
        """The values at the ends."""
        return self.bar.levels

    def show_end(self, role: ColourRole, end: ScaleEnd) -> None:
        """Show a scale."""
        if bool(self._name) != bool(end.name):
            self.setCursor(Qt.CursorShape.PointingHandCursor if end.name else Qt.CursorShape.ArrowCursor)
        self._name = end.name
        news = "" if end.before is None else f"changed at step {end.changed:,}: {end.news}"
        self.bar.set_scale(role, Levels(-end.value if role.diverging else 0.0, end.value), locked=True, news=news)
        if end.in_use is not None:
            largest = format_value(end.in_use, 2)
            self._say((f"max now {largest}: fit", f"fit to {largest}", "fit"), "accent_text")
        elif end.since is not None and self._below:
            step = f"{end.since:,}"
            whole = f"scale unchanged since step {step}"
            self._say((whole, f"unchanged since {step}", f"scale since {step}", f"since {step}"), "muted")
        else:
            self._say((), "muted")

    def _say(self, texts: tuple[str, ...], token: str) -> None:
        if (texts, token) == self._said:
            return
        self._said = texts, token
        self.note.set_texts(texts, FIT if texts else "")
        self.note.set_token(token)
        self.note.setVisible(bool(texts))
        self._keep_bar()

    def _keep_bar(self) -> None:
        self.note.setMaximumWidth(QWIDGETSIZE_MAX if self._below else max(0, self.width() - BAR))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_bar()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        if self._name and inside and event.button() == Qt.MouseButton.LeftButton:
            self.fitAsked.emit(self._name)
