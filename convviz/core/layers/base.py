"""What all layers share: their schema, and types for the sizes that several of them have."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from convviz.core.errors import ShapeError
from convviz.core.ops.window import Pair, Window
from convviz.core.program import Builder

Size = Annotated[int, Meta(ge=1, le=1024)]
Count = Annotated[int, Meta(ge=1, le=65536)]
Margin = Annotated[int, Meta(ge=0, le=1024)]
if TYPE_CHECKING:
    Sizes = tuple[int, int]
    Margins = tuple[int, int]
else:
    # msgspec 0.22 mixes up a bounded int and a fixed tuple in one union: it refuses every tuple, and the next garbage
    # collection ends the process. A tuple of any length, bounded to two, is the same to the user.
    Sizes = Annotated[tuple[Size, ...], Meta(min_length=2, max_length=2)]
    Margins = Annotated[tuple[Margin, ...], Meta(min_length=2, max_length=2)]
Padding = Margin | Margins | Literal["same", "valid"]


def pair(value: int | tuple[int, int]) -> Pair:
    """Vertical and horizontal size; a single number means both."""
    return (value, value) if isinstance(value, int) else value


class Layer(Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """Base of all layers.

    Parameters
    ----------
    name : str
        Unique name; empty lets the design number it (conv1, conv2 …).
    """

    stem: ClassVar[str] = "layer"
    """First part of an automatic name."""
    summary: ClassVar[str] = ""
    """One line for the palette."""
    exports: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """The layer's call in other frameworks, with its fields in braces: ``{"PyTorch": "nn.ELU({alpha})"}``.

    The exporter itself writes a layer whose call depends on more than its fields.
    """

    name: str = ""

    def lower(self, build: Builder, x: str) -> str:
        """Emit the forward steps for input ``x`` and return the name of the output.

        Raises
        ------
        ShapeError
            The input does not fit; the message names this layer.
        """
        raise NotImplementedError


def maps_of(build: Builder, layer: str, x: str) -> tuple[int, int, int, int]:
    """Shape (N, C, H, W) of an input that must be maps."""
    shape = build.arrays[x].shape
    if len(shape) != 4:
        raise ShapeError(
            f"{layer}: expects maps (channels × height × width), got one row of {shape[1]} features",
            layer=layer,
        )
    n, c, h, w = shape
    return n, c, h, w


def margins(padding: Padding, window: Window, height: int, width: int) -> tuple[int, int, int, int]:
    """Padding (top, bottom, left, right).

    ``same`` gives ⌈H/S⌉ × ⌈W/S⌉ places; where the amount is odd the extra row or column is at the bottom or right.
    """
    if padding == "valid":
        return 0, 0, 0, 0
    if padding == "same":
        found = []
        for size, reach, stride in zip((height, width), window.reach, window.stride, strict=True):
            places = -(-size // stride)
            total = max((places - 1) * stride + reach - size, 0)
            found += [total // 2, total - total // 2]
        top, bottom, left, right = found
        return top, bottom, left, right
    ph, pw = pair(padding)
    return ph, ph, pw, pw
