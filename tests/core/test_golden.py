"""What PyTorch once computed for some networks, so that it need not be installed to be agreed with."""

from __future__ import annotations

from pathlib import Path

import h5py
import msgspec
import numpy as np
import pytest

from convviz.core.design import Design
from convviz.core.execute import execute
from convviz.core.lower import lower
from convviz.core.program import Program

FILE = Path(__file__).parents[1] / "golden" / "networks.h5"
STEPS = 20


def names() -> list[str]:
    with h5py.File(FILE) as file:
        return list(file)


def load(name: str) -> tuple[Design, int, dict[str, dict[str, np.ndarray]]]:
    """Design, batch, and the arrays of every part."""
    with h5py.File(FILE) as file:
        group = file[name]
        design = msgspec.json.decode(group.attrs["design"], type=Design)
        parts = {part: {key: data[()] for key, data in group[part].items()} for part in group}
        return design, int(group.attrs["batch"]), parts


def run(program: Program, env: dict[str, np.ndarray], precision: type) -> dict[str, np.ndarray]:
    made = dict(env)
    for _ in execute(program, made, precision):
        pass
    return made


def close(found: np.ndarray, expected: np.ndarray, tolerance: float, floor: float, what: str) -> None:
    scale = max(float(np.abs(expected).max()), floor)
    assert float(np.abs(found - expected).max()) <= tolerance * scale, what


@pytest.mark.parametrize(
    ("precision", "tolerance", "least"), [(np.float64, 1e-10, 1e-6), (np.float32, 1e-5, 1e-2)], ids=["double", "single"]
)
@pytest.mark.parametrize("name", names())
def test_that_a_pass_gives_what_pytorch_gave(name: str, precision: type, tolerance: float, least: float) -> None:
    design, batch, parts = load(name)
    program = lower(design, batch, image_gradient=True)
    env = {k: a if a.dtype.kind == "i" else a.astype(precision) for k, a in parts["sources"].items()}
    env |= {"lr": np.array(0.1, precision), "t": np.array(1.0, precision)}

    made = run(program, env, precision)

    largest = max(float(np.abs(a).max()) for a in parts["gradients"].values())
    for what, expected in parts["expected"].items():
        close(made[what], expected, tolerance, 0.1, what)
    assert set(parts["gradients"]) == {*program.parameters, "x"}
    for what, expected in parts["gradients"].items():
        close(made[program.gradients[what]], expected, tolerance, max(0.1 * largest, least), f"gradient of {what}")


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("name", names())
def test_that_twenty_steps_lead_where_pytorch_came(name: str) -> None:
    design, batch, parts = load(name)
    program = lower(design, batch)
    env = parts["sources"] | {"lr": np.array(design.training.optimiser.lr)}
    for step in range(STEPS):
        made = run(program, env | {"t": np.array(step + 1.0)}, np.float64)
        env |= {old: made[new] for old, new in program.updates.items()}

    assert set(parts["after"]) >= set(program.parameters)
    for what, expected in parts["after"].items():
        close(env[what], expected, 1e-10, 1e-3, what)


def test_that_the_file_is_small_and_has_all_optimisers() -> None:
    assert FILE.stat().st_size < 2_000_000
    kinds = {type(load(name)[0].training.optimiser).__name__ for name in names()}
    assert kinds == {"SGD", "Momentum", "Nesterov", "Adagrad", "Adadelta", "RMSProp", "Adam", "AdamW"}
