"""Saves and opens trained models in all formats, and recognises the format of a file."""

from __future__ import annotations

from pathlib import Path

from convviz.files.cancel import Cancelled
from convviz.files.errors import OutputError
from convviz.files.outputs import Output, check_output
from convviz.storage.errors import CheckpointError
from convviz.storage.formats import checkpoint, keras, npz, onnx
from convviz.storage.formats.model_format import ModelFormat
from convviz.storage.network_state import NetworkState
from convviz.storage.weights import keras_format, safetensors_format
from convviz.version import __version__

__all__ = [
    "FORMATS",
    "can_go_on",
    "can_save",
    "dialog_filter",
    "filters",
    "is_model",
    "load_model",
    "model_output",
    "save_model",
]

FORMATS: tuple[ModelFormat, ...] = (
    checkpoint.FORMAT,
    npz.FORMAT,
    safetensors_format.FORMAT,
    keras_format.FORMAT,
    onnx.FORMAT,
    keras.FORMAT,
)
"""The first one is used for names that don't tell the format."""


def format_named(path: Path) -> ModelFormat:
    """The format for a file, by its name: of those whose pattern matches, the one with the longest pattern."""
    found = [(len(pattern), one) for one in FORMATS for pattern in one.patterns if path.match(pattern)]
    return max(found, key=lambda pair: pair[0])[1] if found else FORMATS[0]


def can_go_on(path: Path) -> bool:
    """Whether training can be resumed from a model saved under this name."""
    return format_named(path).whole


def save_model(path: Path, state: NetworkState) -> None:
    """Write a model in the format given by the file's name, completely or not at all.

    Raises
    ------
    CheckpointError
        A number is NaN or infinite, the existing file is of another kind, or the file can't be written.
    """
    save = format_named(path).save
    if save is None:
        raise CheckpointError(not_written(path))
    save(path, state, f"convviz {__version__}")


def load_model(path: Path, cancelled: Cancelled | None = None) -> NetworkState:
    """Read a model, in any of the formats.

    Parameters
    ----------
    path : Path
    cancelled : callable, optional
        Asked every few megabytes whether to give up.

    Raises
    ------
    CheckpointError
        One sentence: the file, the field, what was expected and what came.
    LoadCancelledError
        ``cancelled`` returned True.
    """
    found = next((one for one in FORMATS if one.recognises(path)), None) or format_named(path)
    if found.load is None:
        raise CheckpointError.without_design(path, found.what)
    return found.load(path, cancelled)


def is_model(path: Path) -> bool:
    """Whether a file is marked as a trained model, of any format and version."""
    return any(one.load is not None and one.recognises(path) for one in FORMATS)


def can_save(path: Path, nbytes: int = 0) -> None:
    """Refuse a path where a model of ``nbytes`` bytes can't be saved.

    Raises
    ------
    CheckpointError
        No folder, no permission, no space, an existing file of another kind, or a name for files that are only opened.
    """
    try:
        check_output(model_output(path, nbytes=nbytes))
    except OutputError as error:
        raise CheckpointError(str(error)) from None


def model_output(path: Path, *, flag: str = "", replaces: str = "", nbytes: int = 0) -> Output:
    """The output for saving a model; the fields are those of :class:`~convviz.files.outputs.Output`."""
    wanted = format_named(path)
    if wanted.save is None:
        raise OutputError(not_written(path))
    return Output(path, wanted.what, wanted.recognises, flag, replaces, nbytes)


def not_written(path: Path) -> str:
    """The message that models can't be saved under this name."""
    written = ", ".join(one.suffix for one in FORMATS if one.save is not None)
    return f"{path}: {format_named(path).title} can be opened, but not written; expected a name in {written}"


def filters() -> dict[str, str]:
    """Kind of file that can be written, as a dialog lists it (``Models (*.h5 *.hdf5)``) → its suffix."""
    return {words_of(one): one.suffix for one in FORMATS if one.save is not None}


def dialog_filter(*, saving: bool = False) -> str:
    """All kinds of files, in the syntax of a dialog that opens files or, ``saving``, saves one."""
    kinds = list(filters()) if saving else [words_of(one) for one in FORMATS if one.load is not None]
    return ";;".join([*kinds, "All files (*)"])


def words_of(one: ModelFormat) -> str:
    """A kind of file, as a dialog lists it."""
    return f"{one.title} ({' '.join(one.patterns)})"
