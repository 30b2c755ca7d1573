"""Where sweeps were trained: remembered from one start of the window to the next."""

from __future__ import annotations

import json
import re
from pathlib import Path

from PySide6.QtCore import QSettings

__all__ = ["ADDRESS", "MOST_PROCESSES", "SweepPlaces"]

ADDRESS = re.compile(r"(\w+://)?[^\s/]+:\d{1,5}")
MOST_PROCESSES = 64
MOST_KEPT = 50
"""Number of sweeps whose scheduler is remembered: the newest ones."""
SCHEDULER, PROCESSES, OF_FOLDERS = "sweep/scheduler", "sweep/processes", "sweep/schedulers"


class SweepPlaces:
    """The scheduler or the processes that were chosen last, and the scheduler of every sweep that has one.

    Parameters
    ----------
    settings : QSettings
        Of the window; anything in them that is no address or number is ignored.
    """

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    @property
    def scheduler(self) -> str:
        """The address that was chosen last; empty for this machine."""
        return _address(self._settings.value(SCHEDULER, ""))

    @property
    def processes(self) -> int | None:
        """The number of processes that was chosen last; None if it never was."""
        text = str(self._settings.value(PROCESSES, ""))
        count = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
        return count if 1 <= count <= MOST_PROCESSES else None

    def choose(self, folder: Path, scheduler: str, processes: int) -> None:
        """Remember where the sweep of a folder is trained."""
        self._settings.setValue(SCHEDULER, scheduler)
        if not scheduler:
            self._settings.setValue(PROCESSES, processes)
        self._keep(folder, scheduler)

    def of(self, folder: Path) -> str:
        """The scheduler of the sweep in a folder; empty if this machine trains it."""
        return self._kept().get(str(folder), "")

    def forget(self, folder: Path) -> None:
        """From now on this machine trains the sweep in a folder."""
        self._keep(folder, "")

    def _kept(self) -> dict[str, str]:
        try:
            found = json.loads(str(self._settings.value(OF_FOLDERS, "{}")))
        except ValueError:
            return {}
        kept = found.items() if isinstance(found, dict) else ()
        return {folder: address for folder, given in kept if (address := _address(given))}

    def _keep(self, folder: Path, scheduler: str) -> None:
        kept = self._kept()
        before = kept.pop(str(folder), "")
        if scheduler:
            kept[str(folder)] = scheduler
        if scheduler or before:
            self._settings.setValue(OF_FOLDERS, json.dumps(dict(list(kept.items())[-MOST_KEPT:])))


def _address(given: object) -> str:
    return given if isinstance(given, str) and ADDRESS.fullmatch(given) else ""
