"""What a format of trained models has to offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from convviz.files.cancel import Cancelled
from convviz.files.errors import OutputError
from convviz.files.outputs import Output, check_output
from convviz.storage.errors import CheckpointError
from convviz.storage.network_state import NetworkState


@dataclass(frozen=True, slots=True)
class ModelFormat:
    """A format that trained models are kept in.

    Parameters
    ----------
    title : str
        For a list of formats: ``Trained models``.
    suffix : str
        That such files are given: ``.h5``.
    patterns : tuple of str
        Names that such files have: ``*.h5``.
    whole : bool
        Whether training can go on from it as if it had never stopped; otherwise it has weights alone.
    what : str
        What such a file may take the place of, in a sentence: ``a checkpoint``.
    recognises : callable
        Whether a file says of itself that it is of this format, of whatever version; raises nothing.
    save : callable
        Writes a whole file or none: path, state, and the program and version that writes it. Raises a
        ``CheckpointError``.
    load : callable
        Reads a file, of which nothing is believed before it is checked; asks on the way whether to give up. Raises a
        ``CheckpointError``, or a ``LoadCancelledError``.
    """

    title: str
    suffix: str
    patterns: tuple[str, ...]
    whole: bool
    what: str
    recognises: Callable[[Path], bool]
    save: Callable[[Path, NetworkState, str], None]
    load: Callable[[Path, Cancelled | None], NetworkState]


def refuse_to_replace(path: Path, what: str, recognises: Callable[[Path], bool]) -> None:
    """Refuse a place where a model can't be put: see :func:`convviz.files.outputs.check_output`.

    Raises
    ------
    CheckpointError
    """
    try:
        check_output(Output(path, what, recognises))
    except OutputError as error:
        raise CheckpointError(str(error)) from None
