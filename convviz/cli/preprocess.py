"""``--preprocess``: how images are prepared for a network that another program has trained."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convviz.api.run import Run

WORDS = ("0..1", "0..255", "signed", "imagenet", "caffe", "mnist")
"""Listed here, so that reading flags needs no NumPy; a test compares them with the presets."""


def add_preprocess_argument(parser: argparse._ActionsContainer) -> None:
    """Declare the flag."""
    parser.add_argument(
        "--preprocess",
        metavar="HOW",
        help=f"how the model wants images of 0…1 prepared: {', '.join(WORDS)}, or "
        "mean=0.5,0.5,0.5/std=0.2,0.2,0.2/top=255/bgr; it becomes the network's first layer (default 0..1: nothing)",
    )


def with_preprocess(args: argparse.Namespace, run: Run) -> Run:
    """The network, with the preprocessing that the flag names as its first layer; unchanged without the flag.

    Raises
    ------
    DesignError
        The flag makes no sense, or doesn't fit the images.
    """
    from convviz.api.run import Run
    from convviz.storage.preprocess import parsed, preprocessed

    if args.preprocess is None:
        return run
    return Run.of(preprocessed(run.state, parsed(args.preprocess)))
