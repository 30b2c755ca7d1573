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
from convviz.core.layers.channels import ChannelShuffle, Slice
from convviz.core.layers.conv import Conv2D
from convviz.core.layers.dense import Dense, Flatten
from convviz.core.layers.group_norm import GroupNorm, InstanceNorm, LayerNorm
from convviz.core.layers.join import Add, Concat, Join, Multiply
from convviz.core.layers.mish import Mish
from convviz.core.layers.norm import BatchNorm2D, Dropout, LocalResponseNorm
from convviz.core.layers.pool import AvgPool2D, GlobalAvgPool, GlobalMaxPool, MaxPool2D, ZeroPad2D
from convviz.core.layers.resize import AdaptiveAvgPool2D, AdaptiveMaxPool2D, Crop2D, ReflectPad2D, Upsample
from convviz.core.layers.scale import Rescale, ScaleShift
from convviz.core.layers.softplus import Softplus
from convviz.core.layers.transposed import ConvTranspose2D

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
    | Mish
    | Softplus
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
    | ConvTranspose2D
    | Upsample
    | AdaptiveAvgPool2D
    | AdaptiveMaxPool2D
    | ReflectPad2D
    | Crop2D
    | Slice
    | ChannelShuffle
    | Add
    | Concat
    | Multiply
)
