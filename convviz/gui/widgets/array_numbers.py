"""Numbers inside cells: thousands of glyphs in a handful of calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGlyphRun, QPainter, QRawFont

from convviz.present.numbers import format_cells, format_value

MIN_WIDTH, MIN_HEIGHT = 28.0, 16.0
"""The smallest cell that gets a number, in pixels."""
WHITE, BLACK, DIM = 0, 1, 2
"""Which of the three text colours a number has."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers ready to be drawn: glyph runs by colour, and texts with glyphs that the font lacks.

    Positions are relative to the corner of the first cell.
    """

    runs: tuple[tuple[int, QGlyphRun], ...]
    odd: tuple[tuple[int, float, float, str], ...]
    font: QFont

    def draw(self, painter: QPainter, x: float, y: float, colours: Sequence[QColor]) -> None:
        """Draw with the corner of the first cell at (x, y), in the colours for white, black and dim text."""
        for which, run in self.runs:
            painter.setPen(colours[which])
            painter.drawGlyphRun(QPointF(x, y), run)
        if self.odd:
            painter.setFont(self.font)
            for which, cx, cy, text in self.odd:
                painter.setPen(colours[which])
                box = QRectF(x + cx - 40, y + cy - 10, 80, 20)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def lay_out(
    values: npt.NDArray[np.generic],
    colours: npt.NDArray[np.uint8],
    cell_w: float,
    cell_h: float,
    mono: QFont,
    exponent: int = 0,
    hidden: npt.NDArray[np.bool_] | None = None,
) -> Numbers:
    """Lay out one number a cell, centred.

    Parameters
    ----------
    values : array (rows, cols)
        The numbers.
    colours : uint8 array (rows, cols)
        :data:`WHITE`, :data:`BLACK` or :data:`DIM`, a cell.
    cell_w, cell_h : float
        Size of a cell in pixels: decides the size of the text and how many digits there are.
    mono : QFont
        Any size; every character must have the same width.
    exponent : int
        Numbers are divided by this power of ten.
    hidden : bool array (rows, cols), optional
        Cells that get no number.
    """
    texts, size = _texts(values, cell_w, cell_h, exponent)
    font = QFont(mono)
    font.setPixelSize(size)
    metrics = QFontMetricsF(font)
    advance = metrics.horizontalAdvance("0")
    baseline = (metrics.capHeight() if metrics.capHeight() > 0 else metrics.ascent() * 0.72) / 2
    raw = QRawFont.fromFont(font)
    characters = sorted(set("".join(texts)))
    glyphs = dict(zip(characters, raw.glyphIndexesForString("".join(characters)), strict=False))
    rows, cols = values.shape
    lengths = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts))
    shown = np.ones(len(texts), dtype=bool) if hidden is None else ~hidden.ravel()
    odd_texts = {text for text in set(texts) if any(not glyphs.get(one) for one in text)}
    if odd_texts:
        is_odd = np.fromiter((text in odd_texts for text in texts), dtype=bool, count=len(texts))
    else:
        is_odd = np.zeros(len(texts), dtype=bool)
    number = np.arange(rows * cols)
    centre_x = (number % cols + 0.5) * cell_w
    centre_y = (number // cols + 0.5) * cell_h
    start_x = centre_x - lengths * (advance / 2)
    runs = []
    flat = colours.ravel()
    for which in (WHITE, BLACK, DIM):
        chosen = np.flatnonzero(shown & ~is_odd & (flat == which))
        if not len(chosen):
            continue
        counts = lengths[chosen]
        within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        xs = (np.repeat(start_x[chosen], counts) + within * advance).tolist()
        ys = np.repeat(centre_y[chosen] + baseline, counts).tolist()
        run = QGlyphRun()
        run.setRawFont(raw)
        run.setGlyphIndexes([glyphs[one] for i in chosen.tolist() for one in texts[i]])
        run.setPositions(list(map(QPointF, xs, ys)))
        runs.append((which, run))
    odd = tuple(
        (int(flat[i]), float(centre_x[i]), float(centre_y[i]), texts[i])
        for i in np.flatnonzero(shown & is_odd).tolist()
    )
    return Numbers(tuple(runs), odd, font)


def _texts(
    values: npt.NDArray[np.generic], cell_w: float, cell_h: float, exponent: int
) -> tuple[list[str], int]:
    """Return what the cells say and the size of the font: the most digits that can be read."""
    wanted = max(9, min(13, round(cell_h * 0.38), round(cell_w * 0.38)))
    room = cell_w - 3
    if cell_w >= 62 and exponent == 0:
        texts = [format_value(one) for one in values.ravel().tolist()]
        longest = max(map(len, texts), default=1)
        if longest * 0.61 * wanted <= room:
            return texts, wanted
    texts = format_cells(values, exponent)
    longest = max(map(len, texts), default=1)
    size = min(wanted, int(room / (0.61 * longest)))
    if size < 8:  # one decimal less gains a character
        texts = format_cells(values, exponent, decimals=1)
        longest = max(map(len, texts), default=1)
        size = min(wanted, int(room / (0.61 * longest)))
    return texts, max(7, size)
