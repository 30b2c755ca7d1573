"""What was open last, and the networks that were kept by themselves: a folder that convviz writes and reads alone.

``last.json`` says what was open: the design, its data and the workspace, and which kept network belongs to it. Beside
it lie the kept networks, one checkpoint for each, of which the oldest go first.
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
"""2 names the recording; 3 the epoch after which the accuracy was measured."""
MOST_NETWORKS = 5
"""So many networks are kept at most."""
MOST_BYTES = 1 << 30
"""So much they take in all at most; the newest stays whatever it takes."""
MOST_RECORD = 1 << 20
"""Largest record that is read: a design is far smaller."""


class LastSession(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was open.

    Parameters
    ----------
    design : str
        As text: see :mod:`convviz.storage.designs`.
    name : str
        What the design is called.
    data : str
        ``builtin``, ``toy``, ``file``, or ``other`` for images that came from no file.
    data_name, data_path : str
    workspace : str
        Title of the one in front.
    network : str
        Name of the kept network's file in the same folder; empty where nothing was trained.
    epoch, step : int
        Where its training is.
    accuracy : float or None
        On the test images, after the last whole epoch.
    recording : str
        Path of the run's recording; empty where there is none.
    measured : int
        The epoch after which ``accuracy`` was measured; 0 where that is not known.
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
    """The folder.

    Parameters
    ----------
    path : Path
        Is made when something is written first.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def record(self) -> Path:
        """The file that says what was open."""
        return self.path / "last.json"

    def read(self) -> LastSession | None:
        """What was open; None where nothing is known, or where the file is damaged: it is only a help."""
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
        """Say what is open.

        Raises
        ------
        OSError
        """
        self._make()
        write_bytes_atomically(self.record, msgspec.json.encode(session))

    def forget(self) -> None:
        """Say that nothing is to be taken up; kept networks stay."""
        with contextlib.suppress(OSError):
            self.record.unlink(missing_ok=True)

    def networks(self) -> list[Path]:
        """The kept networks, the newest first."""
        found = []
        with contextlib.suppress(OSError):
            found = [(path.stat().st_mtime, path) for path in self.path.glob("[!.]*.h5")]
        return [path for _, path in sorted(found, reverse=True)]

    def network_of(self, session: LastSession) -> Path | None:
        """The file of the network that belongs to a record; None if it has none, or it is gone."""
        path = self.path / session.network
        inside = bool(session.network) and path.parent == self.path and path.suffix == ".h5"
        return path if inside and path.is_file() else None

    def place_for(self, name: str) -> Path:
        """A file that nobody else writes, for another network.

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
        """Let the oldest networks go where there are too many, or where they take too much."""
        taken = 0
        for number, path in enumerate(self.networks()):
            with contextlib.suppress(OSError):
                taken += path.stat().st_size
                if number >= MOST_NETWORKS or (number and taken > MOST_BYTES):
                    path.unlink()

    def _make(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
