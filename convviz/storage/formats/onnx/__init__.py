"""Networks of other programs in ONNX files (``*.onnx``), which PyTorch, Keras and others write.

``graph`` reads a file, ``folding`` computes what depends on no image, ``nodes`` says what each operator is in a design,
``assembly`` keeps the design in the making, ``reader`` puts them together; ``writer`` goes the other way.
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
    """Whether a file begins like ONNX: with the version of its representation, as field 1 of a protocol buffer."""
    try:
        with open_regular(path) as file:
            start = file.read(3)
    except (OSError, ValueError):
        return False
    # Field 1, a small number; then another field of a model, mostly its producer (2) or its graph (7).
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
