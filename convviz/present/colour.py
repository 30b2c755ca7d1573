"""Colour by role: what a number looks like, everywhere the same.

A *role* says what kind of number an array holds (an input, an activation, a weight, a gradient, a count), and the role
alone decides the colour map. Zero has a fixed colour in every map. Diverging maps are symmetric about zero, so that
the same distance from zero is the same step of colour on both sides.

Every map is a table of 256 entries, equally spaced in OKLab (Björn Ottosson, 2020,
https://bottosson.github.io/posts/oklab/) so that equal steps of value look like equal steps of colour:

========  =======================  =======================
entry     diverging                sequential
========  =======================  =======================
0         NaN or infinite          NaN or infinite
1         ``-vmax`` and below      zero and below
128       zero, exactly            half of ``vmax``
255       ``vmax`` and above       ``vmax`` and above
========  =======================  =======================
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from convviz.present.numbers import format_full, format_value

__all__ = [
    "NOT_FINITE_COLOUR",
    "NOT_FINITE_ENTRY",
    "ZERO_ENTRY",
    "ColourRole",
    "Levels",
    "Scope",
    "argb_table",
    "colourise",
    "contrast",
    "entries",
    "format_full",
    "format_value",
    "hex_to_rgb",
    "levels",
    "luminance",
    "mixed_table",
    "oklab_to_rgb",
    "rgb_to_oklab",
    "table",
    "text_colour",
    "text_is_white",
]

ZERO_ENTRY: Final = 128
"""Entry of a diverging table that shows zero."""
NOT_FINITE_ENTRY: Final = 0
"""Entry of every table that shows NaN and infinities."""
NOT_FINITE_COLOUR: Final = "#ff1fd1"
"""The colour of NaN and infinities: no role map comes near it."""


class ColourRole(StrEnum):
    """What kind of number an array holds."""

    INPUT = "input"
    LIGHT = "light"
    """The channels of a colour image: 0 is black, as in the image itself."""
    ACTIVATION = "activation"
    PREACTIVATION = "preactivation"
    WEIGHT = "weight"
    GRADIENT = "gradient"
    COUNT = "count"

    @property
    def diverging(self) -> bool:
        """Whether the map runs from negative through zero to positive."""
        return self in (ColourRole.PREACTIVATION, ColourRole.WEIGHT, ColourRole.GRADIENT)


def image_role(channels: int) -> ColourRole:
    """How the numbers of an image are coloured: three channels are the light of a colour image, one is ink on paper."""
    return ColourRole.LIGHT if channels == 3 else ColourRole.INPUT


class Scope(StrEnum):
    """Over which arrays the scale of a picture is taken."""

    PICTURE = "picture"
    LAYER = "layer"
    NETWORK = "network"

    @property
    def words(self) -> str:
        """How the scope is named on screen."""
        return {"picture": "this picture", "layer": "this layer", "network": "whole network"}[self.value]


@dataclass(frozen=True, slots=True)
class Levels:
    """The values at the two ends of a colour scale.

    Attributes
    ----------
    low, high : float
        ``-high`` and ``high`` for a diverging role, 0 and ``high`` for a sequential one.
    scope : Scope
        What the scale was taken over.
    """

    low: float
    high: float
    scope: Scope = Scope.PICTURE


# From the colour of zero outwards, on light and on dark ground; a diverging role has one arm to each side.
_ZERO: Final = ("#f8f9fa", "#22262c")
_Arms = dict[ColourRole, tuple[tuple[str, ...], tuple[str, ...]]]


def _from_zero(on_light: tuple[str, ...], on_dark: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (_ZERO[0], *on_light), (_ZERO[1], *on_dark)


_TEAL: Final = _from_zero(("#5bb8ac", "#00534c"), ("#187f79", "#92ecdb"))
_POSITIVE: Final[_Arms] = {
    ColourRole.INPUT: (("#ffffff", "#181c22"), ("#1f2329", "#f4f6f8")),
    ColourRole.LIGHT: (("#050505", "#ffffff"), ("#050505", "#ffffff")),
    ColourRole.ACTIVATION: _TEAL,
    ColourRole.PREACTIVATION: _TEAL,
    ColourRole.WEIGHT: _from_zero(("#e58a7c", "#8f0f1d"), ("#ad433b", "#ff9d8f")),
    ColourRole.GRADIENT: _from_zero(("#7fbf74", "#0c4d1c"), ("#4b8842", "#b4eaa6")),
    ColourRole.COUNT: _from_zero(("#474f58",), ("#c8cdd5",)),
}
_NEGATIVE: Final[_Arms] = {
    ColourRole.PREACTIVATION: _from_zero(("#cfa35a", "#7a4a06"), ("#83581e", "#e3b473")),
    ColourRole.WEIGHT: _from_zero(("#5b9bd5", "#0b3c7d"), ("#2a67a7", "#7fbcfa")),
    ColourRole.GRADIENT: _from_zero(("#a878c0", "#4a1466"), ("#754792", "#d0a4e8")),
}

_TO_LMS: Final = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB: Final = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def hex_to_rgb(colour: str) -> npt.NDArray[np.float64]:
    """Return sRGB components in 0..1, shape (3,), of a ``#rrggbb`` colour."""
    text = colour.removeprefix("#")
    if len(text) != 6:
        raise ValueError(f"colour: expected #rrggbb, got {colour!r}")
    return np.array([int(text[i : i + 2], 16) for i in (0, 2, 4)], dtype=np.float64) / 255.0


def rgb_to_oklab(rgb: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Convert sRGB in 0..1, shape (..., 3), to OKLab, shape (..., 3)."""
    return np.asarray(np.cbrt(_linear(np.asarray(rgb, dtype=np.float64)) @ _TO_LMS.T) @ _TO_LAB.T)


def oklab_to_rgb(lab: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Convert OKLab, shape (..., 3), to sRGB clipped to 0..1, shape (..., 3)."""
    linear = (np.asarray(lab, dtype=np.float64) @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_LMS).T
    linear = np.clip(linear, 0.0, 1.0)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def luminance(rgb: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the relative luminance of WCAG 2 for sRGB in 0..1, shape (..., 3) to (...)."""
    return np.asarray(_linear(np.asarray(rgb, dtype=np.float64)) @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(first: npt.ArrayLike, second: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the contrast ratio of WCAG 2, from 1 to 21, of two sRGB colours in 0..1."""
    one, other = luminance(first), luminance(second)
    return np.asarray((np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05))


def levels(
    role: ColourRole | str, source: npt.ArrayLike | Iterable[npt.ArrayLike], scope: Scope | str = Scope.PICTURE
) -> Levels:
    """Return the ends of the scale for a role.

    Parameters
    ----------
    role : Role
        Decides whether the scale is symmetric about 0 or starts there.
    source : array, sequence of arrays, or float
        The array shown, all arrays within the scope, or the largest absolute value itself. NaN and infinities don't
        count: one bad cell must not flatten the picture.
    scope : Scope
        Recorded in the result, so that the scale bar can name it.
    """
    several = isinstance(source, list | tuple) and any(np.ndim(one) for one in source)
    arrays = source if several else (source,)
    high = max((_largest(np.asarray(one)) for one in arrays), default=0.0)  # type: ignore[union-attr]
    return Levels(-high if ColourRole(role).diverging else 0.0, high, Scope(scope))


def table(role: ColourRole | str, dark: bool = False) -> npt.NDArray[np.uint8]:
    """Return the colour table of a role, read-only uint8 RGBA of shape (256, 4)."""
    return _table(ColourRole(role), bool(dark))


def argb_table(role: ColourRole | str, dark: bool = False) -> npt.NDArray[np.uint32]:
    """Return the colour table of a role as read-only 0xAARRGGBB, shape (256,)."""
    return _argb_table(ColourRole(role), bool(dark))


def mixed_table(role: ColourRole | str, dark: bool, toward: str, amount: float) -> npt.NDArray[np.uint32]:
    """Return :func:`argb_table` mixed in OKLab towards a colour, for cells that are faded.

    ``amount`` 0 leaves the table as it is, 1 paints all of it in ``toward``. Cells that aren't finite stay as they are:
    they are never hidden.
    """
    return _mixed_table(ColourRole(role), bool(dark), toward, float(amount))


def text_is_white(role: ColourRole | str, dark: bool = False) -> npt.NDArray[np.bool_]:
    """Tell for each of the 256 entries of a table whether text on it is white (else black), by contrast."""
    return _text_is_white(ColourRole(role), bool(dark))


@lru_cache(maxsize=1024)
def text_colour(background: str) -> str:
    """Return ``#ffffff`` or ``#000000``, whichever reads better on a background; at least 4.5 : 1 on any."""
    rgb = hex_to_rgb(background)
    return "#ffffff" if contrast(rgb, np.ones(3)) > contrast(rgb, np.zeros(3)) else "#000000"


def entries(array: npt.ArrayLike, role: ColourRole | str, vmax: float) -> npt.NDArray[np.uint8]:
    """Return the table entry of every cell.

    Parameters
    ----------
    array : array of any shape
        Numbers; integers and booleans are taken as they are.
    role : Role
        Diverging roles use entries 1..255 about 128, sequential ones 1..255 upwards from zero.
    vmax : float
        The value at the upper end. Values beyond an end take the colour of that end. With 0 (nothing but zeros in the
        scope) zero still has its own colour.

    Returns
    -------
    array of uint8
        Of the same shape; 0 where the cell is NaN or infinite.
    """
    values = np.asarray(array)
    if values.dtype != np.float32 and values.dtype != np.float64:
        values = values.astype(np.float32)
    if not vmax >= 0:
        raise ValueError(f"vmax: expected a number that is 0 or larger, got {vmax!r}")
    diverging = ColourRole(role).diverging
    span, zero = (127.0, float(ZERO_ENTRY)) if diverging else (254.0, 1.0)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = values * values.dtype.type(span / max(vmax, float(np.finfo(np.float32).tiny) * span))
        np.clip(scaled, -span if diverging else 0.0, span, out=scaled)
        scaled += values.dtype.type(zero + 0.5)  # the cast below cuts towards zero
        found: npt.NDArray[np.uint8] = scaled.astype(np.uint8)
    finite = np.isfinite(values)
    if not finite.all():
        found[~finite] = NOT_FINITE_ENTRY
    return found


def colourise(
    array: npt.ArrayLike, role: ColourRole | str, dark: bool = False, vmax: float | None = None
) -> npt.NDArray[np.uint8]:
    """Return the colours of an array, uint8 RGBA of shape ``array.shape + (4,)``.

    ``vmax`` of ``None`` takes the array's own largest absolute value. Cells that are NaN or infinite come out in
    :data:`NOT_FINITE_COLOUR`.
    """
    high = levels(role, array).high if vmax is None else vmax
    return np.asarray(np.take(table(role, dark), entries(array, role, high), axis=0))


def _largest(array: npt.NDArray[np.generic]) -> float:
    if array.size == 0:
        return 0.0
    if array.dtype.kind in "bui":
        return float(max(int(array.max()), -int(array.min())))
    high = max(float(np.max(array)), -float(np.min(array)))
    if np.isfinite(high):
        return high
    finite = array[np.isfinite(array)]
    return float(np.abs(finite).max()) if finite.size else 0.0


def _linear(rgb: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4))


def _arm(anchors: tuple[str, ...], count: int) -> npt.NDArray[np.float64]:
    """Return ``count`` sRGB colours along the anchors, equally far apart in OKLab; first and last are exact."""
    lab = rgb_to_oklab(np.stack([hex_to_rgb(anchor) for anchor in anchors]))
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(lab, axis=0), axis=1))])
    at = np.linspace(0.0, way[-1], count)
    return oklab_to_rgb(np.stack([np.interp(at, way, lab[:, i]) for i in range(3)], axis=1))


@cache
def _table(role: ColourRole, dark: bool) -> npt.NDArray[np.uint8]:
    rgb = np.empty((256, 3))
    rgb[NOT_FINITE_ENTRY] = hex_to_rgb(NOT_FINITE_COLOUR)
    if role.diverging:
        rgb[ZERO_ENTRY:] = _arm(_POSITIVE[role][dark], 128)
        rgb[1 : ZERO_ENTRY + 1] = _arm(_NEGATIVE[role][dark], 128)[::-1]
    else:
        rgb[1:] = _arm(_POSITIVE[role][dark], 255)
    out = np.full((256, 4), 255, dtype=np.uint8)
    out[:, :3] = np.rint(rgb * 255.0)
    out.setflags(write=False)
    return out


@cache
def _text_is_white(role: ColourRole, dark: bool) -> npt.NDArray[np.bool_]:
    rgb = _table(role, dark)[:, :3] / 255.0
    found = np.asarray(contrast(rgb, np.ones(3)) > contrast(rgb, np.zeros(3)))
    found.setflags(write=False)
    return found


@cache
def _argb_table(role: ColourRole, dark: bool) -> npt.NDArray[np.uint32]:
    return _packed(_table(role, dark)[:, :3])


@lru_cache(maxsize=64)
def _mixed_table(role: ColourRole, dark: bool, toward: str, amount: float) -> npt.NDArray[np.uint32]:
    rgb = _table(role, dark)[:, :3] / 255.0
    mixed = oklab_to_rgb(rgb_to_oklab(rgb) * (1 - amount) + rgb_to_oklab(hex_to_rgb(toward)) * amount)
    mixed[NOT_FINITE_ENTRY] = rgb[NOT_FINITE_ENTRY]
    return _packed(np.rint(mixed * 255.0))


def _packed(rgb: npt.NDArray[np.generic]) -> npt.NDArray[np.uint32]:
    red, green, blue = (rgb[:, i].astype(np.uint32) for i in range(3))
    out = np.uint32(0xFF000000) | (red << np.uint32(16)) | (green << np.uint32(8)) | blue
    out.setflags(write=False)
    return out
