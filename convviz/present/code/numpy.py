"""A design in NumPy: a script that calls convviz's own engine."""

from __future__ import annotations

from typing import Any

import msgspec

from convviz.core.design import Design
from convviz.present.code.common import checked_costs, constants, layer_comment, loader, opening
from convviz.present.code.exporter import Exporter

__all__ = ["NUMPY", "numpy_source"]


def numpy_source(design: Design) -> str:
    """The design as a script that trains it with convviz's own engine.

    Raises
    ------
    DesignError
        The design can't be trained.
    """
    found = checked_costs(design)
    design = design.named()
    settings = design.training
    layers = [
        f"        {value_text(layer)},  {layer_comment(cost)}"
        for layer, cost in zip(design.layers, found.layers, strict=True)
    ]
    training = {
        field.name: getattr(settings, field.name)
        for field in msgspec.structs.fields(settings)
        if field.name not in ("batch_size", "epochs", "seed", "train_size", "test_size")
    }
    names = sorted({type(layer).__name__ for layer in design.layers})
    schedules = type(settings.schedule).__name__
    lines = [
        *opening(design, "NumPy", "convviz", "model.py"),
        "import sys",
        "",
        "import numpy as np",
        "",
        "from convviz.core.design import Design, Input, Training",
        "from convviz.core.init import Init",
        f"from convviz.core.layers import {', '.join(names)}",
        "from convviz.core.network import Network",
        f"from convviz.core.optim import {type(settings.optimiser).__name__}",
        f"from convviz.core.schedule import {schedules}",
        "from convviz.training.events import EpochDone",
        "from convviz.training.images import Split",
        "from convviz.training.trainer import Trainer",
        "",
        *[line for line in constants(design) if not line.startswith("LEARNING_RATE")],
        "",
        "design = Design(",
        f"    name={design.name!r},",
        f"    input={value_text(design.input)},",
        f"    classes={design.classes},",
        "    layers=(",
        *layers,
        "    ),",
        "    training=Training(",
        *[f"        {name}={value_text(value)}," for name, value in training.items()],
        "        batch_size=BATCH_SIZE,",
        "        epochs=EPOCHS,",
        "        seed=SEED,",
        "    ),",
        ")",
        "",
        *loader(design),
        "",
        "def main():",
        "    network = Network(design)",
        '    print(network.size, "parameters")',
        "    x_train, y_train, x_test, y_test = load()",
        "    train, test = Split(x_train, y_train), Split(x_test, y_test)",
        "    with Trainer(design, train, test, network=network) as trainer:",
        "        for event in trainer.run():",
        "            if isinstance(event, EpochDone):",
        "                number = event.position.epoch",
        '                print(f"epoch {number}: loss {event.loss:.4f}, test accuracy {event.test_accuracy:.4f}")',
        "",
        "",
        'if __name__ == "__main__":',
        "    main()",
        "",
    ]
    return "\n".join(lines)


def value_text(value: Any) -> str:
    """A value of the schema as Python; fields at their default are left out, except a layer's name."""
    if not isinstance(value, msgspec.Struct):
        return repr(value)
    parts = [
        f"{field.name}={value_text(getattr(value, field.name))}"
        for field in msgspec.structs.fields(value)
        if getattr(value, field.name) != field.default
    ]
    return f"{type(value).__name__}({', '.join(parts)})"


NUMPY = Exporter(
    "NumPy (convviz)",
    "Runs with convviz and NumPy: the trainer behind this window, from Python.",
    numpy_source,
    every=True,
)
