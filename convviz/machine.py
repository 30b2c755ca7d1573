"""The machine's resources: the memory that a program may still use, and its processor cores."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["QUIETLY", "cores", "free_memory", "memory_words"]

QUIETLY: dict[str, Any] = {}
"""Arguments of ``subprocess`` that keep a process from opening a console window, which it would on Windows."""
if sys.platform == "win32":
    QUIETLY["creationflags"] = subprocess.CREATE_NO_WINDOW

CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)
"""Files with the memory limit and the memory in use, in bytes, of the current container: cgroups version 2 and 1."""


def free_memory() -> int | None:
    """Bytes that this process can still use without taking memory from others; None if unknown.

    The minimum of the system's free memory and the limits of the container and of the process (``ulimit -v``).
    """
    known = [bytes_ for bytes_ in (of_system(), *_of_containers(), _of_process()) if bytes_ is not None]
    return max(0, min(known)) if known else None


def cores() -> int:
    """Processor cores that this process may use."""
    with contextlib.suppress(AttributeError, OSError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory_words(count: int) -> str:
    """A number of bytes in words: ``24.1 GB``, ``300 MB``."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"


def of_system() -> int | None:
    """Bytes of free memory, including droppable caches and swap; all memory where only that is known; else None."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        fields = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}
        if "MemAvailable" in fields:
            return fields["MemAvailable"] + fields.get("SwapFree", 0)
    with contextlib.suppress(AttributeError, OSError, ValueError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _of_containers() -> list[int]:
    found = []
    for limit, used in CGROUPS:
        with contextlib.suppress(OSError, ValueError):  # without a limit the file says "max"
            found.append(_number(limit) - _number(used))
    return found


def _of_process() -> int | None:
    if not sys.platform.startswith("linux"):
        return None
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY:
        return None
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    return soft - pages * resource.getpagesize()


def _number(path: str) -> int:
    return int(Path(path).read_text("ascii"))
