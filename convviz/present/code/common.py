"""What the generated scripts have in common."""

from __future__ import annotations

import math
import textwrap
from typing import Any

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.init import Init
from convviz.core.schedule import Constant, Cosine, Exponential, Schedule, StepDecay
from convviz.present.design.build_text import written_shape
from convviz.present.design.costs import Costs, LayerCosts, costs

__all__ = [
    "checked_costs",
    "decay_of",
    "factor_function",
    "fits_half",
    "init_of",
    "is_symmetric",
    "layer_comment",
    "loader",
    "number",
    "opening",
    "pair_text",
    "schedule_needed",
]


def checked_costs(design: Design) -> Costs:
    """The costs of a design that can be trained.

    Raises
    ------
    DesignError
        The design can't be trained, so no code for it would run.
    """
    found = costs(design)
    if found.error is not None:
        raise DesignError(str(found.error), layer=found.error.layer, field=found.error.field)
    return found


def opening(design: Design, framework: str, needs: str, file: str) -> list[str]:
    """The docstring of a script."""
    about = [*textwrap.wrap(plain(design.about), 110), ""] if design.about.strip() else []
    return [
        f'"""{plain(design.name)} in {framework}, written by convviz.',
        "",
        *about,
        f"Needs {needs}. Give it an .npz file with the arrays x_train (n, C, H, W) of 0 … 1, y_train (n,) of class",
        f"numbers, x_test and y_test:  python {file} mnist.npz",
        "Without a file, it trains one step on noise to show that it runs.",
        '"""',
        "",
    ]


def plain(text: str) -> str:
    """Make any text safe for a docstring."""
    return " ".join(text.split()).replace("\\", "/").replace('"', "'")


def loader(design: Design) -> list[str]:
    """A function that returns the images, as NumPy arrays."""
    image, settings = design.input, design.training
    shape = f"{image.channels}, {image.height}, {image.width}"
    return [
        "",
        "def load():",
        '    """x_train, y_train, x_test, y_test."""',
        "    if len(sys.argv) > 1:",
        "        data = np.load(sys.argv[1])",
        '        arrays = [data[name] for name in ("x_train", "y_train", "x_test", "y_test")]',
        "    else:",
        '        print("No data file was given: one step on noise.")',
        "        rng = np.random.default_rng(SEED)",
        f"        x = rng.random((BATCH_SIZE, {shape}))",
        f"        y = rng.integers(0, {design.classes}, BATCH_SIZE)",
        "        arrays = [x, y, x, y]",
        "    x_train, y_train, x_test, y_test = arrays",
        f"    x_train, y_train = x_train[:{settings.train_size or ''}], y_train[:{settings.train_size or ''}]",
        f"    x_test, y_test = x_test[:{settings.test_size or ''}], y_test[:{settings.test_size or ''}]",
        "    arrays = x_train, y_train, x_test, y_test",
        '    return [a.astype(kind) for a, kind in zip(arrays, ("float32", "int64", "float32", "int64"))]',
        "",
    ]


def constants(design: Design) -> list[str]:
    """The settings at the top of a script."""
    settings = design.training
    return [
        f"SEED = {settings.seed}",
        f"BATCH_SIZE = {settings.batch_size}",
        f"EPOCHS = {settings.epochs} if len(sys.argv) > 1 else 1",
        f"LEARNING_RATE = {number(settings.optimiser.lr)}",
    ]


def schedule_needed(schedule: Schedule) -> bool:
    """Whether the learning rate changes at all."""
    return not (isinstance(schedule, Constant) and not schedule.warmup)


def factor_function(schedule: Schedule) -> list[str]:
    """A function that returns the factor of the learning rate at each step."""
    rising = f"min(1.0, (step + 1) / {schedule.warmup})" if schedule.warmup else "1.0"
    match schedule:
        case StepDecay():
            shape = f"{number(schedule.gamma)} ** (step // steps_per_epoch // {schedule.every})"
        case Exponential():
            shape = f"{number(schedule.gamma)} ** (step // steps_per_epoch)"
        case Cosine():
            final = number(schedule.final)
            done = f"min(max(step - {schedule.warmup}, 0) / max(steps_per_epoch * EPOCHS - {schedule.warmup}, 1), 1.0)"
            shape = f"{final} + (1.0 - {final}) * 0.5 * (1.0 + math.cos(math.pi * {done}))"
        case _:
            shape = "1.0"
    text = shape if rising == "1.0" else rising if shape == "1.0" else f"{rising} * ({shape})"
    return [
        "",
        "def factor(step, steps_per_epoch):",
        '    """Factor of the learning rate at a step, counted from 0."""',
        f"    return {text}",
        "",
    ]


def decay_of(design: Design) -> float:
    """The weight decay that applies."""
    own = design.training.weight_decay
    return design.training.optimiser.decay if own is None else own


def init_of(design: Design, layer: Any) -> Init:
    """How the weights of a layer start."""
    found = layer.init or design.training.init
    assert isinstance(found, Init)
    return found


def layer_comment(layer: LayerCosts) -> str:
    """``# conv1: 32×24×24``"""
    return f"# {layer.name}: {written_shape(layer.output)}"


def is_symmetric(layer: LayerCosts) -> bool:
    """Whether the padding is the same above and below, and left and right."""
    top, bottom, left, right = layer.margins
    return top == bottom and left == right


def fits_half(layer: LayerCosts) -> bool:
    """Whether the padding is at most half the window, which is the limit of frameworks for pooling."""
    assert layer.window is not None
    top, _, left, _ = layer.margins
    return is_symmetric(layer) and 2 * top <= layer.window.kernel[0] and 2 * left <= layer.window.kernel[1]


def pair_text(first: int, second: int) -> str:
    """``7`` or ``(7, 5)``."""
    return str(first) if first == second else f"({first}, {second})"


def number(value: float) -> str:
    """A number as Python writes it; whole floats keep their point."""
    return repr(float(value)) if math.isfinite(value) else "float('inf')"
