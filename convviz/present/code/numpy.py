"""A design as a NumPy program of its own: every step of the pass calls a few lines that are in the script too."""

from __future__ import annotations

import textwrap

from convviz.core.design import Design
from convviz.core.dropout import drawn
from convviz.core.init import Init, fans, truncated_normal
from convviz.core.lower import LOSS, PROBABILITIES
from convviz.core.optim import PASS_NUMBER
from convviz.core.seeds import Stream
from convviz.present.code.augmentation import numpy_augmentation
from convviz.present.code.common import (
    checked_costs,
    constants,
    factor_function,
    init_of,
    loader,
    number,
    opening,
    schedule_needed,
)
from convviz.present.code.exporter import Exporter
from convviz.present.code.numpy_functions import Functions
from convviz.present.code.numpy_pass import PassLines, written

__all__ = ["NUMPY", "numpy_source"]


def numpy_source(design: Design, weights: str = "") -> str:
    """The design as a script that needs only NumPy.

    Trained from the start, it does what convviz does, up to rounding: same initial weights, same order of images, same
    masks. Only augmentation is left out, and the script says so.

    Parameters
    ----------
    design : Design
    weights : str
        Name of the NPZ file with the trained weights, beside the script; empty trains from the start.

    Raises
    ------
    DesignError
        The design can't be trained.
    """
    checked_costs(design)
    design = design.named()
    functions = Functions()
    training, testing = (PassLines(design, functions, train=train) for train in (True, False))
    start = start_lines(design, training, functions)
    masks = mask_lines(training, functions)
    scheduled = schedule_needed(design.training.schedule)
    imports = functions.imports
    if scheduled and "import math" not in imports:
        imports = ["import math", *imports]
    lines = [
        *opening(design, "NumPy", "numpy", weights),
        *[one for one in imports if one.startswith("import")],
        "import sys",
        *(["from pathlib import Path"] if weights else []),
        "",
        "import numpy as np",
        *[one for one in imports if one.startswith("from")],
        "",
        *constants(design, weights),
        "",
        "",
        "# --- what the steps do: each function is one step ---",
        *functions.lines(),
        "",
        "# --- the network ---",
        "",
        *start,
        *masks,
        *pass_lines(training),
        *scores_lines(testing),
        "",
        "# --- training ---",
        *numpy_augmentation(design),
        *(["", *factor_function(design.training.schedule)] if scheduled else []),
        *order_lines(),
        *loader(design),
        *(load_weights_lines() if weights else []),
        *main_lines(training, weights, scheduled=scheduled, ignored=design.training.ignored_label),
    ]
    return "\n".join(lines)


def start_lines(design: Design, training: PassLines, functions: Functions) -> list[str]:
    """A function that makes weights and optimiser state as they are at the start."""
    program = training.program
    layers = {layer.name: layer for layer in design.layers}
    rows = []
    for name in program.sources:
        spec = program.arrays[name]
        if spec.batched or not spec.shape:
            continue
        if name in program.initial:
            value = program.initial[name]
            words = {0.0: f"np.zeros({spec.shape})", 1.0: f"np.ones({spec.shape})"}
            made = words.get(value, f"np.full({spec.shape}, {number(value)})")
        else:
            made = drawn_weights(init_of(design, layers[name.rpartition(".")[0]]), spec.shape, functions)
        rows.append(f'        "{name}": {made},')
    return [
        "",
        "def start():",
        '    """Weights, and what else is kept from one minibatch to the next, as they are at the start."""',
        f"    rng = generator({int(Stream.WEIGHTS)})",
        "    w = {",
        *rows,
        "    }",
        '    return {name: array.astype("float32") for name, array in w.items()}',
        "",
    ]


def drawn_weights(init: Init, shape: tuple[int, ...], functions: Functions) -> str:
    """The expression that draws the weights of a layer, as :func:`convviz.core.init.draw` does."""
    fan_in, fan_out = fans(shape)
    scale = number(abs(init.scale))
    match init.kind:
        case "zeros":
            return f"np.zeros({shape})"
        case "constant":
            return f"np.full({shape}, {number(init.scale)})"
        case "normal":
            return f"rng.standard_normal({shape}) * {scale}"
        case "truncated-normal":
            return f"{functions.use(truncated_normal)}({shape}, rng) * {scale}"
        case "xavier-normal":
            return f"rng.standard_normal({shape}) * (2 / {fan_in + fan_out}) ** 0.5"
        case "xavier-uniform":
            return f"rng.uniform(-1, 1, {shape}) * (6 / {fan_in + fan_out}) ** 0.5"
        case "he-normal":
            return f"rng.standard_normal({shape}) * (2 / {fan_in}) ** 0.5"
        case "he-uniform":
            return f"rng.uniform(-1, 1, {shape}) * (6 / {fan_in}) ** 0.5"
        case "course":
            return f"rng.standard_normal({shape}) / ({shape[0]} / 2) ** 0.5"


def mask_lines(training: PassLines, functions: Functions) -> list[str]:
    """A function that draws the dropout masks of a minibatch; empty if there are none."""
    program = training.program
    if not program.masks:
        return []
    name = functions.use(drawn)
    rows = []
    for position, (mask, rate) in enumerate(program.masks.items()):
        stream = f"np.random.SeedSequence([SEED, {int(Stream.DROPOUT)}, step, {position}])"
        keep = f"{name}({written(training.shape(mask))}, {number(rate)}, {stream}, 0)"
        rows.append(f'        "{mask}": {keep} / (1 - {number(rate)}),')
    return [
        "",
        "def dropout_masks(n, step):",
        '    """What units of n images are multiplied by at a step, counted from 0: 0, or 1/(1 - rate)."""',
        "    masks = {",
        *rows,
        "    }",
        '    return {name: mask.astype("float32") for name, mask in masks.items()}',
        "",
    ]


def arguments(training: PassLines) -> str:
    """The arguments of a training pass after weights, images and labels."""
    t = ", t" if PASS_NUMBER in training.sources else ""
    return f"lr{t}{', masks' if training.program.masks else ''}"


def pass_lines(training: PassLines) -> list[str]:
    """A function that trains on one minibatch."""
    rows = training.lines()
    updates = [f'        "{old}": {training.name(new)},' for old, new in training.program.updates.items()]
    return [
        "",
        f"def train_on(w, x, labels, {arguments(training)}):",
        '    """Forward, loss, backward and update on one minibatch; returns the loss and the probabilities."""',
        "    n = len(x)",
        *rows,
        "",
        "    w.update({",
        *updates,
        "    })",
        f"    return {training.name(LOSS)}, {training.name(PROBABILITIES)}",
        "",
    ]


def scores_lines(testing: PassLines) -> list[str]:
    """A function that makes the scores of some images, as in testing."""
    scores = next(step.inputs[0] for step in testing.program.steps if step.output == PROBABILITIES)
    rows = testing.lines(until=scores)
    uses_count = any("n * " in row or "(n," in row or "=n" in row for row in rows)
    return [
        "",
        "def scores(w, x):",
        '    """The scores of every class, (n, classes), as in testing."""',
        *(["    n = len(x)"] if uses_count else []),
        *rows,
        f"    return {testing.name(scores)}",
        "",
    ]


def order_lines() -> list[str]:
    """A function that makes the same random generators as convviz."""
    return [
        "",
        "def generator(*numbers):",
        '    """Random numbers of one purpose; the same as in convviz."""',
        "    return np.random.Generator(np.random.Philox(np.random.SeedSequence([SEED, *numbers])))",
        "",
    ]


def load_weights_lines() -> list[str]:
    """A function that puts the trained weights in place of the initial ones."""
    return [
        "",
        "def load_weights(w):",
        '    """Put the trained weights in."""',
        "    with np.load(Path(__file__).with_name(WEIGHTS)) as data:",
        '        w.update({name: data[name] for name in data if name != "design"})',
        "",
    ]


def main_lines(training: PassLines, weights: str, *, scheduled: bool, ignored: int | None) -> list[str]:
    """A function that measures accuracy, and the loop over epochs and minibatches."""
    program = training.program
    rate = "LEARNING_RATE * factor(step, steps_per_epoch)" if scheduled else "LEARNING_RATE"
    given = ["w", "x_train[rows]", "y_train[rows]", rate]
    given += ["step + 1"] if PASS_NUMBER in program.sources else []
    given += ["dropout_masks(len(rows), step)"] if program.masks else []
    names = ", ".join(f'"{name}"' for name in program.parameters) + ","
    counted = [
        f"    counts = y != {ignored}",
        "    return (np.concatenate(predicted) == y)[counts].sum() / max(counts.sum(), 1)",
    ]
    return [
        "",
        "def accuracy(w, x, y):",
        "    parts = range(0, len(x), BATCH_SIZE)",
        "    predicted = [scores(w, x[i : i + BATCH_SIZE]).argmax(axis=1) for i in parts]",
        *(["    return (np.concatenate(predicted) == y).mean()"] if ignored is None else counted),
        "",
        "",
        "def main():",
        "    w = start()",
        *(["    load_weights(w)"] if weights else []),
        "    names = [",
        *textwrap.wrap(names, 110, break_long_words=False, initial_indent=" " * 8, subsequent_indent=" " * 8),
        "    ]",
        '    print(sum(w[name].size for name in names), "parameters")',
        "    x_train, y_train, x_test, y_test = load()",
        *(['    print(f"trained: test accuracy {accuracy(w, x_test, y_test):.4f}")'] if weights else []),
        *(["    steps_per_epoch = -(-len(x_train) // BATCH_SIZE)"] if scheduled else []),
        "    step = 0",
        "    for epoch in range(1, EPOCHS + 1):",
        f"        order = generator({int(Stream.ORDER)}, epoch).permutation(len(x_train))",
        "        total = 0",
        "        for i in range(0, len(order), BATCH_SIZE):",
        "            rows = order[i : i + BATCH_SIZE]",
        "            loss, _ = train_on(",
        f"                {', '.join(given)},",
        "            )",
        "            total += loss * len(rows)",
        "            step += 1",
        "        loss = total / len(order)",
        '        print(f"epoch {epoch}: loss {loss:.4f}, test accuracy {accuracy(w, x_test, y_test):.4f}")',
        "",
        "",
        'if __name__ == "__main__":',
        "    main()",
        "",
    ]


NUMPY = Exporter(
    "NumPy",
    "Runs with NumPy alone: every step of the pass in a few lines, written to be read.",
    numpy_source,
    every=True,
)
