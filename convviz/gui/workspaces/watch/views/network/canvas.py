"""The network map: one widget that paints prepared images, and signals what was clicked."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_frame import paint_focus_frame
from convviz.gui.widgets.ground import Ground
from convviz.gui.workspaces.watch.views.network.keys import MAP_KEYS, Move, move_of
from convviz.gui.workspaces.watch.views.network.links import paint_links, paint_strongest
from convviz.gui.workspaces.watch.views.network.numbers import paint_numbers
from convviz.gui.workspaces.watch.views.network.overview import paint_overview
from convviz.gui.workspaces.watch.views.network.scores import ClassScores
from convviz.gui.workspaces.watch.views.network.sheet import TileSheet
from convviz.gui.workspaces.watch.views.network.titles import paint_frame, paint_labels, paint_titles
from convviz.present.watch.network_map.columns import column_with
from convviz.present.watch.network_map.layout import OVERVIEW, MapLayout, arrange
from convviz.present.watch.network_map.picture import MapPicture

LOWEST, USUAL = 184, 288
"""Smallest and usual height of the map, in pixels."""
FRAME = 8
"""Space at the left and right for the frame of the chosen column, in pixels."""
ZOOMS = (0.0, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0)
"""Zoom factors of a network whose columns don't all fit; 0 shrinks it until all of them do."""


class NetworkMap(QWidget):
    """Paints the map. Only columns whose pictures changed are coloured and painted again.

    Attributes
    ----------
    scores : ClassScores
        The probabilities in the last column.
    unitPicked : Signal(str, int)
        A layer and the number of its map or unit.
    opened : Signal(str)
        The user wants to enlarge an array.
    hovered : Signal(str)
        Text about what is under the pointer; empty if there is nothing.
    zoomed : Signal()
        The zoom, or whether the map can be zoomed, has changed.
    """

    KEYS = MAP_KEYS

    unitPicked = Signal(str, int)
    opened = Signal(str)
    hovered = Signal(str)
    zoomed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._theme.follow(self._recolour)
        self._picture: MapPicture | None = None
        self._layout: MapLayout | None = None
        self._key: tuple[object, ...] | None = None
        self._sheet: TileSheet | None = None
        self._fixed: QPixmap | None = None
        """What does not change with the pictures: titles, links."""
        self._marked: QPixmap | None = None
        """The marks of the chosen map, painted over the tiles; they rarely change during training."""
        self._marks_of: object = None
        self._numbers: tuple[int, ...] = ()
        """For each column of the layout, its number in the picture."""
        self._offset = 0
        self._zoom = ZOOMS.index(1.0)
        self._dragged = False
        Ground(self)
        self.setAccessibleName("network map")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumHeight(LOWEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.scores = ClassScores(self)
        self.scores.hide()
        self.scores.hovered.connect(self.hovered)
        self.scores.picked.connect(self._class_picked)

    # --- showing -------------------------------------------------------------------------------------------------

    @property
    def picture(self) -> MapPicture | None:
        """The shown picture."""
        return self._picture

    @property
    def plan(self) -> MapLayout | None:
        """The layout of the map; None before the first picture."""
        return self._layout

    @property
    def offset(self) -> int:
        """How far the map is scrolled to the right, in pixels."""
        return self._offset

    @property
    def coloured(self) -> int:
        """Number of columns coloured since the map was laid out; for measurements."""
        return self._sheet.coloured if self._sheet is not None else 0

    @property
    def can_zoom(self) -> tuple[bool, bool]:
        """Whether the map can be zoomed out, and whether in; neither if all columns fit."""
        is_small = self._layout is not None and self._layout.is_small
        return is_small and self._zoom > 0, is_small and self._zoom < len(ZOOMS) - 1

    def zoom_by(self, way: int) -> None:
        """Zoom in (1) or out (−1); the smallest zoom shows the whole network."""
        if self.can_zoom[way > 0]:
            self._zoom += way
            self._arrange()
            self._keep_chosen_in_view()
            self.zoomed.emit()

    def show_picture(self, picture: MapPicture) -> None:
        """Show another moment."""
        before, self._picture = self._picture, picture
        self._arrange()
        layout, sheet = self._layout, self._sheet
        if layout is None or sheet is None:
            return
        self.scores.show_scores(picture.probabilities, picture.class_names, picture.label)
        self._describe()
        whole = before is None or self._marks(before) != self._marks(picture)
        for number, place in enumerate(layout.places):
            shown = picture.shown[self._numbers[number]]
            changed = sheet.show(number, shown, self._theme)
            if before is not None and not changed and not whole:
                old = before.shown[self._numbers[number]]
                changed = (old.health, old.scale) != (shown.health, shown.scale)
            if changed and not whole:
                self.update(QRect(place.x - self._offset, 0, place.width + 2 * FRAME, self.height()))
        if whole:
            self.update()

    @staticmethod
    def _marks(picture: MapPicture) -> tuple[object, ...]:
        return picture.columns, picture.filter, picture.layer, picture.links, picture.activated

    def _arrange(self, *, anew: bool = False) -> None:
        picture = self._picture
        if picture is None or self.width() < 50:
            return
        ratio = self.devicePixelRatioF()
        room = picture.columns, picture.layer, picture.filter_shapes, self.size(), self._zoom
        key = room, ratio, self._theme.dark
        if key == self._key and not anew:
            return
        before = (None, (False, False)) if self._layout is None else (self._layout.chosen, self.can_zoom)
        had_room = None if self._key is None else self._key[0]
        self._key = key
        if self._layout is None or room != had_room:  # other colours need no other layout
            self._layout = arrange(
                picture.columns,
                self.width() - 2 * FRAME,
                self.height(),
                layer=picture.layer,
                zoom=ZOOMS[self._zoom],
                filter_shapes=picture.filter_shapes,
            )
        layout = self._layout
        self._numbers = tuple(column_with(picture.columns, place.column.layer) or 0 for place in layout.places)
        self._sheet = TileSheet(layout, self.height(), ratio)
        for number in range(len(layout.places)):
            self._sheet.show(number, picture.shown[self._numbers[number]], self._theme)
        self._fixed = self._marked = None
        if layout.chosen != before[0] or anew:
            self._keep_chosen_in_view()
        self._scroll_to(self._offset)
        self._place_scores()
        if self.can_zoom != before[1]:
            self.zoomed.emit()
        self.update()

    def _place_scores(self) -> None:
        layout = self._layout
        last = layout.places[-1] if layout is not None else None
        is_there = last is not None and last.column.kind == "scores"
        if layout is not None and last is not None and is_there:
            corner = self.point_of(last.x, layout.rows.maps)
            self.scores.setGeometry(QRect(corner, QSize(last.width, layout.rows.dead - 8 - layout.rows.maps)))
        if self.scores.isHidden() == is_there:
            self.scores.setVisible(is_there)

    @property
    def _scrolls(self) -> bool:
        return self._layout is not None and self._layout.width > self.width() - 2 * FRAME

    def _keep_chosen_in_view(self) -> None:
        layout = self._layout
        if layout is None or layout.chosen is None:
            return
        place, room = layout.places[layout.chosen], self.width() - 2 * FRAME
        if place.x < self._offset + 80:  # the labels of the rows are at the left
            self._scroll_to(place.x - 100)
        elif place.x + place.width > self._offset + room:
            self._scroll_to(place.x + place.width - room + 60)

    def _scroll_to(self, offset: int) -> None:
        most = max(0, self._layout.width - (self.width() - 2 * FRAME)) if self._layout is not None else 0
        offset = min(max(0, offset), most)
        if offset != self._offset:
            self._offset = offset
            self._place_scores()
            self.update()

    # --- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        layout, picture, sheet = self._layout, self._picture, self._sheet
        painter = QPainter(self)
        if layout is None or picture is None or sheet is None:
            return
        dirty = event.rect()
        painter.save()
        painter.setClipRect(QRect(0, 0, self.width(), self.height()) & dirty)
        painter.translate(FRAME - self._offset, 0)
        painter.drawPixmap(-FRAME, 0, self._fixed_part(layout))
        painter.drawImage(0, 0, sheet.image)
        for number, place in enumerate(layout.places):
            left = place.x - self._offset
            if left > dirty.right() or left + place.width + 2 * FRAME < dirty.left():
                continue
            if place.column.kind == "input":
                painter.setPen(QPen(self._theme.colour("line"), 1))
                painter.drawRect(place.maps.x - 1, place.maps.y - 1, place.maps.width + 1, place.maps.height + 1)
            paint_numbers(painter, place, picture.shown[self._numbers[number]], layout, self._theme)
        painter.drawPixmap(-FRAME, 0, self._marked_part(layout, picture))
        scrolled, norms = self._offset > 0, picture.has_norms
        paint_labels(painter, layout, self._theme, self._offset, scrolled=scrolled, norms=norms)
        painter.restore()
        if self._scrolls:
            tokens = [picture.shown[number].health.token for number in self._numbers]
            area = QRectF(FRAME, self.height() - OVERVIEW + 6, self.width() - 2 * FRAME, OVERVIEW - 8)
            paint_overview(painter, area, layout, tokens, (self._offset, self.width() - 2 * FRAME), self._theme)
        paint_focus_frame(painter, self)

    def _fixed_part(self, layout: MapLayout) -> QPixmap:
        if self._fixed is None:
            self._fixed, painter = self._sheet_for(layout)
            for paint in (paint_frame, paint_links, paint_titles):
                paint(painter, layout, self._theme)
            painter.end()
        return self._fixed

    def _marked_part(self, layout: MapLayout, picture: MapPicture) -> QPixmap:
        if self._marked is None or self._marks_of != self._marks(picture):
            self._marked, painter = self._sheet_for(layout)
            paint_strongest(painter, picture, layout, self._theme)
            painter.end()
            self._marks_of = self._marks(picture)
        return self._marked

    def _sheet_for(self, layout: MapLayout) -> tuple[QPixmap, QPainter]:
        """A transparent pixmap of the size of the whole map, and a painter for it in the map's coordinates."""
        ratio = self.devicePixelRatioF()
        made = QPixmap(QSize(layout.width + 2 * FRAME, self.height()) * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        painter.translate(FRAME, 0)
        return made, painter

    def _recolour(self) -> None:
        if self._picture is not None:
            self._arrange(anew=True)

    def _describe(self) -> None:
        """Describe the chosen column to screen readers, but only while the map has the focus."""
        if self.hasFocus() and self._picture is not None and self._picture.chosen is not None:
            said = self._picture.says_all(self._picture.chosen)
            if said != self.accessibleDescription():
                self.setAccessibleDescription(said)

    # --- pointer and keys ----------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(900, USUAL)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, LOWEST)

    def point_of(self, x: float, y: float) -> QPoint:
        """Return where a point of the map is in the widget."""
        return QPoint(round(x) + FRAME - self._offset, round(y))

    def hit(self, point: QPoint) -> tuple[int, str, int | None] | None:
        """Return the number of the column, name of the array and tile (or None) at a point; None outside of columns."""
        layout, picture = self._layout, self._picture
        if layout is None or picture is None or (self._scrolls and point.y() >= self.height() - OVERVIEW):
            return None
        x, y = point.x() - FRAME + self._offset, point.y()
        number = layout.at(x)
        if number is None:
            return None
        place, which = layout.places[number], self._numbers[number]
        if place.filters is not None and layout.rows.filters <= y < layout.rows.dead - 6:
            return which, place.column.weight, place.filters.at(x, y)
        if place.column.kind == "scores":
            return which, picture.shown[which].name, None
        return which, picture.shown[which].name, place.maps.at(x, y)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._scrolls and event.position().y() >= self.height() - OVERVIEW:
            self._dragged = True
            self._drag_to(event.position().x())
            return
        found = self.hit(event.position().toPoint())
        if found is not None and self._picture is not None and self._picture.columns[found[0]].kind != "input":
            layer = self._picture.columns[found[0]].layer
            kept = self._picture.filter if layer == self._picture.layer else 0
            self.unitPicked.emit(layer, found[2] if found[2] is not None else kept)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        found = self.hit(event.position().toPoint())
        if found is not None and self._picture is not None and self._picture.columns[found[0]].kind != "scores":
            self.opened.emit(found[1])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged:
            self._drag_to(event.position().x())
            return
        point, layout, picture = event.position().toPoint(), self._layout, self._picture
        found, said, tip = self.hit(point), "", ""
        if found is not None and picture is not None and layout is not None:
            if layout.rows.scale <= point.y() < layout.rows.end:
                said = tip = picture.says_scale(found[0])
            else:
                said = picture.says(*found)
        if tip != self.toolTip():
            self.setToolTip(tip)
        self.hovered.emit(said)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = False

    def leaveEvent(self, event) -> None:
        super().leaveEvent(event)
        self.hovered.emit("")

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._describe()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = move_of(event)
        if move is Move.ZOOM_IN or move is Move.ZOOM_OUT:
            self.zoom_by(1 if move is Move.ZOOM_IN else -1)
        elif move is Move.OPEN and self._picture is not None and self._picture.chosen is not None:
            self.opened.emit(self._picture.shown[self._picture.chosen].name)
        elif move is not None and self._picture is not None and self._layout is not None:
            picked = move.picks(self._picture, self._layout)
            if picked is not None:
                self.unitPicked.emit(*picked)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().x() or event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and any(self.can_zoom):
            self.zoom_by(1 if turned > 0 else -1)
        elif self._scrolls:
            self._scroll_to(self._offset - turned)
        else:
            event.ignore()
            return
        event.accept()

    def _drag_to(self, x: float) -> None:
        assert self._layout is not None
        room = self.width() - 2 * FRAME
        self._scroll_to(round((x - FRAME) * self._layout.width / room - room / 2))

    def _class_picked(self, number: int) -> None:
        if self._picture is not None:
            self.unitPicked.emit(self._picture.columns[-1].layer, number)
