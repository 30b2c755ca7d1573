"""The network map: one widget that paints prepared images, and tells what was clicked."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.ground import Ground
from convviz.gui.workspaces.watch.views.network.moving import TOKENS, paint_chosen, paint_column, paint_scores
from convviz.gui.workspaces.watch.views.network.sheet import TileSheet
from convviz.gui.workspaces.watch.views.network.standing import paint_standing
from convviz.present.watch.network_map.columns import column_with
from convviz.present.watch.network_map.layout import OVERVIEW, MapLayout, arrange
from convviz.present.watch.network_map.picture import MapPicture

LOWEST, USUAL = 226, 276
"""Heights in pixels."""
FRAME = 8
"""Room left and right for the frame of the chosen column, in pixels."""
ZOOMS = (0.5, 0.7, 1.0, 1.4, 2.0, 3.0)


class NetworkMap(QWidget):
    """Paints the map. Only columns whose pictures changed are coloured and painted anew.

    Attributes
    ----------
    unitPicked : Signal(str, int)
        A layer, and its map or unit.
    opened : Signal(str)
        The user wants to enlarge an array.
    hovered : Signal(str)
        Text about what is under the pointer; empty if there is nothing.
    """

    unitPicked = Signal(str, int)
    opened = Signal(str)
    hovered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._theme.follow(self._recolour)
        self._picture: MapPicture | None = None
        self._layout: MapLayout | None = None
        self._key: object = None
        self._sheet: TileSheet | None = None
        self._standing: QPixmap | None = None
        self._numbers: tuple[int, ...] = ()
        """Number in the picture of each column of the layout."""
        self._offset = 0
        self._zoom = ZOOMS.index(1.0)
        self._dragged = False
        Ground(self)
        self.setAccessibleName("network map")
        self.setMouseTracking(True)
        self.setMinimumHeight(LOWEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    # --- showing -------------------------------------------------------------------------------------------------

    @property
    def picture(self) -> MapPicture | None:
        """What is shown."""
        return self._picture

    @property
    def plan(self) -> MapLayout | None:
        """Where everything lies; None before the first picture."""
        return self._layout

    @property
    def offset(self) -> int:
        """How far the map is scrolled, in pixels."""
        return self._offset

    @property
    def coloured(self) -> int:
        """How many columns were coloured since the map was laid out; for measurements."""
        return self._sheet.coloured if self._sheet is not None else 0

    def show_picture(self, picture: MapPicture) -> None:
        """Show another moment."""
        before, self._picture = self._picture, picture
        self._arrange()
        layout, sheet = self._layout, self._sheet
        if layout is None or sheet is None:
            return
        whole = before is None or self._marks(before) != self._marks(picture)
        for number, place in enumerate(layout.places):
            shown = picture.shown[self._numbers[number]]
            changed = sheet.show(number, shown, self._theme)
            if before is not None and not changed and not whole:
                changed = before.shown[self._numbers[number]].health != shown.health
                changed = changed or (place.column.kind == "scores" and _differ(before, picture))
            if changed and not whole:
                self.update(QRect(place.x - self._offset, 0, place.width + 2 * FRAME, self.height()))
        if whole:
            self.update()

    @staticmethod
    def _marks(picture: MapPicture) -> tuple[object, ...]:
        return picture.filter, picture.layer, picture.links, picture.label, picture.class_names, picture.activated

    def _arrange(self, *, anew: bool = False) -> None:
        picture = self._picture
        if picture is None or self.width() < 50:
            return
        ratio = self.devicePixelRatioF()
        key = picture.columns, picture.layer, picture.filter_shapes, self.size(), ratio, self._zoom, self._theme.dark
        if key == self._key and not anew:
            return
        layer_before = self._layout.chosen if self._layout is not None else None
        self._key = key
        self._layout = layout = arrange(
            picture.columns,
            self.width() - 2 * FRAME,
            self.height(),
            layer=picture.layer,
            zoom=ZOOMS[self._zoom],
            filter_shapes=picture.filter_shapes,
        )
        self._numbers = tuple(column_with(picture.columns, place.column.layer) or 0 for place in layout.places)
        self._sheet = TileSheet(layout, self.height(), ratio)
        for number in range(len(layout.places)):
            self._sheet.show(number, picture.shown[self._numbers[number]], self._theme)
        self._standing = None
        if layout.chosen != layer_before or anew:
            self._keep_chosen_in_view()
        self._scroll_to(self._offset)
        self.update()

    @property
    def _scrolls(self) -> bool:
        return self._layout is not None and self._layout.width > self.width() - 2 * FRAME

    def _keep_chosen_in_view(self) -> None:
        layout = self._layout
        if layout is None or layout.chosen is None:
            return
        place, room = layout.places[layout.chosen], self.width() - 2 * FRAME
        if place.x < self._offset:
            self._offset = place.x - 60
        elif place.x + place.width > self._offset + room:
            self._offset = place.x + place.width - room + 60

    def _scroll_to(self, offset: int) -> None:
        most = max(0, self._layout.width - (self.width() - 2 * FRAME)) if self._layout is not None else 0
        offset = min(max(0, offset), most)
        if offset != self._offset:
            self._offset = offset
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
        painter.drawPixmap(-FRAME, 0, self._stands(layout))
        painter.drawImage(0, 0, sheet.image)
        for number, place in enumerate(layout.places):
            left = place.x - self._offset
            if left > dirty.right() or left + place.width + 2 * FRAME < dirty.left():
                continue
            if place.column.kind == "scores":
                paint_scores(painter, place, picture, layout, self._theme)
            elif place.column.kind == "input":
                painter.setPen(QPen(self._theme.colour("line"), 1))
                painter.drawRect(place.maps.x - 1, place.maps.y - 1, place.maps.width + 1, place.maps.height + 1)
            paint_column(painter, place, picture.shown[self._numbers[number]], layout, self._theme)
        paint_chosen(painter, picture, layout, self._theme)
        painter.restore()
        if self._scrolls:
            self._paint_overview(painter, layout, picture)

    def _stands(self, layout: MapLayout) -> QPixmap:
        if self._standing is None:
            ratio = self.devicePixelRatioF()
            made = QPixmap(QSize(layout.width + 2 * FRAME, self.height()) * ratio)
            made.setDevicePixelRatio(ratio)
            made.fill(Qt.GlobalColor.transparent)
            painter = QPainter(made)
            painter.translate(FRAME, 0)
            filters = any(place.filters is not None for place in layout.places)
            paint_standing(painter, layout, self._theme, has_filters=filters)
            painter.end()
            self._standing = made
        return self._standing

    def _paint_overview(self, painter: QPainter, layout: MapLayout, picture: MapPicture) -> None:
        """All columns as boxes, coloured by their health, and what part of them is in view."""
        top, high = self.height() - OVERVIEW + 6, OVERVIEW - 8
        scale = (self.width() - 2 * FRAME) / layout.width
        for number, place in enumerate(layout.places):
            state = picture.shown[self._numbers[number]].health.state
            token = "accent" if number == layout.chosen else TOKENS[state] if state != "fine" else "faint"
            width = max(2.0, place.width * scale - 1)
            painter.fillRect(QRectF(FRAME + place.x * scale, top + 3, width, high - 6), self._theme.colour(token))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("ink"), 1.5))
        painter.drawRoundedRect(
            QRectF(FRAME + self._offset * scale, top, (self.width() - 2 * FRAME) * scale, high), 3, 3
        )

    def _recolour(self) -> None:
        if self._picture is not None:
            self._arrange(anew=True)

    # --- pointer -------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(900, USUAL)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, LOWEST)

    def point_of(self, x: float, y: float) -> QPoint:
        """Where a point of the map lies in the widget."""
        return QPoint(round(x) + FRAME - self._offset, round(y))

    def hit(self, point: QPoint) -> tuple[int, str, int | None] | None:
        """Column of the picture, name of the array, and tile at a point; None if there is no column."""
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
        found = self.hit(event.position().toPoint())
        if found is None or self._picture is None:
            self.hovered.emit("")
            return
        self.hovered.emit(self._picture.says(*found))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = False

    def leaveEvent(self, event) -> None:
        super().leaveEvent(event)
        self.hovered.emit("")

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self._scrolls:
            event.ignore()
            return
        turned = event.angleDelta().x() or event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._zoom = min(max(0, self._zoom + (1 if turned > 0 else -1)), len(ZOOMS) - 1)
            self._arrange()
        else:
            self._scroll_to(self._offset - turned)
        event.accept()

    def _drag_to(self, x: float) -> None:
        assert self._layout is not None
        room = self.width() - 2 * FRAME
        self._scroll_to(round((x - FRAME) * self._layout.width / room - room / 2))


def _differ(one: MapPicture, other: MapPicture) -> bool:
    return bool((one.probabilities != other.probabilities).any())
