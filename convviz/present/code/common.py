"""What the generated scripts have in common."""

from __future__ import annotations

import keyword
import math
import re
import textwrap
import unicodedata
from collections.abc import Collection, Iterable
from typing import Any

from convviz.core.arrays import Shape
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.init import Init
from convviz.core.layers import AvgPool2D
from convviz.core.layers.base import margins
from convviz.core.lower import lower
from convviz.core.ops.window import NO_MARGINS, Margins
from convviz.core.schedule import Constant, Cosine, Exponential, Schedule, StepDecay
from convviz.present.design.build_text import written_shape
from convviz.present.design.costs import Costs, costs
from convviz.present.design.layer_costs import LayerCosts

__all__ = [
    "KERAS_WEIGHTS",
    "SAFETENSORS",
    "checked_costs",
    "constants",
    "counted_margins",
    "decay_of",
    "factor_function",
    "fits_half",
    "identifiers",
    "init_of",
    "is_symmetric",
    "layer_comment",
    "loader",
    "number",
    "opening",
    "pair_text",
    "prose",
    "schedule_needed",
    "weight_shapes",
]

UNIT = re.compile(r"(\d) (?=%|[a-z])")
"""The gap between a number and its unit, or the word that it counts."""
KEPT = "\N{NO-BREAK SPACE}"
"""In the place of a space where no line ends."""
IMAGES = "(n, C, H, W)".replace(" ", KEPT)

SAFETENSORS, KERAS_WEIGHTS = ".safetensors", ".weights.h5"
"""Endings of files of weights, beside .npz."""
WRITTEN = "written by convviz."
"""The end of a script's first line, by which a later export recognises a file that it may replace."""


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


def opening(design: Design, framework: str, needs: str, weights: str) -> list[str]:
    """The docstring of a script.

    Parameters
    ----------
    design : Design
    framework : str
    needs : str
        What has to be installed.
    weights : str
        Name of the file with the trained weights; empty if there is none.
    """
    about = [*prose(plain(design.about)), ""] if design.about.strip() else []
    return [
        f'"""{plain(design.name)} in {framework}, {WRITTEN}',
        "",
        *about,
        *prose(
            f"Needs {needs}. Give it a file with the arrays x_train {IMAGES} or (n, pixels) of 0 … 1 or 0 … 255, "
            "y_train (n,) or (n, 1) of class numbers, x_test and y_test; .npz, or .h5 with h5py installed:"
        ),
        "",
        *(trained_usage(design, weights) if weights else ["    python model.py mnist.npz"]),
        "",
        "Without a file it takes noise, to show that it runs.",
        '"""',
        "",
    ]


def trained_usage(design: Design, weights: str) -> list[str]:
    """How to call a script that has trained weights, and which arrays these are."""
    script = plain(weights.removesuffix(KERAS_WEIGHTS).removesuffix(SAFETENSORS).removesuffix(".npz") + ".py")
    arrays = [f"{name} {shape}".replace(",)", ")").replace(" ", KEPT) for name, shape in weight_shapes(design).items()]
    if weights.endswith(KERAS_WEIGHTS):
        about = [f"The trained weights are in {plain(weights)}, which has to lie beside this file."]
    elif weights.endswith(SAFETENSORS):
        about = [f"The trained weights are in {plain(weights)}, which has to lie beside this file, in PyTorch's order."]
    else:
        about = [
            f"The trained weights are in {plain(weights)}, which has to lie beside this file:",
            *prose(", ".join(arrays)),
        ]
    return [
        f"    python {script} mnist.npz      # measures the trained network on the test images",
        f"    python {script} mnist.npz 5    # and trains it for 5 more epochs, with a new optimiser",
        "",
        *about,
    ]


def weight_shapes(design: Design) -> dict[str, Shape]:
    """Name and shape of every array that a forward pass needs: parameters and running statistics."""
    program = lower(design, 1, train=False)
    found = (program.arrays[name] for name in program.sources)
    return {spec.name: spec.shape for spec in found if not spec.batched}


def plain(text: str) -> str:
    """Make any text safe for a docstring."""
    return " ".join(text.split()).replace("\\", "/").replace('"', "'")


def loader(design: Design) -> list[str]:
    """A function that returns the images, as NumPy arrays."""
    image, settings = design.input, design.training
    shape = f"{image.channels}, {image.height}, {image.width}"
    pixels = image.channels * image.height * image.width
    first = {"train": settings.train_size or "", "test": settings.test_size or ""}
    return [
        "",
        "def load():",
        '    """x_train, y_train, x_test, y_test."""',
        '    names = ["x_train", "y_train", "x_test", "y_test"]',
        "    if not FILE:",
        '        print("No data file was given: noise.")',
        "        rng = np.random.default_rng(SEED)",
        f"        x = rng.random((BATCH_SIZE, {shape}))",
        f"        y = rng.integers(0, {design.classes}, BATCH_SIZE)",
        "        arrays = [x, y, x, y]",
        '    elif FILE.endswith((".h5", ".hdf5")):',
        "        import h5py",
        "",
        '        with h5py.File(FILE, "r") as data:',
        "            arrays = [data[name][:] for name in names]",
        "    else:",
        "        with np.load(FILE) as data:",
        "            arrays = [data[name] for name in names]",
        "    x_train, y_train, x_test, y_test = arrays",
        f"    x_train, y_train = x_train[:{first['train']}], y_train[:{first['train']}]",
        f"    x_test, y_test = x_test[:{first['test']}], y_test[:{first['test']}]",
        "    return images(x_train), labels(y_train), images(x_test), labels(y_test)",
        "",
        "",
        "def images(x):",
        f'    """Pixels of 0 … 1, as (n, {shape})."""',
        f"    if x[0].size != {pixels}:",
        f'        sys.exit(f"{{FILE}}: expected images of {shape}, got {{x.shape[1:]}}")',
        "    largest = 255 if x.max() > 1 else 1",
        f'    return x.reshape(-1, {shape}).astype("float32") / np.float32(largest)',
        "",
        "",
        "def labels(y):",
        '    return y.reshape(-1).astype("int64")',
        "",
    ]


def constants(design: Design, weights: str) -> list[str]:
    """The settings at the top of a script."""
    settings = design.training
    if weights:
        epochs = "int(sys.argv[2]) if len(sys.argv) > 2 else 0"
    else:
        epochs = f"{settings.epochs} if FILE else 1"
    return [
        'FILE = sys.argv[1] if len(sys.argv) > 1 else ""',
        *([f'WEIGHTS = "{plain(weights)}"'] if weights else []),
        f"SEED = {settings.seed}",
        f"BATCH_SIZE = {settings.batch_size}",
        f"EPOCHS = {epochs}",
        f"LEARNING_RATE = {number(settings.optimiser.lr)}",
    ]


def schedule_needed(schedule: Schedule) -> bool:
    """Whether the learning rate changes at all."""
    return not (isinstance(schedule, Constant) and not schedule.warmup)


def factor_function(schedule: Schedule) -> list[str]:
    """A function that returns the factor of the learning rate at each step."""
    rising = f"min(1.0, (step + 1) / {schedule.warmup})" if schedule.warmup else "1.0"
    before: list[str] = []
    match schedule:
        case StepDecay():
            shape = f"{number(schedule.gamma)} ** (step // steps_per_epoch // {schedule.every})"
        case Exponential():
            shape = f"{number(schedule.gamma)} ** (step // steps_per_epoch)"
        case Cosine():
            final = number(schedule.final)
            before = [
                f"    length = max(steps_per_epoch * EPOCHS - {schedule.warmup}, 1)",
                f"    done = min(max(step - {schedule.warmup}, 0) / length, 1.0)",
            ]
            shape = f"{final} + (1.0 - {final}) * 0.5 * (1.0 + math.cos(math.pi * done))"
        case _:
            shape = "1.0"
    text = shape if rising == "1.0" else rising if shape == "1.0" else f"{rising} * ({shape})"
    return [
        "",
        "def factor(step, steps_per_epoch):",
        '    """Factor of the learning rate at a step, counted from 0."""',
        *before,
        f"    return {text}",
        "",
    ]


def decay_of(design: Design) -> float:
    """The design's weight decay, or the usual one of its optimiser."""
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


def prose(text: str, width: int = 110) -> list[str]:
    """Lines of a text; a number and the word or unit after it stay on one line: ``97–98 %``, ``32 filters``."""
    return [line.replace(KEPT, " ") for line in textwrap.wrap(UNIT.sub(rf"\1{KEPT}", text), width)]


def counted_margins(layer: AvgPool2D, cost: LayerCosts) -> Margins:
    """The rows and columns beyond the edges that count as zeros in a mean: top, bottom, left, right."""
    assert cost.window is not None
    return margins(layer.padding, cost.window, *cost.inputs[1:]) if layer.count_padding else NO_MARGINS


def fits_half(layer: LayerCosts) -> bool:
    """Whether the padding is symmetric and at most half the window, as frameworks demand for pooling."""
    assert layer.window is not None
    top, _, left, _ = layer.margins
    return is_symmetric(layer) and 2 * top <= layer.window.kernel[0] and 2 * left <= layer.window.kernel[1]


def identifiers(names: Iterable[str], taken: Collection[str]) -> dict[str, str]:
    """Python identifiers for the names of layers, all different and none of them taken."""
    found: dict[str, str] = {}
    used = {*taken, *keyword.kwlist, *keyword.softkwlist}
    for name in names:
        letters = "".join(one if f"_{one}".isidentifier() else "_" for one in unicodedata.normalize("NFKC", name))
        wanted = letters if letters[:1].isidentifier() else f"layer_{letters}"
        while wanted in used:
            wanted += "_"
        used.add(wanted)
        found[name] = wanted
    return found


def pair_text(first: int, second: int) -> str:
    """``7`` or ``(7, 5)``."""
    return str(first) if first == second else f"({first}, {second})"


def number(value: float) -> str:
    """A number as Python writes it; whole floats keep their point."""
    return repr(float(value)) if math.isfinite(value) else "float('inf')"
