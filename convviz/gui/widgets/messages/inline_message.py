"""An inline message: one sentence about a problem or a fact, with buttons for possible actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.theme.icon import icon_pixmap
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import ThemedLabel

_KINDS = {
    "error": ("danger", "danger_wash", "error"),
    "warning": ("warning", "warning_wash", "warning"),
    "info": ("focus", "hover", "info"),
    "success": ("success", "success_wash", "success"),
}


LASTS = 8.0
"""Seconds that plain information stays: nothing failed, and there is nothing to choose."""
OFFERED = 2.5
"""Factor on that time for a message whose offer is found elsewhere too."""
LINGERS = 2.0
"""Seconds that are added while the pointer or the focus is on it."""
READ = 0.25
"""Share of its time after which a message goes when the user turns to another page."""
SLACK = 12
"""Pixels beside a sentence on one line, so that rounding doesn't break it."""


class InlineMessage(QWidget):
    """A bar with a sentence, hidden until :meth:`say`; a screen reader speaks it as an alert.

    Errors, warnings and questions stay; plain information goes by itself after :data:`LASTS`.

    Attributes
    ----------
    closed : Signal()
        The user closed it.
    """

    closed = Signal()

    def __init__(self, parent: QWidget | None = None, *, closable: bool = True) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._kind = "info"
        self._sign = QLabel()
        self._sign.setFixedSize(16, 20)
        self._text = ThemedLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.action_buttons: list[Button] = []
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.timeout.connect(self._left_by_itself)
        self.close_button = Button(icon_name="close", kind="quiet", tip="Close this message", small=True)
        self.close_button.clicked.connect(self._closed_by_user)
        self.close_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if not closable:
            self.close_button.hide()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 8, 8, 8)
        self._row.setSpacing(8)
        self._row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self._text, 1)
        self._row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._theme.changed.connect(self._restyle)
        self.hide()

    @property
    def kind(self) -> str:
        """The kind of the message."""
        return self._kind

    def text(self) -> str:
        """Return the sentence."""
        return self._text.text()

    def set_compact(self, compact: bool) -> None:
        """Be as low as one line allows."""
        above = 2 if compact else 8
        if self._row.contentsMargins().top() != above:
            self._row.setContentsMargins(12, above, 8, above)

    def line_width(self) -> int:
        """The width at which the sentence takes one line."""
        margins, others = self._row.contentsMargins(), [self._sign, *self.action_buttons, self.close_button]
        shown = [one.sizeHint().width() for one in others if not one.isHidden()]
        text = self._text.fontMetrics().horizontalAdvance(self.text()) + 2 * self._text.margin() + SLACK
        return margins.left() + margins.right() + text + sum(shown) + self._row.spacing() * len(shown)

    def say(
        self,
        sentence: str,
        kind: str = "error",
        actions: Mapping[str, Callable[[], object]] | None = None,
        *,
        seconds: float | None = None,
        passes: bool = False,
    ) -> None:
        """Show a sentence.

        Parameters
        ----------
        sentence : str
            Names the thing, what was expected and what came. An empty one hides the bar.
        kind : str
            ``error``, ``warning``, ``info`` or ``success``.
        actions : mapping of str to callable, optional
            Buttons that solve the problem: their texts and what they do.
        seconds : float, optional
            Time after which it disappears by itself; 0 is never. Unless given, that of its kind.
        passes : bool
            Whether it disappears by itself, though later, in spite of its actions: they are found elsewhere too.

        Raises
        ------
        ValueError
            There is no such kind.
        """
        if kind not in _KINDS:
            raise ValueError(f"message: expected one of {', '.join(_KINDS)}, got {kind!r}")
        self._leave.stop()
        if seconds is None:
            is_plain = kind in ("info", "success") and not actions and not self.close_button.isHidden()
            seconds = LASTS if is_plain else OFFERED * LASTS if passes else 0
        if seconds > 0 and sentence:
            self._leave.start(round(1000 * seconds))
        if not sentence:
            self.hide()
            return
        self._kind = kind
        self._text.setText(sentence)
        for old in self.action_buttons:
            self._row.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.action_buttons = [Button(label, small=True, on_click=act) for label, act in (actions or {}).items()]
        for made in self.action_buttons:
            # A click does not move the focus: a button that goes would pass it on to whatever comes next.
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._row.insertWidget(self._row.count() - 1, made, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName(f"{kind}: {sentence}")
        self._restyle()
        if self.parentWidget() is None:
            # Not in a layout yet: showing it now would open a window; adding it to a layout will show it.
            self.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)
            return
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        token, wash, _ = _KINDS[self._kind]
        painter.setPen(QPen(self._theme.colour(token, 0.45), 1))
        painter.setBrush(self._theme.colour(wash))
        painter.drawRoundedRect(QRectF(self.contentsRect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    @Slot()
    def _left_by_itself(self) -> None:
        focus = QApplication.focusWidget()
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            self._leave.start(round(1000 * LINGERS))
            return
        self.say("")

    def leave_with_page(self) -> None:
        """Hide what would soon go by itself, since the user has turned to another page; what has just come stays."""
        if self._leave.isActive() and self._leave.remainingTime() < (1 - READ) * self._leave.interval():
            self.say("")

    def _closed_by_user(self) -> None:
        self.hide()
        self.closed.emit()

    def _restyle(self) -> None:
        token, _, sign = _KINDS[self._kind]
        colour = getattr(self._theme.palette, token)
        self._sign.setPixmap(icon_pixmap(sign, colour, 16, self.devicePixelRatioF()))
        self.update()
