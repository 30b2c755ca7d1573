"""Every derivative rule against what happens to the loss when one number is moved a little."""

from __future__ import annotations

import numpy as np
import pytest
from depth import cases
from engine_zoo import BATCH, LAYERS, Env, given

from convviz.core.arrays import Axis, Role
from convviz.core.backward import derive_backward
from convviz.core.execute import execute
from convviz.core.lower import LOSS, lower
from convviz.core.ops.activation import Tanh
from convviz.core.ops.dense import DenseProduct
from convviz.core.program import Builder, Phase, Program

ROWS = (Axis.SAMPLE, Axis.FEATURE)
STEP = 1e-5
MOST = cases(16)
"""Cells of one array that are moved."""


def loss(program: Program, env: Env) -> float:
    """Loss of a program, which is run no further."""
    env = dict(env)
    for step in execute(program, env, np.float64):
        if step.output == LOSS:
            break
    return float(env[LOSS])


@pytest.mark.parametrize("train", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("name", LAYERS)
def test_that_gradients_say_how_the_loss_moves(name: str, train: bool) -> None:
    design = LAYERS[name]
    program = lower(design, BATCH, train=train, image_gradient=True)
    env = given(program, seed=3)
    made = dict(env)
    for _ in execute(program, made, np.float64):
        pass
    rng = np.random.default_rng(0)
    wanted = program.gradients
    assert set(wanted) == ({*program.parameters, "x"} if train else {"x"})
    for source, gradient in wanted.items():
        moved = {k: v.copy() for k, v in env.items()}
        cells = moved[source].reshape(-1)
        chosen = rng.choice(cells.size, min(cells.size, MOST), replace=False)
        slopes = []
        for k in chosen:
            before = cells[k]
            ends = []
            for side in (1, -1):
                cells[k] = before + side * STEP
                ends.append(loss(program, moved))
            cells[k] = before
            slopes.append((ends[0] - ends[1]) / (2 * STEP))
        found = made[gradient].reshape(-1)[chosen]
        scale = max(float(np.abs(found).max()), 1e-3)
        np.testing.assert_allclose(found, slopes, atol=1e-6 * scale, rtol=0, err_msg=f"{name}: {source}")


def test_that_an_array_that_goes_two_ways_gets_the_sum_of_both_gradients() -> None:
    build = Builder(2)
    build.source("x", (2, 2), Role.INPUT, ROWS)
    build.source("d", (2, 2), Role.GRADIENT, ROWS)
    with build.at(Phase.FORWARD, "both"):
        squeezed = build.emit(Tanh(), ("x",), "squeezed")
        product = build.emit(DenseProduct(), (squeezed, "x"), "product")
    derive_backward(build, product, (), ("x",), start="d")
    program = build.build()
    rng = np.random.default_rng(1)
    env: Env = {"x": rng.standard_normal((2, 2)), "d": rng.standard_normal((2, 2))}
    x, d = env["x"], env["d"]

    for _ in execute(program, env, np.float64):
        pass

    assert [step.op.name for step in program.steps].count("add") == 1
    expected = np.tanh(x).T @ d + (d @ x.T) * (1 - np.tanh(x) ** 2)
    np.testing.assert_allclose(env[program.gradients["x"]], expected, rtol=1e-13)
