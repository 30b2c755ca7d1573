"""``convviz step``: run one pass, step by step, and write it to a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from convviz.cli.choose import add_design_arguments, decided_flags, design_of
from convviz.cli.dataset import add_data_arguments, inputs_of, load
from convviz.cli.output import print_out
from convviz.cli.preprocess import add_preprocess_argument, with_preprocess
from convviz.cli.values import whole
from convviz.cli.weights import add_weights_arguments, network_with, refuse_partly_alone
from convviz.present.words import counted

if TYPE_CHECKING:
    from convviz.api.run import Run
    from convviz.core.arrays import Array
    from convviz.core.design import Design
    from convviz.core.network import Network
    from convviz.training.stepping import Pass

SUMMARY = "write one pass, all its steps, arrays and chosen equations, to a file"
TOY = "toy-4x4"
"""Preset that comes with its own image: the numbers 0 to 15."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument(
        "--export", type=Path, metavar="FILE.h5", required=True, help="HDF5 file to write; replaced if it exists"
    )
    parser.add_argument(
        "--model",
        type=Path,
        metavar="FILE",
        help="step what `convviz train --save` kept, or an ONNX or Keras model",
    )
    parser.add_argument(
        "--image",
        type=Path,
        metavar="FILE",
        help="step this image: a .npy array as the network takes it, or a picture, which is brought to its size",
    )
    parser.add_argument(
        "--label",
        type=whole(0, 10000),
        metavar="K",
        help="its class, with --image; unless given, the class that the network finds most probable",
    )
    parser.add_argument(
        "--minibatch",
        action="store_true",
        help="step the next minibatch of the training, as it would be trained, instead of images of your choice",
    )
    parser.add_argument("--sample", type=whole(0, 2**31), default=0, metavar="N", help="which image (default 0)")
    parser.add_argument(
        "--split", choices=["test", "training"], default="test", help="images of which part (default test)"
    )
    parser.add_argument(
        "--batch", type=whole(1, 4096), default=1, metavar="N", help="images in the pass, from --sample on (default 1)"
    )
    parser.add_argument(
        "--cell",
        action="append",
        default=[],
        metavar="ARRAY[I,J]",
        help="a cell to spell out, such as conv1.z_row[12,300]; may be repeated; without it one cell of every step",
    )
    parser.add_argument("--float64", action="store_true", help="compute in float64, as for gradient checks")
    add_design_arguments(parser)
    add_weights_arguments(parser, "--preset or --design")
    add_preprocess_argument(parser)
    add_data_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run the pass and write it; errors are raised as ``ConvvizError``."""
    import numpy as np

    from convviz.api.steps import pass_of
    from convviz.core.errors import DesignError
    from convviz.storage.trace import TraceError, export_trace, parse_cell

    check_export(args)
    cells = [parse_cell(text) for text in args.cell]
    precision = np.float64 if args.float64 else np.float32
    what = network_of(args, precision)
    design = what.design
    about: dict[str, str | int | float]
    if args.label is not None and args.image is None:
        raise DesignError("--label: expected it with --image; other images bring theirs along")
    if args.minibatch:
        stepped, about = minibatch_of(args, what, precision)
    elif args.image is not None:
        stepped, about = pass_of_image(args, what, precision)
    else:
        images, labels, source = images_of(args, design)
        stepped = pass_of(what, images, labels, precision)
        about = {"sample": args.sample, "label": int(labels[0]), "data": source}
    if args.model is not None:
        about["model"] = args.model.name
    stepped.run_to_end()
    try:
        chosen = export_trace(
            args.export, design, stepped.program, stepped.env, cells=cells, about=about, precision=precision
        )
    except OSError as error:
        raise TraceError(f"{args.export}: {error.strerror or error}") from None
    count = len(stepped.program.steps)
    print_out(
        f"{args.export}: {counted(count, 'step')}, {counted(len(stepped.program.arrays), 'array')}, "
        f"{counted(len(chosen), 'cell')} spelled out"
    )
    return 0


def check_export(args: argparse.Namespace) -> None:
    """Refuse an output file that can't be written, is also an input, or is of another kind.

    Raises
    ------
    OutputError
    """
    from convviz.files.outputs import Output, check_outputs
    from convviz.storage.trace_read import is_trace

    export = Output(args.export, "what `convviz step` wrote", is_trace, "--export")
    check_outputs([export], inputs_of(args, "model", "image", "dataroot", "design", "weights"))


def network_of(args: argparse.Namespace, precision: type) -> Network | Run:
    """The network that the flags name: a saved one at its position in its run, or a design with initial weights.

    Raises
    ------
    CheckpointError, DesignError
        The file can't be read, there is no such design, or flags conflict with the file.
    """
    import numpy as np

    from convviz.core.errors import DesignError
    from convviz.core.network import Network, lowered
    from convviz.training.room import check_room_to_step

    refuse_partly_alone(args)
    if args.model is None:
        if args.preprocess is not None:
            raise DesignError("--preprocess: expected it with --model; a design says itself what is done to its images")
        design = design_of(args).named()
        check_room_to_step(design, lowered(design, args.batch, image_gradient=True), np.dtype(precision).itemsize)
        if args.weights is not None:
            return network_with(args, design, precision)
        return Network(design, precision=precision)
    refused = decided_flags(args) or ("--weights" if args.weights is not None else "")
    if refused:
        raise DesignError(f"{refused}: expected no such flag with --model, which says what the network is")
    from convviz.api.run import load as load_run

    return with_preprocess(args, load_run(args.model))


def minibatch_of(
    args: argparse.Namespace, what: Network | Run, precision: type
) -> tuple[Pass, dict[str, str | int | float]]:
    """The pass over the next minibatch, and the facts about it to write into the file.

    Raises
    ------
    DesignError, OtherDataError
        No minibatch is left, the run was trained on another data set, or flags choose images as well.
    """
    from convviz.api.steps import next_minibatch
    from convviz.core.errors import DesignError

    if args.sample or args.batch != 1 or args.split != "test" or args.image is not None:
        raise DesignError("--minibatch: expected no --image, --sample, --split or --batch: training chooses its images")
    dataset = load(args, what.design)
    found = next_minibatch(what, dataset)
    at = found.position
    about: dict[str, str | int | float] = {"epoch": at.epoch, "minibatch": at.minibatch, "step": at.step}
    about["data"] = f"{dataset.name}, training"
    return found.make(precision), about


def pass_of_image(
    args: argparse.Namespace, what: Network | Run, precision: type
) -> tuple[Pass, dict[str, str | int | float]]:
    """The pass over the image of ``--image``, and the facts about it to write into the file.

    Raises
    ------
    DataError, DesignError
        The image can't be read or doesn't fit, there is no such class, or flags choose images of a data set as well.
    """
    import numpy as np

    from convviz.api.steps import pass_of
    from convviz.core.errors import DesignError
    from convviz.core.lower import PROBABILITIES
    from convviz.data.one_image import image_file

    design = what.design
    if args.sample or args.batch != 1 or args.split != "test" or args.dataroot is not None:
        raise DesignError("--image: expected no --dataroot, --sample, --split or --batch beside it")
    if args.label is not None and args.label >= design.classes:
        raise DesignError(f"--label: expected a class from 0 to {design.classes - 1:,}, got {args.label:,}")
    images = image_file(args.image, (design.input.channels, design.input.height, design.input.width))
    labels = np.full(len(images), args.label or 0)
    if args.label is None:
        tried = pass_of(what, images, labels, precision)
        made = tried.maker(PROBABILITIES)
        tried.go_to(made.index + 1 if made is not None else 0)
        labels = tried.stored(PROBABILITIES).argmax(axis=1)
    about: dict[str, str | int | float] = {"label": int(labels[0]), "data": args.image.name}
    return pass_of(what, images, labels, precision), about


def images_of(args: argparse.Namespace, design: Design) -> tuple[Array, Array, str]:
    """The images and labels of the pass, and their source.

    Raises
    ------
    DataError
        There are not enough images.
    """
    from convviz.data.errors import DataError
    from convviz.data.toy import toy_images

    if args.preset == TOY and args.dataroot is None:
        images, labels = toy_images()
        return images, labels, TOY
    dataset = load(args, design)
    x, y = (dataset.x_test, dataset.y_test) if args.split == "test" else (dataset.x_train, dataset.y_train)
    last = args.sample + args.batch
    if last > len(x):
        if args.batch > len(x):
            raise DataError(
                f"--batch: expected at most the {counted(len(x), f'{args.split} image')}, got {args.batch:,}"
            )
        raise DataError(f"--sample: expected an image from 0 to {len(x) - args.batch:,}, got {args.sample:,}")
    return x[args.sample : last], y[args.sample : last], f"{dataset.name}, {args.split}"
