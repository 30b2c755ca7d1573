"""Names the converter of each layer of Keras."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from convviz.core.layers import Add, Multiply
from convviz.storage.formats.keras import activations, rows, windows
from convviz.storage.formats.keras.building import Converter

CONVERTERS: Mapping[str, Converter] = MappingProxyType(
    {
        "Activation": activations.activation,
        "ActivityRegularization": rows.nothing,
        "Add": rows.joined(Add),
        "AlphaDropout": rows.only_in_training,
        "AveragePooling2D": windows.average_pool,
        "BatchNormalization": rows.batch_norm,
        "Concatenate": rows.concatenate,
        "Conv2D": windows.conv,
        "Conv2DTranspose": windows.transposed,
        "Cropping2D": windows.cropping,
        "Dense": rows.dense,
        "DepthwiseConv2D": windows.depthwise,
        "Dropout": rows.dropout,
        "ELU": activations.elu,
        "Flatten": rows.flatten,
        "GaussianDropout": rows.only_in_training,
        "GaussianNoise": rows.only_in_training,
        "GlobalAveragePooling2D": windows.global_average,
        "GlobalMaxPooling2D": windows.global_max,
        "GroupNormalization": rows.group_norm,
        "Identity": rows.nothing,
        "LayerNormalization": rows.layer_norm,
        "LeakyReLU": activations.leaky_relu,
        "MaxPooling2D": windows.max_pool,
        "Multiply": rows.joined(Multiply),
        "Normalization": rows.normalization,
        "PReLU": activations.prelu,
        "Permute": rows.permute,
        "RandomBrightness": rows.only_in_training,
        "RandomContrast": rows.only_in_training,
        "RandomFlip": rows.only_in_training,
        "RandomRotation": rows.only_in_training,
        "RandomTranslation": rows.only_in_training,
        "RandomZoom": rows.only_in_training,
        "ReLU": activations.relu,
        "Rescaling": rows.rescaling,
        "Reshape": rows.reshape,
        "SeparableConv2D": windows.separable,
        "Softmax": activations.softmax,
        "SpatialDropout2D": rows.only_in_training,
        "UpSampling2D": windows.upsampling,
        "ZeroPadding2D": windows.zero_padding,
    }
)
"""Class of a Keras layer → its converter."""
OPERATIONS: Mapping[str, Converter] = MappingProxyType(
    {
        "Add": rows.joined(Add),
        "Multiply": rows.joined(Multiply),
        **{name.title().replace("_", ""): activations.named(name) for name in activations.PLAIN},
        "Softmax": activations.named("softmax"),
    }
)
"""Function of Keras 3 that a model may call in place of a layer → its converter."""
