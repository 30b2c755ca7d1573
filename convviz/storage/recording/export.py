"""Writes a recording as plain HDF5, for other programs.

    attributes of the file     format ("convviz-run"), version, id, name, created, ended, begin, head (all of it, JSON)
    designs/NUMBER             the designs as TOML text
    minibatches/step           int64 (n,); loss, float64; accuracy, float64
    epochs/COLUMN              float64, one number per epoch
    measures/step              int64 (n,); measures/LAYER/COLUMN, float32 (n,)
    filters/step               int64 (n,); filters/cells (n, F, C, KH, KW)
    key_points/STEP/NAME       every array of the network after that many minibatches, as in a checkpoint
    events/step, kind, json    one row per event

Text is UTF-8. Every array is contiguous and uncompressed.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from convviz.files.atomic import atomic_path
from convviz.files.cancel import Cancelled, go_on
from convviz.files.outputs import Output, check_output
from convviz.files.sniff import HDF5_SIGNATURE, begins_with
from convviz.storage.designs import write_design
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.guarded import guarded
from convviz.storage.network_state import EpochMeasures
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.read import Recording

__all__ = ["FORMAT", "VERSION", "export_output", "export_recording"]

FORMAT = "convviz-run"
VERSION = 1


def export_output(path: Path, nbytes: int = 0) -> Output:
    """The output for an exported recording of about ``nbytes`` bytes."""
    return Output(path, "an exported recording", is_export, nbytes=nbytes)


def is_export(path: Path) -> bool:
    """Whether a file is an exported recording; raises nothing."""
    if not begins_with(path, HDF5_SIGNATURE):
        return False
    try:
        with guarded(path, "an exported recording") as file:
            found = file.attribute("format")
    except CheckpointError:
        return False
    return found is not None and found.dtype.kind == "S" and bytes(found[()]) == FORMAT.encode()


def export_recording(recording: Recording, path: Path, cancelled: Cancelled | None = None) -> None:
    """Write a recording as HDF5, completely or not at all.

    Raises
    ------
    RecordingError
        The recording is damaged, or the file can't be written.
    OutputError
        There is a file of another kind, or it can't be written.
    LoadCancelledError
        ``cancelled`` returned True.
    """
    import h5py

    try:
        # On a full disk the HDF5 library may end the process, so writing begins only if there is room for everything.
        check_output(export_output(path, round(1.2 * recording.path.stat().st_size)))
        with (
            atomic_path(path) as part,
            recording.steady(),
            h5py.File(part, "w", libver=("v108", "latest")) as file,
        ):
            write_into(file, recording, cancelled)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise RecordingError(f"{path}: can't be written: {reason}") from None


def write_into(file: Any, recording: Recording, cancelled: Cancelled | None) -> None:
    """Write all of a recording into an open file."""
    head = recording.head
    texts = {"format": FORMAT, "id": head.id, "name": head.name, "created": head.created, "ended": recording.ended}
    for name, text in texts.items():
        file.attrs[name] = np.bytes_(text.encode())
    file.attrs["version"], file.attrs["begin"] = np.int64(VERSION), np.int64(head.begin)
    file.attrs["head"] = np.bytes_(msgspec.json.encode(head))
    for number in recording.design_numbers():
        file[f"designs/{number}"] = np.bytes_(write_design(recording.design(number)).encode())
    curve = recording.minibatches()
    for name, numbers in (("step", curve.steps), ("loss", curve.loss), ("accuracy", curve.accuracy)):
        file[f"minibatches/{name}"] = numbers
    epochs = recording.epochs()
    for at, name in enumerate(EpochMeasures.columns()):
        file[f"epochs/{name}"] = np.array([dataclasses.astuple(one)[at] for one in epochs], np.float64)
    steps, values = recording.measures()
    file["measures/step"] = steps
    for at, layer in enumerate(head.layers):
        for column, name in enumerate(head.columns):
            file[f"measures/{layer}/{name}"] = values[:, at, column]
    if head.filters:
        file["filters/step"], file["filters/cells"] = recording.filters()
    for point in recording.key_points():
        go_on(cancelled)
        for name, array in recording.state(point).arrays.items():
            file[f"key_points/{point.step}/{name}"] = array
    events = recording.events()
    file["events/step"] = np.array([event.step for event in events], np.int64)
    file["events/kind"] = np.array([event.kind.encode() for event in events], "S16")
    longest = max((len(msgspec.json.encode(event)) for event in events), default=1)
    file["events/json"] = np.array([msgspec.json.encode(event) for event in events], f"S{longest}")
