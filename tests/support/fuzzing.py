"""Damages files of every layout and reads them: ``python tests/support/fuzzing.py COUNT [LAYOUT …]``.

Prints a line for every case that is not as promised: another error than the readers' own, more than one line of words,
more than a gigabyte of memory, more than five seconds of the processor. Prints nothing if there is none.
"""

from __future__ import annotations

import random
import re
import resource
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

from convviz.data.errors import DataError
from convviz.data.open import import_data, open_data
from convviz.data.sources import ImageSpec
from tests.data.layouts import LAYOUTS, NEEDS_SCIPY, Made

SECONDS = 5.0
MEGABYTES = 1000
SLOWER = 6
"""As many times fewer cases of what a process of its own reads, which imports SciPy for every one."""
EXTREMES = (b"\xff" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0" * 4, b"\x80\0\0\0", b"\xff" * 8, b"99999999")


class TooLongError(Exception):
    """A case took too long."""


def damaged(whole: bytes, draw: random.Random) -> bytes:
    """A file with some bytes changed, numbers of its header made extreme, pieces cut out, doubled or added."""
    broken = bytearray(whole)
    reach = min(len(broken), draw.choice((64, 1024, 2**20)))
    for _ in range(draw.choice((1, 1, 3, 20))):
        if not broken or not reach:
            break
        at = draw.randrange(min(reach, len(broken)))
        match draw.randrange(6):
            case 0 | 1:
                broken[at] = draw.randrange(256)
            case 2:
                broken[at] ^= 1 << draw.randrange(8)
            case 3:
                extreme = draw.choice(EXTREMES)
                broken[at : at + len(extreme)] = extreme
            case 4:
                stop = at + draw.randrange(1, 200)
                broken[at:at] = broken[at:stop]
            case 5:
                del broken[at : at + draw.randrange(1, 50)]
    if draw.random() < 0.25:
        del broken[draw.randrange(len(broken) + 1) :]
    return bytes(broken)


def fault_of(made: Made) -> str:
    """What is wrong with how a damaged layout was read; empty if nothing."""
    channels, height, width = made.x_train.shape[1:]
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        for read in (
            lambda: open_data(made.path, ImageSpec(channels, height, width, 10)),
            lambda: import_data(made.path),
        ):
            try:
                read()
            except DataError as error:
                if "\n" in str(error):
                    return f"more than one line: {error!r}"
    except TooLongError:
        return f"more than {SECONDS:g} s"
    except BaseException as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    peak = most_memory()
    return f"{peak:,.0f} MB of memory" if peak > MEGABYTES else ""


def most_memory() -> float:
    """The most memory that this process had, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # what the system counts for a child includes its parent, as it was when it began
        return float(re.findall(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="ascii"))[0]) / 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def main() -> None:
    """Damage and read."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooLongError

    signal.signal(signal.SIGPROF, stop)
    count, names = int(sys.argv[1]), sys.argv[2:]
    for layout in LAYOUTS:
        if names and layout.__name__ not in names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            made = layout(Path(folder))
            files = sorted(file for file in Path(folder).rglob("*") if file.is_file())
            files = files if len(files) <= 8 else files[:4] + files[-4:]
            for case in range(-(-count // SLOWER) if layout.__name__ in NEEDS_SCIPY else count):
                draw = random.Random(f"{layout.__name__} {case}")
                file = draw.choice(files)
                whole = file.read_bytes()
                file.write_bytes(damaged(whole, draw))
                fault = fault_of(made)
                file.write_bytes(whole)
                if fault:
                    sys.stdout.write(f"{layout.__name__}, case {case}, {file.name}: {fault}\n")
                    sys.stdout.flush()


if __name__ == "__main__":
    main()
