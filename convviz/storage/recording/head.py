"""Facts about a recorded run as a whole: plain values, written as JSON."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from convviz.core.fast import available
from convviz.storage.fingerprint import DataFingerprint
from convviz.version import __version__

__all__ = ["DataRecord", "End", "Head", "Machine", "Parent", "this_machine"]

End = Literal["running", "finished", "stopped", "failed"]


class Machine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The hardware and software that computed a run; if all of it is the same, results are the same bit for bit.

    Parameters
    ----------
    system : str
        ``Linux``
    processor : str
        Its model if known, else its family.
    python, numpy, convviz : str
        Versions.
    kernels : str
        ``numpy``, or ``numba`` and its version.
    """

    system: str
    processor: str
    python: str
    numpy: str
    convviz: str
    kernels: str

    def difference(self, other: Machine) -> str:
        """Why another machine may round differently; empty if it computes the same bits."""
        if self.kernels != other.kernels:
            return f"recorded with {self.kernels} kernels, replayed with {other.kernels} kernels"
        if self.processor != other.processor or self.system != other.system:
            return f"recorded on another machine ({self.processor}, {self.system})"
        if self.numpy != other.numpy:
            return f"recorded with NumPy {self.numpy}, replayed with {other.numpy}"
        if self.convviz != other.convviz:
            return f"recorded with convviz {self.convviz}, replayed with {other.convviz}"
        return ""


class DataRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The data set of a run.

    Parameters
    ----------
    name : str
    kind : str
        ``builtin``, ``toy``, ``file``, or ``other`` for images that came from no file.
    path : str
        Path of the file.
    class_names : tuple of str
    train_images, test_images : int
        Numbers of images that the run used for training and for testing.
    train_sha256, test_sha256 : str
        Checksums of those images and labels; empty if the run ended before they were computed.
    """

    name: str
    kind: Literal["builtin", "toy", "file", "other"] = "other"
    path: str = ""
    class_names: tuple[str, ...] = ()
    train_images: int = 0
    test_images: int = 0
    train_sha256: str = ""
    test_sha256: str = ""

    @property
    def fingerprint(self) -> DataFingerprint | None:
        """The fingerprint of the data set; None if the run ended before it was computed."""
        if not self.train_sha256:
            return None
        return DataFingerprint(self.name, self.train_images, self.test_images, self.train_sha256, self.test_sha256)

    def with_print(self, found: DataFingerprint) -> DataRecord:
        """The record with the numbers and checksums of a fingerprint."""
        return msgspec.structs.replace(self, train_sha256=found.train_sha256, test_sha256=found.test_sha256)


class Parent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The run that a branch started from, and the step.

    Parameters
    ----------
    id : str
        Id of the run.
    name : str
        Name of its file when the branch began.
    step : int
    """

    id: str
    name: str
    step: int


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Facts about a run as a whole.

    Parameters
    ----------
    id : str
        A random text that identifies the run.
    created : str
        When recording began: ISO 8601, with the offset from UTC.
    name : str
        Name of the design.
    data : DataRecord
    machine : Machine
    threads : int
    precision : str
        ``float32`` or ``float64``.
    begin : int
        Step at which recording began.
    minibatches : int
        Number of minibatches in an epoch.
    layers : tuple of str
        Names of the layers whose measures are recorded, in order.
    columns : tuple of str
        Names of those measures, in order.
    filters : str
        Name of the array that can be played as an animation: the first layer's weights; empty if it is too large.
    parent : Parent or None
        The run that it branched from.
    ended : str
        ``running`` until the run ends, and also after a crash.
    reason : str
        Why it failed; empty if it did not.
    """

    id: str
    created: str
    name: str
    data: DataRecord
    machine: Machine
    threads: int
    precision: Literal["float32", "float64"]
    begin: int
    minibatches: int
    layers: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    filters: str = ""
    parent: Parent | None = None
    ended: End = "running"
    reason: str = ""


def this_machine() -> Machine:
    """The machine that runs this program, and the kernels that training uses on it."""
    kernels = "numpy"
    if available():
        import numba

        kernels = f"numba {numba.__version__}"
    version = ".".join(map(str, sys.version_info[:3]))
    return Machine(platform.system(), processor(), version, np.__version__, __version__, kernels)


def processor() -> str:
    """Model of the processor, as the system names it."""
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()[:100]
    except OSError:
        pass
    named = os.environ.get("PROCESSOR_IDENTIFIER", "") or platform.processor()
    return (named or platform.machine() or "unknown")[:100]
