"""The map: every image stands where it was laid out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.workspaces.probe.map_camera import Camera, inside
from convviz.gui.workspaces.probe.map_card import paint_card
from convviz.gui.workspaces.probe.tile_atlas import DOT, NONE, SmallPictures, TileAtlas

Rows = npt.NDArray[np.int64]
Colours = npt.NDArray[np.uint32]
DRAGGED = 4
"""Pixels from which a press becomes a drag."""
MOVING_MS = 450


class MapView(QWidget):
    """Images at their points; as dots where they are too many to be told apart, until one zooms in.

    Attributes
    ----------
    chosen, opened : Signal(int)
        Row of the image that the user chose, or wants explained.
    lassoed : Signal(object)
        Rows of the images that the user drew a line around.
    nextAsked : Signal()
        The next mistake is wanted.
    """

    KEYS = FocusKeys(
        "the map of images",
        {
            "Explain the image": ("Return", "Enter"),
            "The next mistake": ("N",),
            "Zoom in": ("+", "="),
            "Zoom out": ("-",),
            "Show all of it": ("0",),
            "The nearest image in a direction": ("Left", "Right", "Up", "Down"),
        },
    )

    chosen = Signal(int)
    opened = Signal(int)
    lassoed = Signal(object)
    nextAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.points: Array = np.zeros((0, 2))
        """Where the images are, or are moving to; NaN for those that are not laid out."""
        self._from: Array = self.points
        self._atlas = TileAtlas()
        self._names: tuple[str, ...] = ()
        self._rows: Rows = np.zeros(0, np.int64)
        """Rows of the images, which are sorted."""
        self._labels: Rows = self._rows
        self._order: Rows = self._rows
        self._shades: Colours | None = None
        self._words: Callable[[int], str] = str
        self.row = -1
        self._hovered = -1
        """Place in :attr:`points` of the image under the pointer."""
        self._dotted = False
        self.rows: Rows = self._rows
        """Images that a line was drawn around."""
        self.camera = Camera()
        self._scene: QPixmap | None = None
        self._press: QPointF | None = None
        self._lasso: list[QPointF] = []
        self._panning = False
        self._moving = QVariantAnimation(self, startValue=0.0, endValue=1.0, duration=MOVING_MS)
        self._moving.valueChanged.connect(self._move)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Map of the images")
        self._theme.changed.connect(self._redraw)

    def sizeHint(self) -> QSize:
        return QSize(760, 640)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 200)

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_images(
        self,
        rows: Rows,
        labels: Rows,
        names: tuple[str, ...],
        words: Callable[[int], str],
        above: npt.NDArray[np.bool_],
    ) -> None:
        """Show other images; their pictures, colours and places come later.

        Parameters
        ----------
        rows : ndarray of int, ``(n,)``
            Of the images, in order.
        labels : ndarray of int, ``(n,)``
        names : tuple of str
            Of the classes.
        words : callable
            Returns words about the image in a row.
        above : ndarray of bool, ``(n,)``
            Which of them are drawn over the others.
        """
        self._atlas.set_pictures(NONE)
        self._rows, self._labels, self._names, self._words = rows, labels, names, words
        self._order = np.argsort(above, kind="stable")
        self.points = self._from = np.zeros((0, 2))
        self.rows, self._hovered = rows[:0], -1
        self._redraw()

    def show_pictures(self, pictures: SmallPictures) -> None:
        """Show the images' pictures."""
        self._atlas.set_pictures(pictures)
        self._redraw()

    def show_colours(self, colours: Colours, shades: Colours | None = None) -> None:
        """Show the images in these colours ``0xffrrggbb``, and the names of classes in theirs, if they have any."""
        self._shades = shades
        self._atlas.set_colours(colours)
        self._redraw()

    def show_points(self, points: Array, rows: Rows | None = None, *, moving: bool = False) -> None:
        """Move images, at once or so that the eye can follow; images in no other rows are shown."""
        if rows is not None and len(rows) < len(self._rows):
            every = np.full((len(self._rows), 2), np.nan)
            every[np.searchsorted(self._rows, rows)] = points
            points = every
        still, here = len(self.points) == len(points), self._here()
        self._from = np.where(np.isnan(here), points, here) if moving and still else points
        self.points, self._hovered = points, -1
        self._moving.stop()
        self.camera = (self.camera if moving else Camera()).around(self._from if moving else points)
        if moving and still:
            self._moving.start()
        self._redraw()

    def choose(self, row: int) -> None:
        """Mark an image."""
        self.row = row
        if self._place(row) >= 0:
            self.setAccessibleDescription(self._words(row).replace("\n", ", "))
        self.update()

    @property
    def hovered(self) -> int:
        """Row of the image under the pointer; -1 without one."""
        return int(self._rows[self._hovered]) if self._hovered >= 0 else -1

    @property
    def is_still(self) -> bool:
        """Whether no image is moving."""
        return self._moving.state() != QVariantAnimation.State.Running

    def place_of(self, row: int) -> QPointF:
        """The middle of an image on the screen."""
        x, y = self.camera.to_screen(self.points[self._place(row)][None], self.width(), self.height())[0]
        return QPointF(float(x), float(y))

    # --- Qt --------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._scene is None or self._scene.size() != self.size() * self.devicePixelRatioF():
            self._scene = self._drawn()
        painter.drawPixmap(0, 0, self._scene)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self._reach + 3
        here = self._here()
        chosen = "focus" if self.hasFocus() else "accent"
        painter.setBrush(Qt.BrushStyle.NoBrush)
        card: QPointF | None = None
        for place, token, wide in ((self._hovered, "muted", 1.5), (self._place(self.row), chosen, 2.5)):
            if 0 <= place < len(here) and np.isfinite(here[place]).all():
                x, y = self.camera.to_screen(here[place][None], self.width(), self.height())[0]
                painter.setPen(QPen(self._theme.colour(token), wide))
                painter.drawEllipse(QPointF(x, y), side + 2, side + 2)
                if place == self._hovered and self._press is None and token == "muted":
                    card = QPointF(x, y)
        if card is not None:
            words = self._words(int(self._rows[self._hovered]))
            paint_card(painter, card, self.size(), self._atlas.picture(self._hovered), words)
        if self._lasso:
            painter.setPen(QPen(self._theme.colour("accent"), 1.5))
            painter.setBrush(self._theme.colour("accent", 0.12))
            painter.drawPolygon(QPolygonF(self._lasso))

    def _drawn(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        made = QPixmap(self.size() * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(self._theme.colour("panel"))
        points = self._here()
        if len(points):
            painter = QPainter(made)
            here = self.camera.to_screen(points, self.width(), self.height())
            self._dotted = self._atlas.paint(painter, here, self.camera.side, self.rect(), self._order)
            self._paint_names(painter, here)
            painter.end()
        return made

    def _paint_names(self, painter: QPainter, here: Array) -> None:
        """The name of each class, in a disc at the median of its images."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font(12, QFont.Weight.DemiBold))
        there = np.isfinite(here[:, 0])
        here, labels = here[there], self._labels[there]
        for label, name in enumerate(self._names):
            own = here[labels == label]
            if not len(own):
                continue
            x, y = np.median(own, axis=0)
            text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, 90)
            wide = max(22, painter.fontMetrics().horizontalAdvance(text) + 14)
            disc = QRectF(x - wide / 2, y - 11, wide, 22)
            edge = QPen(self._theme.colour("line"), 1)
            if self._shades is not None:
                edge = QPen(QColor(int(self._shades[label % len(self._shades)])), 2)
            painter.setPen(edge)
            painter.setBrush(self._theme.colour("panel", 0.88))
            painter.drawRoundedRect(disc, 11, 11)
            painter.setPen(self._theme.colour("ink"))
            painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._redraw()

    def wheelEvent(self, event: QWheelEvent) -> None:
        at = event.position()
        self._look(self.camera.zoomed(1.0015 ** event.angleDelta().y(), at.x(), at.y(), self.width(), self.height()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._press, self._panning = event.position(), False
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._lasso = [self._press] if shifted else []

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._press is None:
            self._hover(at)
            return
        if self._lasso:
            self._lasso.append(at)
            self.update()
        elif self._panning or (at - self._press).manhattanLength() > DRAGGED:
            self._panning = True
            moved = at - self._press
            self._press = at
            self._look(self.camera.moved(moved.x(), moved.y(), self.width(), self.height()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._press is None:
            return
        self._press = None
        if self._lasso:
            corners = np.array([[one.x(), one.y()] for one in self._lasso])
            self._lasso = []
            here = self.camera.to_screen(self.points, self.width(), self.height())
            self.rows = self._rows[inside(here, corners)] if len(corners) > 2 else self._rows[:0]
            self.lassoed.emit(self.rows)
            self.update()
        elif not self._panning:
            place = self._at(event.position())
            if place is not None:
                self._choose(int(self._rows[place]))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self.opened.emit(int(self._rows[place]))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hovered = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, middle = Qt.Key(event.key()), (self.width() / 2, self.height() / 2)
        ways = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }
        if key in ways and len(self.points):
            self._walk(*ways[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.row >= 0:
            self.opened.emit(self.row)
        elif key == Qt.Key.Key_N and not event.modifiers():
            self.nextAsked.emit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            factor = 1 / 1.3 if key == Qt.Key.Key_Minus else 1.3
            self._look(self.camera.zoomed(factor, *middle, self.width(), self.height()))
        elif key == Qt.Key.Key_0:
            self._look(self.camera.whole())
        else:
            super().keyPressEvent(event)

    # --- how -------------------------------------------------------------------------------------------------------

    @property
    def _reach(self) -> float:
        """How far an image reaches from its middle, in pixels."""
        return DOT / 2 if self._dotted else self.camera.side / 2

    def _place(self, row: int) -> int:
        """Where an image is in :attr:`points`; -1 if it is not there."""
        at = int(np.searchsorted(self._rows, row))
        return at if at < len(self._rows) and self._rows[at] == row else -1

    def _hover(self, at: QPointF) -> None:
        """Show the image under the pointer at once: dots say little by themselves."""
        place = self._at(at) if self.is_still else None
        if place != (None if self._hovered < 0 else self._hovered):
            self._hovered = -1 if place is None else place
            self.update()

    def _here(self) -> Array:
        """Where the images are now, while they move."""
        if self.is_still or len(self._from) != len(self.points):
            return self.points
        share = float(self._moving.currentValue())
        share = share * share * (3 - 2 * share)
        return np.asarray(self._from + share * (self.points - self._from))

    def _move(self, *_: object) -> None:
        self.camera = self.camera.around(self._here())
        self._redraw()

    def _look(self, camera: Camera) -> None:
        if camera != self.camera:
            self.camera = camera
            self._redraw()

    def _redraw(self, *_: object) -> None:
        self._scene = None
        self.update()

    def _choose(self, row: int) -> None:
        self.choose(row)
        self.chosen.emit(row)

    def _walk(self, across: int, up: int) -> None:
        """Choose the nearest image that lies in a direction."""
        place = self._place(self.row)
        here = self.points[place] if 0 <= place < len(self.points) and np.isfinite(self.points[place, 0]) else (0, 0)
        away = self.points - here
        ahead, beside = away @ [across, up], np.abs(away @ [up, across])
        cost = np.where((ahead > 1e-9) & (ahead >= beside), ahead + 2 * beside, np.inf)
        if np.isfinite(cost).any():
            self._choose(int(self._rows[cost.argmin()]))

    def _at(self, point: QPointF) -> int | None:
        if not len(self.points):
            return None
        here = self.camera.to_screen(self._here(), self.width(), self.height())
        away = np.abs(here - [point.x(), point.y()]).max(axis=1)
        place = int(np.where(np.isnan(away), np.inf, away).argmin())
        return place if away[place] <= self._reach + 2 else None
