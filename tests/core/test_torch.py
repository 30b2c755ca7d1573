"""Networks drawn at random against PyTorch: forward, every gradient, and twenty steps of every optimiser."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from engine_zoo import OPTIMISERS, Array

pytest.importorskip("torch", reason="PyTorch is the oracle of these tests, and it is not installed")

import torch
from depth import cases
from engine_cases import draw_arrays, draw_design
from engine_twin import Twin, clip, optimiser_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convviz.core.design import Design, Input, Training
from convviz.core.execute import execute, run_step
from convviz.core.layers import Dense, Flatten, MaxPool2D
from convviz.core.lower import lower
from convviz.core.program import Phase, Program
from convviz.probe.passes import lowered_forward


def drawn(count: int) -> settings:
    """One set of cases, the same on every machine: agreement is then a fact and not a matter of luck."""
    checks = list(HealthCheck)
    return settings(
        max_examples=cases(count), deadline=None, derandomize=True, database=None, suppress_health_check=checks
    )


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def check(found: Array, expected: torch.Tensor, tolerance: float, floor: float, what: str) -> None:
    """Largest difference, in units of the array's largest number (or of ``floor``, if that is larger)."""
    other = expected.detach().numpy()
    assert found.shape == other.shape, what
    if not found.size:
        return
    scale = max(float(np.abs(other).max()), floor)
    worst = float(np.abs(found - other).max()) / scale
    assert worst <= tolerance, f"{what}: differs by {worst:.2e} of {scale:.3g}"


def in_pytorch(
    design: Design, arrays: dict[str, Array], names: list[str], dtype: torch.dtype
) -> dict[str, torch.Tensor]:
    """Probabilities, loss, gradients and running statistics of one pass."""
    twin = Twin(design, arrays, dtype)
    weights = twin.weights(names)
    scores = twin.scores()
    loss = twin.loss(scores)
    loss.backward()
    made = {"softmax.p": scores.softmax(1), "softmax.loss": loss}
    made |= {f"{name}_new": tensor for name, tensor in twin.arrays.items() if "running" in name}
    made |= {f"gradient of {name}": w.grad for name, w in zip(names, weights, strict=True) if w.grad is not None}
    return {what: tensor.detach() for what, tensor in made.items()}


def in_convviz(program: Program, arrays: dict[str, Array], names: list[str], precision: type) -> dict[str, Array]:
    """The same."""
    env = {name: a if a.dtype.kind == "i" else a.astype(precision) for name, a in arrays.items()}
    for _ in execute(program, env, precision):
        pass
    made = {name: np.asarray(a) for name, a in env.items() if name in ("softmax.p", "softmax.loss") or "_new" in name}
    made |= {f"gradient of {name}": env[program.gradients[name]] for name in names}
    assert all(a.dtype == precision for a in made.values())
    return made


@drawn(60)
@given(st.data())
def test_that_random_networks_agree_with_pytorch(data: st.DataObject) -> None:
    design, batch = draw_design(lambda options: data.draw(st.sampled_from(list(options))))
    program = lower(design, batch, image_gradient=True)
    names = [*program.parameters, "x"]
    arrays = draw_arrays(program, data.draw(st.integers(0, 2**20))) | {"lr": np.array(0.1)}

    exact = in_pytorch(design, arrays, names, torch.float64)
    double = in_convviz(program, arrays, names, np.float64)
    largest = max(float(tensor.abs().max()) for what, tensor in exact.items() if what.startswith("gradient"))
    for what, tensor in exact.items():
        check(double[what], tensor, 1e-10, max(1e-3 * largest, 1e-6), what)

    theirs = in_pytorch(design, arrays, names, torch.float32)
    single = in_convviz(program, arrays, names, np.float32)
    for what, tensor in exact.items():
        # Where larger numbers nearly cancel, float32 has fewer digits for everyone: then lose no more than PyTorch.
        scale = max(float(tensor.abs().max()), 0.1 * largest, 1e-6)
        lost = float((theirs[what] - tensor).abs().max()) / scale
        check(single[what], tensor, max(1e-5, 4 * lost), scale, what)


@pytest.mark.parametrize("name", OPTIMISERS)
@drawn(4)
@given(data=st.data())
def test_that_twenty_steps_of_training_agree_with_pytorch(name: str, data: st.DataObject) -> None:
    choose = lambda options: data.draw(st.sampled_from(list(options)))  # noqa: E731
    training = Training(
        optimiser=OPTIMISERS[name], weight_decay=choose((None, 0.0, 0.1)), clip_norm=choose((None, 0.1, 10.0))
    )
    design, batch = draw_design(choose, training)
    program = lower(design, batch)
    env = draw_arrays(program, data.draw(st.integers(0, 2**20)))
    twin = Twin(design, env)
    weights = twin.weights(program.parameters)
    optimiser = optimiser_of(training, weights)
    env["lr"] = np.array(training.optimiser.lr)
    for step in range(20):
        env["t"] = np.array(step + 1.0)
        made = dict(env)
        for _ in execute(program, made, np.float64):
            pass
        optimiser.zero_grad()
        twin.loss(twin.scores()).backward()
        clip(training, weights)
        optimiser.step()
        for old, new in program.updates.items():
            env[old] = made[new]
    for weight, tensor in zip(program.parameters, weights, strict=True):
        check(env[weight], tensor, 1e-10, 1e-3, weight)


@pytest.mark.parametrize("name", OPTIMISERS)
@drawn(4)
@given(data=st.data())
def test_that_twenty_updates_in_float32_agree_with_pytorch(name: str, data: st.DataObject) -> None:
    choose = lambda options: data.draw(st.sampled_from(list(options)))  # noqa: E731
    training = Training(
        optimiser=OPTIMISERS[name], weight_decay=choose((None, 0.0, 0.1)), clip_norm=choose((None, 0.1, 10.0))
    )
    design, batch = draw_design(choose, training)
    program = lower(design, batch)
    rng = np.random.default_rng(data.draw(st.integers(0, 2**20)))
    env = {n: a if a.dtype.kind == "i" else a.astype(np.float32) for n, a in draw_arrays(program, 0).items()}
    twin = Twin(design, env, torch.float32)
    weights = twin.weights(program.parameters)
    optimiser = optimiser_of(training, weights)
    env["lr"] = np.array(training.optimiser.lr, np.float32)
    updates = [step for step in program.phase(Phase.UPDATE) if step.op.name != "running_statistic"]
    for step in range(20):
        env["t"] = np.array(step + 1, np.float32)
        for parameter, weight in zip(program.parameters, weights, strict=True):
            spread = 10.0 ** rng.integers(-3, 1)
            gradient = (rng.standard_normal(weight.shape) * spread).astype(np.float32)
            env[program.gradients[parameter]] = gradient
            weight.grad = torch.tensor(gradient)
        for one in updates:
            run_step(program, one, env, np.float32)
        clip(training, weights)
        optimiser.step()
        for old, new in program.updates.items():
            if "running" not in old:
                env[old] = env[new]
    for parameter, weight in zip(program.parameters, weights, strict=True):
        assert env[parameter].dtype == np.float32
        check(env[parameter], weight, 1e-5, 1e-2, parameter)


@pytest.mark.parametrize("size", range(3, 9))
@pytest.mark.parametrize(
    ("kernel", "stride", "padding"), [(2, 2, 0), (3, 2, 0), (3, 2, 1), (3, 3, 1), (2, 3, 1), (3, 1, 1)]
)
def test_that_pools_that_round_up_have_the_windows_of_pytorch(
    size: int, kernel: int, stride: int, padding: int
) -> None:
    layers = (MaxPool2D(kernel=kernel, stride=stride, padding=padding, ceil=True), Flatten(), Dense(units=2))
    design = Design(input=Input(channels=1, height=size, width=size + 1), classes=2, layers=layers).named()
    x = np.random.default_rng(size).standard_normal((2, 1, size, size + 1))
    program, name = lowered_forward(design, 2, "maxpool1")
    env = {"x": x}
    for _ in execute(program, env, np.float64):
        pass
    expected = torch.nn.functional.max_pool2d(torch.from_numpy(x), kernel, stride, padding, ceil_mode=True)
    np.testing.assert_array_equal(env[name], expected.numpy())
