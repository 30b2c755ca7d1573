"""Which layers a layer reads: names, defaults, mistakes, and the graph that comes out."""

from __future__ import annotations

import numpy as np
import pytest
from branched_designs import draw_branched
from engine_zoo import ZOO, given

from convviz.core.design import Design, Input
from convviz.core.errors import ShapeError, UnreadError
from convviz.core.execute import execute
from convviz.core.lanes import Lanes
from convviz.core.layers import Add, AnyLayer, Concat, Conv2D, Dense, Flatten, Multiply, ReLU
from convviz.core.lower import lower
from convviz.core.plan import Plan
from convviz.core.wiring import is_chain, is_cut, links_of, part_for, reads_of, unread

IMAGE = Input(channels=1, height=4, width=4)


def design(*layers: AnyLayer) -> Design:
    return Design(input=IMAGE, classes=2, layers=layers).named()


RESIDUAL = design(
    Conv2D(filters=2, kernel=3, padding=1),
    ReLU(),
    Conv2D(filters=2, kernel=3, padding=1),
    Add(input=("", "relu1")),
    Flatten(),
    Dense(units=2),
)


def test_that_a_layer_reads_the_one_before_unless_it_names_another() -> None:
    assert reads_of(RESIDUAL.layers) == (
        ("x",),
        ("conv1",),
        ("relu1",),
        ("conv2", "relu1"),
        ("add1",),
        ("flatten1",),
    )
    assert links_of(RESIDUAL.layers) == ((-1, 0), (0, 1), (1, 2), (2, 3), (1, 3), (3, 4), (4, 5))
    assert not is_chain(RESIDUAL.layers)
    assert is_chain(design(Conv2D(), ReLU(input="conv1")).layers)


def test_that_what_all_paths_go_through_is_a_cut() -> None:
    assert [is_cut(RESIDUAL.layers, at) for at in range(6)] == [True, True, False, True, True, True]


def test_that_a_part_has_the_layers_that_it_needs_and_no_others() -> None:
    two = design(Conv2D(filters=2), ReLU(), Conv2D(filters=2, input="conv1"), Add(input=("relu1", "conv2")))
    assert [layer.name for layer in part_for(two.layers, 2)] == ["conv1", "conv2"]
    shortened = part_for(design(Conv2D(), ReLU(), Conv2D(input="x"), ReLU()).layers, 3)
    assert [(layer.name, layer.input) for layer in shortened] == [("conv2", "x"), ("relu2", "")]


def test_that_the_images_can_be_read_by_any_layer() -> None:
    made = lower(design(Conv2D(filters=1, kernel=1), Concat(input=("", "x")), Flatten(), Dense(units=2)), 3)
    assert made.arrays["concat1.z"].shape == (3, 2, 4, 4)


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        (
            (ReLU(input="relu9"),),
            "relu1: expected to read a layer above it, or x for the images, got relu9, which isn't",
        ),
        ((ReLU(input="relu2"), ReLU()), "relu1: expected to read a layer above it.* got relu2, which comes later"),
        ((ReLU(input="relu1"),), "relu1: expected to read a layer above it.* got itself"),
        ((ReLU(input=("x", "x")),), "relu1: expected one input, got 2: x, x"),
        ((ReLU(), Add()), "add1: expected 2 inputs or more, got none"),
        ((ReLU(), Add(input="x")), "add1: expected 2 inputs or more, got 1: x"),
        (
            (Conv2D(filters=3, kernel=1), Add(input=("", "x"))),
            r"add1: expects inputs of one shape, got 3×4×4 \(conv1\) and 1×4×4 \(x\)",
        ),
        (
            (Conv2D(filters=3, kernel=3), Concat(input=("", "x"))),
            r"concat1: expects inputs that differ in their channels only, got 3×2×2 \(conv1\) and 1×4×4 \(x\)",
        ),
        (
            (Flatten(), Multiply(input=("x", ""))),
            "multiply1: expects two inputs of one shape, or maps and a factor for each of them",
        ),
    ],
)
def test_that_inputs_that_cannot_be_read_are_refused(layers: tuple[AnyLayer, ...], sentence: str) -> None:
    with pytest.raises(ShapeError, match=sentence) as refused:
        lower(design(*layers, Flatten(), Dense(units=2)), 2)
    assert refused.value.field == "input"


def test_that_a_layer_that_nothing_reads_is_refused() -> None:
    loose = design(Conv2D(filters=1), ReLU(), Flatten(input="x"), Dense(units=2))
    assert unread(loose.layers) == (0, 1)
    with pytest.raises(UnreadError, match="relu1: expected a layer that reads it, got none"):
        lower(loose, 2)


@pytest.mark.parametrize("seed", range(12))
def test_that_plan_and_execute_agree_bit_for_bit_with_any_number_of_threads(seed: int) -> None:
    rng = np.random.default_rng(seed)
    made, batch = draw_branched(lambda options: options[int(rng.integers(len(options)))])
    program = lower(made, batch)
    start = given(program, seed)
    env = dict(start)
    for _ in execute(program, env, np.float64):
        pass
    for threads in (1, 2):
        weights = {name: a.copy() for name, a in start.items() if not program.arrays[name].batched}
        lanes = Lanes(threads)
        plan = Plan(
            lambda n, made=made, batch=batch: lower(made, n, divisor=batch),
            batch,
            weights,
            lanes,
            precision=np.float64,
            keep=["softmax.p"],
            shards=[batch],
            compiled=False,
        )
        for name, place in plan.inputs.items():
            place[...] = start[name]
        plan.run()
        np.testing.assert_array_equal(plan["softmax.p"], env["softmax.p"])
        for gradient in program.gradients.values():
            np.testing.assert_array_equal(plan[gradient], env[gradient], err_msg=gradient)
        lanes.close()


def test_that_a_gradient_of_a_design_with_branches_reaches_every_parameter() -> None:
    for name in ("residual", "three ways", "squeeze and excitation", "rows of features"):
        program = lower(ZOO[name], 2, image_gradient=True)
        assert set(program.gradients) == {*program.parameters, "x"}
