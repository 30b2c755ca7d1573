"""``--weights``: a design's weights from a file of another program."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convviz.core.design import Design
    from convviz.core.network import Network

KINDS = "safetensors, NPZ, Keras's .weights.h5, or any model"


def add_weights_arguments(parser: argparse._ActionsContainer, design: str) -> None:
    """Declare the flags; ``design`` names, in the help, the flag that gives the network."""
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="FILE",
        help=f"weights for the network of {design}: {KINDS}; matched by name, or by shape and order",
    )
    parser.add_argument(
        "--partly",
        action="store_true",
        help="with --weights: parameters that the file lacks keep their initial weights",
    )


def refuse_partly_alone(args: argparse.Namespace) -> None:
    """Refuse ``--partly`` without ``--weights``.

    Raises
    ------
    DesignError
    """
    from convviz.core.errors import DesignError

    if args.partly and args.weights is None:
        raise DesignError("--partly: expected it with --weights, which names a file")


def network_with(args: argparse.Namespace, design: Design, precision: Any = None) -> Network:
    """The network of a design with the weights that the flags name.

    Raises
    ------
    CheckpointError, DesignError
        The file can't be read, or doesn't fit.
    """
    from convviz.core.network import Network
    from convviz.storage.weights.taking import with_weights

    state = with_weights(args.weights, design, partly=args.partly)
    return Network(state.design, precision=precision or state.precision, weights=state.arrays)
