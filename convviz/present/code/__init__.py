"""A design as source code that runs: in PyTorch, in Keras, and in NumPy alone."""

from __future__ import annotations

from convviz.present.code.exporter import Exporter
from convviz.present.code.keras import KERAS, keras_source
from convviz.present.code.numpy import NUMPY, numpy_source
from convviz.present.code.pytorch import PYTORCH, pytorch_source

EXPORTERS: tuple[Exporter, ...] = (PYTORCH, KERAS, NUMPY)
"""All exporters, in the order of the dialog. To add one, write a file with its ``Exporter`` and name it here."""

__all__ = ["EXPORTERS", "Exporter", "keras_source", "numpy_source", "pytorch_source"]
