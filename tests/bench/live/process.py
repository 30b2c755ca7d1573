"""A process that trains, as the one that measures has it: it is let run for a while, and stopped again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.live.board import MINIBATCHES, PICTURES, SMOOTH, TRAINER, TRAINS, Board

PROGRAM = Path(__file__).resolve().with_name("__main__.py")
ROOT = PROGRAM.parents[3]
PATIENCE = 180.0
"""Seconds within which a process has to train."""
CALM_DOWN = 0.25
"""Seconds after it runs again that don't count: caches are cold, and timers of Qt are overdue."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a process has done so far; times in seconds."""

    at: float
    minibatches: int
    pictures: int
    trainer: float
    window: float
    process: float
    switches: int

    def since(self, before: Counts) -> dict[str, float]:
        """What it did in between, as the columns of the table."""
        lasted, minibatches = self.at - before.at, max(self.minibatches - before.minibatches, 1)
        return {
            "steps/s": (self.minibatches - before.minibatches) / lasted,
            "train ms": 1e3 * (self.trainer - before.trainer) / minibatches,
            "pictures/s": (self.pictures - before.pictures) / lasted,
            "thread": (self.window - before.window) / lasted,
            "cores": (self.process - before.process) / lasted,
            "switches": (self.switches - before.switches) / minibatches,
        }


class Process:
    """One way to train, with the code of a checkout; it stands still until :meth:`run` or :meth:`smoothness`.

    Parameters
    ----------
    kind : str
    tree : Path
        The checkout.
    options : list of str
        Of the child's command line.
    """

    def __init__(self, kind: str, tree: Path, options: list[str]) -> None:
        self.kind = kind
        self._home = tempfile.TemporaryDirectory()
        home = Path(self._home.name)
        self.board = Board(home / "board")
        self._errors = (home / "errors").open("w+", encoding="utf-8")
        env = environment(tree, home) | {"XDG_CONFIG_HOME": str(home)}
        command = [sys.executable, "-P", str(PROGRAM), "--child", kind, "--board", str(home / "board"), *options]
        self._process = subprocess.Popen(command, cwd=home, env=env, stdout=subprocess.PIPE, stderr=self._errors)
        self._stopped_at = 0.0

    def get_ready(self) -> None:
        """Wait until it trains, and stop it.

        Raises
        ------
        SystemExit
            If it ends, or does not train for long.
        """
        end = time.perf_counter() + PATIENCE
        while not self.board[TRAINS]:
            if self._process.poll() is not None or time.perf_counter() > end:
                self._errors.seek(0)
                raise SystemExit(f"{self.kind} does not train:\n{self._errors.read()}")
            time.sleep(0.05)
        self._stop()

    def _stop(self) -> None:
        self._process.send_signal(signal.SIGSTOP)
        os.waitpid(self._process.pid, os.WUNTRACED)
        self._stopped_at = time.perf_counter()

    def _go_on(self) -> None:
        self.board.stopped += time.perf_counter() - self._stopped_at
        self._process.send_signal(signal.SIGCONT)

    def run(self, seconds: float) -> dict[str, float]:
        """Let it train for a while: what it did."""
        self._go_on()
        time.sleep(CALM_DOWN)
        before = self._counts()
        time.sleep(seconds)
        after = self._counts()
        self._stop()
        return after.since(before)

    def smoothness(self) -> dict[str, Any]:
        """Let it look when its window answers: what it says. Then it has ended."""
        self.board[SMOOTH] = 1
        self._go_on()
        said, _ = self._process.communicate()
        if self._process.returncode or not said.strip():
            self._errors.seek(0)
            raise SystemExit(f"{self.kind} failed:\n{self._errors.read()}")
        found: dict[str, Any] = json.loads(said.splitlines()[-1])
        return found

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._errors.close()
        self._home.cleanup()

    def _counts(self) -> Counts:
        at, minibatches, pictures = time.perf_counter(), self.board[MINIBATCHES], self.board[PICTURES]
        pid, threads = self._process.pid, Path(f"/proc/{self._process.pid}/task")
        taken, switches = 0.0, 0
        for thread in list(threads.iterdir()):
            try:
                taken += processor_time(thread)
                switches += voluntary_switches(thread)
            except FileNotFoundError:  # it has just ended
                continue
        trainer = processor_time(threads / str(self.board[TRAINER]))
        window = processor_time(threads / str(pid)) if self.board[TRAINER] != pid else float("nan")
        return Counts(at, minibatches, pictures, trainer, window, taken, switches)


def environment(tree: Path, home: Path) -> dict[str, str]:
    """Of a process that runs this benchmark with the package of a checkout; its data and modules are looked for in
    ``home``."""
    (home / "tests").symlink_to(ROOT / "tests")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(home), str(tree)]), "XDG_DATA_HOME": str(home)}


def processor_time(thread: Path) -> float:
    """Seconds of processor time that a thread took so far."""
    return int((thread / "schedstat").read_text(encoding="ascii").split()[0]) / 1e9


def voluntary_switches(thread: Path) -> int:
    """How often a thread has waited for something."""
    lines = (thread / "status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))
