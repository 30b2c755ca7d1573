"""The notes of an array view: the line below the picture, and names in its cells."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from convviz.gui.theme import Theme
from convviz.gui.widgets.array.layout import TileCell, Tiling, Viewport
from convviz.gui.widgets.array.raster import FEW, shrink_words
from convviz.gui.widgets.array.rects import cell_rect
from convviz.gui.widgets.array.scene import ArrayScene
from convviz.present.colour import text_is_white

NUMBERED = 40.0
"""Smallest side of a map, in pixels, that has its number in its corner."""
NAMED = 38.0
"""Smallest height of a cell with room for a name above its number, in pixels."""


def shared_pixels(tiling: Tiling, view: Viewport) -> str:
    """Return how cells are combined if several share a pixel."""
    parts = []
    most = 0.0
    for scale, length, what in ((view.scale_x, tiling.width, "columns"), (view.scale_y, tiling.height, "rows")):
        if scale < 0.99 and length > 1:
            shared = 1 / scale
            parts.append(f"{shared:.0f} {what}" if shared >= 9.95 else f"{shared:.2g} {what}")
            most = max(most, 1 / scale)
    return (
        f"1 px = {' × '.join(parts)}: {'their' if most > FEW else 'the number'} {shrink_words(most)}" if parts else ""
    )


def note_width(theme: Theme, text: str) -> int:
    """Return the width of a note, in pixels."""
    return QFontMetrics(theme.font(11)).horizontalAdvance(text) + 12


def paint_note(painter: QPainter, theme: Theme, scene: ArrayScene, text: str) -> None:
    """Write a note below the picture or, if no room is reserved, over a corner."""
    if not text:
        return
    foot = scene.foot
    if text.startswith("numbers") and not foot:
        text = text.removeprefix("numbers ")  # keep it short, because it covers the picture
    width = note_width(theme, text)
    painter.setFont(theme.font(11))
    if not foot and (width > scene.width * 0.5 or scene.height < 60):
        return
    painter.setClipping(False)
    if foot:
        right = min(scene.width, round(scene.viewport.to_pixels(scene.tiling.content_width, 0)[0]))
        left = max(0, right - width)
        painter.setPen(theme.colour("muted"))
        box = QRectF(left, scene.height - foot + 2, width, foot - 2)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        return
    box = QRectF(scene.width - width - 3, scene.height - 21, width, 18)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("line"), 1))
    painter.setBrush(theme.colour("panel", 0.92))
    painter.drawRoundedRect(box, 5, 5)
    painter.setPen(theme.colour("muted"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_names(painter: QPainter, theme: Theme, scene: ArrayScene) -> None:
    """Write names into the corners of a row's cells; only the first word if there is no room for the whole name."""
    picture = scene.picture
    if not scene.names or scene.viewport.scale_y < NAMED:
        return
    white = text_is_white(picture.role, theme.dark)
    painter.setFont(theme.font(11))
    metrics = QFontMetrics(painter.font())
    for col, name in enumerate(scene.names[: picture.shape[2]]):
        cell = cell_rect(scene.tiling, scene.viewport, 0, 0, col, 1, col + 1)
        area = QRectF(cell).adjusted(5, 3, -4, -3)
        fits = metrics.horizontalAdvance(name) <= area.width()
        painter.setPen(QColor("#ffffff" if white[picture.entries[0, 0, col]] else "#000000"))
        if not picture.is_known(TileCell(0, 0, col)):
            painter.setPen(theme.colour("muted"))
        painter.drawText(
            area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, name if fits else name.split()[0]
        )


def paint_tile_numbers(painter: QPainter, theme: Theme, scene: ArrayScene) -> None:
    """Number several maps in their corners, if they are large enough for it."""
    tiling, view = scene.tiling, scene.viewport
    if tiling.tiles < 2 or min(tiling.width * view.scale_x, tiling.height * view.scale_y) < NUMBERED:
        return
    painter.setFont(theme.mono(9))
    metrics = QFontMetrics(painter.font())
    high = metrics.height()
    ground, ink = theme.colour("panel", 0.85), theme.colour("ink")
    for tile in scene.visible_tiles():
        text = str(tile)
        box = QRectF(scene.tile_rect(tile).topLeft(), QSizeF(metrics.horizontalAdvance(text) + 4, high))
        painter.fillRect(box, ground)
        painter.setPen(ink)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
