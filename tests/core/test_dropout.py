"""Masks that can be drawn again, whatever the split."""

from __future__ import annotations

import numpy as np
import pytest
from engine_zoo import given, net

from convviz.core.dropout import masks_for
from convviz.core.execute import execute
from convviz.core.layers import Conv2D, Dense, Dropout, Flatten
from convviz.core.lower import lower

DESIGN = net(Conv2D(filters=3), Dropout(rate=0.25), Flatten(), Dense(units=7), Dropout(rate=0.6))


def test_that_the_mask_does_not_depend_on_how_the_minibatch_is_split() -> None:
    whole = masks_for(lower(DESIGN, 12), 5, 100)
    for first, count in ((0, 5), (5, 1), (6, 6)):
        part = masks_for(lower(DESIGN, count), 5, 100, first_image=first)
        for name, mask in part.items():
            assert np.array_equal(mask, whole[name][first : first + count])


def test_that_one_pass_can_be_drawn_again() -> None:
    again = [masks_for(lower(DESIGN, 4), 5, 100) for _ in range(2)]

    assert all(np.array_equal(again[0][name], again[1][name]) for name in again[0])


@pytest.mark.parametrize(("seed", "step"), [(6, 100), (5, 101)])
def test_that_another_pass_or_seed_has_other_masks(seed: int, step: int) -> None:
    one, other = masks_for(lower(DESIGN, 4), 5, 100), masks_for(lower(DESIGN, 4), seed, step)

    assert not any(np.array_equal(one[name], other[name]) for name in one)


def test_that_layers_and_images_have_masks_of_their_own() -> None:
    twins = net(Dropout(), Dropout(), image=(1, 8, 8))

    first, second = masks_for(lower(twins, 2), 0, 0).values()

    assert not np.array_equal(first, second)
    assert not np.array_equal(first[0], first[1])


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_that_units_fall_silent_at_the_rate_and_the_others_make_up_for_it(rate: float, precision: type) -> None:
    program = lower(net(Dropout(rate=rate), image=(3, 50, 41)), 20)

    mask = masks_for(program, 1, 2, precision=precision)["dropout1.mask"]

    assert mask.dtype == precision
    assert mask.shape == (20, 3, 50, 41)
    assert np.unique(mask).tolist() == [0.0, precision(1 / (1 - rate))]
    deviation = np.sqrt(rate * (1 - rate) / mask.size)
    assert abs((mask == 0).mean() - rate) < 5 * deviation
    # No cell is silent in all images, or in none, more often than chance has it.
    silent = (mask == 0).sum(axis=0)
    assert silent.std() == pytest.approx(np.sqrt(20 * rate * (1 - rate)), rel=0.05)


def test_that_evaluation_and_rate_0_have_no_masks_and_no_steps() -> None:
    assert not lower(DESIGN, 2, train=False).masks
    assert not [s for s in lower(DESIGN, 2, train=False).steps if s.op.name == "dropout"]
    assert not lower(net(Dropout(rate=0.0)), 2).masks


def test_that_evaluation_gives_what_the_undropped_network_gives() -> None:
    plain = net(Conv2D(filters=3), Flatten(), Dense(units=7))
    program, bare = lower(DESIGN, 2, train=False), lower(plain, 2, train=False)
    env = given(program)
    other = {name: env[name] for name in bare.sources}
    for p, e in ((program, env), (bare, other)):
        for _ in execute(p, e, np.float64):
            pass

    assert np.array_equal(env["softmax.p"], other["softmax.p"])
