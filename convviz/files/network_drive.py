"""Tells whether a folder lies on a network drive, where processes share no memory and locks may be missing."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

__all__ = ["is_on_network"]

NETWORK = frozenset(
    {"9p", "afpfs", "afs", "beegfs", "ceph", "cifs", "davfs", "fuse.sshfs", "fuse.rclone", "gfs2", "glusterfs"}
    | {"fuse.glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "smb2", "smb3", "smbfs", "webdav", "vboxsf"}
)
"""Types of file systems that other computers share."""


def is_on_network(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> bool:
    """Whether a file is, or would be, on a network drive; False where the system does not say.

    Parameters
    ----------
    path : Path
        Need not exist yet.
    mounts : Path
        Linux's list of what is mounted where.
    """
    if sys.platform == "win32":
        import ctypes

        drive = os.path.splitdrive(path.resolve())[0]
        return drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") == 4
    best, kind = "", ""
    with contextlib.suppress(OSError, ValueError, IndexError):
        target = str(path.resolve())
        for line in mounts.read_text("utf-8", "replace").splitlines():
            left, _, right = line.partition(" - ")
            point = left.split()[4].encode().decode("unicode_escape")
            inside = target == point or target.startswith(point.rstrip("/") + "/")
            if inside and len(point) >= len(best):
                best, kind = point, right.split()[0]
    return kind in NETWORK
