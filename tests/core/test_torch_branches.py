"""Networks with branches, drawn at random, against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is the oracle of these tests, and it is not installed")

import torch
from branched_designs import draw_branched
from depth import cases
from engine_cases import draw_arrays
from engine_twin import Twin
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convviz.core.execute import execute
from convviz.core.lower import LOSS, lower


@settings(
    max_examples=cases(70),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.data())
def test_that_gradients_of_random_branches_agree_with_pytorch(data: st.DataObject) -> None:
    design, batch = draw_branched(lambda options: data.draw(st.sampled_from(list(options))))
    program = lower(design, batch, image_gradient=True)
    arrays = draw_arrays(program, data.draw(st.integers(0, 2**20))) | {"lr": np.array(0.1)}
    names = [*program.parameters, "x"]
    env = {name: a.copy() for name, a in arrays.items()}
    for _ in execute(program, env, np.float64):
        pass

    twin = Twin(design, arrays, torch.float64)
    weights = twin.weights(names)
    loss = twin.loss(twin.scores())
    loss.backward()

    assert abs(float(env[LOSS]) - loss.item()) <= 1e-10 * max(loss.item(), 1.0)
    largest = max(float(weight.grad.abs().max()) for weight in weights if weight.grad is not None)
    for name, weight in zip(names, weights, strict=True):
        expected = np.zeros(weight.shape) if weight.grad is None else weight.grad.numpy()
        scale = max(float(np.abs(expected).max()), 1e-3 * largest, 1e-6)
        np.testing.assert_allclose(env[program.gradients[name]], expected, rtol=0, atol=1e-10 * scale, err_msg=name)
