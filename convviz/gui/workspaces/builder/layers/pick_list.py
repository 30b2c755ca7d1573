"""A searchable list of names and descriptions: kinds of layers, presets."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys

_VALUE = Qt.ItemDataRole.UserRole
_ROW = 40
HIGHEST = 540


class PickList(QFrame):
    """A list that opens over the window; Enter or a click picks, Esc closes.

    Parameters
    ----------
    entries : sequence of (str, str, object)
        Name, description and value.
    what : str
        The word for an entry: ``layer``.
    parent : QWidget, optional
    width : int
        Width of the list, in pixels.
    lines : int
        Lines of each description.

    Attributes
    ----------
    picked : Signal(object)
        The value of the picked entry.
    """

    KEYS = FocusKeys(
        "a list",
        {
            "Another entry": ("Up", "Down"),
            "Choose it": ("Return", "Enter"),
        },
    )

    picked = Signal(object)

    def __init__(
        self,
        entries: Sequence[tuple[str, str, object]],
        what: str,
        parent: QWidget | None = None,
        *,
        width: int = 430,
        lines: int = 1,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._theme = current_theme()
        self.setObjectName("pickList")
        self._width = width
        self._row = _ROW + 16 * (lines - 1)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme.follow(self._restyle)
        self._restyle()
        self.search = QLineEdit()
        self.search.setPlaceholderText(f"Type to find a {what}")
        self.search.setAccessibleName(f"Find a {what}")
        self.search.textChanged.connect(self._narrow)
        self.list = QListWidget()
        self.list.setAccessibleName(f"{what} list")
        self.list.setItemDelegate(_Row(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.itemClicked.connect(self._picked)
        for name, about, value in entries:
            item = QListWidgetItem(f"{name}: {about}")
            item.setToolTip(about)
            item.setData(_VALUE, value)
            item.setSizeHint(QSize(200, self._row))
            self.list.addItem(item)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)

    def open_at(self, at: QPoint) -> None:
        """Open with its upper left corner at this place on the screen, as far as it fits."""
        self.search.clear()
        self._narrow("")
        self.list.setCurrentRow(0)
        owner = self.parentWidget()
        room = self.screen().availableGeometry()
        if owner is not None:
            # Keep it inside the window's visible part: a list across the window's edge would look cut off.
            window = owner.window().geometry().intersected(room)
            room = window if window.height() > 300 else room
        room.adjust(8, 8, -8, -8)
        at.setX(max(room.left(), min(at.x(), room.right() - self.width())))
        at.setY(max(room.top(), min(at.y(), room.bottom() - self.height())))
        self.move(at)
        self.show()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.list.currentRow()
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            way = 1 if event.key() == Qt.Key.Key_Down else -1
            row += way
            while 0 <= row < self.list.count() and self.list.item(row).isHidden():
                row += way
            if 0 <= row < self.list.count():
                self.list.setCurrentRow(row)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            item = self.list.currentItem()
            if item is not None and not item.isHidden():
                self._picked(item)
        else:
            super().keyPressEvent(event)

    @Slot(str)
    def _narrow(self, text: str) -> None:
        """Select the first name that begins with the text; entries that contain it elsewhere stay visible."""
        wanted = text.strip().lower()
        best: int | None = None
        for row in range(self.list.count()):
            item = self.list.item(row)
            title = item.text().partition(":")[0].lower()
            item.setHidden(wanted not in item.text().lower())
            if not item.isHidden() and (best is None or (title.startswith(wanted) and not self._starts(best, wanted))):
                best = row
        if best is not None:
            self.list.setCurrentRow(best)
        hits = sum(not self.list.item(row).isHidden() for row in range(self.list.count()))
        self.resize(self._width, min(self._row * max(hits, 1) + 60, HIGHEST))

    def _starts(self, row: int, wanted: str) -> bool:
        return self.list.item(row).text().lower().startswith(wanted)

    @Slot(QListWidgetItem)
    def _picked(self, item: QListWidgetItem) -> None:
        self.close()
        self.picked.emit(item.data(_VALUE))

    @Slot()
    def _restyle(self) -> None:
        colours = self._theme.palette
        self.setStyleSheet(f"#pickList {{ background: {colours.panel}; border: 1px solid {colours.line}; }}")


class _Row(QStyledItemDelegate):
    """The name of an entry above its description."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index) -> None:
        theme = current_theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if chosen or over:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_wash" if chosen else "hover"))
            painter.drawRoundedRect(option.rect.adjusted(0, 1, 0, -1), 5, 5)
        title, _, about = str(index.data()).partition(": ")
        area = option.rect.adjusted(8, 4, -8, -4)
        painter.setPen(theme.colour("ink"))
        painter.setFont(theme.font(13, QFont.Weight.DemiBold))
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, title)
        painter.setPen(theme.colour("muted"))
        painter.setFont(theme.font(12))
        below = area.adjusted(0, 19, 0, 2)
        if option.rect.height() > _ROW:
            painter.drawText(below, int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap), about)
        else:
            text = painter.fontMetrics().elidedText(about, Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()
