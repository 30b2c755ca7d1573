"""The interface of a file format for trained models."""

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
    """A file format for trained models.

    Parameters
    ----------
    title : str
        Its name in a list of formats: ``Trained models``.
    suffix : str
        The ending that new files get: ``.h5``.
    patterns : tuple of str
        Patterns of file names: ``*.h5``.
    whole : bool
        Whether training can continue from it exactly; otherwise it contains only the weights.
    what : str
        The kind of file that it may replace, in messages: ``a checkpoint``.
    recognises : callable
        Tells whether a file is marked as having this format, in any version; raises nothing.
    save : callable or None
        Writes a file, completely or not at all; takes path, state, and the name of the writing program. Raises a
        ``CheckpointError``. None if such files are only read.
    load : callable or None
        Reads a file, trusting nothing in it before it is checked, and checks for cancellation. Raises a
        ``CheckpointError``, or a ``LoadCancelledError``. None if such files have no design.
    """

    title: str
    suffix: str
    patterns: tuple[str, ...]
    whole: bool
    what: str
    recognises: Callable[[Path], bool]
    save: Callable[[Path, NetworkState, str], None] | None
    load: Callable[[Path, Cancelled | None], NetworkState] | None


def refuse_to_replace(path: Path, what: str, recognises: Callable[[Path], bool]) -> None:
    """Refuse a path where a model can't be saved, as :func:`convviz.files.outputs.check_output` does.

    Raises
    ------
    CheckpointError
    """
    try:
        check_output(Output(path, what, recognises))
    except OutputError as error:
        raise CheckpointError(str(error)) from None
