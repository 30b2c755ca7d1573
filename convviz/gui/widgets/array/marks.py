"""Painting marks: outlines that follow the border of the marked cells, over a halo that keeps them visible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLine, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from convviz.gui.widgets.array.layout import Tiling, Viewport
from convviz.gui.widgets.array.rects import Edges, cell_edges, cell_rect
from convviz.gui.widgets.marks import Mark

_WIDTH = {"here": 2, "window": 2, "linked": 1, "changed": 1}
_WASH = {"here": 0.0, "window": 0.16, "linked": 0.12, "changed": 0.0}
_SMALLEST = 4
"""Smallest width and height of a mark in pixels, however far the view is zoomed out."""


def paint_marks(
    painter: QPainter,
    marks: Sequence[Mark],
    tiling: Tiling,
    viewport: Viewport,
    seen: QRect,
    accent: QColor,
    halo: QColor,
) -> None:
    """Paint marks over the picture, the least important first, so that "here" is on top.

    All halos lie below all outlines: otherwise that of one mark would break the outline of another that it touches.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    order = {"changed": 0, "linked": 1, "window": 2, "here": 3}
    outlines: list[_Outline] = []
    for mark in sorted(marks, key=lambda one: order[one.kind]):
        painter.save()
        rects = mark.rects(tiling.tiles, tiling.height, tiling.width)
        if rects:
            outlines.append(_paint_rects(painter, rects, mark.kind, tiling, viewport, seen, accent))
        for tile, rows, cols in mark.scattered(tiling.tiles, tiling.height, tiling.width):
            outlines.append(_paint_scattered(painter, mark.kind, tiling, viewport, tile, rows, cols, seen, accent))
        painter.restore()
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for outline in outlines:
        outline.draw(painter, _pen(halo, _WIDTH[outline.kind] + 2))
    for outline in outlines:
        outline.draw(painter, _pen(accent, _WIDTH[outline.kind], dashed=outline.kind == "changed"))
        for dot in outline.dots:
            painter.fillRect(dot, accent)
    painter.restore()


@dataclass(frozen=True, slots=True)
class _Outline:
    """What is drawn around the cells of a mark."""

    kind: str
    rects: Sequence[QRectF] = ()
    lines: Sequence[QLine] = ()
    dots: Sequence[QRect] = ()
    """Cells that are too small for outlines."""

    def draw(self, painter: QPainter, pen: QPen) -> None:
        painter.setPen(pen)
        if self.rects:
            painter.drawRects(self.rects)
        if self.lines:
            painter.drawLines(self.lines)


def frames(rects: npt.NDArray[np.intp], tiling: Tiling, viewport: Viewport, seen: QRect, width: float) -> Edges:
    """Where outlines of this width lie around rectangles of cells, each (tile, row0, col0, row1, col1)."""
    area = _at_least(cell_edges(tiling, viewport, rects))
    sides = np.array([-1.0, -1.0, 1.0, 1.0])[:, None] * (width / 2)
    view = np.array([seen.left(), seen.top(), seen.right() + 1, seen.bottom() + 1], dtype=np.float64)[:, None]
    # A tile, or a mark too small to be visible inside its outline: draw the outline around it.
    whole = (tiling.tiles > 1) & (rects[:, 1:] == (0, 0, tiling.height, tiling.width)).all(axis=1)
    around = whole | (_sizes(area).min(axis=0) < 14)
    found = np.where(around, area + sides, area - sides)
    # If all of it is in sight, no side of the outline may lie outside the view, nor beyond the edge of its tile.
    inside = around & (area[:2] >= view[:2]).all(axis=0) & (area[2:] <= view[2:]).all(axis=0)
    found = np.where(inside, _cut(found, view - sides), found)
    ends = np.array([0, 0, tiling.height, tiling.width])
    tiles = cell_edges(tiling, viewport, np.insert(ends[None].repeat(len(rects), axis=0), 0, rects[:, 0], axis=1))
    within = inside & ~whole & (_sizes(tiles).min(axis=0) >= 2 * _SMALLEST)
    return np.where(within, _cut(found, tiles - sides), found)


def _at_least(area: Edges) -> Edges:
    more = np.maximum(0, _SMALLEST - _sizes(area))
    return np.concatenate([area[:2] - more // 2, area[2:] + (more - more // 2)])


def _sizes(area: Edges) -> Edges:
    """Widths and heights, ``(2, n)``."""
    return area[2:] - area[:2]


def _cut(area: Edges, by: Edges) -> Edges:
    return np.concatenate([np.maximum(area[:2], by[:2]), np.minimum(area[2:], by[2:])])


def _paint_rects(
    painter: QPainter,
    rects: list[tuple[int, int, int, int, int]],
    kind: str,
    tiling: Tiling,
    viewport: Viewport,
    seen: QRect,
    accent: QColor,
) -> _Outline:
    """Paint the wash of rectangles, each (tile, row0, col0, row1, col1), and return their outlines in sight."""
    width, many = _WIDTH[kind], np.array(rects, dtype=np.intp)
    areas, lines = _at_least(cell_edges(tiling, viewport, many)), frames(many, tiling, viewport, seen, width)
    near = (areas[0] < seen.right() + 5) & (areas[2] > seen.left() - 4)
    near &= (areas[1] < seen.bottom() + 5) & (areas[3] > seen.top() - 4)
    if not near.any():
        return _Outline(kind)
    if _WASH[kind]:
        wash = _faint(accent, _WASH[kind])
        for area in _rectangles(areas[:, near]):
            painter.fillRect(area, wash)
    return _Outline(kind, _rectangles(lines[:, near]))


def _rectangles(edges: Edges) -> list[QRectF]:
    left, top, right, bottom = edges.tolist()
    return [QRectF(a, b, c - a, d - b) for a, b, c, d in zip(left, top, right, bottom, strict=True)]


def _paint_scattered(
    painter: QPainter,
    kind: str,
    tiling: Tiling,
    viewport: Viewport,
    tile: int,
    rows: npt.NDArray[np.intp],
    cols: npt.NDArray[np.intp],
    seen: QRect,
    accent: QColor,
) -> _Outline:
    x, y = tiling.origin(tile)
    left, top = viewport.x + x * viewport.scale_x, viewport.y + y * viewport.scale_y
    px, py = left + cols * viewport.scale_x, top + rows * viewport.scale_y
    near = (px + viewport.scale_x >= seen.left()) & (px <= seen.right() + 1)
    near &= (py + viewport.scale_y >= seen.top()) & (py <= seen.bottom() + 1)
    rows, cols, px, py = rows[near], cols[near], px[near], py[near]
    if not len(rows):
        return _Outline(kind)
    if min(viewport.scale_x, viewport.scale_y) < 3:
        # Cells too small for outlines become dots, one per position even if several cells share it.
        dots = np.unique(np.stack([np.rint(px), np.rint(py)], axis=1).astype(int), axis=0)
        size_x, size_y = max(3, round(viewport.scale_x)), max(3, round(viewport.scale_y))
        aside = int(size_x > viewport.scale_x)
        return _Outline(kind, dots=[QRect(x - aside, y, size_x, size_y) for x, y in dots.tolist()])
    row0, col0 = int(rows.min()), int(cols.min())
    mask = np.zeros((int(rows.max()) - row0 + 3, int(cols.max()) - col0 + 3), dtype=bool)
    mask[rows - row0 + 1, cols - col0 + 1] = True
    if _WASH[kind]:
        wash = _faint(accent, _WASH[kind])
        for row, start, end in _runs(mask):
            painter.fillRect(
                cell_rect(tiling, viewport, tile, row + row0 - 1, start + col0 - 1, row + row0, end + col0 - 1),
                wash,
            )
    lines = border_lines(mask, left + (col0 - 1) * viewport.scale_x, top + (row0 - 1) * viewport.scale_y, viewport)
    return _Outline(kind, lines=lines)


def _runs(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int, int]]:
    """Return the runs of set cells as (row, start, end)."""
    edges = np.diff(mask.astype(np.int8), axis=1, prepend=0, append=0)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    return list(zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True))


def border_lines(mask: npt.NDArray[np.bool_], x: float, y: float, viewport: Viewport) -> list[QLine]:
    """Return the lines between set and unset cells; the first cell lies at the pixel (x, y)."""
    sx, sy = viewport.scale_x, viewport.scale_y
    lines = []
    rows, cols = np.nonzero(mask[:, 1:] != mask[:, :-1])
    at = np.rint(x + (cols + 1) * sx).astype(int)
    start, end = np.rint(y + rows * sy).astype(int), np.rint(y + (rows + 1) * sy).astype(int)
    lines += [QLine(a, b, a, c) for a, b, c in zip(at.tolist(), start.tolist(), end.tolist(), strict=True)]
    rows, cols = np.nonzero(mask[1:, :] != mask[:-1, :])
    at = np.rint(y + (rows + 1) * sy).astype(int)
    start, end = np.rint(x + cols * sx).astype(int), np.rint(x + (cols + 1) * sx).astype(int)
    lines += [QLine(b, a, c, a) for a, b, c in zip(at.tolist(), start.tolist(), end.tolist(), strict=True)]
    return lines


def _pen(colour: QColor, width: float, dashed: bool = False) -> QPen:
    pen = QPen(colour, width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap if dashed else Qt.PenCapStyle.SquareCap)
    if dashed:
        pen.setDashPattern([3, 2])
    return pen


def _faint(colour: QColor, alpha: float) -> QColor:
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made
