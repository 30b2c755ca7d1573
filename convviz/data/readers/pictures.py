"""Reads pictures in folders, one folder per class: PNG, JPEG, BMP, GIF, WebP, TIFF; also in a zip archive.

``root/cat/1.png``, or ``root/train/cat/1.png`` and ``root/test/cat/1.png``. Pillow decodes them. Palettes become
colours, transparent pixels become white, EXIF's orientation is applied, and 16 bits per pixel become 0…1 without loss.
"""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from convviz.data.errors import DataError
from convviz.data.importing.contents import Contents, Pair, RawArray, in_memory
from convviz.data.importing.resize import colours, resized
from convviz.data.readers.faults import explained
from convviz.data.readers.reader import Reader
from convviz.files.cancel import Cancelled, go_on, going_on
from convviz.files.inputs import open_regular

__all__ = ["READER", "read_picture"]

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "DIB")
MOST_PICTURES = 500_000
DEEPEST = 3
LARGEST_FILE = 2**26
"""Most bytes of a picture's file."""
MOST_PIXELS = 2**25
"""Most pixels of a picture: 8,192 × 4,096."""
MEASURED = 20_000
"""Most pictures whose sizes are read."""
EXAMINED = 64
"""Number of pictures that are decoded to tell grey from colour."""
LARGEST_SIDE = 256
LARGEST_IMAGE = 1024
"""Most pixels along a side of an image that a network takes."""
PARTS = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "val": "valid",
    "valid": "valid",
    "validation": "valid",
}


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture: its name for messages, its part and class, and a function that opens its file."""

    name: str
    part: str
    label: str
    opened: Callable[[], IO[bytes]]


def recognises(path: Path) -> bool:
    """Whether a folder has folders of pictures, or an archive has pictures."""
    try:
        if path.is_dir():
            return next(_in_folder(path), None) is not None
        with open_regular(path) as file:
            if file.read(2) != b"PK":
                return False
            file.seek(0)
            with zipfile.ZipFile(file) as archive:
                return any(_is_picture(PurePosixPath(name)) for name in archive.namelist())
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error, NotImplementedError):
        return False


@contextmanager
def contents(path: Path, cancelled: Cancelled | None = None) -> Iterator[Contents]:
    """All pictures as images of one size, each decoded when it is needed."""
    with ExitStack() as stack:
        pictures = list(_in_folder(path, cancelled) if path.is_dir() else _in_archive(path, stack, cancelled))
        if not pictures:
            raise DataError(f"{path}: expected pictures in one folder per class, found none")
        names = sorted({picture.label for picture in pictures}, key=_natural)
        if len(names) < 2:
            raise DataError(f"{path}: expected pictures in a folder for each class, got the single folder {names[0]!r}")
        sizes = _sizes(pictures, cancelled)
        size, count = sizes.most_common(1)[0]
        grey = _all_grey(pictures, cancelled)
        notes = []
        if len(sizes) == 1 and max(size) > LARGEST_IMAGE:
            before, size = size, _common_size(sizes)
            notes.append(
                f"pictures of {before[1]:,}×{before[0]:,}, larger than a network takes: all are brought to "
                f"{size[1]}×{size[0]} by scaling and padding"
            )
        if len(sizes) > 1:
            size = _common_size(sizes)
            notes.append(
                f"{len(sizes)} different sizes, {count:,} of them {sizes.most_common(1)[0][0][1]}×"
                f"{sizes.most_common(1)[0][0][0]}: all are brought to {size[1]}×{size[0]} by scaling and padding"
            )
        arrays: list[RawArray] = []
        parts: dict[str, Pair] = {}
        for part in ("train", "test", "valid", ""):
            own = [picture for picture in pictures if picture.part == part]
            if own:
                key = "train" if part == "" and "train" not in parts else part
                key = "test" if part == "valid" and "test" not in parts else key
                parts.setdefault(key, (f"{key} pictures", f"{key} folders"))
                if not any(array.name == f"{key} pictures" for array in arrays):
                    arrays.append(_images(f"{key} pictures", own, size, grey, cancelled))
                    arrays.append(in_memory(f"{key} folders", np.array([picture.label for picture in own])))
        parts = {part: pair for part, pair in parts.items() if part in ("train", "test")}
        form = f"pictures in {len(names)} folders" + ("" if path.is_dir() else " of a zip archive")
        yield Contents(form, tuple(arrays), parts, tuple(names), "CHW", tuple(notes))


def read_picture(name: str, file: IO[bytes], side: int | None = None) -> NDArray[np.float32]:
    """Decode a picture.

    Parameters
    ----------
    name : str
        For messages.
    file : binary file
    side : int, optional
        The length that its longer side will be resized to; a much larger picture is reduced early, as bytes.

    Returns
    -------
    ndarray of float32, (C, H, W)
        In 0…1; one channel if the picture's mode is grey, otherwise three.

    Raises
    ------
    DataError
        The file is not a picture, is damaged, or has too many pixels.
    """
    with _explained(name):
        picture = _opened(name, file)
        # Pillow decodes the pixels only now.
        return _values(picture, side)


def _opened(name: str, file: IO[bytes]) -> Any:
    """Open a picture, and read and check its header."""
    from PIL import Image, UnidentifiedImageError

    try:
        picture = Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError:
        raise DataError(f"{name}: expected a picture of at most {MOST_PIXELS:,} pixels, got a larger one") from None
    except UnidentifiedImageError:
        raise DataError(f"{name}: expected a readable picture, got something else") from None
    width, height = picture.size
    if width * height > MOST_PIXELS or width < 1 or height < 1:
        raise DataError(f"{name}: expected a picture of at most {MOST_PIXELS:,} pixels, got {width:,}×{height:,}")
    return picture


def _values(picture: Any, side: int | None) -> NDArray[np.float32]:
    from PIL import Image, ImageOps

    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I;16"):
        return (np.asarray(picture).astype(np.float32) / np.float32(65535))[np.newaxis]
    if picture.mode in ("I", "F"):
        wide = np.asarray(picture).astype(np.float32)
        return (wide / np.float32(65535 if wide.max() > 255 else 255)).clip(0, 1)[np.newaxis]
    if picture.mode == "P" or picture.mode == "PA" or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    if picture.mode == "1":
        picture = picture.convert("L")
    if side is not None and max(picture.size) > LARGEST_IMAGE and picture.mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
        picture = picture.reduce(max(1, max(picture.size) // (2 * side)))
    if picture.mode in ("LA", "La", "RGBA", "RGBa"):
        picture = picture.convert("RGBA")
        paper = Image.new("RGBA", picture.size, (255, 255, 255, 255))
        picture = Image.alpha_composite(paper, picture).convert("RGB")
    if picture.mode == "L":
        values = np.asarray(picture)[np.newaxis]
    else:
        values = np.asarray(picture.convert("RGB")).transpose(2, 0, 1)
    return values.astype(np.float32) / np.float32(255)


def _in_folder(root: Path, cancelled: Cancelled | None = None) -> Iterator[PictureFile]:
    """The pictures of a folder, class by class; links out of it are not followed."""
    count = 0
    for file in _files(root, 0, cancelled):
        inner = PurePosixPath(file.relative_to(root).as_posix())
        if _is_picture(inner):
            count += 1
            if count > MOST_PICTURES:
                raise DataError(f"{root}: expected at most {MOST_PICTURES:,} pictures, got more")
            part, label = _place(inner)
            yield PictureFile(str(file), part, label, partial(open_regular, file))


def _files(folder: Path, depth: int, cancelled: Cancelled | None) -> Iterator[Path]:
    go_on(cancelled)
    entries = sorted(folder.iterdir(), key=lambda entry: _natural(entry.name))
    for entry in entries:
        if entry.is_symlink() or entry.name.startswith("."):
            continue
        if entry.is_dir():
            if depth < DEEPEST:
                yield from _files(entry, depth + 1, cancelled)
        else:
            yield entry


def _in_archive(path: Path, stack: ExitStack, cancelled: Cancelled | None) -> Iterator[PictureFile]:
    with _explained(str(path)):
        archive = stack.enter_context(zipfile.ZipFile(stack.enter_context(open_regular(path))))
        members = [info for info in archive.infolist() if _is_picture(PurePosixPath(info.filename))]
    go_on(cancelled)
    if len(members) > MOST_PICTURES:
        raise DataError(f"{path}: expected at most {MOST_PICTURES:,} pictures, got {len(members):,}")
    top = {PurePosixPath(info.filename).parts[0] for info in members}
    for info in sorted(members, key=lambda info: _natural(info.filename)):
        inner = PurePosixPath(info.filename)
        # In most archives, one folder contains everything.
        if len(top) == 1 and len(inner.parts) > 2:
            inner = PurePosixPath(*inner.parts[1:])
        part, label = _place(inner)
        yield PictureFile(f"{path}: {info.filename}", part, label, partial(_unpacked, path, archive, info))


def _unpacked(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    if info.file_size > LARGEST_FILE:
        raise DataError(
            f"{path}: {info.filename}: expected a picture of at most {LARGEST_FILE // 2**20} MiB, got "
            f"{info.file_size / 2**20:,.0f} MiB"
        )
    with archive.open(info) as file:
        return BytesIO(file.read(LARGEST_FILE))


def _is_picture(inner: PurePosixPath) -> bool:
    return (
        len(inner.parts) >= 2
        and inner.suffix.lower() in ENDINGS
        and not inner.name.startswith(".")
        and "__MACOSX" not in inner.parts
    )


def _place(inner: PurePosixPath) -> tuple[str, str]:
    """Part and class of a picture, judged by the folders that it is in."""
    folders = inner.parts[:-1]
    for at, folder in enumerate(folders):
        part = PARTS.get(folder.lower())
        if part is not None and at + 1 < len(folders):
            return part, folders[at + 1]
        # ``cat/train/1.png``
        if part is not None and at == len(folders) - 1 and at > 0:
            return part, folders[at - 1]
    return "", folders[-1]


def _natural(name: str) -> tuple[tuple[int, int | str], ...]:
    """A sort key that orders names as a person would: 2 before 10."""
    return tuple(
        (0, int(piece)) if piece.isdigit() else (1, piece.lower()) for piece in re.split(r"(\d+)", name) if piece
    )


def _sizes(pictures: list[PictureFile], cancelled: Cancelled | None) -> Counter[tuple[int, int]]:
    """Sizes (H, W) of pictures, upright, and how often each occurs."""
    found: Counter[tuple[int, int]] = Counter()
    step = max(1, len(pictures) // MEASURED)
    for picture in pictures[::step]:
        go_on(cancelled)
        with _explained(picture.name), picture.opened() as file:
            opened = _opened(picture.name, file)
            width, height = opened.size
            if opened.getexif().get(0x0112, 1) >= 5:  # orientation: turned by 90°
                width, height = height, width
        found[height, width] += 1
    return found


def _common_size(sizes: Counter[tuple[int, int]]) -> tuple[int, int]:
    """A size for pictures of mixed sizes: the most frequent one, unless it is large or rare; then a square."""
    size, count = sizes.most_common(1)[0]
    if 2 * count > sum(sizes.values()) and max(size) <= LARGEST_SIDE:
        return size
    sides = sorted(max(one) for one in sizes.elements())
    middle = sides[len(sides) // 2]
    return next(((side, side) for side in (28, 32, 64, 96, 128) if middle <= side), (128, 128))


def _all_grey(pictures: list[PictureFile], cancelled: Cancelled | None) -> bool:
    """Whether none of some pictures, taken from all over the set, has colour."""
    for picture in pictures[:: max(1, len(pictures) // EXAMINED)]:
        go_on(cancelled)
        with picture.opened() as file:
            values = read_picture(picture.name, file, LARGEST_SIDE)
        if len(values) == 3 and not (np.array_equal(values[0], values[1]) and np.array_equal(values[1], values[2])):
            return False
    return True


def _images(
    name: str, pictures: list[PictureFile], size: tuple[int, int], grey: bool, cancelled: Cancelled | None
) -> RawArray:
    channels = 1 if grey else 3

    def load(start: int, stop: int) -> NDArray[Any]:
        images = np.empty((min(stop, len(pictures)) - start, channels, *size), np.float32)
        for at, picture in enumerate(going_on(pictures[start:stop], cancelled)):
            with _explained(picture.name), picture.opened() as file:
                values = read_picture(picture.name, file, max(size))[np.newaxis]
            if grey and values.shape[1] == 3 and np.array_equal(values[:, 0], values[:, 1]):
                values = values[:, :1]
            values = colours(values, "grey" if grey else "colour")
            images[at] = (values if values.shape[2:] == size else resized(values, size, "pad"))[0]
        return images

    count = len(pictures)
    # The files say nothing about the size of the decoded pictures, which is that of the resized images.
    stored = count * channels * size[0] * size[1]
    return RawArray(name, (count, channels, *size), np.dtype(np.float32), stored, load, 0, (0, 1))


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turn whatever Pillow raises for a damaged picture into one sentence, and silence its warnings about odd ones."""
    decoding = (SyntaxError, TypeError, LookupError, ArithmeticError, AttributeError)
    with explained(name, "a readable picture", *decoding), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


READER = Reader("Folders of pictures", "a folder of pictures by class", ("*.zip",), recognises, contents)
