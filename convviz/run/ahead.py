"""Compiling in the background: a process of its own, so that neither the window nor a run shares the GIL with it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from convviz.core import fast
from convviz.core.design import Design
from convviz.machine import QUIETLY
from convviz.run.messages import CompilingAhead
from convviz.storage.designs import write_design

PROGRAM = "import sys; sys.path.append(sys.argv[1]); from convviz.run.compile_ahead import main; sys.exit(main())"
"""Imports the package from where this process found it, and nothing from the current folder."""


class AheadCompiler:
    """Compiles the kernels of one design, then those of all presets, as far as they are not in the cache.

    Parameters
    ----------
    tell : callable
        Is called in another thread, with a :class:`CompilingAhead` for each kernel of the design, for each preset, and
        after each of these two.
    """

    def __init__(self, tell: Callable[[CompilingAhead], object]) -> None:
        self._tell = tell
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    @property
    def is_busy(self) -> bool:
        """Whether anything is being compiled."""
        return self._reader is not None and self._reader.is_alive()

    def start(self, design: Design) -> None:
        """Begin with a design; work for another one is dropped."""
        self.stop()
        if not fast.is_installed():
            return
        from convviz.core.fast.cache import kept

        place = kept()
        if place.folder is None or place.is_complete:
            return  # without a cache, a run has to compile for itself
        with contextlib.suppress(OSError):
            command = [sys.executable, "-P", "-c", PROGRAM, str(Path(__file__).parents[2])]
            self._process = subprocess.Popen(  # noqa: S603 (our own program)
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                **QUIETLY,
            )
            self._reader = threading.Thread(
                target=self._read, args=(self._process, design), name="convviz-ahead", daemon=True
            )
            self._reader.start()

    def stop(self) -> None:
        """Stop compiling; kernels that are done stay."""
        if self._process is not None and self._reader is not None:
            self._process.terminate()
            self._reader.join()
        self._process = self._reader = None

    def _read(self, process: subprocess.Popen[str], design: Design) -> None:
        """Pass on the process's lines until it ends."""
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(OSError, ValueError), process:
            process.stdin.write(write_design(design))
            process.stdin.close()
            for line in process.stdout:
                match line.split():
                    case [done, total]:
                        self._tell(CompilingAhead(int(done), int(total)))
                    case ["presets", done, total]:
                        self._tell(CompilingAhead(int(done), int(total), of_presets=True))
                    case _:
                        self._tell(CompilingAhead(0, 0))
        # However it ended, a run compiles what is still missing.
        self._tell(CompilingAhead(0, 0))
        self._tell(CompilingAhead(0, 0, of_presets=True))
