"""Declares the flags that choose a data set, and loads it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from convviz.cli.values import whole

if TYPE_CHECKING:
    from convviz.core.design import Design
    from convviz.data.dataset import Dataset


IMAGE = ("num_channel", "img_height", "img_width")
"""Flags that say what an image is like, in the order of its shape."""


def add_data_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``--dataroot`` and the flags for the size and number of classes of its images."""
    data = parser.add_argument_group("data")
    add_dataroot(data)
    shape = [("num_class", 10, 2, 10000, "classes"), ("num_channel", 1, 1, 64, "channels of an image")]
    shape += [("img_height", 28, 1, 1024, "height of an image"), ("img_width", 28, 1, 1024, "width of an image")]
    for name, default, low, high, what in shape:
        data.add_argument(*both(name), type=whole(low, high), help=f"{what} (default {default})")


def add_dataroot(parser: argparse._ActionsContainer) -> None:
    """Declare ``--dataroot`` alone, for commands whose network decides the size of the images."""
    parser.add_argument(
        "--dataroot",
        metavar="FILE",
        type=Path,
        help="HDF5, IDX, NPZ, NPY, CSV, MATLAB or CIFAR's binary files, or a folder of pictures, one folder per class; "
        "without it built-in images",
    )


def both(name: str) -> tuple[str, ...]:
    """A flag in two spellings: with underscores, as in the course's original, and with dashes."""
    return (f"--{name}", f"--{name.replace('_', '-')}") if "_" in name else (f"--{name}",)


def inputs_of(args: argparse.Namespace, *names: str) -> dict[str, Path]:
    """The input files that were given, by flag."""
    return {f"--{name.replace('_', '-')}": path for name in names if (path := getattr(args, name, None)) is not None}


def load(args: argparse.Namespace, design: Design | None = None) -> Dataset:
    """Open the data set that the flags choose.

    Parameters
    ----------
    args : argparse.Namespace
    design : Design, optional
        Decides the size of the images where no flag does; unless given, they have the course original's size.

    Raises
    ------
    convviz.data.errors.DataError
        The data can't be read or doesn't fit; if other flags would make it fit, the message says which.
    """
    from convviz.api.data import load_data
    from convviz.data.errors import DataError

    given = vars(args)
    try:
        return load_data(
            args.dataroot,
            design,
            channels=given.get("num_channel"),
            height=given.get("img_height"),
            width=given.get("img_width"),
            classes=given.get("num_class"),
        )
    except DataError as error:
        kept = given.get("model") or given.get("resume")
        if error.fits is None or kept is not None:
            raise
        flags = " ".join(f"--{name} {size}" for name, size in zip(IMAGE, error.fits, strict=True))
        raise DataError(f"{error}; the network takes such images with {flags}", field=error.field) from None


def names_for(dataset: Dataset, design: Design) -> tuple[str, ...]:
    """The data set's class names, or the design's if those are only numbers; empty unless there is one per class."""
    names = dataset.class_names
    if design.class_names and all(name == str(label) for label, name in enumerate(names)):
        names = design.class_names
    return names if len(names) == design.classes else ()
