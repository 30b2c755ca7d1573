"""``convviz probe``: what a saved network confuses, why it answers as it does, and what its filters respond to."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from convviz.cli.dataset import add_dataroot, inputs_of, load, names_for
from convviz.cli.output import print_out
from convviz.cli.values import whole
from convviz.core.errors import DesignError
from convviz.present.words import counted

SUMMARY = "what a kept network confuses, why, and what its filters respond to: pictures and arrays"
WHAT = ("confusion", "saliency", "filters", "change", "ablation", "kernels", "evidence", "pruning", "map")
"""Parts that can be chosen, each a method of :class:`~convviz.cli.probe_parts.Probing`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("--model", type=Path, metavar="FILE.h5", required=True, help="what `convviz train --save` kept")
    add_dataroot(parser)
    parser.add_argument("--split", choices=["test", "training"], default="test", help="which images (default test)")
    parser.add_argument(
        "--what",
        type=chosen,
        default=(),
        metavar="LIST",
        help=f"any of {', '.join(WHAT)}, with commas between them (default {','.join(WHAT[:3])})",
    )
    parser.add_argument(
        "--images",
        type=rows,
        default=(),
        metavar="ROWS",
        help="images to explain: 0,17,930 (default the worst mistakes)",
    )
    parser.add_argument(
        "--to", default="", metavar="CLASS", help="the class that change looks for (default any that is not the answer)"
    )
    parser.add_argument(
        "--layer", default="", help="convolution for filters, ablation and kernels (default the last one)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the pictures and probe.h5")
    parser.add_argument("--threads", type=whole(1, 256), default=2, help="the result is the same with any number")


def chosen(text: str) -> tuple[str, ...]:
    """The names in a comma-separated list."""
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    wrong = [name for name in names if name not in WHAT]
    if wrong or not names:
        raise argparse.ArgumentTypeError(f"expected some of {', '.join(WHAT)}, got {wrong[0] if wrong else 'nothing'}")
    return names


def rows(text: str) -> tuple[int, ...]:
    """The row numbers in a comma-separated list."""
    try:
        found = tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected numbers with commas between them, got {text}") from None
    if min(found) < 0:
        raise argparse.ArgumentTypeError(f"expected numbers of 0 or more, got {min(found)}")
    return found


def run(args: argparse.Namespace) -> int:
    """Probe; errors are raised as ``ConvvizError``."""
    from convviz.api.run import load as load_run
    from convviz.cli.probe_files import check_folder, save_picture, write_arrays
    from convviz.cli.probe_parts import Probing, told
    from convviz.probe.mistakes import measure_mistakes
    from convviz.run.opening import split_of

    kept = load_run(args.model)
    dataset = load(args, kept.design)
    split = split_of(dataset, args.split)
    refuse_rows(args, len(split))
    check_folder(args.out, inputs_of(args, "model", "dataroot"))
    names = names_for(dataset, kept.design)
    labels = list(names) or [str(k) for k in range(kept.design.classes)]
    to = class_of(args.to, labels)
    written: list[Path] = []
    mistakes = measure_mistakes(kept.network, split, threads=args.threads, progress=told("answers"))
    where = f"step {kept.place.step:,}" if kept.place.step else "untrained"
    judged = counted(mistakes.count, f"{args.split} image")
    print_out(f"{kept.design.name} ({where}) on {judged}: {mistakes.accuracy:.2%} right")
    if mistakes.count < len(split):
        print_out(f"{len(split) - mistakes.count:,} with the label {labels[mistakes.ignored or 0]}, ignored, left out")
    probing = Probing(kept.network, split, mistakes, labels, args.images, args.layer, args.threads, to)
    refused = 0
    for what in args.what or WHAT[:3]:
        try:
            for name, picture in getattr(probing, what)():
                written.append(save_picture(args.out, name, picture))
        except DesignError as error:  # which the other parts need not share
            print(f"{what}: {error}", file=sys.stderr)
            refused += 1
    about = {"model": str(args.model), "split": args.split, "design": kept.design.name, "step": kept.place.step}
    written.append(write_arrays(args.out, probing.arrays, about))
    for path in written:
        print_out(str(path))
    return 2 if refused and args.what else 0


def class_of(text: str, names: list[str]) -> int | None:
    """The number of the class with this name or number; None for an empty text.

    Raises
    ------
    DataError
        There is no such class.
    """
    from convviz.data.errors import DataError

    if not text:
        return None
    numbers = [str(k) for k in range(len(names))]
    if text not in names and text not in numbers:
        raise DataError(f"--to: expected a class, one of {', '.join(names[:20])}, got {text}")
    return names.index(text) if text in names else numbers.index(text)


def refuse_rows(args: argparse.Namespace, count: int) -> None:
    """Refuse rows that the data set does not have.

    Raises
    ------
    DataError
    """
    from convviz.data.errors import DataError

    if args.images and max(args.images) >= count:
        raise DataError(f"--images: expected images from 0 to {count - 1:,}, got {max(args.images):,}")
