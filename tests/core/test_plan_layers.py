"""The compiled plan does what the program says for every layer and optimiser, whatever the shards and threads."""

from __future__ import annotations

import numpy as np
import pytest
from engine_zoo import ZOO, Array, given

from convviz.core import plan as planning
from convviz.core.execute import execute
from convviz.core.lower import lower
from convviz.core.plan import Lanes, Plan

BATCH = 6


@pytest.fixture(autouse=True)
def _small_work_is_shared_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "SMALL_UPDATE", 0)
    monkeypatch.setattr(planning, "SMALL_PRODUCT", 0)


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("shards", [[6], [1, 2, 2, 1]], ids=str)
@pytest.mark.parametrize("name", ZOO)
def test_that_the_plan_trains_as_the_program_says(name: str, shards: list[int]) -> None:
    design = ZOO[name]
    program = lower(design, BATCH)
    start = given(program)
    env = dict(start)
    kept: dict[str, Array] = {k: v.copy() for k, v in start.items() if not program.arrays[k].batched}
    lanes = Lanes(2)
    plan = Plan(
        lambda n: lower(design, n, divisor=BATCH),
        BATCH,
        kept,
        lanes,
        precision=np.float64,
        keep=["softmax.p"],
        shards=shards,
    )
    for source, buffer in plan.inputs.items():
        buffer[...] = start[source]
    for _ in range(2):
        made = dict(env)
        for _step in execute(program, made, np.float64):
            pass
        plan.run()
        plan.update()
        np.testing.assert_allclose(plan["softmax.p"], made["softmax.p"], rtol=1e-10, atol=1e-14)
        for parameter, gradient in program.gradients.items():
            scale = max(float(np.abs(made[gradient]).max()), 1e-6)
            np.testing.assert_allclose(plan[gradient], made[gradient], rtol=0, atol=1e-10 * scale, err_msg=parameter)
        for old, new in program.updates.items():
            env[old] = made[new]
            np.testing.assert_allclose(kept[old], env[old], rtol=1e-9, atol=1e-11, err_msg=old)
    lanes.close()


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("name", ["batch normalisation", "normalised, then padded", "dropout", "max pool, same"])
def test_that_evaluation_runs_in_shards_too(name: str) -> None:
    design = ZOO[name]
    program = lower(design, BATCH, train=False, image_gradient=True)
    start = given(program)
    env = dict(start)
    for _ in execute(program, env, np.float64):
        pass
    lanes = Lanes(2)
    gradient = program.gradients["x"]
    plan = Plan(
        lambda n: lower(design, n, divisor=BATCH, train=False, image_gradient=True),
        BATCH,
        {k: v for k, v in start.items() if not program.arrays[k].batched},
        lanes,
        precision=np.float64,
        keep=["softmax.p", gradient],
        shards=[4, 2],
    )
    for source, buffer in plan.inputs.items():
        buffer[...] = start[source]
    plan.run()
    lanes.close()

    np.testing.assert_allclose(plan["softmax.p"], env["softmax.p"], rtol=1e-12)
    np.testing.assert_allclose(plan[gradient], env[gradient], rtol=1e-10, atol=1e-14)
