"""A sweep that runs beside the window: the command line itself, in a separate process."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

__all__ = ["SweepProcess"]

OWN = "convviz sweep: "
"""The beginning of the command's own error messages."""


class SweepProcess(QObject):
    """Runs ``convviz sweep --json``; the window does not wait for it.

    Attributes
    ----------
    told : Signal(object)
        An event, as a dictionary.
    ended : Signal(str)
        It has ended; a sentence if something went wrong.
    """

    told = Signal(object)
    ended = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._rest = b""
        self._said = b""
        self._stopped = False

    @property
    def is_running(self) -> bool:
        """Whether a sweep runs."""
        return self._process is not None

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to hold and has not ended yet."""
        return self._process is not None and self._stopped

    def start(self, words: Sequence[str]) -> None:
        """Start ``convviz sweep`` with these arguments."""
        self._rest, self._said, self._stopped = b"", b"", False
        process = self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        # The same code as this window's, wherever that is.
        above = str(Path(__file__).resolve().parents[4])
        paths = [above, *filter(None, [environment.value("PYTHONPATH")])]
        environment.insert("PYTHONPATH", ":".join(paths) if sys.platform != "win32" else ";".join(paths))
        process.setProcessEnvironment(environment)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._hear)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._failed)
        process.start(sys.executable, ["-m", "convviz", "sweep", *words, "--json"])

    def stop(self) -> None:
        """Hold the sweep: its runs stop at their next minibatch, and it can be resumed."""
        if self._process is not None:
            self._stopped = True
            self._process.terminate()

    def close(self) -> None:
        """Hold it, and wait a while for its end: the window closes."""
        process = self._process
        if process is None:
            return
        process.blockSignals(True)
        process.terminate()
        if not process.waitForFinished(8000):
            process.kill()
            process.waitForFinished(2000)
        self._process = None

    def _read(self) -> None:
        assert self._process is not None
        self._rest += bytes(self._process.readAllStandardOutput().data())
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                self.told.emit(event)

    def _hear(self) -> None:
        assert self._process is not None
        self._said = (self._said + bytes(self._process.readAllStandardError().data()))[-4000:]

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._process = None
            self.ended.emit(f"{sys.executable}: expected Python to start, got none")

    def _finished(self, code: int, _status: object) -> None:
        if self._process is None:
            return
        self._read()
        self._hear()
        self._process.deleteLater()
        self._process = None
        self.ended.emit("" if self._stopped or code in (0, 1) else self._why(code))

    def _why(self, code: int) -> str:
        """The command's own error message, found among the lines of others."""
        lines = self._said.decode("utf-8", "replace").strip().splitlines()
        own = [line.removeprefix(OWN) for line in lines if line.startswith(OWN)]
        if own or lines:
            return (own or lines)[-1]
        return f"The sweep has ended in the middle, with exit code {code}. Resume goes on with what is not done."
