"""The files that ``convviz probe`` writes: pictures as PNG, and all arrays in one HDF5 file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from convviz.core.arrays import Array
from convviz.files.atomic import atomic_path
from convviz.files.errors import OutputError
from convviz.files.hdf5_heaps import has_circular_heap
from convviz.files.outputs import Output, check_outputs

if TYPE_CHECKING:
    from PIL import Image

SIDE = 224
"""Most pixels of the longer side of a map's picture, in which each cell of the map has a whole number of pixels."""
CELL = 40
"""Pixels along the side of a cell in which the confusion matrix writes its number."""
MOST_NUMBERED = 20
"""Most classes for which the numbers are written into the cells."""
ARRAYS = "probe.h5"
ABOUT = ("model", "split", "design", "step")
"""Attributes of the file of arrays: a file with just these is recognised as one."""
WROTE = "what `convviz probe` wrote"
MAKER = "convviz probe"
"""Text in every picture's metadata, by which a later run recognises a picture that it may replace."""


def check_folder(folder: Path, inputs: Mapping[str, Path]) -> None:
    """Make the folder; refuse one that can't be written to, or where a file of the user's would be replaced.

    Parameters
    ----------
    folder : Path
    inputs : mapping of str to Path
        Files that are read, by the flags that name them.

    Raises
    ------
    OutputError
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"--out {folder}: expected a folder to write in, got: {error.strerror or error}") from None
    check_outputs([Output(folder / ARRAYS, WROTE, is_probed, "--out")], inputs)


def is_probed(path: Path) -> bool:
    """Whether a file has the arrays that ``convviz probe`` writes; raises nothing."""
    import h5py

    try:
        if has_circular_heap(path):
            return False
        with h5py.File(path, "r", locking="best-effort") as file:
            return set(file.attrs) == set(ABOUT)
    except (OSError, RuntimeError, ValueError):
        return False


def is_our_picture(path: Path) -> bool:
    """Whether a file is a picture that ``convviz probe`` wrote; raises nothing."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return picture.info.get("Software") == MAKER
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


def write_arrays(folder: Path, arrays: Mapping[str, Array], about: Mapping[str, str | int | float]) -> Path:
    """Write arrays into one HDF5 file; slashes in their names make groups.

    Raises
    ------
    OutputError
        The file can't be written.
    """
    import h5py

    path = folder / ARRAYS
    try:
        with atomic_path(path) as part, h5py.File(part, "w") as file:
            file.attrs.update(about)
            for name, array in arrays.items():
                file.create_dataset(name, data=np.asarray(array))
    except OSError as error:
        raise OutputError(f"--out {path}: can't be written: {error.strerror or error}") from None
    return path


def map_picture(values: Array, role: str) -> Image.Image:
    """A map ``(H, W)`` in the colours of its role, with a colour scale that ends at its largest absolute value."""
    from PIL import Image

    from convviz.present.colour import colourise

    rgb = colourise(np.asarray(values), role)
    factor = max(1, SIDE // max(rgb.shape[:2]))
    return Image.fromarray(np.ascontiguousarray(rgb[..., :3].repeat(factor, 0).repeat(factor, 1)))


def image_picture(image: Array) -> Image.Image:
    """An image ``(C, H, W)``: in colour if it has three channels."""
    from PIL import Image

    from convviz.present.data_set import pixels

    packed = pixels(np.asarray(image)[None], dark=False)[0]
    rgb = np.stack([(packed >> shift) & 0xFF for shift in (16, 8, 0)], axis=-1).astype(np.uint8)
    factor = max(1, SIDE // max(rgb.shape[:2]))
    return Image.fromarray(rgb.repeat(factor, 0).repeat(factor, 1))


def confusion_picture(matrix: Array, names: Sequence[str]) -> Image.Image:
    """The confusion matrix: one row per label, one column per answer; only mistakes are coloured, by their number."""
    from PIL import Image, ImageDraw

    from convviz.present.colour import colourise, text_colour

    wrong = np.array(matrix)
    np.fill_diagonal(wrong, 0)
    rgb = colourise(wrong, "count")[..., :3]
    count = len(matrix)
    if count > MOST_NUMBERED:
        factor = max(1, 2 * SIDE // count)
        return Image.fromarray(np.ascontiguousarray(rgb.repeat(factor, 0).repeat(factor, 1)))
    edge = 2 * CELL
    picture = Image.new("RGB", (edge + count * CELL, edge + count * CELL), "#ffffff")
    draw = ImageDraw.Draw(picture)
    draw.text((edge, CELL // 4), "answer", fill="#606a75", anchor="lm", font_size=13)
    draw.text((CELL // 4, edge - CELL // 4), "label", fill="#606a75", anchor="lm", font_size=13)
    for i in range(count):
        middle = edge + i * CELL + CELL // 2
        draw.text((middle, edge - CELL // 2), names[i][:5], fill="#1c2128", anchor="mm", font_size=13)
        draw.text((edge - 8, middle), names[i][:9], fill="#1c2128", anchor="rm", font_size=13)
        for j in range(count):
            left, top = edge + j * CELL, edge + i * CELL
            ground = "#{:02x}{:02x}{:02x}".format(*rgb[i, j])
            draw.rectangle((left, top, left + CELL, top + CELL), fill=ground, outline="#dfe3e8")
            text = f"{int(matrix[i, j])}" if matrix[i, j] else "·"
            ink = "#606a75" if i == j else text_colour(ground)
            draw.text((left + CELL // 2, top + CELL // 2), text, fill=ink, anchor="mm", font_size=13)
    return picture


def patches_picture(patches: Array) -> Image.Image:
    """The best patches ``(F, k, C, h, w)``: one row per filter, the strongest patch first."""
    from PIL import Image

    filters, best, channels, height, width = patches.shape
    # White between them is a pixel of the patch wide; values are 0…1.
    sheet = np.zeros((channels, filters * (height + 1) + 1, best * (width + 1) + 1), np.float32)
    if channels == 3:
        sheet += 1
    for f, k in np.ndindex(filters, best):
        top, left = f * (height + 1) + 1, k * (width + 1) + 1
        sheet[:, top : top + height, left : left + width] = patches[f, k]
    found = image_picture(sheet)
    factor = max(1, 600 // found.width)
    return found.resize((found.width * factor, found.height * factor), Image.Resampling.NEAREST)


def save_picture(folder: Path, name: str, picture: Image.Image) -> Path:
    """Write a PNG, completely or not at all.

    Raises
    ------
    OutputError
        The file can't be written, or one of another kind is there.
    """
    from PIL.PngImagePlugin import PngInfo

    path = folder / f"{name}.png"
    check_outputs([Output(path, WROTE, is_our_picture, "--out")])
    said = PngInfo()
    said.add_text("Software", MAKER)
    try:
        with atomic_path(path) as part:
            picture.save(part, "PNG", pnginfo=said)
    except OSError as error:
        raise OutputError(f"--out {path}: can't be written: {error.strerror or error}") from None
    return path
