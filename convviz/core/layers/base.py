"""What all layers share: their schema, and types for the sizes that several of them have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from convviz.core.errors import ShapeError
from convviz.core.ops.activation import Activation
from convviz.core.ops.window import Pair, Window
from convviz.core.program import Builder
from convviz.core.struct_fields import fields_of
from convviz.plurals import counted

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
Source = str | Annotated[tuple[str, ...], Meta(max_length=64)]
"""What a layer reads: the name of an earlier layer, or several; empty is the layer before."""


def written(numbers: tuple[int, int]) -> str:
    """Sizes as the user reads them: ``2``, ``2×1``."""
    return str(numbers[0]) if numbers[0] == numbers[1] else f"{numbers[0]}×{numbers[1]}"


def pair(value: int | tuple[int, int]) -> Pair:
    """Vertical and horizontal size; a single number means both."""
    return (value, value) if isinstance(value, int) else value


class Layer(Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """Base of all layers.

    Parameters
    ----------
    name : str
        Unique name; empty lets the design number it (conv1, conv2 …).
    input : str or tuple of str
        Name of the earlier layer that it reads, ``x`` for the images; empty reads the layer before. A layer that joins
        several has a name for each.
    """

    stem: ClassVar[str] = "layer"
    """First part of an automatic name."""
    summary: ClassVar[str] = ""
    """One line for the palette."""
    exports: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """The layer's call in other frameworks, with its fields in braces: ``{"PyTorch": "nn.ELU({alpha})"}``.

    Models are read with them too: ``"ONNX": "Elu(alpha={alpha})"`` is an operator with its attributes, and Keras's
    ``layers.Activation("silu")`` names an activation. A layer whose call depends on more than its fields is written by
    the exporter or the format itself.
    """

    takes: ClassVar[tuple[int, int]] = (1, 1)
    """The fewest and the most inputs."""
    since: ClassVar[Mapping[str, int]] = MappingProxyType({})
    """Field → the first version of the design format that has it; ``""`` for the layer itself."""

    name: str = ""
    input: Source = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of its inputs, as the design has them: empty for the layer before."""
        return (self.input,) if isinstance(self.input, str) else self.input

    @property
    def format(self) -> int:
        """The oldest version of the design format that can express the layer."""
        known = {"input": 3, **self.since}
        changed = [field.name for field in fields_of(self) if getattr(self, field.name) != field.default]
        return max((known[name] for name in ("", *changed) if name in known), default=1)

    def lower(self, build: Builder, x: str) -> str:
        """Emit the forward steps for input ``x`` and return the name of the output.

        A layer that takes several inputs has them as further arguments.

        Raises
        ------
        ShapeError
            The input does not fit; the message names this layer.
        """
        raise NotImplementedError


class ActivationLayer(Layer, frozen=True, kw_only=True):
    """Base of the activations that are one op. The op's settings are fields of the layer, with the same names."""

    op: ClassVar[type[Activation]]

    def lower(self, build: Builder, x: str) -> str:
        settings = {field.name: getattr(self, field.name) for field in fields(self.op)}
        return build.emit(self.op(**settings), (x,), "a")


class Sided(Layer, frozen=True, kw_only=True):
    """Base of the layers that add or take away rows and columns at the sides of maps.

    Parameters
    ----------
    top, bottom, left, right : int
        How many rows and columns.
    """

    top: Margin = 1
    bottom: Margin = 1
    left: Margin = 1
    right: Margin = 1


def maps_of(build: Builder, layer: str, x: str) -> tuple[int, int, int, int]:
    """Shape (N, C, H, W) of an input that must be maps.

    Raises
    ------
    ShapeError
        It is a row of features.
    """
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

    ``same`` gives ⌈H/S⌉ × ⌈W/S⌉ places; an odd amount of padding has its extra row or column at the bottom or right.
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


def check_groups(layer: str, groups: int, channels: int, filters: int) -> None:
    """Check that the groups of a convolution have equally many channels and equally many filters.

    Raises
    ------
    ShapeError
    """
    if channels % groups or filters % groups:
        raise ShapeError(
            f"{layer}: {counted(groups, 'group')} must divide its "
            f"{counted(channels, 'input channel')} and its {counted(filters, 'filter')}",
            layer=layer,
            field="groups",
        )
