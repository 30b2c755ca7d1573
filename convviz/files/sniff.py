"""Describes a file by its first bytes, so that an error message can say what the user chose by mistake."""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

from convviz.files.inputs import open_regular

#: The bytes that open an HDF5 file (at offset 0, or at 512, 1024, 2048 … behind a user block).
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"

#: The description of text of no known kind.
TEXT = "plain text"
UNKNOWN = "data of an unknown kind"

PICKLE = "a Python pickle"
TORCH = (
    "a PyTorch file, which is a pickle and could run code (in Python, torch.onnx.export(model.eval(), (torch.zeros(1, "
    'C, H, W),), "model.onnx") or safetensors.torch.save_file(model.state_dict(), "model.safetensors") writes one that '
    "opens)"
)
"""The description of a model that PyTorch has pickled, with two ways to write one that opens."""
_TORCH_NAMES = (".pt", ".pth")

_OPENINGS = (
    (HDF5_SIGNATURE, "another HDF5 file"),
    (b"\x0e\x03\x13\x01", "an old HDF4 file"),
    (b"\x93NUMPY", "a NumPy .npy array"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"%PDF", "a PDF document"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"MATLAB 5.0", "a MATLAB 5 file"),
    (b"CDF\x01", "a NetCDF-3 file"),
    *((bytes([0x80, protocol]), PICKLE) for protocol in range(2, 6)),
)
_PROTOCOLS = (b"(dp", b"(lp", b"}q\x00", b"]q\x00", b"ccopy_reg\n", b"cnumpy")
"""First bytes of most pickles of protocol 0 and 1."""


def file_size(path: Path) -> int:
    """Bytes of a regular file.

    Raises
    ------
    OSError
        It can't be read: there is nothing, a folder or a device.
    ValueError
        The path is impossible, for example because it contains a null byte.
    """
    with open_regular(path) as file:
        return file.seek(0, os.SEEK_END)


def what_is_there(path: Path) -> str:
    """What is at a path, for the end of a message: ``got a folder``, ``found nothing there``."""
    try:
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            return "got a folder"
        if not stat.S_ISREG(info.st_mode):
            return "got a device or pipe"
        return f"got {looks_like(path)}" if info.st_size else "got an empty file"
    except FileNotFoundError:
        return "found nothing there"
    except PermissionError:
        return "got one that you have no permission to read"
    except (OSError, ValueError) as error:  # a name with a null byte, a broken disk
        words = " ".join(str(error).split())
        return f"got an unusable path: {words or type(error).__name__}"


def looks_like(path: Path) -> str:
    """Describe a file of an unsupported format: ``a gzip archive with IDX images inside``.

    Parameters
    ----------
    path
        A regular file.

    Raises
    ------
    OSError
        If it can't be read.
    """
    with open_regular(path) as file:
        head = file.read(512)
    if head.startswith(b"\x1f\x8b"):
        inside = _gunzipped_head(path)
        if inside.startswith(HDF5_SIGNATURE):
            return "a gzip archive with HDF5 inside (unpack it first)"
        kind = _idx(inside)
        return f"a gzip archive with {kind} inside" if kind else "a gzip archive"
    if head.startswith(b"PK"):
        return _zip(_zip_name(head))
    for opening, kind in _OPENINGS:
        if head.startswith(opening):
            return TORCH if kind == PICKLE and path.suffix.lower() in _TORCH_NAMES else kind
    return _idx(head) or _network(head) or _text(head) or UNKNOWN


def begins_with(path: Path, opening: bytes) -> bool:
    """Whether a file has these first bytes; raises nothing."""
    try:
        with open_regular(path) as file:
            return file.read(len(opening)) == opening
    except (OSError, ValueError):
        return False


def _gunzipped_head(path: Path) -> bytes:
    import gzip
    import zlib

    try:
        with gzip.open(path) as unpacked:
            return unpacked.read(64)
    except (OSError, EOFError, zlib.error):
        return b""


def _zip(first: str) -> str:
    """The kind of zip archive, judged by the name of its first member."""
    if first.endswith(".npy"):
        return "a NumPy .npz archive"
    if first.endswith("/data.pkl"):
        return TORCH
    return "a Keras model" if first == "metadata.json" else "a zip archive"


def _network(head: bytes) -> str:
    """Recognise network files of other programs, which have no signature."""
    if head[8:10] == b'{"' and 2 <= int.from_bytes(head[:8], "little") < 2**27:
        return "a safetensors file"
    # ONNX is a protocol buffer: field 1 is the version of the format, and field 2 names the program that wrote it.
    if len(head) > 4 and head[0] == 0x08 and 1 <= head[1] < 64 and head[2] == 0x12 and 0 < head[3] < 64:
        writer = head[4 : 4 + head[3]]
        if writer.isascii() and writer.decode("ascii", "replace").isprintable():
            return "an ONNX model"
    return ""


def _zip_name(head: bytes) -> str:
    """Name of the first member, from its local file header."""
    length = int.from_bytes(head[26:28], "little")
    return head[30 : 30 + length].decode("utf-8", "replace")


def _idx(head: bytes) -> str:
    """IDX, the form of the original MNIST files: two zero bytes, a type, the number of axes."""
    if len(head) < 4 or head[:2] != b"\x00\x00" or head[2] not in (0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E):
        return ""
    if head[3] == 1:
        return "IDX labels"
    return "IDX images" if head[3] in (3, 4) else ""


def _text(head: bytes) -> str:
    start = head.lstrip()
    if start[:1] == b"<":
        return "a web page or XML text (was the download page saved instead of the file?)"
    if start.startswith(b"version https://git-lfs"):
        return "a Git LFS pointer (the file itself was not fetched)"
    if start.startswith(_PROTOCOLS):
        return PICKLE
    if not head.strip(b"\x00"):
        return "nothing but zero bytes"
    try:
        # Incrementally, because the head may end in the middle of a character.
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return ""
    return TEXT if not any(byte < 9 or 13 < byte < 27 for byte in head) else ""
