"""Numbers inside cells: glyphs are placed like type, for a whole array at a time, in one image.

Drawing 900 numbers as text takes at least 5 ms each time. Here each character is drawn once per size, and a single
array assignment composes the image of all numbers from copies; drawing it again is one call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter

from convviz.gui.widgets.pixels import image_of_pixels, premultiplied
from convviz.present.numbers import format_cell, format_cells, format_value, whole_exponent

MIN_WIDTH, MIN_HEIGHT = 20.0, 16.0
"""Smallest cell with a number, in pixels."""
DECIMALS_FROM = 28.0
"""From this width on, numbers have decimals; smaller cells use scaled whole numbers, which are shorter."""

_ALPHABET: Final = "0123456789.-+eNa∞,"
_CODE: Final = {one: code for code, one in enumerate(_ALPHABET)}
_BLANK: Final = 255
_HUNDREDTHS: Final = 1000
"""Numbers below this many hundredths get their text from a table."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of one size: coverage 0..255, shape (characters, height, advance), in device pixels."""

    coverage: npt.NDArray[np.uint8]

    @property
    def height(self) -> int:
        """Height of a character, in device pixels."""
        return int(self.coverage.shape[1])

    @property
    def advance(self) -> int:
        """Distance from one character to the next, in device pixels."""
        return int(self.coverage.shape[2])


@dataclass(frozen=True, slots=True)
class Form:
    """Number format for cells of some size.

    Parameters
    ----------
    exponent : int
        The power of ten by which numbers are divided.
    decimals : int
        With fewer than two, no number takes more than three characters: whole numbers, of which the largest has two
        digits, or numbers with one decimal.
    """

    exponent: int
    decimals: int = 2

    @classmethod
    def of(cls, exponent: int, vmax: float, signed: bool, cell_w: float, *, signs: bool = True) -> Form:
        """Choose the form of numbers up to ``vmax``.

        Parameters
        ----------
        exponent : int
            The exponent for wide cells.
        vmax : float
        signed : bool
            Whether the scale has numbers below zero.
        cell_w : float
            Width of the cells, in pixels.
        signs : bool
            Whether the picture itself has numbers below zero.
        """
        if cell_w >= DECIMALS_FROM:
            return cls(exponent)
        tens = whole_exponent(vmax, signed)
        return cls(0, decimals=1) if tens == -1 and not signs else cls(tens, decimals=0)


def set_numbers(
    values: npt.NDArray[np.generic],
    colours: npt.NDArray[np.uint32],
    cell_w: float,
    cell_h: float,
    mono: QFont,
    form: Form,
    hidden: npt.NDArray[np.bool_] | None = None,
    ratio: float = 1.0,
) -> QImage:
    """Return a transparent image with a number centred in each cell.

    Parameters
    ----------
    values : array (rows, cols)
        The numbers.
    colours : uint32 array (rows, cols)
        Colours of the text, 0xRRGGBB.
    cell_w, cell_h : float
        Size of a cell in logical pixels: decides the size of the text and the number of digits.
    mono : QFont
        Every character must have the same width; only its family counts.
    form : Form
        Their format.
    hidden : bool array (rows, cols), optional
        Cells without a number.
    ratio : float
        Device pixels in a logical pixel.
    """
    rows, cols = values.shape
    codes, size = _typeset(values, cell_w, cell_h, form)
    glyphs = _glyphs(mono.family(), size, ratio)
    width, height = max(1, round(cols * cell_w * ratio)), max(1, round(rows * cell_h * ratio))
    number = np.arange(rows * cols)
    lengths = np.count_nonzero(codes != _BLANK, axis=1)
    centre_x, centre_y = (number % cols + 0.5) * cell_w * ratio, (number // cols + 0.5) * cell_h * ratio
    left = np.rint(centre_x - lengths * (glyphs.advance / 2)).astype(np.intp)
    top = np.rint(centre_y - glyphs.height / 2).astype(np.intp)
    drawn = codes != _BLANK
    if hidden is not None:
        drawn &= ~hidden.reshape(-1, 1)
    # A number that the image's border would cut is left out: cut, it would look like another number.
    fits = (left >= 0) & (left + lengths * glyphs.advance <= width) & (top >= 0) & (top + glyphs.height <= height)
    drawn &= fits[:, None]
    which, place = np.nonzero(drawn)
    pixels = np.zeros((height, width), dtype=np.uint32)
    if len(which):
        x = left[which] + place * glyphs.advance
        stamp = premultiplied(colours.ravel()[which][:, None, None], glyphs.coverage[codes[which, place]])
        ys = (top[which, None] + np.arange(glyphs.height))[:, :, None]
        xs = (x[:, None] + np.arange(glyphs.advance))[:, None, :]
        pixels[ys, xs] = stamp
    image = image_of_pixels(pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    return image


def _typeset(
    values: npt.NDArray[np.generic], cell_w: float, cell_h: float, form: Form
) -> tuple[npt.NDArray[np.uint8], int]:
    """Return the texts of the cells, as codes (cells, longest) padded with blanks, and the size of the font.

    There are as many digits as fit legibly.
    """
    wanted = max(9, min(13, round(cell_h * 0.38), round(cell_w * 0.38)))
    short = form.decimals < 2
    room = cell_w - (4 if short else 6)  # the frame of a chosen cell lies inside it
    exponent = form.exponent

    def fitting(longest: int) -> int:
        return min(wanted, int(room / (0.61 * max(1, longest))))

    if values.size == 1 and exponent == 0:
        alone = _alone(values.ravel()[0], lambda length: fitting(length) >= min(wanted, 9))
        if alone:
            return _encode([alone]), fitting(len(alone))
    if short:
        codes = _encode(format_cells(values, exponent, form.decimals))
        return codes, max(8, fitting(codes.shape[1]))
    if cell_w >= 50 and exponent == 0:
        codes = _encode([format_value(one) for one in values.ravel().tolist()])
        if fitting(codes.shape[1]) >= min(wanted, 10):
            return codes, fitting(codes.shape[1])
    from_table = _from_table(values, exponent)
    codes = _encode(format_cells(values, exponent)) if from_table is None else from_table
    if fitting(codes.shape[1]) < 8:  # one decimal less gains a character
        codes = _encode(format_cells(values, exponent, decimals=1))
    return codes, max(7, fitting(codes.shape[1]))


def _alone(value: np.generic, fits: Callable[[int], bool]) -> str:
    """Write a single number with up to four digits, as many as fit; empty if not even one does."""
    for digits in (4, 3, 2, 1):
        text = format_value(value, digits)
        if digits < 4 and "." in text and "e" not in text:
            text = text.rstrip("0").rstrip(".")
        if fits(len(text)):
            return text
    return ""


def _from_table(values: npt.NDArray[np.generic], exponent: int) -> npt.NDArray[np.uint8] | None:
    """Return the codes of numbers that all lie below 10, two decimals each; ``None`` for others."""
    if values.dtype.kind != "f":
        return None
    hundredths = np.rint(values.ravel().astype(np.float64) * 10.0 ** (2 - exponent))
    if not np.abs(hundredths).max() < _HUNDREDTHS:  # False for NaN, too
        return None
    codes = _table()[np.abs(hundredths).astype(np.intp) + _HUNDREDTHS * (hundredths < 0)]
    used = np.flatnonzero((codes != _BLANK).any(axis=0))
    return codes[:, : int(used[-1]) + 1]


@lru_cache(maxsize=1)
def _table() -> npt.NDArray[np.uint8]:
    """Return the codes of .00 to 9.99 and of -.00 to -9.99, shape (2000, 5)."""
    texts = [format_cell(one / 100) for one in range(_HUNDREDTHS)]
    return _encode([*texts, *(f"-{text}" for text in texts)])


def _encode(texts: list[str]) -> npt.NDArray[np.uint8]:
    longest = max(map(len, texts), default=1)
    codes = np.full((len(texts), longest), _BLANK, dtype=np.uint8)
    for row, text in enumerate(texts):
        codes[row, : len(text)] = [_CODE[one] for one in text]
    return codes


@lru_cache(maxsize=32)
def _glyphs(family: str, size: int, ratio: float) -> Glyphs:
    """Draw the characters, each in a box as wide as the advance."""
    font = QFont(family)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPixelSize(size)
    metrics = QFontMetricsF(font)
    advance = max(1, round(metrics.horizontalAdvance("0") * ratio))
    cap = metrics.capHeight() if metrics.capHeight() > 0 else metrics.ascent() * 0.72
    height = round((cap + 2 * max(2.0, metrics.descent() * 0.7)) * ratio)
    image = QImage(advance * len(_ALPHABET), height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.scale(ratio, ratio)
    painter.setFont(font)
    painter.setPen(Qt.GlobalColor.white)
    baseline = round((height / ratio + cap) / 2 * ratio) / ratio
    step = advance / ratio
    for index, one in enumerate(_ALPHABET):
        painter.setClipRect(QRectF(index * step, 0, step, height / ratio))
        painter.drawText(QRectF(index * step, baseline - 100, step, 100).bottomLeft(), one)
    painter.end()
    pixels = np.frombuffer(image.constBits(), dtype=np.uint32).reshape(height, -1)[:, : image.width()]
    coverage = (pixels >> np.uint32(24)).astype(np.uint8)
    cut = coverage.reshape(height, len(_ALPHABET), advance).transpose(1, 0, 2)
    return Glyphs(np.ascontiguousarray(cut))
