"""``convviz data``: look at a data set, convert it, or fetch a known one."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from convviz.cli.dataset import inputs_of
from convviz.cli.output import print_out
from convviz.cli.values import whole
from convviz.present.words import counted

if TYPE_CHECKING:
    from convviz.data.dataset import Dataset
    from convviz.data.importing.contents import Pair
    from convviz.data.importing.recipe import Recipe
    from convviz.data.importing.recognise import Recognised

SUMMARY = "look at a data set, convert it, or fetch a known one"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    show = actions.add_parser("show", help="say what a file or folder holds, and how that was recognised")
    show.add_argument("path", type=Path, metavar="FILE", help="a file or folder")
    show.add_argument("--json", action="store_true", help="print one JSON object")
    add_choices(show)
    convert = actions.add_parser("convert", help="write it as HDF5 that opens everywhere")
    convert.add_argument("path", type=Path, metavar="FILE", help="a file or folder")
    convert.add_argument("out", type=Path, metavar="OUT.h5", help="the HDF5 file to write")
    add_choices(convert)
    get = actions.add_parser("get", help="fetch a known set, once; without a name, list them")
    get.add_argument("name", nargs="?", metavar="NAME", help="mnist, fashion-mnist, cifar-10 …")
    get.add_argument("--out", type=Path, metavar="OUT.h5", help="also write it as HDF5")


def add_choices(parser: argparse.ArgumentParser) -> None:
    """Declare the flags that override what is recognised."""
    group = parser.add_argument_group("choices", "Each overrides what would be recognised.")
    group.add_argument("--images", metavar="NAME", help="the array of training images")
    group.add_argument("--labels", metavar="NAME", help="the array of training labels")
    group.add_argument("--test-file", type=Path, metavar="FILE", help="a file or folder that has the test images")
    group.add_argument("--test-images", metavar="NAME", help="the array of test images")
    group.add_argument("--test-labels", metavar="NAME", help="the array of test labels")
    group.add_argument("--axes", metavar="ORDER", help="order of an image's axes: HW, WH, CHW, HWC …")
    group.add_argument("--image", metavar="CxHxW", help="size of an image in the file: 3x32x32")
    group.add_argument("--range", metavar="LOW..HIGH", help="values that become 0 and 1: 0..255")
    group.add_argument("--invert", action="store_true", help="exchange black and white")
    group.add_argument("--first-label", type=whole(0, 1), metavar="0|1", help="number of the first class")
    group.add_argument(
        "--test-share",
        type=float,
        metavar="SHARE",
        help="share of the images held back for testing if there is no test set",
    )
    group.add_argument("--size", metavar="HxW", help="resize to this")
    group.add_argument("--fit", choices=("pad", "crop", "stretch"), help="how images of other proportions are resized")
    group.add_argument("--colour", choices=("grey", "colour"), help="one channel or three")
    group.add_argument("--class-names", metavar="A,B,…", help="names of all classes, in their order")


def run(args: argparse.Namespace) -> int:
    """Run the chosen action; errors of files are raised as ``ConvvizError``."""
    return {"show": show, "convert": convert, "get": get}[args.action](args)


def show(args: argparse.Namespace) -> int:
    """Print what was recognised and what comes out."""
    data, recognised = imported(args, args.path)
    facts = facts_of(data)
    if args.json:
        findings = {found.choice: found.words for found in recognised.findings}
        print_out(json.dumps({**facts, "recognised": findings}, indent=1))
        return 0
    print_out(f"{args.path}: {summary(data)}")
    for found in recognised.findings:
        mark = "!" if found.changes else " " if found.sure else "?"
        print_out(f" {mark} {found.choice:<8} {found.words}")
    counts = facts["counts"]
    assert isinstance(counts, dict)
    print_out("classes, training + test images:")
    for name, (train, test) in counts.items():
        print_out(f"   {name:<16} {train:>8,} + {test:,}")
    print_out(f"pixels: mean {facts['mean']:.4f}, standard deviation {facts['std']:.4f}")
    return 0


def convert(args: argparse.Namespace) -> int:
    """Write what was recognised as HDF5."""
    from convviz.data.importing.siblings import labels_beside, test_beside
    from convviz.data.write_hdf5 import save_hdf5
    from convviz.files.outputs import Output, check_outputs

    inputs = {"the data": args.path} | inputs_of(args, "test_file")
    beside = [found for path in inputs.values() for found in (test_beside(path), labels_beside(path)) if found]
    inputs |= {f"the data with {path.name} beside it": path for path in beside}
    check_outputs([Output(args.out, "a data set", is_ours)], inputs)
    data, recognised = imported(args, args.path)
    for change in recognised.changes:
        print(f"{args.path}: {change}", file=sys.stderr)
    save_hdf5(args.out, data)
    print_out(f">>> {args.out}: {summary(data)}")
    return 0


def get(args: argparse.Namespace) -> int:
    """Fetch a known set, or list them."""
    from tqdm import tqdm

    from convviz.data.known.cache import cached, fetch
    from convviz.data.known.catalogue import KNOWN, known_set
    from convviz.data.open import import_data
    from convviz.data.write_hdf5 import save_hdf5
    from convviz.files.outputs import Output, check_outputs

    if args.name is None:
        for known in KNOWN:
            state = "fetched" if cached(known) else f"{known.megabytes:g} MB"
            shape = "×".join(map(str, known.image))
            print_out(f"{known.key:<16} {known.train:>7,} + {known.test:<6,} {shape:<8} {state:>8}  {known.page}")
        return 0
    known = known_set(args.name)
    if args.out is not None:
        check_outputs([Output(args.out, "a data set", is_ours)], {})
    with tqdm(unit="B", unit_scale=True, leave=False, disable=not sys.stderr.isatty()) as bar:

        def told(name: str, done: int, total: int) -> None:
            bar.set_description(name, refresh=False)
            bar.total = total or None
            bar.update(done - bar.n)

        path = fetch(known, told=told)
    if args.out is None:
        print_out(f">>> {path}")
        return 0
    data = import_data(path).data
    save_hdf5(args.out, replace(data, name=known.key))
    print_out(f">>> {args.out}: {summary(data)}")
    return 0


def is_ours(path: Path) -> bool:
    """Whether a file may be replaced: an HDF5 data set."""
    from convviz.data.write_hdf5 import is_data_set

    return is_data_set(path)


def imported(args: argparse.Namespace, path: Path) -> tuple[Dataset, Recognised]:
    """The data set, as recognised where no flag decides; what depends on the chosen arrays is recognised from those."""
    from convviz.data.importing.recognise import parts_of, recognise
    from convviz.data.open import import_data, opened

    if not asked(args):
        found = import_data(path)
        return found.data, found.recognised
    test_file = "" if args.test_file is None else str(args.test_file.absolute())
    with opened(path, test_file) as contents:
        if args.images is not None and args.labels is not None and not test_file:
            train, test = (args.images, args.labels), None
        else:
            train, test, _ = parts_of(path, contents)
        parts: dict[str, Pair] = {"train": (args.images or train[0], args.labels or train[1])}
        if args.test_images is not None or args.test_labels is not None:
            before = test or ("", None)
            parts["test"] = (args.test_images or before[0], args.test_labels or before[1])
        elif test is not None and args.test_share is None and (test_file or parts["train"] == train):
            parts["test"] = test
        recognised = recognise(path, replace(contents, parts=parts), whole=False)
        recipe = replace(changed(args, recognised.recipe), test_file=test_file if "test" in parts else "")
    return import_data(path, recipe=recipe).data, replace(recognised, recipe=recipe)


CHOICES = ("images", "labels", "test_file", "test_images", "test_labels", "axes", "image", "range", "first_label",
           "test_share", "size", "fit", "colour", "class_names")  # fmt: skip


def asked(args: argparse.Namespace) -> bool:
    """Whether any choice was made by a flag."""
    return args.invert or any(getattr(args, name) is not None for name in CHOICES)


def changed(args: argparse.Namespace, recipe: Recipe) -> Recipe:
    """The recipe, overridden by the flags.

    Raises
    ------
    DataError
        A flag makes no sense.
    """
    from convviz.data.errors import DataError

    if args.axes is not None:
        if sorted(args.axes) not in (["H", "W"], ["C", "H", "W"]):
            raise DataError(f"--axes: expected the letters H, W and perhaps C, got {args.axes!r}")
        recipe = replace(recipe, axes=args.axes)
    if args.image is not None:
        channels, height, width = numbers("--image", args.image, 3)
        recipe = replace(recipe, image=(channels, height, width))
    if args.range is not None:
        low, _, high = args.range.partition("..")
        try:
            recipe = replace(recipe, low=float(low), high=float(high))
        except ValueError:
            raise DataError(f"--range: expected LOW..HIGH such as 0..255, got {args.range!r}") from None
    if args.size is not None:
        height, width = numbers("--size", args.size, 2)
        recipe = replace(recipe, size=(height, width))
    given = {"test_share": args.test_share, "fit": args.fit, "colour": args.colour}
    recipe = replace(recipe, **{name: value for name, value in given.items() if value is not None})
    if args.first_label is not None and recipe.label_form == "numbers":
        recipe = recipe.counted_from(args.first_label)
    if args.class_names is not None:
        recipe = replace(recipe, called=tuple(name.strip() for name in args.class_names.split(",")))
    return replace(recipe, invert=recipe.invert or args.invert)


def numbers(flag: str, text: str, count: int) -> list[int]:
    """Read ``3x32x32``."""
    from convviz.data.errors import DataError

    pieces = text.lower().replace("×", "x").split("x")
    if len(pieces) != count or not all(piece.isascii() and piece.isdigit() and int(piece) for piece in pieces):
        example = "3x32x32" if count == 3 else "28x28"
        raise DataError(f"{flag}: expected {count} whole numbers such as {example}, got {text!r}")
    return [int(piece) for piece in pieces]


def summary(data: Dataset) -> str:
    """``60,000 training + 10,000 test images, 1×28×28, 10 classes``."""
    shape = "×".join(map(str, data.image_shape))
    return (
        f"{len(data.y_train):,} training + {counted(len(data.y_test), 'test image')}, {shape}, {data.classes} classes"
    )


def facts_of(data: Dataset) -> dict[str, object]:
    """Numbers of a data set."""
    import numpy as np

    counts = [np.bincount(labels, minlength=data.classes).tolist() for labels in (data.y_train, data.y_test)]
    return {
        "training": len(data.y_train),
        "test": len(data.y_test),
        "image": list(data.image_shape),
        "classes": list(data.class_names),
        "counts": {name: [counts[0][at], counts[1][at]] for at, name in enumerate(data.class_names)},
        "mean": float(data.x_train.mean(dtype=np.float64)),
        "std": float(data.x_train.std(dtype=np.float64)),
    }
