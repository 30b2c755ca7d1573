"""A nudge says of a gradient whether it is right, wrong, or can't be judged, and is not mistaken."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
from engine_zoo import ZOO

from convviz.core import memory
from convviz.core.design import Design, Input, Training
from convviz.core.errors import DesignError
from convviz.core.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU
from convviz.core.network import Network
from convviz.core.ops.activation import ReluGrad
from convviz.core.optim import Adam
from convviz.training.edits import EditError
from convviz.training.make_pass import make_pass
from convviz.training.nudge import EPSILONS, Verdict, belongs_to, nudge, nudge_task
from convviz.training.stepping import Pass
from tests.support.random_designs import random_design

SMALL = Design(
    name="small",
    input=Input(channels=2, height=6, width=5),
    classes=3,
    layers=(
        Conv2D(filters=3, kernel=(3, 2), padding=1, stride=(2, 1)),
        BatchNorm2D(),
        ReLU(),
        MaxPool2D(kernel=2, stride=1),
        Dropout(rate=0.2),
        Flatten(),
        Dense(units=3),
    ),
    training=Training(batch_size=2, optimiser=Adam(), clip_norm=0.1, weight_decay=0.1),
).named()


def a_pass(design: Design = SMALL, batch: int = 2, seed: int = 3) -> Pass:
    draw = np.random.default_rng(seed)
    image = design.input
    images = draw.normal(size=(batch, image.channels, image.height, image.width))
    return make_pass(design, Network(design).arrays, images, np.arange(batch) % design.classes)


def some_cells(run: Pass, seed: int, each: int = 3):
    """Cells of the parameters and of the images."""
    rng = np.random.default_rng(seed)
    for name in (*run.program.parameters, "x"):
        shape = run.program.arrays[name].shape
        for _ in range(each):
            yield name, tuple(int(rng.integers(n)) for n in shape)


def test_that_nearly_all_gradients_of_random_networks_are_judged_right() -> None:
    counts: Counter[Verdict] = Counter()
    rng = random.Random(4)
    for number in range(12):
        run = a_pass(random_design(rng).named(), batch=2, seed=number)
        for name, index in some_cells(run, number, each=2):
            found = nudge(run, name, index)
            counts[found.verdict] += 1
            assert found.verdict is not Verdict.WRONG, (run.program, found)
    total = sum(counts.values())
    assert total > 100
    assert counts[Verdict.RIGHT] >= 0.9 * total, counts


@pytest.mark.parametrize("name", ["conv1.weight", "bn1.scale", "dense1.weight", "dense1.bias", "x", "bn1.z", "relu1.a"])
def test_that_a_nudge_finds_the_gradient_that_the_backward_pass_computes(name: str) -> None:
    run = a_pass()
    rng = np.random.default_rng(1)
    for _ in range(4):
        index = tuple(int(rng.integers(n)) for n in run.program.arrays[name].shape)
        found = nudge(run, name, index)
        assert found.verdict in (Verdict.RIGHT, Verdict.OPEN)
        if found.verdict is Verdict.RIGHT:
            assert found.numeric == pytest.approx(found.analytic, rel=1e-5, abs=2 * found.noise)


def test_that_a_wrong_derivative_is_judged_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    run = a_pass()
    right = {cell: nudge(run, *cell) for cell in some_cells(run, 0)}
    monkeypatch.setattr(ReluGrad, "kernel", staticmethod(lambda *arguments: np.copyto(arguments[-1], 1.0)))
    counts: Counter[Verdict] = Counter()
    for cell, before in right.items():
        found = nudge(run, *cell)
        if abs(found.analytic - before.analytic) > 1e-3 * abs(before.analytic) + 1e-6:
            counts[found.verdict] += 1
        else:
            assert found.verdict is before.verdict
    assert counts[Verdict.RIGHT] == 0
    assert counts[Verdict.WRONG] >= 5


def test_that_a_loss_that_is_much_curved_is_looked_at_more_closely() -> None:
    """Numbers that are normalised twice: with ±1e-4 the third derivative alone makes the slopes differ."""
    design = ZOO["layer normalisation of channels"]
    image = design.input
    images = np.random.default_rng(0).random((3, image.channels, image.height, image.width), dtype=np.float32)
    run = make_pass(design, Network(design).arrays, images, np.arange(3) % design.classes)
    run.run_to_end()
    found = nudge(run, "ln1.shift", (1,))
    assert found.epsilon < EPSILONS[0]
    assert not found.switched
    assert found.verdict is Verdict.RIGHT


def test_that_epsilon_shrinks_until_nothing_switches() -> None:
    """One weight, one pixel: a unit stands 3e-6 from where it switches, so ±1e-6 is the first that leaves it."""
    design = Design(
        input=Input(height=1, width=1), classes=2, layers=(Flatten(), Dense(units=1), ReLU(), Dense(units=2))
    ).named()
    arrays = {
        "dense1.weight": np.array([[3e-6]], np.float32),
        "dense1.bias": np.zeros(1, np.float32),
        "dense2.weight": np.array([[1.0, -2.0]], np.float32),
    }
    run = make_pass(design, arrays, np.ones((1, 1, 1, 1), np.float32), np.array([0]))
    name = next(name for name in run.program.parameters if name.startswith("dense1.b"))
    found = nudge(run, name, (0,))
    assert found.epsilon == 1e-6
    assert not found.switched
    assert found.verdict is Verdict.RIGHT
    assert found.analytic != 0


def test_that_a_unit_that_stands_at_its_corner_cannot_be_judged() -> None:
    design = Design(
        input=Input(height=1, width=1), classes=2, layers=(Flatten(), Dense(units=1), ReLU(), Dense(units=2))
    ).named()
    arrays = {
        "dense1.weight": np.zeros((1, 1), np.float32),
        "dense1.bias": np.zeros(1, np.float32),
        "dense2.weight": np.array([[1.0, -2.0]], np.float32),
    }
    run = make_pass(design, arrays, np.ones((1, 1, 1, 1), np.float32), np.array([0]))
    found = nudge(run, "dense1.bias", (0,))
    assert found.epsilon == EPSILONS[-1]
    assert found.switched == (("relu1.a", 1),)
    assert found.verdict is Verdict.OPEN


def test_that_what_changes_nothing_has_a_gradient_of_zero_that_is_right() -> None:
    run = make_pass(SMALL, {}, np.zeros((1, 2, 6, 5), np.float32), np.array([0]))
    found = nudge(run, "conv1.weight", (0, 0, 0, 0))
    assert (found.analytic, found.low) == (0.0, found.high)
    assert found.verdict is Verdict.RIGHT


def test_that_gradients_and_renewed_weights_lead_to_the_weight() -> None:
    program = a_pass().program
    assert belongs_to(program, "conv1.d_weight") == "conv1.weight"
    assert belongs_to(program, program.updates["conv1.weight"]) == "conv1.weight"
    assert belongs_to(program, "conv1.weight") == "conv1.weight"
    assert belongs_to(program, "conv1.d_x") == "x"
    later = [step.output for step in program.steps if step.op.name in ("clip", "add_decay") and "conv1" in step.output]
    assert later
    assert {belongs_to(program, name) for name in later if "weight" in name} == {"conv1.weight"}


def test_that_a_nudge_leaves_the_pass_as_it_is_and_makes_it_run_nowhere() -> None:
    run = a_pass()
    run.go_to(3)
    before = run.cursor, run.ran, run.value("conv1.weight", (0, 0, 0, 0))
    task = nudge_task(run, "conv1.weight", (0, 0, 0, 0))
    task.run()
    assert (run.cursor, run.ran, run.value("conv1.weight", (0, 0, 0, 0))) == before


def test_that_an_edit_reaches_a_nudge_that_is_asked_for_afterwards_only() -> None:
    run = a_pass()
    task = nudge_task(run, "dense1.bias", (0,))
    first = task.run()
    run.edit("dense1.bias", (0,), 2.0)
    assert task.run() == first
    assert nudge(run, "dense1.bias", (0,)).low != first.low


def test_that_a_nudge_that_there_is_no_room_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    run = a_pass()
    monkeypatch.setattr(memory, "free_memory", lambda: 1000)
    with pytest.raises(DesignError, match="a nudge: expected one that runs the pass in float64 in the"):
        nudge_task(run, "conv1.weight", (0, 0, 0, 0))


def test_that_what_has_no_gradient_cannot_be_nudged() -> None:
    with pytest.raises(EditError, match="has none"):
        nudge(a_pass(), "labels", (0,))
