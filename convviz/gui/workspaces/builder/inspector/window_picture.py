"""The padded input, the window on it, and the cell of the output that the window makes."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.core.ops.window import Window
from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_frame import paint_focus_frame
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.workspaces.builder.inspector.receptive_picture import map_image
from convviz.present.design.layer_costs import LayerCosts
from convviz.present.design.preview import LayerPreview

_PICTURES = 8
"""Space between the two pictures and around them, in pixels."""


class WindowPicture(QWidget):
    """A small live picture of how a window moves; the pointer or the arrow keys move it.

    Attributes
    ----------
    moved : Signal(int, int)
        The window moved to another output position (row, column).
    """

    KEYS = FocusKeys(
        "the picture of a window",
        {
            "Move the window": ("Left", "Right", "Up", "Down"),
        },
    )

    moved = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._costs: LayerCosts | None = None
        self.misfit: tuple[tuple[int, int], Window, tuple[int, int, int, int]] | None = None
        self._at = (0, 0)
        self._preview: LayerPreview | None = None
        self._images: tuple[QImage | None, QImage | None] = (None, None)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMaximumHeight(210)
        self.setAccessibleName("how the window moves")
        self.setToolTip("Move the pointer, or the arrow keys, to move the window.")
        self._theme.follow(self._recolour)

    @property
    def position(self) -> tuple[int, int]:
        """The row and column of the output cell that the window makes."""
        return self._at

    def show_window(self, costs: LayerCosts | None, preview: LayerPreview | None) -> None:
        """Show a layer with a window; None clears the picture."""
        if costs is self._costs and preview is self._preview and self.misfit is None:
            return
        self.misfit = None
        known = self._costs is not None
        self._costs, self._preview = costs, preview
        if costs is not None and costs.window is not None:
            rows, columns = costs.output[1:]
            # Start near the middle of the image, where there is something to see.
            row, column = self._at if known else (rows // 3, columns // 3)
            self._at = min(row, rows - 1), min(column, columns - 1)
        self._recolour()
        self._describe()

    def show_misfit(self, size: tuple[int, int], window: Window, margins: tuple[int, int, int, int]) -> None:
        """Show a window that does not fit on maps of that size."""
        self._costs = self._preview = None
        self._images = (None, None)
        self.misfit = (size, window, margins)
        self.setAccessibleDescription("the window is larger than its padded input")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, 196)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 110)

    def _recolour(self) -> None:
        found: list[QImage | None] = [None, None]
        if self._preview is not None:
            pairs = ((self._preview.before, self._preview.before_role), (self._preview.after, self._preview.after_role))
            found = [map_image(array, role.value, dark=self._theme.dark) for array, role in pairs]
        self._images = (found[0], found[1])
        self.update()

    def _areas(self) -> tuple[QRectF, float, QRectF, float]:
        """Area of the padded input and size of its cells, then the same of the output."""
        assert self._costs is not None
        top, bottom, left, right = self._costs.margins
        height, width = self._costs.inputs[1] + top + bottom, self._costs.inputs[2] + left + right
        rows, columns = self._costs.output[1:]
        room = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        # The output is drawn to the same scale as the input, which shows the effect of stride and padding.
        cell = min((room.width() - 3 * _PICTURES) / (width + columns * 0.6), room.height() / height, 22.0)
        small = min(cell * 0.6, room.height() / max(rows, 1))
        wide, high = width * cell, height * cell
        x = room.x() + (room.width() - wide - 3 * _PICTURES - columns * small) / 2
        first = QRectF(x, room.y() + (room.height() - high) / 2, wide, high)
        second = QRectF(first.right() + 3 * _PICTURES, 0, columns * small, rows * small)
        second.moveTop(room.center().y() - second.height() / 2)
        return first, cell, second, small

    # --- pointer and keys --------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        costs = self._costs
        if costs is None or costs.window is None:
            return
        first, cell, second, small = self._areas()
        at = event.position()
        rows, columns = costs.output[1:]
        if second.adjusted(-4, -4, 4, 4).contains(at):
            self._move((at.y() - second.y()) / small, (at.x() - second.x()) / small)
        elif first.contains(at):
            half = [reach / 2 for reach in costs.window.reach]
            row = ((at.y() - first.y()) / cell - half[0]) / costs.window.stride[0]
            column = ((at.x() - first.x()) / cell - half[1]) / costs.window.stride[1]
            self._move(min(max(round(row), 0), rows - 1), min(max(round(column), 0), columns - 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.mouseMoveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}
        way = ways.get(Qt.Key(event.key()))
        if way is None or self._costs is None or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            super().keyPressEvent(event)
            return
        self._move(self._at[0] + way[0], self._at[1] + way[1])

    def _move(self, row: float, column: float) -> None:
        assert self._costs is not None
        rows, columns = self._costs.output[1:]
        at = (min(max(int(row), 0), rows - 1), min(max(int(column), 0), columns - 1))
        if at != self._at:
            self._at = at
            self._describe()
            self.update()
            self.moved.emit(*at)

    def focusInEvent(self, event) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event) -> None:
        super().focusOutEvent(event)
        self.update()

    def _describe(self) -> None:
        costs = self._costs
        if costs is None or costs.window is None:
            self.setAccessibleDescription("")
            return
        row, column = self._at
        self.setAccessibleDescription(
            f"output row {row}, column {column} of {costs.output[1]}×{costs.output[2]} is made from input rows "
            f"from {row * costs.window.stride[0] - costs.margins[0]}, columns from "
            f"{column * costs.window.stride[1] - costs.margins[2]}"
        )

    # --- paint -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        costs = self._costs
        painter = QPainter(self)
        if self.misfit is not None:
            self._draw_misfit(painter, *self.misfit)
        if costs is None or costs.window is None:
            return
        first, cell, second, small = self._areas()
        top, _, left, _ = costs.margins
        inside = QRectF(first.x() + left * cell, first.y() + top * cell, costs.inputs[2] * cell, costs.inputs[1] * cell)
        colour = self._theme.colour
        painter.fillRect(first, colour("tray"))
        painter.fillRect(inside, colour("panel"))
        if self._images[0] is not None:
            painter.drawImage(inside, self._images[0])
        self._grid(painter, first, cell)
        painter.setPen(QPen(colour("faint"), 1))
        painter.drawRect(inside)
        self._uncovered(painter, first, cell)
        painter.fillRect(second, colour("tray"))
        if self._images[1] is not None:
            painter.drawImage(second, self._images[1])
        self._grid(painter, second, small)
        painter.setPen(QPen(colour("line"), 1))
        painter.drawRect(second)
        self._window(painter, first, cell, second, small)

    def _draw_misfit(
        self, painter: QPainter, size: tuple[int, int], window: Window, margins: tuple[int, int, int, int]
    ) -> None:
        top, bottom, left, right = margins
        height, width = size[0] + top + bottom, size[1] + left + right
        rows, columns = window.reach
        room = QRectF(self.rect()).adjusted(4, 4, -4, -4)
        cell = min(room.width() / max(width, columns), room.height() / max(height, rows), 22.0)
        x = room.center().x() - max(width, columns) * cell / 2
        y = room.center().y() - max(height, rows) * cell / 2
        padded = QRectF(x, y, width * cell, height * cell)
        colour = self._theme.colour
        painter.fillRect(padded, colour("tray"))
        painter.fillRect(QRectF(x + left * cell, y + top * cell, size[1] * cell, size[0] * cell), colour("field"))
        self._grid(painter, padded, cell)
        painter.setPen(QPen(colour("faint"), 1))
        painter.drawRect(padded)
        painter.setPen(QPen(colour("danger"), 2))
        painter.setBrush(colour("danger", 0.12))
        painter.drawRect(QRectF(x, y, columns * cell, rows * cell))

    def _grid(self, painter: QPainter, area: QRectF, cell: float) -> None:
        if cell < 5:
            return
        painter.setPen(QPen(self._theme.colour("line", 0.7), 1))
        x = area.left()
        while x <= area.right() + 0.5:
            painter.drawLine(QPointF(round(x) + 0.5, area.top()), QPointF(round(x) + 0.5, area.bottom()))
            x += cell
        y = area.top()
        while y <= area.bottom() + 0.5:
            painter.drawLine(QPointF(area.left(), round(y) + 0.5), QPointF(area.right(), round(y) + 0.5))
            y += cell

    def _uncovered(self, painter: QPainter, area: QRectF, cell: float) -> None:
        """Mark rows and columns that no window covers: at the edge, and between windows that leave gaps."""
        assert self._costs is not None
        assert self._costs.window is not None
        rows, columns = self._costs.window.coverage(round(area.height() / cell), round(area.width() / cell))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("danger", 0.16))
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        for row in np.flatnonzero(rows == 0).tolist():
            path.addRect(QRectF(area.left(), area.top() + row * cell, area.width(), cell))
        for column in np.flatnonzero(columns == 0).tolist():
            path.addRect(QRectF(area.left() + column * cell, area.top(), cell, area.height()))
        painter.drawPath(path)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _window(self, painter: QPainter, first: QRectF, cell: float, second: QRectF, small: float) -> None:
        assert self._costs is not None
        window = self._costs.window
        assert window is not None
        (row, column), (sh, sw), (rh, rw) = self._at, window.stride, window.reach
        accent = self._theme.colour("accent")
        frame = QRectF(first.x() + column * sw * cell, first.y() + row * sh * cell, rw * cell, rh * cell)
        wash = QColor(accent)
        wash.setAlphaF(0.24)
        if window.dilation == (1, 1):
            painter.fillRect(frame, wash)
        else:
            wash.setAlphaF(0.42)
            for i in range(window.kernel[0]):
                for j in range(window.kernel[1]):
                    corner = QPointF(
                        frame.x() + j * window.dilation[1] * cell, frame.y() + i * window.dilation[0] * cell
                    )
                    painter.fillRect(QRectF(corner.x(), corner.y(), cell, cell), wash)
        target = QRectF(second.x() + column * small, second.y() + row * small, small, small)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dashed = QPen(accent, 1, Qt.PenStyle.DashLine)
        painter.setPen(dashed)
        painter.drawLine(QPointF(frame.right(), frame.center().y()), QPointF(target.left(), target.center().y()))
        painter.setPen(QPen(accent, 2))
        painter.drawRect(frame)
        # A cell of a pixel or two still has to be visible.
        grown = target.adjusted(-1, -1, 1, 1) if small < 4 else target
        painter.fillRect(grown, wash)
        painter.drawRect(grown)
        paint_focus_frame(painter, self, thick=2)
