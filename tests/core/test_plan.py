"""The compiled plan does what the program says, whatever the shards and threads."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from convviz.core import plan as planning
from convviz.core.design import Design, Input, course_design
from convviz.core.execute import execute
from convviz.core.layers import Conv2D, Dense, Flatten, ReLU
from convviz.core.lower import lower
from convviz.core.plan import Lanes, Plan
from convviz.core.program import Program
from convviz.core.shards import shard_sizes

TWO_CONVS = Design(
    name="two",
    input=Input(channels=2, height=9, width=7),
    classes=4,
    layers=(
        Conv2D(filters=4, kernel=3, padding=1),
        ReLU(),
        Conv2D(filters=6, kernel=(2, 3), padding=(1, 0), stride=(1, 2), groups=2, bias=False),
        Conv2D(filters=3, kernel=2, padding=1),
        ReLU(),
        Flatten(),
        Dense(units=8),
        ReLU(),
        Dense(units=4),
    ),
)


def sources(design: Design, batch: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    program = lower(design, batch)
    made = {}
    for name in program.sources:
        spec = program.arrays[name]
        if name == "labels":
            made[name] = rng.integers(0, design.classes, spec.shape)
        else:
            made[name] = rng.standard_normal(spec.stored) * (1.0 if name == "x" else 0.3)
    made["lr"] = np.array(0.05)
    return made


@pytest.fixture(autouse=True)
def _small_work_is_shared_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "SMALL_UPDATE", 0)
    monkeypatch.setattr(planning, "SMALL_PRODUCT", 0)


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("design", [course_design(filters=5), TWO_CONVS], ids=["course", "two convolutions"])
@pytest.mark.parametrize("shards", [[12], [6, 6], [3, 4, 5]], ids=str)
@pytest.mark.parametrize("threads", [1, 2])
def test_that_plan_computes_what_the_program_says(design: Design, shards: list[int], threads: int) -> None:
    given = sources(design, 12)
    env = {name: array.copy() for name, array in given.items()}
    program = lower(design, 12)
    for _ in execute(program, env, np.float64):
        pass
    lanes = Lanes(threads)
    plan = Plan(
        lambda n: lower(design, n, divisor=12),
        12,
        given,
        lanes,
        precision=np.float64,
        keep=["softmax.p"],
        shards=shards,
    )
    plan.inputs["x"][...] = given["x"]
    plan.inputs["labels"][...] = given["labels"]
    plan.run()
    lanes_sum = float(plan["softmax.loss"])
    assert lanes_sum == pytest.approx(float(env["softmax.loss"]), rel=1e-12)
    np.testing.assert_allclose(plan["softmax.p"], env["softmax.p"], rtol=1e-11)
    for gradient in program.gradients.values():
        np.testing.assert_allclose(plan[gradient], env[gradient], rtol=1e-9, atol=1e-13)
    plan.update()
    for old, new in program.updates.items():
        np.testing.assert_allclose(given[old], env[new], rtol=1e-11, atol=1e-13)
    lanes.close()


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("design", [course_design(filters=8), TWO_CONVS], ids=["course", "two convolutions"])
def test_that_the_number_of_threads_does_not_change_one_bit(design: Design) -> None:
    results = []
    for threads in (1, 2, 3):
        given = sources(design, 20)
        given = {name: a if name == "labels" else a.astype(np.float32) for name, a in given.items()}
        lanes = Lanes(threads)
        plan = Plan(partial(divided, design), 20, given, lanes, shards=[4] * 5)
        plan.inputs["x"][...] = given["x"]
        plan.inputs["labels"][...] = given["labels"]
        for _ in range(3):
            plan.run()
            plan.update()
        lanes.close()
        results.append({name: given[name].tobytes() for name in plan.program.parameters})
    assert results[0] == results[1] == results[2]


def divided(design: Design, images: int) -> Program:
    return lower(design, images, divisor=20)


def test_that_running_twice_gives_the_same_gradients() -> None:
    given = sources(TWO_CONVS, 8)
    lanes = Lanes(2)
    plan = Plan(lambda n: lower(TWO_CONVS, n, divisor=8), 8, given, lanes, precision=np.float64, shards=[4, 4])
    plan.inputs["x"][...] = given["x"]
    plan.inputs["labels"][...] = given["labels"]
    plan.run()
    first = {g: plan[g].copy() for g in plan.program.gradients.values()}
    plan.run()
    lanes.close()
    for gradient, before in first.items():
        np.testing.assert_array_equal(plan[gradient], before)


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("threads", [1, 2])
def test_that_a_run_takes_the_images_of_its_rows(threads: int) -> None:
    given, rng = sources(TWO_CONVS, 9), np.random.default_rng(0)
    every = {"x": rng.random((30, 2, 9, 7)), "labels": rng.integers(0, 4, 30)}
    lanes = Lanes(threads)
    plans = [
        Plan(
            lambda n: lower(TWO_CONVS, n, divisor=9),
            9,
            {name: array.copy() for name, array in given.items()},
            lanes,
            precision=np.float64,
            shards=[4, 5],
            gathered=gathered,
        )
        for gathered in (every, None)
    ]
    for _ in range(2):
        rows = rng.integers(0, 30, 9)
        plans[0].rows[...] = rows
        for name, array in every.items():
            plans[1].inputs[name][...] = array[rows]
        for plan in plans:
            plan.run()
            plan.update()
    lanes.close()
    for name in (*plans[0].inputs, *plans[0].program.gradients.values(), *plans[0].program.parameters):
        np.testing.assert_array_equal(plans[0][name], plans[1][name])


@pytest.mark.parametrize("batch", [1, 2, 7, 16, 64, 100, 1000])
def test_that_shards_cover_the_batch(batch: int) -> None:
    sizes = shard_sizes(lower(course_design(), batch))
    assert sum(sizes) == batch
    assert min(sizes) >= 1
    assert max(sizes) - min(sizes) <= 1


ONE_MAP = Design(
    input=Input(channels=1, height=6, width=6),
    classes=3,
    layers=(Conv2D(filters=4, kernel=3), Flatten(), Dense(units=40), Dense(units=3)),
)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("shards", [[8], [3, 5]], ids=str)
@pytest.mark.parametrize(
    ("image", "slope", "finite"), [(1.0, 1.0, True), (1e25, 1.0, True), (1e38, 1e6, False), (np.nan, 1.0, False)]
)
def test_that_a_gradient_that_is_not_finite_is_found_though_the_loss_is(
    image: float, slope: float, finite: bool, shards: list[int], compiled: bool
) -> None:
    if compiled:
        pytest.importorskip("numba", reason="compiled kernels need numba")
    rng = np.random.default_rng(0)
    given = {name: array.astype(np.float32) for name, array in sources(ONE_MAP, 8).items() if name != "labels"}
    given["conv1.weight"] *= 0  # so the scores do not depend on the image, and the filters' gradient does
    given["dense1.weight"] *= slope
    lanes = Lanes(2)
    plan = Plan(lambda n: lower(ONE_MAP, n, divisor=8), 8, given, lanes, shards=shards, compiled=compiled)
    plan.inputs["x"][...] = np.float32(image) * (1 + rng.random(plan.inputs["x"].shape, np.float32))
    plan.inputs["labels"][...] = rng.integers(0, 3, 8)
    for _ in range(2):
        plan.run()
    lanes.close()
    found = all(np.isfinite(plan[name]).all() for name in plan.program.gradients.values())
    assert found == finite
    assert plan.is_finite() == finite
    assert np.isfinite(plan["softmax.loss"]) or np.isnan(image)
