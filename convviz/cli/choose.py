"""The design that the flags choose: the course original's, a preset or a file, with the changes of further flags."""

from __future__ import annotations

import argparse
from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convviz.cli.dataset import both
from convviz.cli.values import learning_rate, whole
from convviz.core.errors import DesignError
from convviz.present.words import counted

if TYPE_CHECKING:
    from convviz.core.design import Design, Training
    from convviz.core.layers import AnyLayer
    from convviz.core.optim import AnyOptimiser

OPTIMISERS = ("sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam", "adamw")
"""Listed here, so that reading flags needs no NumPy; a test compares them with the engine's."""

CONVOLUTION = {
    "n_filter": "filters",
    "h_filter": "kernel",
    "w_filter": "kernel",
    "stride": "stride",
    "padding": "padding",
}
"""Flag → field of the course network's convolution."""
IMAGE = {"num_channel": "channels", "img_height": "height", "img_width": "width"}
"""Flag → field of the design's input."""
TRAINING = {
    "minibatch_size": "batch_size",
    "epochs": "epochs",
    "seed": "seed",
    "train_size": "train_size",
    "test_size": "test_size",
}
"""Flag → field of the design's training."""
FLAGS = (*CONVOLUTION, *IMAGE, "num_class", "lr", "optimiser", *TRAINING)
"""Every flag that changes a design; each is None unless it was given."""


def add_design_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags. None of them has a default, so that one can tell which ones were given."""
    net = parser.add_argument_group(
        "network", "The course original's network, unless a preset or a file names another one."
    )
    from_where = net.add_mutually_exclusive_group()
    from_where.add_argument("--preset", metavar="NAME", help="one of the designs that `convviz presets` lists")
    from_where.add_argument("--design", type=Path, metavar="FILE.toml", help="a design saved as text")
    net.add_argument(*both("n_filter"), type=whole(1, 65536), help="filters (default 32)")
    net.add_argument(*both("h_filter"), type=whole(1, 1024), help="height of a filter (default 7)")
    net.add_argument(*both("w_filter"), type=whole(1, 1024), help="width of a filter (default 7)")
    net.add_argument("--stride", type=whole(1, 1024), help="default 1")
    net.add_argument("--padding", type=whole(0, 1024), help="zeros around the image (default 1)")
    run = parser.add_argument_group("training")
    run.add_argument("--lr", type=learning_rate, help="learning rate (default 0.01; with --optimiser, its own)")
    run.add_argument("--optimiser", choices=OPTIMISERS, metavar="NAME", help=f"{', '.join(OPTIMISERS)} (default sgd)")
    run.add_argument("--epochs", type=whole(1, 100000), help="passes over the data (default 50)")
    run.add_argument(*both("minibatch_size"), type=whole(1, 65536), help="images a step (default 64)")
    run.add_argument(*both("train_size"), type=whole(1, 2**31), metavar="N", help="take the first N training images")
    run.add_argument(*both("test_size"), type=whole(1, 2**31), metavar="N", help="take the first N test images")
    run.add_argument("--seed", type=whole(0, 2**63 - 1), help="weights and order (default 0)")


def given_flags(args: argparse.Namespace) -> dict[str, Any]:
    """The flags of a design that were given on the command line."""
    return {name: getattr(args, name) for name in FLAGS if getattr(args, name, None) is not None}


def decided_flags(args: argparse.Namespace, but: Container[str] = ()) -> str:
    """Flags that were given although a saved network decides them: ``--preset, --lr``; empty if there are none."""
    chosen = [name for name in ("preset", "design") if getattr(args, name) is not None]
    return ", ".join(f"--{name}" for name in [*chosen, *given_flags(args)] if name not in but)


def design_of(args: argparse.Namespace) -> Design:
    """The design that the flags describe.

    Raises
    ------
    DesignError
        There is no such preset or file, or a flag does not fit the network.
    """
    from convviz.core.design import course_design
    from convviz.storage.designs import load_design
    from convviz.storage.presets import preset

    given = given_flags(args)
    if args.preset is not None:
        return changed(preset(args.preset), given)
    if args.design is not None:
        return changed(load_design(args.design), given)
    height, width = given.get("h_filter", 7), given.get("w_filter", 7)
    return changed(course_design(kernel=(height, width)), given)


def changed(design: Design, given: dict[str, Any]) -> Design:
    """The design with the changes that the flags ask for.

    Raises
    ------
    DesignError
        Flags of the course network's convolution were given for a network of another form.
    """
    from msgspec.structs import replace

    design = design.named()
    image = {field: given[name] for name, field in IMAGE.items() if name in given}
    return replace(
        design,
        input=replace(design.input, **image),
        classes=given.get("num_class", design.classes),
        layers=changed_layers(design, given),
        training=changed_training(design.training, given),
    )


def changed_layers(design: Design, given: dict[str, Any]) -> tuple[AnyLayer, ...]:
    """The layers, with another convolution or number of classes."""
    from msgspec.structs import replace

    from convviz.core.layers import Conv2D, Dense, pair

    layers = list(design.layers)
    of_convolution = [name for name in CONVOLUTION if name in given]
    if of_convolution:
        first = layers[0] if course_like(design) else None
        if not isinstance(first, Conv2D):
            raise DesignError(
                f"{', '.join(f'--{name}' for name in of_convolution)}: expected a network of one convolution, ReLU and "
                f"one dense layer, got {design.name} with {counted(len(layers), 'layer')}; change "
                "them in a file for --design"
            )
        height, width = pair(first.kernel)
        fields = {CONVOLUTION[name]: given[name] for name in of_convolution}
        fields["kernel"] = given.get("h_filter", height), given.get("w_filter", width)
        layers[0] = replace(first, **fields)
    last = layers[-1] if layers else None
    if "num_class" in given and isinstance(last, Dense) and last.units == design.classes:
        layers[-1] = replace(last, units=given["num_class"])
    return tuple(layers)


def course_like(design: Design) -> bool:
    """Whether a network has the form of the course original's."""
    return [type(layer).__name__ for layer in design.layers] == ["Conv2D", "ReLU", "Flatten", "Dense"]


def changed_training(training: Training, given: dict[str, Any]) -> Training:
    """The training, with other settings."""
    from msgspec.structs import replace

    optimiser = optimiser_named(given["optimiser"]) if "optimiser" in given else training.optimiser
    if "lr" in given:
        optimiser = replace(optimiser, lr=given["lr"])
    fields = {field: given[name] for name, field in TRAINING.items() if name in given}
    return replace(training, optimiser=optimiser, **fields)


def optimiser_named(name: str) -> AnyOptimiser:
    """The optimiser of that name, with its default settings."""
    from typing import get_args

    from convviz.core.optim import AnyOptimiser

    kinds: dict[str, type[AnyOptimiser]] = {kind.__struct_config__.tag: kind for kind in get_args(AnyOptimiser)}
    return kinds[name]()
