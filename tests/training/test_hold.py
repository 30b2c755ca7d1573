"""Training holds between backward and update, and goes on as if it had never held."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from msgspec.structs import replace

from convviz.core import fast
from convviz.core.arrays import Array
from convviz.core.design import Design, Input, Training
from convviz.core.errors import NonFiniteError
from convviz.core.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, ReLU
from convviz.core.lower import LOSS
from convviz.core.optim import LEARNING_RATE, PASS_NUMBER, Adam
from convviz.training.events import EpochDone, Event, Held, MinibatchDone
from convviz.training.images import Split
from convviz.training.pass_done import PassDone
from convviz.training.pass_source import PassKind, PassSource
from convviz.training.trainer import Trainer

DESIGN = Design(
    input=Input(height=8, width=8),
    classes=4,
    layers=(
        Conv2D(filters=6, kernel=3),
        BatchNorm2D(),
        ReLU(),
        Dropout(rate=0.3),
        Flatten(),
        Dense(units=12),
        ReLU(),
        Dense(units=4),
    ),
    training=Training(optimiser=Adam(), batch_size=24, epochs=2, clip_norm=0.5),
)


@pytest.fixture(params=["numpy", "compiled"])
def kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CONVVIZ_FAST", "1" if request.param == "compiled" else "0")
    if request.param == "compiled" and not fast.available():
        pytest.skip("numba is not installed")
    return str(request.param)


def noise(count: int = 60) -> Split:
    rng = np.random.default_rng(3)
    return Split(rng.random((count, 1, 8, 8), np.float32), rng.integers(0, 4, count))


def trainer(threads: int = 1, design: Design = DESIGN) -> Trainer:
    return Trainer(design, noise(), noise(20), threads=threads)


def copies(some: Trainer) -> dict[str, Array]:
    return {name: array.copy() for name, array in some.network.arrays.items()}


def equal(some: dict[str, Array], others: dict[str, Array]) -> None:
    assert some.keys() == others.keys()
    for name, array in some.items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)


def history(events: Iterator[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, MinibatchDone | EpochDone)]


def at(step: int) -> Callable[[PassDone], bool]:
    return lambda done: done.position.step == step


@pytest.mark.parametrize("threads", [1, 2])
def test_that_a_run_that_held_at_every_minibatch_is_the_same_bit_for_bit(kernels: str, threads: int) -> None:
    with trainer() as plain, trainer(threads) as held:
        expected = history(plain.run())
        held.holds = lambda done: True
        holds, events = [], []
        for event in held.run():
            if isinstance(event, Held):
                holds.append(event)
            events.append(event)
        assert history(iter(events)) == expected
        assert [event.position.step for event in holds] == list(range(6))
        equal(copies(held), copies(plain))


def test_that_the_weights_are_those_before_the_minibatch_and_the_gradients_are_its_own(kernels: str) -> None:
    with trainer() as plain, trainer() as held:
        events = plain.run()
        for _ in range(4):
            event = next(event for event in events if isinstance(event, MinibatchDone))
            if event.position.step == 3:
                before = copies(plain)
        gradients = plain.gradients()
        held.holds = at(4)
        event = next(event for event in held.run() if isinstance(event, Held))
        done = {LEARNING_RATE, PASS_NUMBER}  # already those of the coming update
        equal(*({k: a for k, a in arrays.items() if k not in done} for arrays in (copies(held), before)))
        equal(held.gradients(), gradients)
        assert (event.position.step, held.position.step) == (3, 3)


def test_that_the_minibatch_can_be_stepped_and_gives_the_update_that_going_on_makes(kernels: str) -> None:
    with trainer() as held:
        held.holds = at(5)
        events = held.run()
        event = next(event for event in events if isinstance(event, Held))
        coming = held.upcoming()
        assert coming is not None
        assert coming.position.step == 5
        source = PassSource.of_minibatch(PassKind.NEXT, coming, held.train)
        stepped = source.make()
        stepped.run_to_end()
        assert stepped.value(LOSS, ()) == pytest.approx(event.loss, rel=1e-5)
        for name, gradient in held.gradients().items():
            np.testing.assert_allclose(stepped.stored(stepped.program.gradients[name]), gradient, rtol=1e-3, atol=1e-6)
        next(events)
        if kernels == "numpy":  # compiled kernels add up in another order
            for old, new in stepped.program.updates.items():
                np.testing.assert_array_equal(stepped.stored(new), held.network.arrays[old], err_msg=new)


def test_that_a_run_that_stopped_where_it_held_goes_on_from_its_place() -> None:
    with trainer() as plain, trainer() as held:
        list(plain.run())
        held.holds = at(2)
        next(event for event in held.run() if isinstance(event, Held))
        place, arrays = held.place(), copies(held)
        with trainer() as later:
            for name, array in arrays.items():
                later.network.arrays[name][...] = array
            later.go_on_from(place)
            list(later.run())
            equal(copies(later), copies(plain))


def test_that_settings_that_change_meanwhile_hold_for_the_update() -> None:
    with trainer() as held, trainer() as other:
        held.holds = at(1)
        events = held.run()
        next(event for event in events if isinstance(event, Held))
        held.set_learning_rate(0.5)
        next(events)
        other.set_learning_rate(0.5)
        next(event for event in other.run() if isinstance(event, MinibatchDone))
        equal(copies(held), copies(other))


def test_that_a_loss_that_is_not_finite_holds_and_going_on_names_the_step() -> None:
    with trainer(design=replace(DESIGN, layers=(*DESIGN.layers[:-1], Dense(units=4, name="last")))) as held:
        held.network.arrays["last.weight"][2, 1] = np.nan
        seen: list[PassDone] = []
        held.holds = lambda done: seen.append(done) or done.error is not None  # type: ignore[func-returns-value]
        events = held.run()
        event = next(event for event in events if isinstance(event, Held))
        assert np.isnan(event.loss)
        assert seen[0].error is not None
        assert seen[0].error.step == "last.matmul"
        with pytest.raises(NonFiniteError, match=r"last\.matmul"):
            next(events)
