"""Layers: frozen values that lower themselves to primitive ops.

A layer is what the user edits; :meth:`Layer.lower` says which steps it stands for. The backward steps are
derived from the ops and not written here.
"""

from __future__ import annotations

from convviz.core.layers.activation import (
    ELU,
    GELU,
    Clip,
    HardSigmoid,
    HardSwish,
    LeakyReLU,
    PReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from convviz.core.layers.base import Layer, Margin, Padding, Size, Source, pair
from convviz.core.layers.channels import ChannelShuffle
from convviz.core.layers.conv import Conv2D
from convviz.core.layers.dense import Dense, Flatten
from convviz.core.layers.group_norm import GroupNorm, InstanceNorm, LayerNorm
from convviz.core.layers.join import Add, Concat, Join, Multiply
from convviz.core.layers.norm import BatchNorm2D, Dropout, LocalResponseNorm
from convviz.core.layers.pool import AvgPool2D, GlobalAvgPool, GlobalMaxPool, MaxPool2D, ZeroPad2D
from convviz.core.layers.scale import Rescale, ScaleShift

AnyLayer = (
    Conv2D
    | MaxPool2D
    | AvgPool2D
    | GlobalAvgPool
    | GlobalMaxPool
    | ZeroPad2D
    | ReLU
    | LeakyReLU
    | Sigmoid
    | Tanh
    | GELU
    | ELU
    | SiLU
    | HardSwish
    | Clip
    | HardSigmoid
    | PReLU
    | Softmax
    | Flatten
    | Dense
    | Dropout
    | BatchNorm2D
    | GroupNorm
    | InstanceNorm
    | LayerNorm
    | LocalResponseNorm
    | ScaleShift
    | Rescale
    | ChannelShuffle
    | Add
    | Concat
    | Multiply
)

__all__ = [
    "ELU",
    "GELU",
    "Add",
    "AnyLayer",
    "AvgPool2D",
    "BatchNorm2D",
    "ChannelShuffle",
    "Clip",
    "Concat",
    "Conv2D",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalAvgPool",
    "GlobalMaxPool",
    "GroupNorm",
    "HardSigmoid",
    "HardSwish",
    "InstanceNorm",
    "Join",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "LocalResponseNorm",
    "Margin",
    "MaxPool2D",
    "Multiply",
    "PReLU",
    "Padding",
    "ReLU",
    "Rescale",
    "ScaleShift",
    "SiLU",
    "Sigmoid",
    "Size",
    "Softmax",
    "Source",
    "Tanh",
    "ZeroPad2D",
    "pair",
]
