"""A design as source code that runs: PyTorch, Keras, and NumPy by way of convviz itself."""

from __future__ import annotations

from convviz.present.code.keras import keras_source
from convviz.present.code.numpy import numpy_source
from convviz.present.code.pytorch import pytorch_source

__all__ = ["keras_source", "numpy_source", "pytorch_source"]
