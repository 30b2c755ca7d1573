"""Networks as source code for other frameworks."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from convviz.api.run import Run
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.network import Network
from convviz.files.atomic import write_bytes_atomically
from convviz.files.errors import OutputError
from convviz.files.inputs import open_regular
from convviz.files.outputs import Output, check_outputs
from convviz.present.code import EXPORTERS, Exporter
from convviz.present.code.common import WRITTEN
from convviz.storage.model_files import model_output, save_model
from convviz.storage.network_state import NetworkState, RunProgress

__all__ = ["code_outputs", "export_code", "exporter_named"]

LIBRARIES = ("h5py", "keras", "numpy", "tensorflow", "torch")
"""Libraries that the scripts import."""
LONGEST_HEAD = 4096
"""Most bytes that are read of a script's first line: it has the name of the design."""


def export_code(
    path: str | Path, what: Design | Network | Run, framework: str = "numpy", *, weights: str = ".npz"
) -> None:
    """Write a network as a Python script that needs the framework, but not convviz.

    The weights of a Network or Run go into a file beside the script, under the same name: ``model.py`` and
    ``model.npz``. A Design has none, and the script trains it from the start.

    Parameters
    ----------
    path : str or Path
        A name that ends in ``.py``.
    what : Design, Network or Run
    framework : str
        ``numpy``, ``pytorch`` or ``keras``.
    weights : str
        Ending of the file of weights: ``.npz``; for PyTorch also ``.safetensors``, for Keras ``.weights.h5``.

    Raises
    ------
    DesignError
        There is no such framework or ending, or the network can't be trained.
    OutputError, CheckpointError
        A file can't be written, or is of another kind; or a weight is NaN or infinite.

    Examples
    --------
    >>> import convviz, tempfile, pathlib
    >>> network = convviz.Network(convviz.preset("toy-4x4"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     convviz.export_code(pathlib.Path(folder) / "toy.py", network)
    ...     sorted(path.name for path in pathlib.Path(folder).iterdir())
    ['toy.npz', 'toy.py']
    """
    path = Path(path)
    exporter = exporter_named(framework)
    if weights not in exporter.weights:
        known = " or ".join(exporter.weights)
        raise DesignError(f"weights: expected {known} for {exporter.framework}, got {weights!r}")
    outputs = code_outputs(path, with_weights=not isinstance(what, Design), weights=weights)
    check_outputs(outputs)
    design = what if isinstance(what, Design) else what.design
    beside = outputs[1].path if len(outputs) > 1 else None
    source = exporter.source(design, beside.name if beside is not None else "")
    if beside is not None:
        save_model(beside, state_of(what))
    try:
        write_bytes_atomically(path, source.encode())
    except OSError as error:
        raise OutputError(f"{path}: can't be written: {error.strerror or error}") from None


def code_outputs(path: Path, *, with_weights: bool, weights: str = ".npz") -> list[Output]:
    """The script, and the weights beside it, in a file with this ending.

    Neither replaces what somebody else wrote: a Python file that convviz did not write, or weights beside no script
    of ours, which nobody named.

    Raises
    ------
    OutputError
        The name is not that of a Python file, or it is that of a library, which Python would then import from here.
    """
    if path.suffix != ".py":
        raise OutputError(f"{path}: expected a name that ends in .py, got {path.name}")
    if path.stem in LIBRARIES or path.stem in sys.stdlib_module_names:
        raise OutputError(f"{path}: expected a name of its own, got that of a library, which Python would find here")
    script = Output(path, "a script that convviz wrote", is_script)
    if not with_weights:
        return [script]
    beside = model_output(path.with_suffix(weights))
    is_weights = beside.recognises
    what = "the weights of a script that convviz wrote"
    return [script, replace(beside, what=what, recognises=lambda found: is_script(path) and is_weights(found))]


def is_script(path: Path) -> bool:
    """Whether a file is a script that an exporter wrote; raises nothing."""
    try:
        with open_regular(path) as file:
            first = file.readline(LONGEST_HEAD).decode()
    except (OSError, ValueError):
        return False
    return first.startswith('"""') and first.rstrip().endswith(WRITTEN)


def exporter_named(framework: str) -> Exporter:
    """The exporter for a framework, whose name may be in upper or lower case.

    Raises
    ------
    DesignError
        There is none.
    """
    for exporter in EXPORTERS:
        if exporter.framework.lower() == framework.lower():
            return exporter
    known = ", ".join(exporter.framework.lower() for exporter in EXPORTERS)
    raise DesignError(f"framework: expected one of {known}, got {framework!r}")


def state_of(what: Design | Network | Run) -> NetworkState:
    """The state whose weights to write; not of a Design, which has none."""
    if isinstance(what, Run):
        return what.state
    assert isinstance(what, Network)
    return NetworkState(what.design, what.arrays, RunProgress(learning_rate=what.design.training.optimiser.lr))
