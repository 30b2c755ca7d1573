"""Reads a trace: the design and the sources of its pass, from which everything else is computed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.core.lower import lower
from convviz.core.program import Program
from convviz.storage.designs import MAX_BYTES, read_design, write_design
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.guarded import Guarded, guarded
from convviz.storage.trace import FORMAT, VERSION, TraceError

__all__ = ["Trace", "is_trace", "load_trace"]

KIND = "a convviz trace"
LARGEST_BATCH = 4096
LONGEST = 1000
"""Most characters of a text about a trace."""
ABOUT = {"sample": int, "label": int, "data": str, "model": str, "epoch": int, "minibatch": int, "step": int}
"""Optional attributes of a trace, and their types."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """The design and the sources of a trace.

    Parameters
    ----------
    design : Design
    program : Program
        The program of the pass, for as many images as the trace has.
    sources : mapping of str to ndarray
        Weights, images, labels, dropout masks and so on, in stored shape.
    precision : dtype
    about : mapping
        The known attributes of :data:`ABOUT`.
    """

    design: Design
    program: Program
    sources: Mapping[str, Array]
    precision: np.dtype[Any]
    about: Mapping[str, str | int]


def is_trace(path: Path) -> bool:
    """Whether a file is marked as a trace, of any version; raises nothing."""
    try:
        with guarded(path, KIND, old_groups=True) as file:
            return file.words("format", LONGEST) == FORMAT
    except CheckpointError:
        return False


def load_trace(path: Path) -> Trace:
    """Read what :func:`convviz.storage.trace.export_trace` wrote. Nothing is trusted before it is checked.

    Raises
    ------
    TraceError
        One sentence: the file, the field, what was expected and what came.
    """
    try:
        with guarded(path, KIND, old_groups=True) as file:
            check_format(file)
            design = design_of(file)
            batch = whole(file, "batch", 1, LARGEST_BATCH)
            precision = file.words("precision", 20)
            if precision not in ("float32", "float64"):
                raise file.error("precision", f"expected float32 or float64, got {precision}")
            program = program_of(file, design, batch)
            sources = {name: source(file, program, name, np.dtype(precision)) for name in program.sources}
            return Trace(design, program, sources, np.dtype(precision), about_of(file))
    except CheckpointError as error:
        raise TraceError(str(error)) from None


def check_format(file: Guarded) -> None:
    """Refuse files of other kinds and of a later version."""
    try:
        found = file.words("format", LONGEST)
    except CheckpointError:
        found = ""
    if found != FORMAT:
        raise file.error("", f"expected {KIND}, got another HDF5 file")
    version = whole(file, "version", 1, 2**31)
    if version > VERSION:
        raise file.error("version", f"expected {VERSION} or an earlier one, got {version}, which a newer convviz wrote")


def design_of(file: Guarded) -> Design:
    """The design, which must satisfy the same limits as a design file."""
    try:
        found = msgspec.json.decode(file.words("design", MAX_BYTES), type=Design)
        return read_design(write_design(found))
    except (msgspec.DecodeError, ConvvizError, ValueError, RecursionError, TypeError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise file.error("design", f"expected a design, got a mistake: {' '.join(str(error).split())[:200]}") from None


def program_of(file: Guarded, design: Design, batch: int) -> Program:
    """The program of the pass, including the gradient of the images, as in Step."""
    try:
        return lower(design, batch, image_gradient=True)
    except (ConvvizError, ValueError, OverflowError) as error:
        raise file.error("design", str(error)) from None


def source(file: Guarded, program: Program, name: str, precision: np.dtype[Any]) -> Array:
    """A source of the pass, in its stored shape."""
    spec = program.arrays[name]
    found = file.array(f"arrays/{name.replace('.', '/')}", spec.shape, spec.dtype(precision), packed=True)
    return spec.store(found)


def whole(file: Guarded, name: str, low: int, high: int) -> int:
    """An attribute of the file that is a whole number from ``low`` to ``high``."""
    value = file.attribute(name)
    if value is None or value.dtype.kind not in "iu" or not low <= int(value) <= high:
        raise file.error(name, f"expected a whole number from {low:,} to {high:,}, got something else")
    return int(value)


def about_of(file: Guarded) -> dict[str, str | int]:
    """The file's optional attributes; unreadable ones are left out, because nothing depends on them."""
    found: dict[str, str | int] = {}
    for name, kind in ABOUT.items():
        try:
            found[name] = file.words(name, LONGEST) if kind is str else whole(file, name, 0, 2**62)
        except CheckpointError:
            continue
    return found
