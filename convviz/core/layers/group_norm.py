"""Layers that normalise every image by itself: group, layer and instance normalisation."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from convviz.core.arrays import Axis
from convviz.core.errors import ShapeError
from convviz.core.layers.base import Count, Layer, maps_of
from convviz.core.ops import group_norm, norm
from convviz.core.ops.cell_affine import CellAffine
from convviz.core.program import Builder
from convviz.plurals import counted

Epsilon = Annotated[float, Meta(gt=0.0, le=1.0)]


def normalised(build: Builder, layer: str, x: str, groups: int, epsilon: float) -> str:
    """Emit the steps that normalise every group of channels; returns the name of x̂.

    Raises
    ------
    ShapeError
        A group is a single number, which normalising would make 0.
    """
    of_mean = group_norm.GroupMean(groups)
    check_size(layer, of_mean.size(build.arrays[x].shape))
    mean = build.emit(of_mean, (x,), "mean")
    centred = build.emit(group_norm.GroupCentre(groups), (x, mean), "centred")
    variance = build.emit(group_norm.GroupVariance(groups), (centred,), "variance")
    return build.emit(group_norm.GroupNormalise(groups, epsilon), (centred, variance), "x_hat")


def place_normalised(build: Builder, layer: str, x: str, epsilon: float) -> str:
    """Emit the steps that normalise the channels at every place of maps; returns the name of x̂.

    Raises
    ------
    ShapeError
        There is one channel, which normalising would make 0.
    """
    check_size(layer, build.arrays[x].shape[1])
    mean = build.emit(group_norm.PlaceMean(), (x,), "mean")
    centred = build.emit(group_norm.PlaceCentre(), (x, mean), "centred")
    variance = build.emit(group_norm.PlaceVariance(), (centred,), "variance")
    return build.emit(group_norm.PlaceNormalise(epsilon), (centred, variance), "x_hat")


def check_size(layer: str, size: int) -> None:
    """Check that a group has at least two numbers.

    Raises
    ------
    ShapeError
    """
    if size < 2:
        raise ShapeError(f"{layer}: expected at least two numbers to normalise, got one, which would be 0", layer=layer)


def channel_affine(build: Builder, layer: str, x_hat: str) -> str:
    """Emit a learned scale and shift of every channel."""
    channels, per = build.arrays[x_hat].shape[1], (Axis.CHANNEL,)
    scale = build.parameter(f"{layer}.scale", (channels,), per, 1.0)
    shift = build.parameter(f"{layer}.shift", (channels,), per, 0.0)
    return build.emit(norm.ScaleShift(), (x_hat, scale, shift), "z")


class GroupNorm(Layer, frozen=True, kw_only=True, tag="group_norm"):
    """Every group of an image's channels is brought to mean 0 and variance 1, then scaled and shifted.

    Images don't affect each other: the result is the same in training and in evaluation, and with any batch size.

    Parameters
    ----------
    groups : int
        Number of groups, each of neighbouring channels.
    affine : bool
        Whether every channel gets a learned scale and shift.
    epsilon : float
        Keeps the division finite.
    """

    stem: ClassVar[str] = "gn"
    summary: ClassVar[str] = "Groups of channels are brought to mean 0 and variance 1, image by image, then scaled"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 4})

    groups: Count = 8
    affine: bool = True
    epsilon: Epsilon = 1e-5

    def lower(self, build: Builder, x: str) -> str:
        _, c, _, _ = maps_of(build, self.name, x)
        if c % self.groups:
            raise ShapeError(
                f"{self.name}: {counted(self.groups, 'group')} must divide its {counted(c, 'channel')}",
                layer=self.name,
                field="groups",
            )
        x_hat = normalised(build, self.name, x, self.groups, self.epsilon)
        return channel_affine(build, self.name, x_hat) if self.affine else x_hat


class InstanceNorm(Layer, frozen=True, kw_only=True, tag="instance_norm"):
    """Every map of every image is brought to mean 0 and variance 1, then scaled and shifted.

    Parameters
    ----------
    affine : bool
        Whether every channel gets a learned scale and shift.
    epsilon : float
        Keeps the division finite.
    """

    stem: ClassVar[str] = "in"
    summary: ClassVar[str] = "Every map is brought to mean 0 and variance 1, image by image, then scaled and shifted"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 4})

    affine: bool = True
    epsilon: Epsilon = 1e-5

    def lower(self, build: Builder, x: str) -> str:
        _, c, _, _ = maps_of(build, self.name, x)
        x_hat = normalised(build, self.name, x, c, self.epsilon)
        return channel_affine(build, self.name, x_hat) if self.affine else x_hat


class LayerNorm(Layer, frozen=True, kw_only=True, tag="layer_norm"):
    """All values of an image, or the channels of every place, are brought to mean 0 and variance 1, then scaled.

    Takes maps or a row of features.

    Parameters
    ----------
    over : str
        ``image``: one mean and variance for all channels and places, and a learned scale and shift for every cell.
        ``channels``: one for every place, over its channels, and a learned scale and shift for every channel. For a row
        of features both are the same.
    affine : bool
        Whether there are a learned scale and shift.
    epsilon : float
        Keeps the division finite.
    """

    stem: ClassVar[str] = "ln"
    summary: ClassVar[str] = "All values of an image, or the channels of every place, get mean 0 and variance 1"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 4, "over": 5})

    over: Literal["image", "channels"] = "image"
    affine: bool = True
    epsilon: Epsilon = 1e-5

    def lower(self, build: Builder, x: str) -> str:
        spec = build.arrays[x]
        if self.over == "channels" and len(spec.shape) == 4:
            x_hat = place_normalised(build, self.name, x, self.epsilon)
            return channel_affine(build, self.name, x_hat) if self.affine else x_hat
        x_hat = normalised(build, self.name, x, 1, self.epsilon)
        if not self.affine:
            return x_hat
        scale = build.parameter(f"{self.name}.scale", spec.shape[1:], spec.axes[1:], 1.0)
        shift = build.parameter(f"{self.name}.shift", spec.shape[1:], spec.axes[1:], 0.0)
        return build.emit(CellAffine(), (x_hat, scale, shift), "z")
