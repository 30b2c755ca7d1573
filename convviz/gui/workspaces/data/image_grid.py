"""All images of a split, in rows: one widget that draws the visible ones, as one image."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.workspaces.data.hover_card import HoverCard, Line
from convviz.present.data_query import Judged
from convviz.present.data_set import SIDE, ImageRows, Rows, pixels
from convviz.training.images import Split

WITH_LABELS = 40
"""Least size of an image with a label below it, in pixels."""
SMALL_BELOW = 5
CARD_MS = 150
"""Milliseconds that the pointer rests on an image before its card appears; the next cards appear at once."""
LARGER = 2
"""How many pixels larger each pixel of an image is in the card."""
NO_IMAGES = np.zeros((0, 1, 1, 1), np.float32)


class ImageGrid(QAbstractScrollArea):
    """Images with their labels below; one of them is chosen. Under the pointer, a card shows one larger.

    Arrow keys, Page Up and Down, Home and End choose another; Enter and a double click open the chosen one.

    Attributes
    ----------
    chosen : Signal(int)
        The user chose an image: its row in the split.
    opened : Signal(int)
        The user wants to open the image in another workspace.
    stepAsked : Signal(int)
        The user wants to step the image.
    whyAsked : Signal(int)
        The user wants to know why the network takes the image for what it does.
    splitAsked : Signal()
        The user wants to see another split.
    classAsked : Signal(int)
        The user wants to see the images of a class.
    searchAsked : Signal()
        The user wants to search.
    removeAsked : Signal(int)
        The user wants to forget an image.
    drawn : int
        How many images the last paint drew.
    """

    KEYS = FocusKeys(
        "the images",
        {
            "Choose another image": ("Left", "Right", "Up", "Down"),
            "A page of images back or on": ("PgUp", "PgDown"),
            "The first or the last image": ("Home", "End"),
            "Show the image in Watch": ("Return", "Enter"),
            "Step the image": ("S",),
            "Why the network says so": ("W",),
            "Training or test images": ("T",),
            "The images of a class": tuple("0123456789"),
            "Search": ("/",),
            "Forget a drawing": ("Del",),
        },
    )

    chosen = Signal(int)
    opened = Signal(int)
    stepAsked = Signal(int)
    whyAsked = Signal(int)
    splitAsked = Signal()
    classAsked = Signal(int)
    searchAsked = Signal()
    removeAsked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._images: Array = NO_IMAGES
        self._rows: Rows = np.arange(0)
        self._labels = np.zeros(0, np.int64)
        self._names: tuple[str, ...] = ()
        self._row = -1
        self._hovered: int | None = None
        self._judged: Judged | None = None
        self._side = SIDE
        self._grid = ImageRows(0, 1, 1, 1)
        self.drawn = 0
        self.card = HoverCard(self)
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(CARD_MS)
        self._resting.timeout.connect(self._show_card)
        self.setAccessibleName("Images")
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.viewport().setMouseTracking(True)
        self._theme.changed.connect(self.viewport().update)

    def set_images(self, split: Split, rows: Rows, names: tuple[str, ...]) -> None:
        """Show some images of a split.

        Parameters
        ----------
        split : Split
        rows : ndarray
            The rows to show, in order.
        names : tuple of str
            Names of the classes.
        """
        self._images, self._labels = split.images, split.labels
        self._rows, self._names = rows, names
        self._hovered = None
        self._hide_card()
        self.verticalScrollBar().setValue(0)
        self._lay_out()

    def set_judged(self, judged: Judged | None) -> None:
        """Underline what a network takes for another class; None underlines nothing."""
        self._judged = judged
        self.viewport().update()

    @property
    def side(self) -> int:
        """Approximate size of an image's longer side, in pixels."""
        return self._side

    def set_side(self, side: int) -> None:
        """Draw images larger or smaller; the middle of the view stays in place."""
        if side == self._side:
            return
        shown = self.range_shown()
        kept = shown.start + (self._grid.columns if len(shown) > self._grid.columns else 0)
        self._side = side
        self._lay_out()
        if self._grid.count:
            self.verticalScrollBar().setValue(self._grid.place(min(kept, self._grid.count - 1))[1] - self._grid.gap)

    def choose(self, row: int) -> None:
        """Mark an image, and scroll to it if it is among those shown."""
        if row == self._row:
            return
        self._repaint(self._row)
        self._row = row
        position = self._position()
        if position is not None:
            self.setAccessibleDescription(f"image {row}, label {self._label(row)}")
            bar, down = self.verticalScrollBar(), self._grid.pitch[1]
            top = self._grid.place(position)[1]
            if not bar.value() <= top - self._grid.gap <= bar.value() + self.viewport().height() - down:
                bar.setValue(top - (self.viewport().height() - down) // 2)
        self._repaint(row)

    @property
    def count(self) -> int:
        """Number of images in the grid, visible or not."""
        return len(self._rows)

    def move_by(self, way: int) -> None:
        """Choose an image before or after the chosen one."""
        position, count = self._position(), len(self._rows)
        if count:
            self._choose(0 if position is None else min(max(position + way, 0), count - 1))

    def rect_of(self, row: int) -> QRect | None:
        """The place of an image in the viewport; None if it isn't among those shown."""
        found = np.flatnonzero(self._rows == row)
        if not len(found):
            return None
        x, y = self._grid.place(int(found[0]))
        scale = self._grid.scale
        return QRect(x, y - self.verticalScrollBar().value(), self._grid.width * scale, self._grid.height * scale)

    def words_at(self, position: int) -> str:
        """Text below an image, by its position among those shown."""
        return self._label(int(self._rows[position]))

    def about(self, row: int) -> tuple[Line, ...]:
        """The lines about the image under the pointer, and their colours."""
        said = (f"{row:,}", "muted"), (f"label {self._label(row)}", "ink")
        judged = self._judged
        if judged is None:
            return said
        taken = f"taken for {self._names[int(judged.taken[row])]}, {judged.probability[row]:.2f}"
        if not judged.wrong[row]:
            return *said, (taken, "muted")
        return *said, (taken, "danger"), (f"{self._label(row)} has {judged.of_label[row]:.2f}", "muted")

    def range_shown(self) -> range:
        """Positions of the visible images among those shown."""
        return self._grid.visible(self.verticalScrollBar().value(), self.viewport().height())

    # --- Qt ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self._theme.colour("panel"))
        grid, offset = self._grid, self.verticalScrollBar().value()
        shown = grid.visible(offset + event.rect().top(), event.rect().height())
        self.drawn = len(shown)
        if not shown:
            return
        rows = self._rows[shown.start : shown.stop]
        left, top = grid.place(shown.start)
        self._paint_images(painter, rows, QPoint(left, top - offset))
        side = grid.width * grid.scale, grid.height * grid.scale
        if grid.below > SMALL_BELOW:
            self._paint_labels(painter, shown, rows)
        if self._judged is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("danger"))
            for at in np.flatnonzero(self._judged.wrong[rows]):
                x, y = grid.place(shown.start + int(at))
                painter.drawRect(x, y - offset + side[1] + 1, side[0], 2)
        painter.setPen(self._theme.colour("faint"))
        painter.setFont(self._theme.mono(11))
        for position in range(shown.start, shown.stop, grid.columns):
            y = grid.place(position)[1] - offset
            room = QRectF(0, y, grid.gutter - 10, side[1])
            text = f"{int(self._rows[position]):,}"
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        self._paint_marks(painter)

    def _paint_labels(self, painter: QPainter, shown: range, rows: Rows) -> None:
        grid, offset = self._grid, self.verticalScrollBar().value()
        side = grid.width * grid.scale, grid.height * grid.scale
        painter.setPen(self._theme.colour("muted"))
        painter.setFont(self._theme.font(11))
        fitted = {
            label: painter.fontMetrics().elidedText(self._names[label], Qt.TextElideMode.ElideRight, side[0] + 6)
            for label in {int(each) for each in self._labels[rows]}
        }
        for position, row in zip(shown, rows, strict=True):
            x, y = grid.place(position)
            room = QRectF(x - 3, y - offset + side[1] + 3, side[0] + 6, grid.below - 3)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, fitted[int(self._labels[row])])

    def _paint_images(self, painter: QPainter, rows: Rows, corner: QPoint) -> None:
        """Compose the images at their own resolution, and draw each line of them in one call."""
        grid = self._grid
        colours = pixels(self._images[rows], self._theme.dark)
        scale, (across, down) = grid.scale, grid.pitch
        lines = -(-len(rows) // grid.columns)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        if scale > 1:
            colours = colours.repeat(scale, 1).repeat(scale, 2)
        height, width = colours.shape[1:]
        canvas = np.full((lines, down, grid.columns, across), self._theme.colour("panel").rgba(), np.uint32)
        whole = np.zeros((lines * grid.columns, height, width), np.uint32)
        whole[: len(rows)] = colours
        whole[len(rows) :] = canvas[0, 0, 0, 0]
        canvas[:, :height, :, :width] = whole.reshape(lines, grid.columns, height, width).transpose(0, 2, 1, 3)
        # Opaque, and as large as on the screen: it is copied, not blended or scaled.
        image = QImage(
            canvas.data, grid.columns * across, lines * down, 4 * grid.columns * across, QImage.Format.Format_RGB32
        )
        painter.drawImage(corner, image)

    def _paint_marks(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        marks = [(self._row, "accent", 2.0)]
        if self._hovered is not None and self._hovered < len(self._rows):
            marks.insert(0, (int(self._rows[self._hovered]), "faint", 1.0))
        for row, token, width in marks:
            place = self.rect_of(row)
            if place is not None:
                painter.setPen(QPen(self._theme.colour(token), width))
                painter.drawRoundedRect(QRectF(place).adjusted(-2.5, -2.5, 2.5, 2.5), 3, 3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        return super().viewportEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._position_at(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position = self._position_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and position is not None:
            self._choose(position)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        position = self._position_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and position is not None:
            self.opened.emit(int(self._rows[position]))

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event)
        self._hover(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._hide_card()
        position, count = self._position(), len(self._rows)
        a_page = max(1, self.viewport().height() // self._grid.pitch[1]) * self._grid.columns
        moves = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._grid.columns,
            Qt.Key.Key_Down: self._grid.columns,
            Qt.Key.Key_PageUp: -a_page,
            Qt.Key.Key_PageDown: a_page,
            Qt.Key.Key_Home: -count,
            Qt.Key.Key_End: count,
        }
        key = Qt.Key(event.key())
        if key in moves and count:
            self._choose(0 if position is None else min(max(position + moves[key], 0), count - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and position is not None:
            self.opened.emit(self._row)
        elif event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier):
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_S and position is not None:
            self.stepAsked.emit(self._row)
        elif key == Qt.Key.Key_W and position is not None:
            self.whyAsked.emit(self._row)
        elif key == Qt.Key.Key_Delete and position is not None:
            self.removeAsked.emit(self._row)
        elif key == Qt.Key.Key_T:
            self.splitAsked.emit()
        elif event.text() == "/":
            self.searchAsked.emit()
        elif event.text().isdecimal() and int(event.text()) < len(self._names):
            self.classAsked.emit(int(event.text()))
        else:
            super().keyPressEvent(event)

    # --- how ---------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        height, width = self._images.shape[2:]
        small = self._side < WITH_LABELS
        below, gap = (SMALL_BELOW, 3) if small else (19, 8)
        self._grid = ImageRows(
            len(self._rows), height, width, self.viewport().width(), below=below, gap=gap, side=self._side
        )
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self._grid.pitch[1])
        bar.setRange(0, max(0, self._grid.total - self.viewport().height()))
        self.viewport().update()

    def _label(self, row: int) -> str:
        return self._names[int(self._labels[row])]

    def _position(self) -> int | None:
        found = np.flatnonzero(self._rows == self._row)
        return int(found[0]) if len(found) else None

    def _position_at(self, point: QPoint) -> int | None:
        return self._grid.at(point.x(), point.y() + self.verticalScrollBar().value())

    def _hover(self, position: int | None) -> None:
        if position != self._hovered:
            for changed in (self._hovered, position):
                if changed is not None and changed < len(self._rows):
                    self._repaint(int(self._rows[changed]))
            self._hovered = position
            if position is None:
                self._hide_card()
            elif self.card.isVisible():
                self._show_card()
            else:
                self._resting.start()

    def _show_card(self) -> None:
        if self._hovered is None or self._hovered >= len(self._rows):
            return
        row = int(self._rows[self._hovered])
        place = self.rect_of(row)
        if place is not None:
            beside = place.translated(self.viewport().pos())
            self.card.show_image(self._images[row], self._grid.scale + LARGER, self.about(row), beside)

    def _hide_card(self) -> None:
        self._resting.stop()
        self.card.hide()

    def _repaint(self, row: int) -> None:
        """Repaint an image and its mark."""
        place = self.rect_of(row)
        if place is not None:
            self.viewport().update(place.adjusted(-4, -4, 4, 4))

    def _choose(self, position: int) -> None:
        row = int(self._rows[position])
        self.choose(row)
        self.chosen.emit(row)
