"""A segmented control: a choice of one of a few options that are all visible."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_frame import paint_focus_frame
from convviz.gui.widgets.focus_keys import FocusKeys


class SegmentedControl(QWidget):
    """A row of choices of which exactly one is selected.

    Tab gives the focus to the chosen segment; the arrow keys, Home and End choose another.

    Parameters
    ----------
    labels : sequence of str
        Texts of the segments.
    tips : sequence of str, optional
        A tooltip for each.
    small : bool
        For use in a card.

    Attributes
    ----------
    selected : Signal(int)
        The user chose another segment. :meth:`set_index` doesn't emit it.
    """

    KEYS = FocusKeys(
        "a row of choices",
        {
            "The choice before": ("Left", "Up"),
            "The next choice": ("Right", "Down"),
            "The first or the last choice": ("Home", "End"),
        },
    )

    selected = Signal(int)

    def __init__(
        self,
        labels: Sequence[str],
        parent: QWidget | None = None,
        *,
        tips: Sequence[str] = (),
        small: bool = False,
        name: str = "",
    ) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(2)
        for index, label in enumerate(labels):
            segment = _Segment(label, self, small)
            if index < len(tips):
                segment.setToolTip(tips[index])
            self._group.addButton(segment, index)
            layout.addWidget(segment)
        self._group.idClicked.connect(self._clicked)
        self._index = -1
        if labels:
            self.set_index(0)
        self._theme.changed.connect(self.update)

    @property
    def index(self) -> int:
        """The chosen segment."""
        return self._index

    def text(self) -> str:
        """Return the text of the chosen segment."""
        return self._group.button(self._index).text()

    def button(self, index: int) -> QAbstractButton:
        """Return a segment."""
        return self._group.button(index)

    def set_index(self, index: int) -> None:
        """Choose a segment, without a signal.

        Raises
        ------
        ValueError
            There is no segment with this number.
        """
        found = self._group.button(index)
        if found is None:
            raise ValueError(f"segment: expected 0 to {len(self._group.buttons()) - 1}, got {index}")
        self._index = index
        found.setChecked(True)
        for other in self._group.buttons():
            other.setFocusPolicy(Qt.FocusPolicy.StrongFocus if other is found else Qt.FocusPolicy.ClickFocus)

    def set_segment_enabled(self, index: int, enabled: bool, reason: str = "") -> None:
        """Enable or disable a segment; the reason becomes its tooltip."""
        segment = self._group.button(index)
        segment.setEnabled(enabled)
        if reason or enabled:
            segment.setToolTip(reason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._group.buttons()) - 1
        way = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Down: 1,
        }.get(Qt.Key(event.key()))
        if way is not None:
            index = self._index + way
            while 0 <= index <= last and not self._group.button(index).isEnabled():
                index += way
            self._choose(index)
        elif event.key() == Qt.Key.Key_Home:
            self._choose(0)
        elif event.key() == Qt.Key.Key_End:
            self._choose(last)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("tray"))
        painter.drawRoundedRect(QRectF(self.rect()), 7, 7)

    def _choose(self, index: int) -> None:
        segment = self._group.button(index)
        if segment is not None and segment.isEnabled():
            self._clicked(index)
            segment.setFocus(Qt.FocusReason.TabFocusReason)

    def _clicked(self, index: int) -> None:
        if index != self._index:
            self.set_index(index)
            self.selected.emit(index)


class _Segment(QAbstractButton):
    """One choice; raised like a panel when it is chosen."""

    def __init__(self, text: str, parent: QWidget, small: bool) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._small = small
        self.setText(text)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFont(self._theme.font(12 if small else 13))
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(width + (18 if self._small else 30), 20 if self._small else 26)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()  # the control changes the choice; QAbstractButton would only move the focus
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        colour = self._theme.colour
        if self.isChecked():
            painter.setPen(QPen(colour("line") if not self._theme.dark else colour("background"), 1))
            painter.setBrush(colour("panel") if not self._theme.dark else colour("background"))
            painter.drawRoundedRect(area, 5, 5)
        elif self.underMouse() and self.isEnabled():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("pressed"))
            painter.drawRoundedRect(area, 5, 5)
        paint_focus_frame(painter, self, inset=0.5)
        painter.setPen(colour("faint" if not self.isEnabled() else "ink" if self.isChecked() else "muted"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
