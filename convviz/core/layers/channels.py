"""Layers that only choose and order channels."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

from msgspec import Meta

from convviz.core.errors import ShapeError
from convviz.core.layers.base import Count, Layer, maps_of
from convviz.core.ops.join import TakePart
from convviz.core.ops.shuffle import ShuffleChannels
from convviz.core.program import Builder
from convviz.plurals import counted


class ChannelShuffle(Layer, frozen=True, kw_only=True, tag="channel_shuffle"):
    """The channels of several groups take turns, so that a convolution with groups reads some of each.

    Parameters
    ----------
    groups : int
        G; divides the channels.
    """

    stem: ClassVar[str] = "shuffle"
    summary: ClassVar[str] = "The channels of several groups take turns: groups of the next layer get some of each"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 4})
    exports: ClassVar[Mapping[str, str]] = MappingProxyType({"PyTorch": "nn.ChannelShuffle({groups})"})

    groups: Count = 2

    def lower(self, build: Builder, x: str) -> str:
        maps_of(build, self.name, x)
        return build.emit(ShuffleChannels(self.groups), (x,), "a")


class Slice(Layer, frozen=True, kw_only=True, tag="slice"):
    """A range of neighbouring channels, or of the features of a row.

    Parameters
    ----------
    start, stop : int
        The first channel, and the one after the last.
    """

    stem: ClassVar[str] = "slice"
    summary: ClassVar[str] = "Some of the channels go on, or some features of a row"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 4})

    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "PyTorch": "Apply(lambda x: x[:, {start}:{stop}])",
            "Keras": "layers.Lambda(lambda x: x[..., {start}:{stop}])",
        }
    )

    start: Annotated[int, Meta(ge=0, le=65535)] = 0
    stop: Count = 1

    def lower(self, build: Builder, x: str) -> str:
        channels = build.arrays[x].shape[1]
        if self.start >= self.stop or self.stop > channels:
            raise ShapeError(
                f"{self.name}: expected a part of its {counted(channels, 'channel')}, 0 to "
                f"{channels}, got {self.start} to "
                f"{self.stop}",
                layer=self.name,
                field="stop" if self.stop > channels else "start",
            )
        return build.emit(TakePart(self.start, self.stop), (x,), "a")
