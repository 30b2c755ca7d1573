"""Writes a pass to a file: every step and array, and the equations of chosen cells.

The format
----------
An HDF5 file with the attributes ``format`` = ``"convviz-trace"``, ``version`` = 1, ``design`` (JSON), ``batch``,
``precision`` and further ones (``sample``, ``label``, …).

``/arrays/<layer>/<array>``
    One dataset for every array of the pass, sources included, in its logical shape. Attributes: ``role``, ``batched``,
    ``made_by`` (index of the step, −1 for a source).
``/steps/<number>``
    One group per step, numbered from 000 in the order of the pass. Attributes: ``phase``, ``layer``, ``op``, ``title``,
    ``formula`` (LaTeX), ``inputs``, ``output``, ``attributes`` (JSON), ``kernel``, ``source``, ``micro_steps``,
    ``micro_unit``.
``/cells/<number>``
    One group per chosen cell. Attributes: ``cell``, ``array``, ``index``, ``step``, ``value`` (in the array),
    ``recomputed`` (from the terms, in float64), ``combine``, ``scale``, ``text``. Datasets: ``terms`` (value of every
    term), ``constants``, and for every input that it was computed from ``reads/<array>`` with ``term``, ``index`` and
    ``value``; ``feeds/<array>`` with the indices of the cells computed from it.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from convviz.core.arrays import Array, Index
from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.core.execute import run_step
from convviz.core.program import Program, Step
from convviz.files.atomic import atomic_path

if TYPE_CHECKING:
    import h5py

FORMAT = "convviz-trace"
VERSION = 1


class TraceError(ConvvizError, ValueError):
    """The pass has no such cell, or the file is not a trace."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A cell whose equation is written out.

    Parameters
    ----------
    name : str
        Its array.
    index : tuple of int
        Logical index.
    """

    name: str
    index: Index

    def __str__(self) -> str:
        return f"{self.name}[{','.join(map(str, self.index))}]"


def parse_cell(text: str) -> Chosen:
    """Read ``conv1.z_row[12,300]``, or ``softmax.loss`` for a single number.

    Raises
    ------
    TraceError
        The text is not a name of an array with an index.
    """
    match = re.fullmatch(r"\s*([\w.-]+)\s*(?:\[([\d\s,]*)\])?\s*", text)
    if match is None:
        raise TraceError(f"cell: expected an array and an index, such as conv1.z_row[12,300], got {text!r}")
    numbers = [part for part in (match[2] or "").replace(" ", "").split(",") if part]
    return Chosen(match[1], tuple(int(part) for part in numbers))


def export_trace(
    path: Path,
    design: Design,
    program: Program,
    sources: Mapping[str, Array],
    *,
    cells: Iterable[Chosen] = (),
    about: Mapping[str, str | int | float] | None = None,
    precision: np.dtype[Any] | type = np.float32,
) -> list[Chosen]:
    """Run a pass and write it to a file.

    Parameters
    ----------
    path : Path
        Replaced if it exists, once the new file is complete.
    design : Design
    program : Program
    sources : mapping of str to ndarray
        Every source of the program in its stored shape; arrays that are derived from sources are computed unless they
        are given too.
    cells : iterable of Chosen
        Cells whose equations to write out; if empty, for every step the cell of its output that is furthest from zero.
    about : mapping, optional
        Further attributes of the file, such as ``sample`` and ``label``.
    precision : dtype
        Precision to compute the pass in.

    Returns
    -------
    list of Chosen
        The cells whose equations were written out.

    Raises
    ------
    TraceError
        There is no such array or index.
    OSError
        The file can't be written.
    """
    import h5py

    wide = np.dtype(precision)
    env = {name: np.asarray(array, program.arrays[name].dtype(wide)) for name, array in sources.items()}
    for step in program.steps:
        if step.output not in env:
            run_step(program, step, env, wide)
    logical = {name: program.arrays[name].logical(array) for name, array in env.items()}
    chosen = [checked(program, cell) for cell in cells] or [furthest(step, logical) for step in program.steps]
    with atomic_path(Path(path)) as partial, h5py.File(partial, "w") as file:
        file.attrs.update({"format": FORMAT, "version": VERSION, "batch": program.batch, "precision": wide.name})
        file.attrs["design"] = msgspec.json.encode(design).decode()
        file.attrs.update(about or {})
        for name, array in logical.items():
            _write_array(file, program, name, array)
        for step in program.steps:
            _write_step(file, program, step)
        for number, cell in enumerate(chosen):
            _write_cell(file.create_group(f"cells/{number:03}"), program, cell, logical)
    return chosen


def checked(program: Program, cell: Chosen) -> Chosen:
    """Refuse a cell that the pass does not have; returns the cell.

    Raises
    ------
    TraceError
        The pass has no such array or index.
    """
    spec = program.arrays.get(cell.name)
    if spec is None:
        raise TraceError(f"{cell.name}: the pass has no such array; it has {', '.join(program.arrays)}")
    inside = len(cell.index) == len(spec.shape) and all(i < n for i, n in zip(cell.index, spec.shape, strict=True))
    if not inside:
        raise TraceError(f"{cell}: expected an index inside {spec.shape}")
    return cell


def furthest(step: Step, logical: Mapping[str, Array]) -> Chosen:
    """The cell of a step's output that is furthest from zero."""
    array = logical[step.output]
    if not array.ndim:
        return Chosen(step.output, ())
    numbers = np.where(np.isfinite(array), np.abs(array), -1)
    return Chosen(step.output, tuple(int(i) for i in np.unravel_index(int(numbers.argmax()), array.shape)))


def _write_array(file: h5py.File, program: Program, name: str, array: Array) -> None:
    spec = program.arrays[name]
    packed = {"compression": "gzip", "compression_opts": 4, "shuffle": True} if array.size > 64 else {}
    written = file.create_dataset(f"arrays/{name.replace('.', '/')}", data=array, **packed)
    maker = program.producer(name)
    written.attrs.update({"role": spec.role.value, "batched": spec.batched})
    written.attrs["made_by"] = -1 if maker is None else maker.index


def _write_step(file: h5py.File, program: Program, step: Step) -> None:
    group = file.create_group(f"steps/{step.index:03}")
    kernel = type(step.op).kernel
    try:
        source = inspect.getsource(kernel)
    except OSError:
        source = ""
    group.attrs.update(
        {
            "phase": step.phase.value,
            "layer": step.layer,
            "op": step.op.name,
            "title": step.op.title,
            "formula": step.op.formula,
            "inputs": list(step.inputs) if step.inputs else np.empty(0, dtype="S1"),
            "output": step.output,
            "attributes": json.dumps(step.op.attributes, default=_plain),
            "kernel": f"{kernel.__module__}.{kernel.__qualname__}",
            "source": source,
            "micro_steps": step.op.micro_count(program.in_shapes(step), step.shape),
            "micro_unit": step.op.micro_unit,
        }
    )


def _write_cell(group: h5py.Group, program: Program, cell: Chosen, logical: Mapping[str, Array]) -> None:
    array = logical[cell.name]
    maker = program.producer(cell.name)
    group.attrs.update({"cell": str(cell), "array": cell.name, "index": np.asarray(cell.index, dtype=np.int64)})
    group.attrs["value"] = array[cell.index]
    group.attrs["step"] = -1 if maker is None else maker.index
    for reader in program.consumers(cell.name):
        for position in (p for p, name in enumerate(reader.inputs) if name == cell.name):
            fed_cells = reader.op.feeds(program.in_shapes(reader), reader.shape, position, cell.index)
            place = f"feeds/{reader.output}"
            if place not in group:
                group.create_dataset(place, data=fed_cells)
    if maker is None:
        return
    equation = maker.op.equation([logical[name] for name in maker.inputs], maker.shape, cell.index)
    group.attrs.update({"combine": equation.combine.value, "scale": equation.scale, "text": equation.text})
    group.attrs["recomputed"] = equation.value
    group.create_dataset("terms", data=np.array([term.value for term in equation.terms], dtype=np.float64))
    group.create_dataset("constants", data=np.array([term.constant for term in equation.terms], dtype=np.float64))
    for position, name in enumerate(maker.inputs):
        found = [
            (number, factor)
            for number, term in enumerate(equation.terms)
            for factor in term.factors
            if factor.position == position
        ]
        if found and f"reads/{name}" not in group:
            reads = group.create_group(f"reads/{name}")
            reads.create_dataset("term", data=np.array([number for number, _ in found], dtype=np.int64))
            reads.create_dataset("index", data=_indices([factor.index for _, factor in found]))
            reads.create_dataset("value", data=np.array([factor.value for _, factor in found], dtype=np.float64))


def _indices(indices: Sequence[Index]) -> Array:
    return np.asarray(indices, dtype=np.int64).reshape(len(indices), -1)


def _plain(value: object) -> object:
    """Convert a value that JSON does not support to one that it does."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)
