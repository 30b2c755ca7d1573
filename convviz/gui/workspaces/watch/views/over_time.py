"""Histograms of the selected layer over the run, as ridgelines or as a heat map."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.ground import Ground
from convviz.gui.widgets.pixels import image_of_pixels
from convviz.gui.widgets.ridges import RidgeColumn, RidgeStyle, ridge_image
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.colour import ColourRole, table
from convviz.present.numbers import format_value
from convviz.present.watch.over_time import OverTimePicture, Ridges, over_time

GUTTER, HEAD, FOOT, GAP = 46, 22, 20, 14
"""Room for the steps at the left, titles above, ranges below, and between two columns, in pixels."""
RISE = 3.2
"""Height of the tallest ridge, in multiples of the distance between two ridges."""
LATER = 0.35
"""Opacity of the histograms after the shown moment."""
MOST_APART = 28.0
"""Largest distance between two ridges, in pixels; otherwise the first two would fill the card."""
NOTHING = "Histograms appear as soon as training starts."


class OverTimePlot(QWidget):
    """Columns of histograms, the newest in front.

    They are drawn into an image that is kept until the next measurement.

    Attributes
    ----------
    hovered : Signal(str)
        Text about the bin under the pointer; empty if there is none.
    """

    hovered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._shown: OverTimePicture | None = None
        self._kept: QPixmap | None = None
        self._as_map = False
        Ground(self)
        self.setMouseTracking(True)
        self.setMinimumSize(200, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("histograms over time")
        self._theme.changed.connect(self._forget)

    def show_picture(self, picture: OverTimePicture) -> None:
        """Show other histograms; equal ones are not drawn again."""
        if self._shown is None or picture.key != self._shown.key:
            self._shown = picture
            self._forget()

    def set_as_map(self, as_map: bool) -> None:
        """Show a heat map (True) or ridges."""
        self._as_map = as_map
        self._forget()

    def resizeEvent(self, event: QEvent) -> None:
        self._kept = None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._shown is None:
            painter.setFont(self._theme.font(12))
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, NOTHING)
            return
        if self._kept is None:
            ratio = self.devicePixelRatioF()
            self._kept = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            self._kept.setDevicePixelRatio(ratio)
            self._kept.fill(self._theme.colour("panel"))
            inner = QPainter(self._kept)
            inner.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._draw(inner, self._shown)
            inner.end()
        painter.drawPixmap(0, 0, self._kept)

    # --- drawing -------------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._kept = None
        self.update()

    def _columns(self, shown: OverTimePicture) -> list[QRectF]:
        """The area of each column."""
        count = max(len(shown.kinds), 1)
        width = (self.width() - GUTTER - 4 - GAP * (count - 1)) / count
        return [
            QRectF(GUTTER + number * (width + GAP), HEAD, width, self.height() - HEAD - FOOT) for number in range(count)
        ]

    def _lines(self, shown: OverTimePicture, area: QRectF) -> tuple[float, float]:
        """The y coordinate of the first histogram's base, and the distance between two bases, in pixels."""
        count = len(shown.steps)
        if self._as_map:
            distance = area.height() / count
            return area.top() + distance, distance
        distance = min(area.height() / (count - 1 + RISE), MOST_APART)
        return area.bottom() - (count - 1) * distance, distance

    def _draw(self, painter: QPainter, shown: OverTimePicture) -> None:
        columns = self._columns(shown)
        colour = self._theme.colour
        if not self._as_map:
            self._draw_ridges(painter, shown, columns)
        for area, ridges in zip(columns, shown.kinds, strict=True):
            if self._as_map:
                self._draw_map(painter, area, ridges)
            painter.setFont(self._theme.font(12))
            painter.setPen(colour("ink"))
            painter.drawText(QRectF(area.left(), 0, area.width(), HEAD), Qt.AlignmentFlag.AlignLeft, ridges.name)
            self._draw_range(painter, area, ridges)
        if columns:
            self._draw_steps(painter, shown, columns[0])

    def _draw_range(self, painter: QPainter, area: QRectF, ridges: Ridges) -> None:
        painter.setFont(self._theme.mono(11))
        painter.setPen(self._theme.colour("muted"))
        foot = QRectF(area.left(), area.bottom() + 3, area.width(), FOOT - 3)
        end = format_value(ridges.end, 3)
        if ridges.is_positive:
            painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, "0")
            painter.drawText(foot, Qt.AlignmentFlag.AlignRight, end)
        else:
            painter.drawText(foot, Qt.AlignmentFlag.AlignHCenter, f"±{end}")

    def _draw_steps(self, painter: QPainter, shown: OverTimePicture, area: QRectF) -> None:
        painter.setFont(self._theme.mono(11))
        first, distance = self._lines(shown, area)
        last, height = float("-inf"), 16.0
        middle = distance / 2 if self._as_map else 0.0
        for number in reversed(range(len(shown.steps))):
            y = first + number * distance - middle
            if last != float("-inf") and last - y < 2.2 * height:
                continue
            last = y
            token = "accent_text" if number == shown.here else "muted" if number < shown.here else "faint"
            painter.setPen(self._theme.colour(token))
            label = QRectF(0, y - height / 2, GUTTER - 6, height)
            painter.drawText(
                label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{shown.steps[number]:,}"
            )

    def _draw_ridges(self, painter: QPainter, shown: OverTimePicture, areas: list[QRectF]) -> None:
        if not areas:
            return
        # In device pixels, from the upper edge of the plot: tall ridges extend behind the titles.
        ratio, colour = self.devicePixelRatioF(), self._theme.colour
        first, distance = self._lines(shown, areas[0])
        columns = []
        for area, ridges in zip(areas, shown.kinds, strict=True):
            left, width = round(area.left() * ratio), max(2, round(area.width() * ratio))
            columns.append(RidgeColumn(left, ratio * RISE * distance * ridges.heights, self._fill(ridges, width)))
        bases = ratio * (first + distance * np.arange(len(shown.steps), dtype=np.float64))
        size = max(one.left + len(one.fill) for one in columns), max(1, round(bases[-1] + ratio))
        style = RidgeStyle(colour("panel"), colour("muted"), colour("accent"), (ratio, 1.8 * ratio), later=LATER)
        image = ridge_image(columns, size, bases, shown.here, style)
        image.setDevicePixelRatio(ratio)
        painter.drawImage(0, 0, image)

    def _fill(self, ridges: Ridges, width: int) -> npt.NDArray[np.uint8]:
        """The colours of the values, ``(width, 3)``, so that a ridge shows which values are negative."""
        # A diverging colour map has 0 in its middle: of positive values only its upper half is used.
        first = 127 if ridges.is_positive and ridges.role.diverging else 0
        entries = 1 + np.linspace(first, 254, width).round().astype(np.intp)
        return table(ridges.role, self._theme.dark)[entries, :3]

    def _draw_map(self, painter: QPainter, area: QRectF, ridges: Ridges) -> None:
        colours = table(ColourRole.COUNT, self._theme.dark)
        places = (1 + 254 * np.nan_to_num(ridges.heights)).round().astype(np.intp)
        image = image_of_pixels(colours[places, :3].astype(np.uint8), QImage.Format.Format_RGB888)
        painter.drawImage(area, image)
        painter.setPen(QPen(self._theme.colour("line"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)

    # --- the pointer ---------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(self.says(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered.emit("")
        super().leaveEvent(event)

    def says(self, at: QPointF) -> str:
        """The count under a position, in words; empty if there is none."""
        shown = self._shown
        if shown is None:
            return ""
        for area, ridges in zip(self._columns(shown), shown.kinds, strict=True):
            if not area.contains(at):
                continue
            first, distance = self._lines(shown, area)
            offset = (at.y() - first) / distance
            number = int(np.clip(np.ceil(offset) if self._as_map else round(offset), 0, len(shown.steps) - 1))
            bins = ridges.counts.shape[1]
            place = int(np.clip((at.x() - area.left()) / area.width() * bins, 0, bins - 1))
            low = 0.0 if ridges.is_positive else -ridges.end
            width = (ridges.end - low) / bins
            ends = f"{format_value(low + place * width, 3)} to {format_value(low + (place + 1) * width, 3)}"
            count = int(ridges.counts[number, place])
            return f"{shown.layer}, step {shown.steps[number]:,}: {count:,} {ridges.name} from {ends}"
        return ""


class OverTimeCard(WatchView):
    """A card with the histograms of a layer over the run."""

    is_slow = True
    picture_of = staticmethod(over_time)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.card = Card("Over time", "log counts")
        self.plot = OverTimePlot()
        self.form = SegmentedControl(
            ["ridges", "map"],
            small=True,
            name="Form of the histograms",
            tips=["A line for each moment, the newest in front", "A row of colours for each moment"],
        )
        self.form.selected.connect(self._form_chosen)
        self.card.add_action(self.form)
        self.card.add(self.plot, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.card)
        self.plot.hovered.connect(self.hovered)

    def show_picture(self, picture: OverTimePicture) -> None:
        """Show a layer."""
        self.card.set_title(f"{picture.layer} over time")
        self.plot.show_picture(picture)

    def _form_chosen(self, index: int) -> None:
        self.plot.set_as_map(index == 1)


if __name__ == "__main__":
    run_view(OverTimeCard)
