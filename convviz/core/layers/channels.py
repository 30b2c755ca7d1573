"""Layers that only choose and order channels."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from convviz.core.layers.base import Count, Layer, maps_of
from convviz.core.ops.shuffle import ShuffleChannels
from convviz.core.program import Builder


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
