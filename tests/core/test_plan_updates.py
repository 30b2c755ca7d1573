"""Update steps that run side by side do not wait for each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from convviz.core import plan as planning
from convviz.core.design import Design, Input, Training
from convviz.core.execute import execute
from convviz.core.lanes import run_all
from convviz.core.layers import Dense, Flatten
from convviz.core.lower import lower
from convviz.core.network import Network
from convviz.core.optim import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    Momentum,
    Nesterov,
    Optimiser,
    RMSProp,
)
from convviz.core.plan import Lanes, Plan, Thunk

OPTIMISERS = [
    SGD(),
    Momentum(),
    Nesterov(),
    Adagrad(),
    Adadelta(),
    RMSProp(),
    RMSProp(momentum=0.5),
    Adam(),
    AdamW(),
]


class Backwards(Lanes):
    """Runs the lanes one after the other, the last one first: what a slow first thread would do."""

    def run(self, lanes: Sequence[Sequence[Thunk]]) -> None:
        for lane in reversed(lanes):
            run_all(lane)


@pytest.fixture(autouse=True)
def _small_work_is_shared_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "SMALL_UPDATE", 0)
    monkeypatch.setattr(planning, "SMALL_PRODUCT", 0)


@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=lambda o: type(o).__name__)
@pytest.mark.parametrize("units", [3, 5000])
@pytest.mark.parametrize("compiled", [False, True], ids=["numpy", "compiled"])
@pytest.mark.parametrize("more", [{}, {"weight_decay": 0.1}, {"clip_norm": 0.5}], ids=["", "decay", "clip"])
def test_that_no_update_step_needs_what_another_thread_makes(
    optimiser: Optimiser, units: int, compiled: bool, more: dict[str, float]
) -> None:
    if compiled:
        pytest.importorskip("numba", reason="compiled kernels need numba")
    design = Design(
        input=Input(channels=1, height=3, width=3),
        classes=units,
        layers=(Flatten(), Dense(units=units, bias=units > 3)),
        training=Training(optimiser=optimiser, **more),
    )
    network = Network(design, precision=np.float64)
    rng = np.random.default_rng(1)
    program = lower(network.design, 2)
    given = {"x": rng.standard_normal((2, 1, 3, 3)), "labels": rng.integers(0, units, 2)}
    for name in program.updates.keys() - set(program.parameters):
        network.arrays[name][...] = 0.1 + rng.random(network.arrays[name].shape)
    if "t" in network.arrays:
        network.arrays["t"][...] = 3
    env = {name: array.copy() for name, array in network.arrays.items()} | given
    for _ in execute(program, env, np.float64):
        pass
    lanes = Backwards(2)
    plan = Plan(
        lambda n: lower(network.design, n, divisor=2),
        2,
        network.arrays,
        lanes,
        precision=np.float64,
        compiled=compiled,
    )
    for name, array in given.items():
        plan.inputs[name][...] = array

    plan.run()
    plan.update()
    lanes.close()

    for old, new in program.updates.items():
        np.testing.assert_allclose(network.arrays[old], env[new], rtol=1e-9, atol=1e-13)
