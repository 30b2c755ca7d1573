"""The folder in which convviz remembers the last session, and keeps trained networks without being asked.

``last.json`` says what was open: the design, its data and the workspace, and which kept network belongs to it. Beside
it are the kept networks, one checkpoint each; the oldest are removed first.
"""

from __future__ import annotations

import contextlib
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from convviz.files.atomic import write_bytes_atomically
from convviz.files.inputs import open_regular

__all__ = ["MOST_BYTES", "MOST_NETWORKS", "LastSession", "SessionFolder"]

FORMAT = 3
"""Format 2 added the recording; format 3 the epoch after which the accuracy was measured."""
MOST_NETWORKS = 5
"""Most networks that are kept."""
MOST_BYTES = 1 << 30
"""Most bytes that all of them may take; the newest is kept whatever its size."""
MOST_RECORD = 1 << 20
"""Most bytes of a record that is read: a design is far smaller."""


class LastSession(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record of what was open.

    Parameters
    ----------
    design : str
        The design as TOML text: see :mod:`convviz.storage.designs`.
    name : str
        Name of the design.
    data : str
        ``builtin``, ``toy``, ``file``, or ``other`` for images that came from no file.
    data_name, data_path : str
    workspace : str
        Title of the workspace that was shown.
    network : str
        Name of the kept network's file in the same folder; empty if nothing was trained.
    epoch, step : int
        Position of its training.
    accuracy : float or None
        On the test images, after the last whole epoch.
    recording : str
        Path of the run's recording; empty if there is none.
    measured : int
        The epoch after which ``accuracy`` was measured; 0 if that is not known.
    """

    design: str
    name: str = ""
    data: Literal["builtin", "toy", "file", "other"] = "builtin"
    data_name: str = ""
    data_path: str = ""
    workspace: str = ""
    network: str = ""
    epoch: int = 0
    step: int = 0
    accuracy: float | None = None
    recording: str = ""
    measured: int = 0
    format: int = FORMAT


class SessionFolder:
    """The folder of the last session.

    Parameters
    ----------
    path : Path
        Created when something is first written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def record(self) -> Path:
        """Path of ``last.json``, the record of what was open."""
        return self.path / "last.json"

    def read(self) -> LastSession | None:
        """The record of what was open; None if there is none, or it is damaged: it is only a convenience."""
        try:
            with open_regular(self.record) as file:
                text = file.read(MOST_RECORD + 1)
            if len(text) > MOST_RECORD:
                return None
            found = msgspec.json.decode(text, type=LastSession)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        return found if found.format <= FORMAT else None

    def write(self, session: LastSession) -> None:
        """Record what is open.

        Raises
        ------
        OSError
            The record can't be written.
        """
        self._make()
        write_bytes_atomically(self.record, msgspec.json.encode(session))

    def forget(self) -> None:
        """Remove the record, so that nothing is opened again; kept networks stay."""
        with contextlib.suppress(OSError):
            self.record.unlink(missing_ok=True)

    def networks(self) -> list[Path]:
        """Files of the kept networks, the newest first."""
        found = []
        with contextlib.suppress(OSError):
            found = [(path.stat().st_mtime, path) for path in self.path.glob("[!.]*.h5")]
        return [path for _, path in sorted(found, reverse=True)]

    def network_of(self, session: LastSession) -> Path | None:
        """The file of the network that belongs to a record; None if there is none, or it no longer exists."""
        path = self.path / session.network
        inside = bool(session.network) and path.parent == self.path and path.suffix == ".h5"
        return path if inside and path.is_file() else None

    def place_for(self, name: str) -> Path:
        """A path for keeping another network, which no other process uses.

        Raises
        ------
        OSError
            The folder can't be made.
        """
        self._make()
        word = re.sub(r"[^\w×.-]+", "-", name).strip("-.")[:40] or "network"
        stem = f"{word}-{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}"
        path, number = self.path / f"{stem}.h5", 1
        while path.exists():
            number += 1
            path = self.path / f"{stem}-{number}.h5"
        return path

    def prune(self) -> None:
        """Remove the oldest networks if there are too many, or if they take too much space."""
        taken = 0
        for number, path in enumerate(self.networks()):
            with contextlib.suppress(OSError):
                taken += path.stat().st_size
                if number >= MOST_NETWORKS or (number and taken > MOST_BYTES):
                    path.unlink()

    def _make(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
