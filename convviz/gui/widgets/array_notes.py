"""The line below an array view: what the picture itself can't say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen

from convviz.gui.theme import Theme
from convviz.gui.widgets.array_layout import Tiling, Viewport
from convviz.gui.widgets.array_raster import shrink_words

if TYPE_CHECKING:
    from convviz.gui.widgets.array_canvas import ArrayCanvas


def shared_pixels(tiling: Tiling, view: Viewport) -> str:
    """Return what a pixel stands for, where it holds several cells."""
    parts = []
    most = 0.0
    for scale, length, what in ((view.scale_x, tiling.width, "columns"), (view.scale_y, tiling.height, "rows")):
        if scale < 0.99 and length > 1:
            shared = 1 / scale
            parts.append(f"{shared:.0f} {what}" if shared >= 9.95 else f"{shared:.2g} {what}")
            most = max(most, 1 / scale)
    return f"1 px: {shrink_words(most)} of {' × '.join(parts)}" if parts else ""


def note_width(theme: Theme, text: str) -> int:
    """Return the width of a note, in pixels."""
    return QFontMetrics(theme.font(11)).horizontalAdvance(text) + 12


def paint_note(painter: QPainter, theme: Theme, widget: ArrayCanvas, text: str) -> None:
    """Write a note below the picture or, where no room is kept for it, over a corner."""
    view = widget.viewport
    foot = widget.height() - widget.picture_area().height()
    if text.startswith("numbers") and not foot:
        text = text.removeprefix("numbers ")  # over the picture, the less the better
    width = note_width(theme, text)
    painter.setFont(theme.font(11))
    if not text or (not foot and (width > widget.width() * 0.5 or widget.height() < 60)):
        return
    painter.setClipping(False)
    if foot:
        right = min(widget.width(), round(view.to_pixels(widget.tiling.content_width, 0)[0]))
        left = max(0, right - width)
        painter.setPen(theme.colour("muted"))
        box = QRectF(left, widget.height() - foot + 2, width, foot - 2)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        return
    box = QRectF(widget.width() - width - 3, widget.height() - 21, width, 18)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("line"), 1))
    painter.setBrush(theme.colour("panel", 0.92))
    painter.drawRoundedRect(box, 5, 5)
    painter.setPen(theme.colour("muted"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
