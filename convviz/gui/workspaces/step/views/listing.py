"""The pass as a listing with a cursor: steps that have run are ticked, those still to run are muted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPolygonF
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from convviz.gui.theme import Theme, current_theme
from convviz.gui.theme.icon import icon_pixmap
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.picture import StepPicture
from convviz.present.step.listing import ListingRow

ROW_ROLE = Qt.ItemDataRole.UserRole
STATE_ROLE = Qt.ItemDataRole.UserRole + 1
MOST_MEASURED = 4096
"""Rows whose texts are kept measured."""
LEFT, RIGHT, GAP = 32, 9, 7
"""Pixels at the left of a step's text, at the right of its shape, and between the two."""
_HEIGHTS = {"phase": 30, "layer": 20, "step": 22}


class ListingModel(QAbstractListModel):
    """Rows of the pass; one of them holds the cursor."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[ListingRow, ...] = ()
        self._row_of: dict[int, int] = {}
        self._details: dict[int, str] = {}
        self._current = -1
        self._whole = False
        self._hint: Callable[[int], str] = lambda step: ""

    def set_rows(self, rows: tuple[ListingRow, ...], hint: Callable[[int], str]) -> None:
        """Show another program."""
        self.beginResetModel()
        self._rows, self._hint = rows, hint
        self._row_of = {row.step: i for i, row in enumerate(rows) if row.step >= 0}
        self._details, self._current, self._whole = {}, -1, False
        self.endResetModel()

    def set_cursor(self, step: int, whole: bool, details: dict[int, str]) -> None:
        """Put the cursor on a step; ``details`` replaces the right-hand text of some rows."""
        if (step, whole, details) == (self._current, self._whole, self._details):
            return
        before, were = self._current, self._details
        self._current, self._whole, self._details = step, whole, dict(details)
        other = {one for one in were.keys() | details.keys() if were.get(one) != details.get(one)}
        rows = [row for row in map(self.row_of_step, {before, step} | other) if row >= 0]
        if rows:  # only rows between the two steps change their ticks
            self.dataChanged.emit(self.index(min(rows)), self.index(max(rows)))

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def row_of_step(self, step: int) -> int:
        """Return the row of a step; −1 if it has none."""
        return self._row_of.get(step, -1)

    def state(self, row: ListingRow) -> str:
        """Return ``done``, ``current`` or ``coming`` for a step, ``heading`` for a row without one."""
        if row.step < 0:
            return "heading"
        return "done" if row.step < self._current else "current" if row.step == self._current else "coming"

    def detail(self, row: ListingRow) -> str:
        """Return the right-hand text of a row."""
        return self._details.get(row.step, row.detail)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.SizeHintRole:  # the delegate would have to ask for the row first
            return QSize(120, _HEIGHTS[row.kind])
        if role == STATE_ROLE:
            return self.state(row)
        if role == Qt.ItemDataRole.ToolTipRole and row.step >= 0:
            return self._hint(row.step)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            words = {"done": "has run", "current": "here", "coming": "not yet"}.get(self.state(row), "")
            makes = f"→ {row.makes}" if row.makes else ""
            return " ".join(part for part in (row.text, makes, self.detail(row), words) if part)
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        if self._rows[index.row()].step < 0:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class _Painter(QStyledItemDelegate):
    """Draws a row: tick or arrow, what is done, what it makes, and its shape.

    What a step makes goes before its shape where there is no room for both: the pictures are called by it.
    """

    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._theme = theme
        self._widths: dict[tuple[str, str, str, int], tuple[str, int, str, bool]] = {}
        """By the texts of a row and its width: measuring them takes most of the time of painting one."""

    def forget(self) -> None:
        """Measure texts anew: the font may be another."""
        self._widths.clear()

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row: ListingRow = index.data(ROW_ROLE)
        area: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.kind == "phase":
            painter.setFont(self._theme.font(13, QFont.Weight.DemiBold))
            painter.setPen(self._theme.colour("ink"))
            painter.drawText(area.adjusted(14, 8, -8, 0), Qt.AlignmentFlag.AlignVCenter, row.text)
        elif row.kind == "layer":
            painter.setFont(self._theme.font(12))
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(area.adjusted(14, 0, -8, 0), Qt.AlignmentFlag.AlignVCenter, row.text)
        else:
            self._step(painter, area, option, index, row)
        painter.restore()

    def _step(
        self,
        painter: QPainter,
        area: QRect,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
        row: ListingRow,
    ) -> None:
        colour, state = self._theme.colour, index.data(STATE_ROLE)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if state == "current":
            painter.fillRect(area, colour("accent_wash"))
            painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), colour("accent"))
        elif hovered:
            painter.fillRect(area, colour("hover"))
        if focused:
            painter.setPen(colour("focus"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(area).adjusted(3.5, 0.5, -3.5, -0.5), 4, 4)
        middle = area.center().y() + 0.5
        if state == "done":
            ratio = painter.device().devicePixelRatioF()
            tick = icon_pixmap("check", self._theme.palette.success, 11, ratio)
            painter.drawPixmap(QPointF(area.left() + 14, middle - 5.5), tick)
        elif state == "current":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("accent"))
            x = area.left() + 15
            painter.drawPolygon(QPolygonF([QPointF(x, middle - 4), QPointF(x + 7, middle), QPointF(x, middle + 4)]))
        model = index.model()
        painter.setFont(self._theme.mono(12))
        # Muted, not faint: the steps still to run must be legible on a projector too.
        painter.setPen(colour("muted" if state == "coming" else "ink"))
        detail = model.detail(row) if isinstance(model, ListingModel) else row.detail
        makes = f" → {row.makes}" if row.makes else ""
        shown, long, made, fits = self._measured(painter.fontMetrics(), row.text, makes, detail, area.width())
        text = area.adjusted(LEFT, 0, -RIGHT, 0)
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setPen(colour("ink" if state == "current" else "muted"))
        painter.drawText(text.adjusted(long, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, made)
        if fits:
            painter.setFont(self._theme.mono(11))
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, detail)

    def _measured(
        self, metrics: QFontMetrics, text: str, makes: str, detail: str, width: int
    ) -> tuple[str, int, str, bool]:
        """The text as far as there is room, its width, what is made if there is room, and whether the detail fits."""
        key = text, makes, detail, width
        if key not in self._widths:
            if len(self._widths) >= MOST_MEASURED:
                self.forget()
            room = width - LEFT - RIGHT
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            long = metrics.horizontalAdvance(shown)
            made = makes if metrics.horizontalAdvance(makes) <= room - long else ""
            wide = QFontMetrics(self._theme.mono(11)).horizontalAdvance(detail)
            # What doesn't fit is in the tooltip only.
            self._widths[key] = shown, long, made, long + metrics.horizontalAdvance(made) + GAP + wide <= room
        return self._widths[key]


class Listing(QListView):
    """The steps of the pass.

    Attributes
    ----------
    stepPicked : Signal(int)
        The step to run to: it was clicked, or Enter was pressed on it.
    """

    stepPicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.steps = ListingModel(self)
        self._rows: tuple[ListingRow, ...] = ()
        self.setModel(self.steps)
        self._painter = _Painter(self._theme, self)
        self.setItemDelegate(self._painter)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setAccessibleName("Steps of the pass")
        self.setWhatsThis("Every step of the pass in order. Click one to run to it.")
        self.clicked.connect(self._picked)
        self.activated.connect(self._picked)
        self._theme.changed.connect(self._restyle)

    def set_cursor(self, step: int, whole: bool, details: dict[int, str]) -> None:
        """Put the cursor on a step, and keep it and the steps after it in sight."""
        self.steps.set_cursor(step, whole, details)
        row = self.steps.row_of_step(step)
        if row >= 0:
            index = self.steps.index(row)
            self.setCurrentIndex(index)
            # Rows around it too, so that the next steps are seen before the cursor gets there.
            self.scrollTo(self.steps.index(max(row - 4, 0)))
            self.scrollTo(self.steps.index(min(row + 4, self.steps.rowCount() - 1)))
            self.scrollTo(index)

    def show_step(self, picture: StepPicture) -> None:
        """Put the cursor on another step; if the pass is another one, list its steps first."""
        if picture.rows is not self._rows:
            self._rows = picture.rows
            self.steps.set_rows(picture.rows, picture.hint)
        self.set_cursor(picture.scene.step.index, picture.is_whole, dict(picture.details))

    def show_coming(self, rows: tuple[ListingRow, ...], hint: Callable[[int], str]) -> None:
        """List the steps of a pass that is awaited: none of them has run."""
        self._rows = rows
        self.steps.set_rows(rows, hint)

    def dataChanged(
        self,
        topLeft: QModelIndex | QPersistentModelIndex,
        bottomRight: QModelIndex | QPersistentModelIndex,
        roles: Sequence[int] = (),
    ) -> None:
        # QListView would lay out all rows again, thousands in a deep network; but here no row changes its height.
        QAbstractItemView.dataChanged(self, topLeft, bottomRight, list(roles))

    def sizeHint(self) -> QSize:
        return QSize(264, 600)

    def _picked(self, index: QModelIndex) -> None:
        row: ListingRow = index.data(ROW_ROLE)
        if row.step >= 0:
            self.stepPicked.emit(row.step)

    def _restyle(self) -> None:
        self._painter.forget()
        self.viewport().update()


if __name__ == "__main__":
    run_view(Listing)
