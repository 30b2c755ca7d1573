"""Folders of sweeps that are begun in the window: each is made with its design, and removed if no sweep begins."""

from __future__ import annotations

import contextlib
import re
from datetime import datetime
from pathlib import Path

from convviz.core.design import Design
from convviz.storage.designs import save_design
from convviz.sweeps.errors import SweepError
from convviz.sweeps.manifest import NAME

__all__ = ["DESIGN", "made_folder", "taken_back"]

DESIGN = "design.toml"
"""Name of the design's file in the folder, which the command reads."""
MOST_AT_ONCE = 100
"""Sweeps of one design that may be begun within a second."""


def made_folder(sweeps: Path, design: Design) -> Path:
    """A new folder in ``sweeps``, called by the design and the time, with the design in it.

    Raises
    ------
    ConvvizError
        It can't be made or written in.
    """
    word = re.sub(r"[^\w×.-]+", "-", design.name).strip("-.")[:40] or "sweep"
    name = f"{word}-{datetime.now():%Y%m%d-%H%M%S}"
    out = sweeps / name
    try:
        for number in range(2, MOST_AT_ONCE):  # another window may have begun one this second
            if not out.exists():
                break
            out = sweeps / f"{name}-{number}"
        out.mkdir(parents=True)
        save_design(design, out / DESIGN)
    except OSError as error:
        raise SweepError(f"{out}: expected a folder to write in, got: {error.strerror or error}") from None
    return out


def taken_back(folder: Path) -> bool:
    """Remove a folder in which no sweep has begun, as without a worker; returns whether it is gone."""
    if (folder / NAME).exists():
        return False
    with contextlib.suppress(OSError):
        (folder / DESIGN).unlink(missing_ok=True)
        folder.rmdir()
    return not folder.exists()
