"""Batch normalisation in training, in evaluation, and in parts of a minibatch."""

from __future__ import annotations

import numpy as np
import pytest
from engine_zoo import Env, given, net

from convviz.core.design import Design
from convviz.core.execute import execute
from convviz.core.layers import BatchNorm2D, Conv2D, ReLU
from convviz.core.lower import lower
from convviz.core.network import Network
from convviz.core.program import Program

DESIGN = net(BatchNorm2D(momentum=0.5), Conv2D(filters=2, bias=False), BatchNorm2D(), ReLU())


def ran(program: Program, env: Env) -> Env:
    env = dict(env)
    for _ in execute(program, env, np.float64):
        pass
    return env


def test_that_evaluation_normalises_by_the_running_statistics() -> None:
    program = lower(DESIGN, 3, train=False)
    env = ran(program, given(program))

    scale, shift = env["bn1.scale"], env["bn1.shift"]
    deviation = np.sqrt(env["bn1.running_variance"] + 1e-5)
    expected = (env["x"] - env["bn1.running_mean"][:, None, None]) / deviation[:, None, None]
    np.testing.assert_allclose(
        env["bn1.z"], scale[:, None, None] * expected + shift[:, None, None], rtol=1e-12, atol=1e-12
    )


def test_that_an_image_is_judged_in_evaluation_whatever_is_beside_it() -> None:
    whole, alone = lower(DESIGN, 3, train=False), lower(DESIGN, 1, train=False)
    env = given(whole)
    together = ran(whole, env)["softmax.p"]

    single = {name: env[name] for name in alone.sources} | {"x": env["x"][1:2], "labels": env["labels"][1:2]}

    np.testing.assert_allclose(ran(alone, single)["softmax.p"], together[1:2], rtol=1e-13)


def test_that_running_statistics_follow_those_of_the_minibatches() -> None:
    network = Network(DESIGN, precision=np.float64)
    program = network.program(4)
    rng = np.random.default_rng(0)
    for _ in range(40):
        x = rng.standard_normal((4, 2, 5, 4)) * 3 + 5
        env = ran(program, network.arrays | {"x": x, "labels": rng.integers(0, 3, 4)})
        for name in network.arrays:
            if "running" in name:
                network.arrays[name][...] = env[program.updates[name]]

    assert network.arrays["bn1.running_mean"] == pytest.approx([5, 5], abs=0.5)
    assert network.arrays["bn1.running_variance"] == pytest.approx([9, 9], rel=0.3)


def test_that_the_variance_that_is_remembered_is_not_too_small() -> None:
    program = lower(DESIGN, 1)
    env = given(program)
    made = ran(program, env)

    unbiased = env["x"].var(axis=(0, 2, 3), ddof=1)
    expected = 0.5 * env["bn1.running_variance"] + 0.5 * unbiased
    np.testing.assert_allclose(made["bn1.running_variance_new"], expected, rtol=1e-12)


def test_that_parts_of_a_minibatch_add_up_to_its_mean_and_its_variance() -> None:
    whole = lower(DESIGN, 5)
    env = given(whole)
    made = ran(whole, env)
    step = {s.output: s for s in whole.steps}
    for name in ("bn2.mean", "bn2.variance", "bn2.d_shift", "bn2.d_scale", "bn2.d_x_hat_mean", "bn2.d_x_hat_along"):
        op = step[name].op
        total = np.zeros_like(made[name])
        for images in (slice(0, 2), slice(2, 3), slice(3, 5)):
            part = np.empty_like(total)
            ins = [made[source][images] for source in step[name].inputs]
            type(op).kernel(*op.prepare(ins, part, lambda tag, shape, dtype: np.empty(shape, dtype)))
            total += part
        np.testing.assert_allclose(total, made[name], rtol=1e-12, atol=1e-13, err_msg=name)


def test_that_the_running_statistics_are_kept_but_not_trained() -> None:
    program = lower(DESIGN, 2)

    kept = {name for name in program.updates if name not in program.parameters}
    assert kept == {f"bn{n}.running_{word}" for n in (1, 2) for word in ("mean", "variance")}
    assert {name: program.initial[name] for name in kept} == {
        name: 1.0 if name.endswith("variance") else 0.0 for name in kept
    }


def test_that_phases_stay_in_order_with_updates_that_layers_ask_for() -> None:
    program = lower(DESIGN, 2)
    order = ["forward", "loss", "backward", "update"]

    places = [order.index(step.phase) for step in program.steps]
    assert places == sorted(places)


def test_that_a_channel_of_one_cell_becomes_its_shift() -> None:
    design: Design = net(BatchNorm2D(), image=(3, 1, 1))
    program = lower(design, 1)
    env = given(program)
    made = ran(program, env)

    np.testing.assert_allclose(made["bn1.z"].reshape(-1), env["bn1.shift"])
    assert np.isfinite(made["bn1.running_variance_new"]).all()
