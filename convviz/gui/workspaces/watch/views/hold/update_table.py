"""What the update would do to each layer, as a table."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.pixels import image_of_pixels
from convviz.present.colour import ColourRole, argb_table, entries
from convviz.present.watch.hold.update import UpdatePicture, UpdateRow
from convviz.present.watch.network_map.health import GOOD, TOKENS, place_on_axis

HEAD, ROW, HIGHEST = 22, 32, 54
NAME, NORM, BAR, AXIS = 78, 62, 52, 70
"""Widths of the columns, in pixels."""
SPACES = {"axis": 14, "bar": 14, "norm": 8}
"""Space before these columns, in pixels; other columns have the usual space."""
LARGEST, SMALLEST, GAP = 26, 5, 2
"""Largest and smallest side of a filter's tile, and the gap between two, in pixels."""


def tiled(count: int, width: float, height: float) -> tuple[int, int, int]:
    """Largest side at which all tiles fit, tiles in a line, and lines; at the smallest side, some may not fit."""
    for side in range(min(LARGEST, max(int(height), SMALLEST)), SMALLEST - 1, -1):
        across, lines = (max(int((room + GAP) // (side + GAP)), 1) for room in (width, height))
        if across * lines >= count:
            break
    return side, across, min(lines, -(-count // across))


class UpdateTable(QWidget):
    """One row per layer: its gradient, the gradient's norm beside its usual range, and ‖ΔW‖/‖W‖ on an axis."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._picture: UpdatePicture | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("What the update would do")
        self._theme.changed.connect(self.update)

    def show_update(self, picture: UpdatePicture) -> None:
        """Show the layers."""
        before, self._picture = self._picture, picture
        if before is None or len(before.rows) != len(picture.rows):
            self.updateGeometry()
        self.setAccessibleDescription("; ".join(row.sentence for row in picture.rows))
        self.update()

    def sizeHint(self) -> QSize:
        rows = 0 if self._picture is None else len(self._picture.rows)
        return QSize(520, HEAD + rows * ROW + 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, self.sizeHint().height())

    @property
    def _row(self) -> float:
        """Height of a row: all rows share the available room."""
        rows = 1 if self._picture is None else len(self._picture.rows)
        return min(max((self.height() - HEAD) / max(rows, 1), ROW), HIGHEST)

    # --- columns -------------------------------------------------------------------------------------------------

    @property
    def _is_wide(self) -> bool:
        return self.width() >= 500

    def _columns(self) -> dict[str, tuple[float, float]]:
        """Left end and width of each column."""
        x = float(self.width())
        found: dict[str, tuple[float, float]] = {}
        number = 52.0
        for name, wide in (
            ("ratio", number),
            ("axis", AXIS if self._is_wide else 0),
            ("times", number - 6),
            ("bar", BAR if self._is_wide else 0),
            ("usual", NORM),
            ("norm", NORM),
        ):
            x -= wide
            found[name] = x, wide
            x -= SPACES.get(name, 6) if wide else 0
        found["tiles"] = float(NAME), max(x - NAME, 0)
        return found

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._picture is not None:
            number = int((event.pos().y() - HEAD) // self._row)
            is_row = 0 <= number < len(self._picture.rows) and event.pos().y() >= HEAD
            QToolTip.showText(event.globalPos(), self._picture.rows[number].sentence if is_row else "", self)
            return True
        return super().event(event)

    # --- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        picture = self._picture
        if picture is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns, colour = self._columns(), self._theme.colour
        painter.setFont(self._theme.font(12))
        painter.setPen(colour("muted"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, 0, NAME, HEAD), left, "layer")
        painter.drawText(QRectF(columns["tiles"][0], 0, columns["tiles"][1], HEAD), left, "gradient dW")
        painter.drawText(QRectF(columns["norm"][0], 0, NORM, HEAD), right, "‖dW‖")
        painter.drawText(QRectF(columns["usual"][0], 0, NORM, HEAD), right, "usual")
        for bar, value, words, short in (
            ("bar", "times", "times usual", "times"),
            ("axis", "ratio", "‖ΔW‖/‖W‖", "‖ΔW‖/‖W‖"),
        ):
            end = sum(columns[value])
            area = QRectF(columns[bar][0], 0, end - columns[bar][0], HEAD)
            if self._is_wide:
                painter.drawText(area, left, words)
            else:
                painter.drawText(area.adjusted(-24, 0, 0, 0), right, short)
        for number, row in enumerate(picture.rows):
            top = HEAD + number * self._row
            painter.fillRect(QRectF(0, top, self.width(), 1.0), colour("line"))
            self._paint_row(painter, row, top, columns, picture.scale)

    def _paint_row(
        self, painter: QPainter, row: UpdateRow, top: float, columns: dict[str, tuple[float, float]], scale: float
    ) -> None:
        colour, tall = self._theme.colour, self._row
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(self._theme.font(13, QFont.Weight.DemiBold))
        painter.setPen(colour("ink"))
        name = painter.fontMetrics().elidedText(row.layer, Qt.TextElideMode.ElideRight, NAME - 8)
        painter.drawText(QRectF(0, top, NAME, tall), Qt.AlignmentFlag.AlignVCenter, name)
        x, wide = columns["tiles"]
        if wide > 20:
            area = QRectF(x, top + 5, wide - 6, tall - 10)
            self._paint_tiles(painter, row, area) if row.kind == "tiles" else self._paint_bars(painter, row, area)
        painter.setFont(self._theme.mono(12))
        for key, text, token in (("norm", row.norm, "ink"), ("usual", row.usual, "muted")):
            painter.setPen(colour(token))
            painter.drawText(QRectF(columns[key][0], top, columns[key][1], tall), right, text)
        painter.setPen(colour("ink" if row.state == "fine" else TOKENS[row.state]))
        painter.drawText(QRectF(columns["times"][0], top, columns["times"][1], tall), right, row.times)
        painter.setPen(colour("ink" if row.ratio.ratio_state == "fine" else row.ratio.ratio_token))
        x, wide = columns["ratio"]  # the warning sign may extend into the space before the column
        ratio = f"{row.ratio.ratio_sign}{row.ratio.ratio}"
        painter.drawText(QRectF(x - SPACES["norm"], top, wide + SPACES["norm"], tall), right, ratio)
        if not self._is_wide:
            return
        x, wide = columns["bar"]
        middle = top + tall / 2
        painter.fillRect(QRectF(x, middle - 2, wide, 4), colour("tray"))
        if math.isfinite(row.times_at):
            share = min(row.times_at / max(scale, 8.0), 1.0)
            painter.fillRect(QRectF(x, middle - 2, share * wide, 4), colour(TOKENS[row.state]))
        x, wide = columns["axis"]
        painter.fillRect(QRectF(x, middle - 2, wide, 4), colour("tray"))
        low, high = (x + wide * place_on_axis(power) for power in GOOD)
        painter.fillRect(QRectF(low, middle - 2, high - low, 4), colour("success", 0.45))
        if math.isfinite(row.ratio.ratio_at):
            at = x + wide * row.ratio.ratio_at
            painter.fillRect(QRectF(at - 1, middle - 7, 2, 14), colour(row.ratio.ratio_token))

    def _paint_tiles(self, painter: QPainter, row: UpdateRow, area: QRectF) -> None:
        count = len(row.gradient)
        vmax = float(np.abs(row.gradient[np.isfinite(row.gradient)]).max(initial=0.0)) or 1.0
        colours = np.take(
            argb_table(ColourRole.GRADIENT, self._theme.dark), entries(row.gradient, ColourRole.GRADIENT, vmax)
        )
        side, across, lines = tiled(count, area.width(), area.height())
        pitch = side + GAP
        top = area.top() + (area.height() - lines * pitch + GAP) / 2
        for number in range(min(count, across * lines)):
            line, column = divmod(number, across)
            place = QRectF(area.left() + column * pitch, top + line * pitch, side, side)
            painter.drawImage(place, image_of_pixels(colours[number]))

    def _paint_bars(self, painter: QPainter, row: UpdateRow, area: QRectF) -> None:
        values = np.nan_to_num(row.gradient)
        count = len(values)
        most = max(int(area.width() // 3), 1)
        if count > most:  # each pixel shows the largest of its units
            values = np.maximum.reduceat(values, np.linspace(0, count, most, endpoint=False).astype(np.intp))
        pitch = min(area.width() / len(values), 14.0)
        tall = float(values.max(initial=0.0)) or 1.0
        fill = self._theme.colour("success", 0.75)
        for number, value in enumerate(values.tolist()):
            up = max(value / tall * area.height(), 1.0)
            painter.fillRect(QRectF(area.left() + number * pitch, area.bottom() - up, max(pitch - 1, 1), up), fill)
        painter.fillRect(QRectF(area.left(), area.bottom(), pitch * len(values), 1), self._theme.colour("faint"))
