"""A design as source code that runs: PyTorch, Keras, and NumPy by way of convviz itself."""

from __future__ import annotations

from convviz.present.code.exporter import Exporter
from convviz.present.code.keras import KERAS, keras_source
from convviz.present.code.numpy import NUMPY, numpy_source
from convviz.present.code.pytorch import PYTORCH, pytorch_source

EXPORTERS: tuple[Exporter, ...] = (PYTORCH, KERAS, NUMPY)
"""In the order in which they are offered. Another one is a file with its ``Exporter``, and its name here."""

__all__ = ["EXPORTERS", "Exporter", "keras_source", "numpy_source", "pytorch_source"]
