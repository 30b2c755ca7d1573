"""The loss of the whole run as a thin area, with marks above it and a cursor."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.timeline.area import area_image
from convviz.gui.widgets.timeline.span import StepRange, ticks
from convviz.gui.widgets.timeline.walk import NOTCHES, WALKS, ZOOMS, walked
from convviz.present.watch.timeline import LossColumns, TimelineMark, TimelinePicture

MARKS, TICKS, SIDE = 18, 18, 16
"""Pixels above the area, below it, and beside it."""
DOT, NEAR = 4.0, 7.0
"""Radius of a mark, and the distance within which the pointer is on it, in pixels."""
GAP = 8


class TimelinePlot(QWidget):
    """A click or a drag moves the cursor; hovering a mark names it; the wheel zooms, and moves sideways with Shift.

    Parameters
    ----------
    area : int
        Height of the loss, in pixels.

    Attributes
    ----------
    stepAsked : Signal(int)
        Show the moment after this many minibatches.
    markAsked : Signal(int)
        A mark at this step was asked for; :attr:`stepAsked` was emitted just before.
    hovered : Signal(str)
        What is under the pointer; empty if nothing is.
    """

    KEYS = FocusKeys("a timeline", {**WALKS, **ZOOMS})
    stepAsked = Signal(int)
    markAsked = Signal(int)
    hovered = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, area: int = 40) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._picture: TimelinePicture | None = None
        self.columns = LossColumns()
        self._span = StepRange()
        self._dragged: int | None = None
        self._area: QImage | None = None
        """The loss as it was drawn last; ``_area_key`` says from what."""
        self._area_key: object = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(MARKS + area + TICKS)
        self.setAccessibleName("Timeline of the run")
        self._theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(600, self.height())

    def show_picture(self, picture: TimelinePicture) -> None:
        """Show a timeline; when it is zoomed, the visible part follows the cursor."""
        before, self._picture = self._picture, picture
        if before is None or before.run != picture.run:
            self._span = StepRange()
        elif before.now != picture.now and self._dragged is None:
            self._span = self._span.with_step(picture.now, self.last)
        self.update()

    # --- positions -----------------------------------------------------------------------------------------------

    @property
    def last(self) -> int:
        """Step at the right end."""
        return 1 if self._picture is None else max(int(self._picture.steps[-1]), self._picture.past.live, 1)

    @property
    def marks(self) -> tuple[TimelineMark, ...]:
        """What happened, by step."""
        return () if self._picture is None else self._picture.marks

    @property
    def ends(self) -> tuple[float, float]:
        """First and last step in sight."""
        return self._span.ends(self.last)

    def x_of(self, step: float) -> float:
        """Pixel of a step."""
        low, high = self.ends
        return SIDE + (step - low) * (self.width() - 2 * SIDE - 1) / (high - low)

    def step_at(self, x: float) -> int:
        """Step at a pixel."""
        share = (x - SIDE) / max(self.width() - 2 * SIDE - 1, 1)
        low, high = self.ends
        return round(low + min(max(share, 0.0), 1.0) * (high - low))

    def zoom(self, notches: float, at: float | None = None) -> None:
        """Show less of the run, or more, around a step: the cursor's unless given."""
        now = 0 if self._picture is None else self._picture.now
        self._span = (
            StepRange() if math.isinf(notches) else self._span.zoomed(now if at is None else at, notches, self.last)
        )
        self.update()

    def _marks_at(self, x: float) -> tuple[TimelineMark, ...]:
        return tuple(one for one in self.marks if abs(self.x_of(one.step) - x) <= NEAR)

    # --- the mouse -----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or self._picture is None:
            return
        marks = self._marks_at(event.position().x()) if event.position().y() < MARKS else ()
        self._dragged = -1
        if marks:
            self._dragged = None
            self.stepAsked.emit(marks[-1].step)
            self.markAsked.emit(marks[-1].step)
        else:
            self._drag_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        is_dragged = self._dragged is not None
        if is_dragged:
            self._drag_to(event.position().x())
        if self._picture is None:
            return
        past, marks = self._picture.past, self._marks_at(event.position().x())
        if marks and event.position().y() < MARKS and not is_dragged:
            text = "\n".join(f"after {past.place(one.step)}: {one.text}" for one in marks)
        else:
            step = self.step_at(event.position().x())
            loss = self._picture.loss_at(step)
            text = past.place(step) + ("" if math.isnan(loss) else f", loss {loss:.4g}")
        self.hovered.emit(text.replace("\n", " · "))
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = None

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit("")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer; sideways, or with Shift, move."""
        if self._picture is None:
            return
        across, along = event.angleDelta().x() / 120, event.angleDelta().y() / 120
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            across, along = across or along, 0.0
        if abs(across) > abs(along):
            self._span = self._span.moved(-0.15 * across, self.last)
            self.update()
        elif along:
            self.zoom(along, self.step_at(event.position().x()))
        event.accept()

    def _drag_to(self, x: float) -> None:
        step = self.step_at(x)
        if step != self._dragged:
            self._dragged = step
            self.stepAsked.emit(step)

    # --- keys ----------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Claim the keys that are shortcuts of the workspace elsewhere."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._picture is not None
            and (event.key() in NOTCHES or walked(self._picture, event.key(), event.modifiers()) is not None)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        to = None if self._picture is None else walked(self._picture, event.key(), event.modifiers())
        if self.zoom_by(event):
            return
        if to is None:
            super().keyPressEvent(event)
        else:
            self.stepAsked.emit(min(max(to, 0), self.last))
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.markAsked.emit(to)

    def zoom_by(self, event: QKeyEvent) -> bool:
        """Zoom if a key asks for it; returns whether it does."""
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
        notches = NOTCHES.get(Qt.Key(event.key())) if plain and self._picture is not None else None
        if notches is not None:
            self.zoom(notches)
        return notches is not None

    # --- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        picture = self._picture
        if picture is None:
            return
        self._paint_area(painter, picture)
        self._paint_ticks(painter, picture)
        self._paint_marks(painter, picture)
        self._paint_cursor(painter, picture)
        self._paint_place(painter)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.colour("focus"), 1))
            painter.drawLine(QPointF(SIDE, self.height() - 0.5), QPointF(self.width() - SIDE, self.height() - 0.5))

    @property
    def _bottom(self) -> float:
        return self.height() - TICKS

    def _paint_area(self, painter: QPainter, picture: TimelinePicture) -> None:
        step = picture.past.step
        cut = self.width() if step is None else round(self.x_of(step))
        palette = self._theme.palette
        key = picture.run, len(picture.losses), self.ends, self.size(), self.devicePixelRatioF(), cut, palette
        if key != self._area_key:
            self._area_key, self._area = key, self._draw_area(picture, cut)
        if self._area is not None:
            painter.drawImage(QPointF(SIDE, MARKS), self._area)

    def _draw_area(self, picture: TimelinePicture, cut: int) -> QImage | None:
        """The loss as an image that begins at ``SIDE``, ``MARKS``; None if there is none."""
        ratio = self.devicePixelRatioF()
        width = max(round((self.width() - 2 * SIDE) * ratio), 2)
        low_end, high_end = self.ends
        x, largest, mean = self.columns.of(picture, width, high_end, low_end)
        if not len(x):
            return None
        low, high = math.log(float(mean.min())), math.log(float(largest.max()))
        height = round((self._bottom - MARKS) * ratio)
        scale = 0.94 * (height - 2 * ratio) / max(high - low, 0.2)
        places = np.arange(width, dtype=np.float64)
        tops, middles = (
            np.interp(places, x, height - 3 * ratio - (np.log(values) - low) * scale, math.nan, math.nan)
            for values in (largest, mean)
        )
        colours = self._theme.colour("training"), self._theme.colour("faint")
        image = area_image(tops, middles, height, colours, max(0, round((cut - SIDE) * ratio)))
        image.setDevicePixelRatio(ratio)
        return image

    def _paint_ticks(self, painter: QPainter, picture: TimelinePicture) -> None:
        line, muted = self._theme.colour("line"), self._theme.colour("muted")
        painter.setPen(QPen(line, 1))
        painter.drawLine(QPointF(SIDE, self._bottom), QPointF(self.width() - SIDE, self._bottom))
        painter.setPen(QPen(self._theme.colour("faint"), 1))
        low, high = self.ends
        # A long run has thousands of key points: one stroke a pixel.
        places = sorted({round(self.x_of(step)) for step in picture.past.key_points if low <= step <= high})
        painter.drawLines([QLineF(x, self._bottom, x, self._bottom + 3) for x in places])
        painter.setFont(self._theme.mono(11))
        length, free = picture.past.epoch_length, -math.inf
        if not length:
            return
        for step, text in ticks(low, high, length):
            x = self.x_of(step)
            wide = painter.fontMetrics().horizontalAdvance(text)
            if x < free or x + wide + 8 > self.width():
                continue
            free = x + wide + 4 * GAP
            painter.setPen(QPen(muted, 1))
            painter.drawLine(QPointF(x, self._bottom), QPointF(x, self._bottom + 5))
            painter.drawText(QPointF(x + 4, self.height() - 3), text)

    def _paint_marks(self, painter: QPainter, picture: TimelinePicture) -> None:
        painter.setFont(self._theme.font(11))
        metrics = painter.fontMetrics()
        tokens = {"hit": "danger", "mark": "danger", "fork": "accent", "edit": "muted"}
        low, high = self.ends
        marks = [mark for mark in picture.marks if low <= mark.step <= high]
        taken = 0.0
        for number, mark in enumerate(marks):
            x, y = self.x_of(mark.step), MARKS / 2
            colour = self._theme.colour(tokens[mark.kind])
            painter.setPen(QPen(colour, 1.6))
            painter.setBrush(colour if mark.kind in ("hit", "fork") else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(x, y), DOT, DOT)
            after = marks[number + 1 : number + 2]
            end = self.x_of(after[0].step) - 2 * DOT if after else self.width() - SIDE
            wide = metrics.horizontalAdvance(mark.headline)
            # At its right, where there is room, or else at its left: the newest one is at the right end.
            place = x + GAP if x + GAP + wide < end else x - GAP - wide
            if place > min(taken + GAP, x):
                painter.setPen(self._theme.colour("muted"))
                painter.drawText(QPointF(place, y + metrics.ascent() / 2 - 1), mark.headline)
                taken = max(place + wide, x + DOT)
            else:
                taken = x + DOT

    def _paint_cursor(self, painter: QPainter, picture: TimelinePicture) -> None:
        step = picture.past.step
        x = self.x_of(picture.past.live if step is None else step)
        if not SIDE - 1 <= x <= self.width() - SIDE + 1:
            return
        accent = self._theme.colour("success" if step is None else "accent")
        painter.setPen(QPen(accent, 2))
        painter.drawLine(QPointF(x, MARKS - 4), QPointF(x, self._bottom))
        painter.setBrush(self._theme.colour("panel"))
        painter.drawEllipse(QPointF(x, self._bottom), 5, 5)

    def _paint_place(self, painter: QPainter) -> None:
        """When zoomed, show where in the run the visible part lies."""
        if self._span.is_whole:
            return
        low, high = self.ends
        wide = self.width() - 2 * SIDE
        painter.fillRect(QRectF(SIDE, self.height() - 2, wide, 2), self._theme.colour("tray"))
        part = QRectF(SIDE + low / self.last * wide, self.height() - 2, max((high - low) / self.last * wide, 6), 2)
        painter.fillRect(part, self._theme.colour("muted"))
