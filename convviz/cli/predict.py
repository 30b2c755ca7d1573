"""``convviz predict``: a saved network's accuracy, confusions, and predicted class of each image."""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from convviz.cli.dataset import add_dataroot, inputs_of, load, names_for
from convviz.cli.output import print_out
from convviz.cli.preprocess import add_preprocess_argument, with_preprocess
from convviz.cli.progress import Bar
from convviz.cli.values import whole
from convviz.cli.weights import add_weights_arguments, network_with, refuse_partly_alone
from convviz.present.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from convviz.api.run import Run
    from convviz.training.predict import Predictions

SUMMARY = "accuracy, confusion matrix and a class for each image, from a kept network"
WIDEST = 30
"""Most classes for which the whole confusion matrix is printed."""
COLUMNS = ("index", "label", "predicted", "probability")
"""First columns of the predictions file."""
WROTE = "what `convviz predict` wrote"
MOST_MIXED = 20
"""Number of confused pairs of classes that are listed instead of the matrix."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument(
        "--model",
        type=Path,
        metavar="FILE.h5",
        required=True,
        help="what `convviz train --save` kept, an ONNX or Keras model, or a design (FILE.toml) for --weights",
    )
    add_weights_arguments(parser, "--model")
    add_preprocess_argument(parser)
    add_dataroot(parser)
    parser.add_argument("--split", choices=["test", "training"], default="test", help="which images (default test)")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE.csv",
        help="write a row for each image: index, label, predicted class, its probability, all probabilities",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")
    parser.add_argument("--threads", type=whole(1, 256), default=2, help="the result is the same with any number")


def run(args: argparse.Namespace) -> int:
    """Predict; errors of the files are raised as ``ConvvizError``."""
    from convviz.api.predicting import predict

    check_out(args)
    refuse_partly_alone(args)
    kept = network_of(args)
    dataset = load(args, kept.design)
    with Bar(shown=not args.json) as bar:
        found = predict(kept, dataset, split=args.split, threads=args.threads, on_compiling=bar.compiling)
    if args.out is not None:
        write_rows(args.out, found)
    names = names_for(dataset, kept.design)
    print_out(as_json(args, found) if args.json else as_text(args, kept.design.name, found, names))
    return 0


def network_of(args: argparse.Namespace) -> Run:
    """The network that the flags name, with its weights.

    Raises
    ------
    CheckpointError, DesignError
        A file can't be read, or the weights don't fit.
    """
    from convviz.api.designs import load_design
    from convviz.api.run import load as load_run
    from convviz.api.run import untrained
    from convviz.core.errors import DesignError

    is_design = args.model.suffix.lower() == ".toml"
    if args.weights is not None:
        found = untrained(network_with(args, load_design(args.model) if is_design else load_run(args.model).design))
    elif is_design:
        raise DesignError("--model: expected a network with its weights, got a design; --weights FILE gives it some")
    else:
        found = load_run(args.model)
    return with_preprocess(args, found)


def as_json(args: argparse.Namespace, found: Predictions) -> str:
    """The result as one JSON object."""
    return json.dumps(
        {
            "model": str(args.model),
            "split": args.split,
            "images": int(found.counting.sum()),
            "accuracy": found.accuracy,
            "loss": found.loss,
            "confusion": found.confusion.tolist(),
        }
    )


def as_text(args: argparse.Namespace, design: str, found: Predictions, names: Sequence[str]) -> str:
    """The result as text for people."""
    right = int(((found.predicted == found.labels) & found.counting).sum())
    count = int(found.counting.sum())
    confusion = found.confusion
    labels = list(names) or [str(label) for label in range(len(confusion))]
    lines = [
        f"{design} ({args.model}) on {counted(count, f'{args.split} image')}",
        f"Accuracy = {found.accuracy:.4f} ({right:,} of {count:,})",
        f"Loss     = {found.loss:.4f}",
        "",
    ]
    if len(confusion) <= WIDEST:
        lines += ["Images by label (row) and predicted class (column):", *matrix(confusion, labels)]
    else:
        lines += ["Most often mixed up:", *mixed_up(confusion, labels)]
    if args.out is not None:
        lines += ["", f"A row for each image is in {args.out}"]
    return "\n".join(lines)


def matrix(confusion: npt.NDArray[np.int64], names: Sequence[str]) -> list[str]:
    """Lines of the confusion matrix, aligned; the last column is the share of each label's images that are right."""
    cells = [[f"{n}" if n else "·" for n in row] for row in confusion.tolist()]
    width = max(len(text) for text in (*names, *(cell for row in cells for cell in row)))
    first = max(len(name) for name in names)
    lines = [" " * first + "".join(f"  {name:>{width}}" for name in names) + "    right"]
    for i, row in enumerate(cells):
        total = int(confusion[i].sum())
        share = f"{confusion[i, i] / total:>7.1%}" if total else "      –"
        lines.append(f"{names[i]:>{first}}" + "".join(f"  {cell:>{width}}" for cell in row) + f"  {share}")
    return lines


def mixed_up(confusion: npt.NDArray[np.int64], names: Sequence[str]) -> list[str]:
    """The pairs of classes that are confused most often."""
    pairs = [
        (int(count), label, predicted)
        for label, row in enumerate(confusion.tolist())
        for predicted, count in enumerate(row)
        if count and label != predicted
    ]
    pairs.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    return [f"{count:>6,} × {names[a]} taken for {names[b]}" for count, a, b in pairs[:MOST_MIXED]] or ["  nothing"]


def check_out(args: argparse.Namespace) -> None:
    """Refuse, before anything is read, an output file that can't be written or that is of another kind.

    Raises
    ------
    OutputError
    """
    from convviz.files.outputs import Output, check_outputs
    from convviz.files.tables import has_columns

    if args.out is not None:
        out = Output(args.out, WROTE, partial(has_columns, columns=COLUMNS), "--out")
        check_outputs([out], inputs_of(args, "model", "weights", "dataroot"))


def write_rows(path: Path, found: Predictions) -> None:
    """Write one row per image, completely or not at all.

    Raises
    ------
    OutputError
        The file can't be written.
    """
    from convviz.files.tables import write_table

    rows = zip(found.labels.tolist(), found.predicted.tolist(), found.probabilities, strict=True)
    # `str` of a float32 is the shortest text that reads back as the same float32.
    table = [[i, label, chosen, str(row[chosen]), *map(str, row)] for i, (label, chosen, row) in enumerate(rows)]
    head = [*COLUMNS, *(f"p{i}" for i in range(found.probabilities.shape[1]))]
    write_table(path, [head, *table], WROTE, COLUMNS)
