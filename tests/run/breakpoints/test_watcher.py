"""Each kind of breakpoint holds at exactly the right minibatch, before its update, and going on is bit for bit."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest

from convviz.core.arrays import Array
from convviz.core.design import Design, Input, Training
from convviz.core.layers import Conv2D, Dense, Flatten, ReLU
from convviz.core.lower import LOSS
from convviz.core.network import Network
from convviz.core.optim import Momentum
from convviz.run.breakpoints.condition import Breakpoint, Condition, Hit
from convviz.run.breakpoints.grammar import ConditionError, read_condition, written
from convviz.run.breakpoints.watcher import Watcher
from convviz.training.events import EpochDone, Held, MinibatchDone
from convviz.training.images import Split
from convviz.training.layer_measures import norm
from convviz.training.snapshot import take_snapshot
from convviz.training.trainer import Trainer

DESIGN = Design(
    input=Input(height=6, width=6),
    classes=3,
    layers=(Conv2D(filters=4, kernel=3), ReLU(), Flatten(), Dense(units=3)),
    training=Training(optimiser=Momentum(lr=0.3), batch_size=8, epochs=3),
).named()


@pytest.fixture(autouse=True)
def _numpy_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVVIZ_FAST", "0")


def noise(count: int = 80) -> Split:
    rng = np.random.default_rng(3)
    return Split(rng.random((count, 1, 6, 6), np.float32), rng.integers(0, 3, count))


def trainer(network: Network | None = None) -> Trainer:
    return Trainer(DESIGN, noise(), noise(24), network=network, threads=1)


class Plain:
    """What a run without breakpoints was like: numbers of each minibatch, each before its update."""

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.norms: list[float] = []
        self.ratios: list[float] = []
        self.classes: list[int] = []
        self.bias: list[float] = []
        self.slope: list[float] = []
        self.before: list[dict[str, Array]] = []
        self.accuracies: dict[int, float] = {}
        with trainer() as plain:
            events = plain.run()
            while True:
                before = {name: array.copy() for name, array in plain.network.arrays.items()}
                image = take_snapshot(plain.network, plain.test, "test", 5, plain.position)
                event = next(events, None)
                if event is None:
                    break
                if isinstance(event, EpochDone):
                    self.accuracies[event.position.step] = event.test_accuracy
                if isinstance(event, MinibatchDone):
                    self.before.append(before)
                    self.losses.append(event.loss)
                    gradients = plain.gradients()
                    self.norms.append(math.sqrt(sum(norm(one) ** 2 for one in gradients.values())))
                    self.bias.append(float(np.abs(gradients["dense1.bias"]).max()))
                    self.slope.append(float(gradients["dense1.bias"][0]))
                    after = plain.network.arrays
                    names = ("conv1.weight", "dense1.weight")
                    self.ratios.append(max(norm(after[n] - before[n]) / norm(before[n]) for n in names))
                    self.classes.append(int(image.arrays["softmax.p"].argmax()))
            self.after = {name: array.copy() for name, array in plain.network.arrays.items()}


@pytest.fixture(scope="module")
def plain() -> Plain:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVVIZ_FAST", "0")
        return Plain()


def signs_changed(values: list[float]) -> list[int]:
    """Steps, from 1, at which a value has another sign than when it was last not 0."""
    known = [(step, value > 0) for step, value in enumerate(values, 1) if value]
    return [step for (_, before), (step, now) in itertools.pairwise(known) if before != now]


def rising(truths: list[bool]) -> list[int]:
    """Steps, from 1, at which it becomes true."""
    return [step for step, (a, b) in enumerate(itertools.pairwise([False, *truths]), 1) if b and not a]


def run_with(condition: Condition | str, plain: Plain) -> list[Hit]:
    """Train with a breakpoint and go on after each hold; every hold must find the state before the update."""
    read = read_condition(condition) if isinstance(condition, str) else condition
    hits: list[Hit] = []
    watcher = Watcher([Breakpoint(1, read)], hits.append)
    with trainer() as held:
        watcher.follow(held)
        for event in held.run():
            if isinstance(event, Held):
                step = hits[-1].step
                assert event.position.step == step - 1
                for name in ("conv1.weight", "dense1.weight", "conv1.bias", "dense1.bias"):
                    np.testing.assert_array_equal(held.network.arrays[name], plain.before[step - 1][name])
            if isinstance(event, EpochDone) and watcher.epoch_done(event):
                # It is held between two minibatches: the next update was not made.
                assert hits[-1].step == event.position.step
                after = plain.before[event.position.step : event.position.step + 1] or [plain.after]
                np.testing.assert_array_equal(held.network.arrays["conv1.weight"], after[0]["conv1.weight"])
        for name, array in plain.after.items():
            np.testing.assert_array_equal(held.network.arrays[name], array, err_msg=name)
    assert watcher.hits[1] == len(hits)
    return hits


def middle(values: list[float]) -> float:
    """A limit that some values are above."""
    some = sorted(values)
    return (some[len(some) * 2 // 3] + some[len(some) * 2 // 3 + 1]) / 2


CASES: dict[str, Callable[[Plain], tuple[str, list[int]]]] = {
    "loss": lambda p: (f"loss > {middle(p.losses)!r}", rising([x > middle(p.losses) for x in p.losses])),
    "gradient": lambda p: (f"gradient norm > {middle(p.norms)!r}", rising([x > middle(p.norms) for x in p.norms])),
    "ratio": lambda p: (f"update ratio > {middle(p.ratios)!r}", rising([x > middle(p.ratios) for x in p.ratios])),
    "flip": lambda p: (
        "image 5 flips",
        [step for step, (a, b) in enumerate(itertools.pairwise(p.classes), 2) if a != b],
    ),
    "step": lambda p: ("step 17", [17]),
    "sign": lambda p: ("dense1.d_bias[0] changes sign", signs_changed(p.slope)),
    "expression": lambda p: (
        f"max(abs(dense1.d_bias)) > {middle(p.bias)!r}",
        rising([x > middle(p.bias) for x in p.bias]),
    ),
    "update": lambda p: (  # what the update would make, and an activation, of which only a stepped pass knows
        "norm(conv1.weight_new - conv1.weight) > 0 and share(conv1.relu == 0) >= 0",
        [1],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_that_it_holds_at_exactly_the_minibatches_where_it_becomes_true(name: str, plain: Plain) -> None:
    text, expected = CASES[name](plain)
    assert expected
    assert [hit.step for hit in run_with(text, plain)] == expected


def test_that_a_jump_is_measured_by_the_spread_of_the_losses_before(plain: Plain) -> None:
    losses = plain.losses
    assert len(losses) <= 50
    jumps = [(x - np.mean(losses[:i])) / np.std(losses[:i]) if i >= 10 else 0.0 for i, x in enumerate(losses)]
    limit = float(max(jumps)) / 2
    expected = rising([jump > limit for jump in jumps])
    assert limit > 0
    assert [hit.step for hit in run_with(f"loss jumps {limit!r}", plain)] == expected


def test_that_the_test_accuracy_is_looked_at_after_each_epoch(plain: Plain) -> None:
    best = max(plain.accuracies.values())
    expected = next(step for step, reached in plain.accuracies.items() if reached >= best)
    assert [hit.step for hit in run_with(f"test accuracy >= {best!r}", plain)] == [expected]


def test_that_a_dead_filter_is_found_after_so_many_minibatches(plain: Plain) -> None:
    network = Network(DESIGN)
    network.arrays["conv1.bias"][2] = -100
    hits: list[Hit] = []
    with trainer(network) as held:
        watcher = Watcher([Breakpoint(1, read_condition("filter dead for 20"))], hits.append)
        watcher.follow(held)
        for event in held.run():
            if isinstance(event, Held):
                break
            if isinstance(event, MinibatchDone):
                before = held.network.arrays["conv1.weight"].copy()
        np.testing.assert_array_equal(held.network.arrays["conv1.weight"], before)
    # Looked at at steps 2, 4, … 20: ten looks.
    assert (event.position.step, hits[0].step) == (19, 20)
    assert hits[0].headline == "Filter 2 of conv1 has been dead for 20 steps"
    assert "all 24 judged images" in hits[0].why


def test_that_a_mark_does_not_hold_and_one_that_is_off_is_not_counted(plain: Plain) -> None:
    hits: list[Hit] = []
    points = [
        Breakpoint(1, read_condition("step 3"), holds=False),
        Breakpoint(2, read_condition("step 4"), is_on=False),
        Breakpoint(3, read_condition("loss > 0"), holds=False),
    ]
    with trainer() as marked:
        watcher = Watcher(points, hits.append)
        watcher.follow(marked)
        assert not any(isinstance(event, Held) for event in marked.run())
        np.testing.assert_array_equal(marked.network.arrays["conv1.weight"], plain.after["conv1.weight"])
    assert [(hit.breakpoint.number, hit.step) for hit in hits] == [(3, 1), (1, 3)]


def test_that_nobody_is_asked_while_all_are_off() -> None:
    hits: list[Hit] = []
    with trainer() as some:
        watcher = Watcher(
            [Breakpoint(1, read_condition("loss is nan")), Breakpoint(2, read_condition("step 4"))], hits.append
        )
        watcher.follow(some)
        assert some.holds is not None
        watcher.set(
            [Breakpoint(1, read_condition("loss is nan")), Breakpoint(2, read_condition("step 4"), is_on=False)]
        )
        assert some.holds is None


def test_that_a_run_that_was_stopped_where_it_held_does_not_hold_there_again() -> None:
    with trainer() as held:
        hits: list[Hit] = []
        watcher = Watcher([Breakpoint(1, read_condition("step 4"))], hits.append)
        watcher.follow(held)
        next(event for event in held.run() if isinstance(event, Held))
        assert not any(isinstance(event, Held) for event in held.run())
        assert len(hits) == 1


def test_that_the_sentence_has_the_numbers_of_the_minibatch(plain: Plain) -> None:
    hits: list[Hit] = []
    with trainer() as held:
        watcher = Watcher(
            [Breakpoint(2, read_condition("loss > 0.001"))], hits.append, class_names=("ant", "bee", "cat")
        )
        watcher.follow(held)
        next(event for event in held.run() if isinstance(event, Held))
    assert hits[0].headline == f"Loss {plain.losses[0]:.4g} is above 0.001000"
    assert "one image, a" in hits[0].why
    assert any(name in hits[0].why for name in ("ant", "bee", "cat"))


def test_that_nan_is_a_hit_before_the_run_ends() -> None:
    hits: list[Hit] = []
    with trainer() as held:
        watcher = Watcher(
            [Breakpoint(1, read_condition("loss is nan")), Breakpoint(2, read_condition("step 9"))], hits.append
        )
        watcher.follow(held)
        for event in held.run():
            if isinstance(event, Held):
                break
            if isinstance(event, MinibatchDone) and event.position.step == 4:
                held.network.arrays["dense1.weight"][0, 0] = np.nan
                before = {name: array.copy() for name, array in held.network.arrays.items()}
        for name, array in before.items():
            np.testing.assert_array_equal(held.network.arrays[name], array, err_msg=name)
    assert math.isnan(event.loss)
    assert (event.position.step, hits[0].step) == (4, 5)
    assert "dense1.matmul" in hits[0].why


@pytest.mark.parametrize(
    "text",
    [
        "loss is nan",
        "loss > 5",
        "loss jumps 8",
        "gradient norm > 20",
        "update ratio > 0.1",
        "filter dead for 200",
        "test accuracy >= 97%",
        "image 115 flips",
        "watched image flips",
        "step 3400",
        "max(abs(dense1.d_weight)) > 3",
    ],
)
def test_that_what_is_written_is_read_back(text: str) -> None:
    assert written(read_condition(text)) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("filter dead for 0", "expected a whole number from 1, got 0"),
        ("test accuracy >= 120%", "at most 100 %, got 120%"),
        ("step 2.5", "expected a whole number"),
        ("gradient norm > -1", "greater than 0"),
        ("loss >", "column 7: expected a number"),
        ("", "an empty text: column 1"),
        ("loss > 1.2.3", "expected a number, got '1.2.3'"),
    ],
)
def test_that_a_condition_that_can_not_be_read_says_why(text: str, says: str) -> None:
    with pytest.raises(ConditionError, match=says):
        read_condition(text)


def test_that_the_loss_of_the_pass_and_of_the_minibatch_have_two_names(plain: Plain) -> None:
    assert LOSS == "softmax.loss"
    assert [hit.step for hit in run_with(f"softmax.loss > {middle(plain.losses)!r}", plain)] == rising(
        [x > middle(plain.losses) for x in plain.losses]
    )
