"""Compiled steps compute what the program says, whatever the shapes; and the debugger never runs them."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import numpy as np
import pytest
from depth import cases
from engine_zoo import ZOO
from engine_zoo import given as zoo_sources
from hypothesis import given, settings
from hypothesis import strategies as st

from convviz.core.design import Design, Input, Training
from convviz.core.errors import DesignError
from convviz.core.execute import execute
from convviz.core.layers import AnyLayer, AvgPool2D, BatchNorm2D, Conv2D, Dense, Flatten, MaxPool2D, ReLU, Tanh
from convviz.core.lower import lower
from convviz.core.network import Network
from convviz.core.plan import Lanes, Plan
from convviz.core.program import Program

pytest.importorskip("numba", reason="compiled kernels need numba")

from convviz.core.fast.rewrite import rewrite
from convviz.core.ops import filter_product, max_pool

BATCH = 5
sizes = st.tuples(st.integers(1, 5), st.integers(1, 5))
steps = st.tuples(st.integers(1, 3), st.integers(1, 3))


def filled(design: Design, precision: type, batch: int = BATCH, seed: int = 0) -> dict[str, np.ndarray]:
    """Sources of a program in stored form."""
    rng = np.random.default_rng(seed)
    program = lower(design, batch)
    found = {}
    for name in program.sources:
        spec = program.arrays[name]
        if name == "labels":
            found[name] = rng.integers(0, design.classes, spec.shape)
        else:
            found[name] = (rng.standard_normal(spec.stored) * (1.0 if name == "x" else 0.3)).astype(precision)
    return found


def run(
    design: Design,
    sources: dict[str, np.ndarray],
    precision: type,
    *,
    compiled: bool,
    shards: list[int] | None = None,
    threads: int = 2,
) -> tuple[Program, dict[str, np.ndarray]]:
    """Probabilities, gradients and new weights of one pass."""
    own = {name: array.copy() for name, array in sources.items()}
    lanes = Lanes(threads)
    batch = len(sources["labels"])
    plan = Plan(
        lambda n: lower(design, n, divisor=batch),
        batch,
        own,
        lanes,
        precision=precision,
        keep=["softmax.p"],
        shards=shards,
        compiled=compiled,
    )
    for name, buffer in plan.inputs.items():
        buffer[...] = sources[name]
    plan.run()
    found = {name: plan[name].copy() for name in ("softmax.p", "softmax.loss", *plan.program.gradients.values())}
    plan.update()
    lanes.close()
    return plan.program, found | {name: own[name] for name in plan.program.parameters}


TOLERANCE = {np.float64: 1e-12, np.float32: 1e-5}
precisions = st.sampled_from(sorted(TOLERANCE, key=lambda kind: kind.__name__))


def agree(design: Design, precision: type, shards: list[int] | None = None) -> None:
    """Compiled, against the program itself."""
    sources = filled(design, precision)
    program, made = run(design, sources, precision, compiled=True, shards=shards)
    env = dict(sources)
    for _ in execute(program, env, precision):
        pass
    for name, array in made.items():
        expected = env[program.updates.get(name, name)]
        scale = max(float(np.abs(expected).max()), 1.0)
        np.testing.assert_allclose(array, expected, rtol=0, atol=TOLERANCE[precision] * scale, err_msg=name)


@settings(max_examples=cases(35), deadline=None, derandomize=True)
@given(
    channels=st.integers(1, 6),
    image=st.tuples(st.integers(5, 21), st.integers(5, 35)),
    filters=st.sampled_from([1, 2, 3, 4, 7, 8, 9, 12, 17]),
    kernel=sizes,
    stride=steps,
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    padding=st.one_of(st.just("same"), st.just("valid"), st.tuples(st.integers(0, 3), st.integers(0, 3))),
    groups=st.sampled_from([1, 1, 1, 2, 3]),
    bias=st.booleans(),
    active=st.booleans(),
    precision=precisions,
)
def test_that_compiled_convolutions_are_the_program(
    channels: int,
    image: tuple[int, int],
    filters: int,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    padding: object,
    groups: int,
    bias: bool,
    active: bool,
    precision: type,
) -> None:
    first = Conv2D(filters=4 * groups, kernel=2, padding=1)
    second = Conv2D(
        filters=filters * groups,
        kernel=kernel,
        stride=stride,
        dilation=dilation,
        padding=padding,
        groups=groups,
        bias=bias,
    )
    design = Design(
        input=Input(channels=channels, height=image[0], width=image[1]),
        classes=3,
        layers=(first, ReLU() if active else Tanh(), second, *([ReLU()] if active else []), Flatten(), Dense(units=3)),
    )
    try:
        lower(design, 1)
    except DesignError:
        return
    agree(design, precision, [2, 3])


@settings(max_examples=cases(25), deadline=None, derandomize=True)
@given(
    image=st.tuples(st.integers(5, 12), st.integers(5, 40)),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=steps,
    padding=st.sampled_from(["same", "valid"]),
    kind=st.sampled_from([MaxPool2D, AvgPool2D]),
    order=st.sampled_from(["conv relu pool", "conv pool relu", "pool"]),
    precision=precisions,
)
def test_that_compiled_pooling_is_the_program(
    image: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: str,
    kind: type,
    order: str,
    precision: type,
) -> None:
    parts = {
        "conv": Conv2D(filters=5, kernel=3, padding=1),
        "relu": ReLU(),
        "pool": kind(kernel=kernel, stride=stride, padding=padding),
    }
    design = Design(
        input=Input(channels=2, height=image[0], width=image[1]),
        classes=3,
        layers=(Conv2D(filters=3, kernel=1), *(parts[word] for word in order.split()), Flatten(), Dense(units=3)),
    )
    try:
        lower(design, 1)
    except DesignError:
        return
    agree(design, precision, [3, 2])


@settings(max_examples=cases(20), deadline=None, derandomize=True)
@given(
    filters=st.sampled_from([2, 4, 6]),
    units=st.integers(1, 32),
    between=st.sampled_from([(), (ReLU(),), (Tanh(),), (ReLU(), MaxPool2D(kernel=2)), (BatchNorm2D(), ReLU())]),
    shards=st.sampled_from([[5], [2, 3], [1, 1, 1, 2]]),
    precision=precisions,
)
def test_that_compiled_dense_layers_are_the_program(
    filters: int, units: int, between: tuple[AnyLayer, ...], shards: list[int], precision: type
) -> None:
    design = Design(
        input=Input(channels=2, height=8, width=16),
        classes=units,
        layers=(Conv2D(filters=filters, kernel=3, padding=1), *between, Flatten(), Dense(units=units)),
    )
    agree(design, precision, shards)


@pytest.mark.parametrize("name", ZOO)
def test_that_every_layer_trains_alike_with_compiled_kernels_and_without(name: str) -> None:
    design, shards = ZOO[name], [2, 3, 1]
    start = zoo_sources(lower(design, 6))
    program, made = run(design, start, np.float64, compiled=True, shards=shards)
    _, expected = run(design, start, np.float64, compiled=False, shards=shards)
    for array, found in made.items():
        np.testing.assert_allclose(found, expected[array], rtol=1e-11, atol=1e-12, err_msg=array)
    assert program.gradients


def test_that_ties_in_a_window_go_to_the_first_maximum() -> None:
    design = Design(
        input=Input(channels=1, height=6, width=7),
        classes=2,
        layers=(Conv2D(filters=3, kernel=2), ReLU(), MaxPool2D(kernel=3, stride=1), Flatten(), Dense(units=2)),
    )
    sources = filled(design, np.float64)
    sources["x"] = np.round(sources["x"])
    for name in lower(design, 1).parameters[:2]:
        sources[name] = np.ones_like(sources[name])
    _, made = run(design, sources, np.float64, compiled=True)
    _, expected = run(design, sources, np.float64, compiled=False)
    for name, array in made.items():
        np.testing.assert_allclose(array, expected[name], rtol=0, atol=1e-12, err_msg=name)


DEEP = Design(
    input=Input(channels=2, height=14, width=13),
    classes=4,
    layers=(
        Conv2D(filters=6, kernel=3, padding=1),
        ReLU(),
        MaxPool2D(kernel=2),
        Conv2D(filters=9, kernel=(3, 2)),
        ReLU(),
        MaxPool2D(kernel=2, stride=1),
        Flatten(),
        Dense(units=8),
        ReLU(),
        Dense(units=4),
    ),
    training=Training(batch_size=16),
)


def test_that_the_number_of_threads_does_not_change_one_bit_of_compiled_training() -> None:
    sources = filled(DEEP, np.float32, batch=16)
    results = []
    for threads in (1, 2, 3):
        _, made = run(DEEP, sources, np.float32, compiled=True, shards=[3, 3, 3, 3, 4], threads=threads)
        results.append({name: array.tobytes() for name, array in made.items()})
    assert results[0] == results[1] == results[2]


def test_that_training_goes_the_same_way_with_compiled_kernels_and_without() -> None:
    results = []
    for compiled in (True, False):
        network = Network(DEEP, precision=np.float64)
        lanes = Lanes(2)
        plan = Plan(
            lambda n: network.program(n, divisor=16),  # noqa: B023
            16,
            network.arrays,
            lanes,
            precision=np.float64,
            compiled=compiled,
        )
        rng = np.random.default_rng(3)
        for _ in range(20):
            plan.inputs["x"][...] = rng.random(plan.inputs["x"].shape)
            plan.inputs["labels"][...] = rng.integers(0, 4, 16)
            plan.run()
            plan.update()
        lanes.close()
        results.append({name: network.arrays[name].copy() for name in network.parameters})
    for name, array in results[0].items():
        np.testing.assert_allclose(array, results[1][name], rtol=1e-9, atol=1e-12, err_msg=name)


def test_that_an_op_can_be_left_to_numpy() -> None:
    program = lower(DEEP, 4)
    left = {filter_product.FilterProduct, max_pool.MaxPool2D}
    mine = rewrite(program, without=tuple(left))
    assert left <= {type(step.op) for step in mine.steps}
    assert left.isdisjoint(type(step.op) for step in rewrite(program).steps)
    assert len(mine.steps) < len(program.steps)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_that_what_is_not_finite_stays_so(bad: float) -> None:
    sources = filled(DEEP, np.float32)
    sources["x"][3, 1, 5, 5] = bad
    _, made = run(DEEP, sources, np.float32, compiled=True)
    assert not np.isfinite(made["softmax.loss"])


def python(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


TRAIN = """
import sys, numpy as np
from convviz.core.design import course_design
from convviz.core.network import Network
from convviz.core.plan import Lanes, Plan
network = Network(course_design(filters=3))
plan = Plan(lambda n: network.program(n, divisor=4), 4, network.arrays, Lanes(1))
print("numba" in sys.modules)
"""
STEP = """
import sys, numpy as np
from convviz.core.design import course_design
from convviz.core.execute import execute
from convviz.core.network import Network
network = Network(course_design(filters=3))
program = network.program(1)
env = {**network.arrays, "x": np.zeros((1, 1, 28, 28), np.float32), "labels": np.zeros(1, np.int64)}
for step in execute(program, env): pass
print("numba" in sys.modules)
"""


def test_that_a_plan_compiles_and_the_switch_turns_it_off() -> None:
    assert python(TRAIN, CONVVIZ_FAST="1") == "True"
    assert python(TRAIN, CONVVIZ_FAST="0") == "False"


def test_that_a_numba_that_cannot_be_imported_is_done_without() -> None:
    refuses = "import sys; sys.modules['llvmlite'] = None"
    assert python(f"{refuses}\n{TRAIN}\nfrom convviz.core import fast; print(fast.available())").endswith("False")


REGISTERS = "from convviz.core.fast import vectors; print(vectors.BYTES, vectors.REGISTERS)"


@pytest.mark.skipif(platform.machine().lower() not in ("x86_64", "amd64"), reason="these are x86's instructions")
@pytest.mark.parametrize(
    ("features", "registers"), [("+avx,+avx2,+fma", "32 16"), ("+avx2,+avx,+avx512f", "64 32"), ("+sse2", "16 16")]
)
def test_that_tiles_fit_the_processor_that_numba_compiles_for(features: str, registers: str) -> None:
    assert python(REGISTERS, NUMBA_CPU_NAME="x86-64", NUMBA_CPU_FEATURES=features) == registers


def test_that_stepping_runs_the_numpy_kernels() -> None:
    assert python(STEP) == "False"
