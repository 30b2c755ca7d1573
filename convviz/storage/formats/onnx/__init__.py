"""Reads and writes networks as ONNX files (``*.onnx``), which PyTorch, Keras and other programs write too.

``graph`` reads a file, ``folding`` computes what depends on no image, ``nodes`` names the converter of each operator,
``assembly`` holds the design under construction, ``reader`` makes the network; ``writer`` goes the other way.
"""

from __future__ import annotations

from pathlib import Path

from convviz.files.inputs import open_regular
from convviz.storage.formats.model_format import ModelFormat
from convviz.storage.formats.onnx import reader, writer
from convviz.storage.formats.onnx.graph import WHAT
from convviz.storage.network_state import NetworkState

LARGEST_IR = 32


def recognises(path: Path) -> bool:
    """Whether a file begins like ONNX: field 1 of a protocol buffer, the version of ONNX's representation."""
    try:
        with open_regular(path) as file:
            start = file.read(3)
    except (OSError, ValueError):
        return False
    # Field 1 is a small number; another field of a model follows, mostly the producer (2) or the graph (7).
    return len(start) == 3 and start[0] == 0x08 and 0 < start[1] <= LARGEST_IR and start[2] >> 3 in range(2, 26)


def save(path: Path, state: NetworkState, written_by: str) -> None:
    """Write a network; see :func:`convviz.storage.formats.onnx.writer.save`."""
    writer.save(path, state, written_by, recognises)


FORMAT = ModelFormat(
    title="ONNX models",
    suffix=".onnx",
    patterns=("*.onnx",),
    whole=False,
    what=WHAT,
    recognises=recognises,
    save=save,
    load=reader.load,
)
