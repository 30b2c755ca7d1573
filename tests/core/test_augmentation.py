"""Augmented images: against references written pixel by pixel, and the same whatever else is in the minibatch."""

from __future__ import annotations

import math

import numpy as np
import pytest

from convviz.core.arrays import Array
from convviz.core.augment.images import (
    augmented,
    displacements,
    erased,
    examples,
    inverse_of,
    resampled,
    sources,
    spline,
)
from convviz.core.augment.settings import OFF, Augmentation
from convviz.core.design import Design, Training, checked
from convviz.core.errors import DesignError

ALL = Augmentation(flip=0.5, shift=2.0, rotate=20.0, scale=0.2, shear=10.0, elastic=1.0, erase=0.5, noise=0.1)
KINDS = [ALL, *(Augmentation(**{name: getattr(ALL, name)}) for name in ALL.__struct_fields__)]
KEY = np.array([1, 2], np.uint64)


def images(count: int = 5, shape: tuple[int, ...] = (2, 9, 7)) -> Array:
    return np.random.default_rng(0).random((count, *shape), np.float32)


def names(settings: Augmentation) -> str:
    return "all" if settings == ALL else next(n for n in ALL.__struct_fields__ if getattr(settings, n))


@pytest.mark.parametrize("settings", KINDS, ids=names)
def test_that_an_image_comes_out_alike_alone_and_among_others(settings: Augmentation) -> None:
    x, rows = images(), np.array([40, 3, 17, 4, 0])
    before = x.tobytes()
    made = augmented(x, settings, seed=5, step=9, rows=rows)

    assert made.shape == x.shape
    assert made.dtype == np.float32
    assert x.tobytes() == before
    for place, row in enumerate(rows):
        alone = augmented(x[place : place + 1], settings, seed=5, step=9, rows=rows[place : place + 1])
        assert alone.tobytes() == made[place : place + 1].tobytes(), row
    backwards = augmented(x[::-1], settings, seed=5, step=9, rows=rows[::-1])
    assert backwards[::-1].tobytes() == made.tobytes()


@pytest.mark.parametrize("settings", KINDS, ids=names)
def test_that_seed_step_and_row_each_make_another_image(settings: Augmentation) -> None:
    x = np.repeat(images(1), 30, axis=0)
    rows = np.arange(30)
    made = [augmented(x, settings, seed=s, step=t, rows=rows + r) for s, t, r in [(0, 0, 0), (1, 0, 0), (0, 1, 0)]]

    assert len({one.tobytes() for one in made}) == 3
    assert len({one.tobytes() for one in made[0]}) > 1
    assert (augmented(x, settings, seed=0, step=0, rows=rows) == made[0]).all()


def test_that_zero_amounts_leave_the_very_image() -> None:
    x = images()

    assert augmented(x, OFF, seed=0, step=0, rows=np.arange(5)) is x
    still = sources(x.shape, OFF, np.full((5, 12), 0.3), KEY, np.arange(5))
    assert resampled(x, *still).tobytes() == x.tobytes()


def test_that_turning_one_change_on_leaves_the_others_as_they_are() -> None:
    x, rows = images(), np.arange(5)
    plain = augmented(x, Augmentation(shift=2.0, rotate=30.0), seed=0, step=0, rows=rows)
    noisy = augmented(x, Augmentation(shift=2.0, rotate=30.0, noise=0.01), seed=0, step=0, rows=rows)

    assert 0 < np.abs(noisy - plain).max() < 0.06


def naive(image: Array, from_y: Array, from_x: Array) -> Array:
    """Bilinear interpolation in plain Python; what is outside is 0."""
    channels, height, width = image.shape
    made = np.zeros_like(image)

    def at(c: int, y: int, x: int) -> float:
        return float(image[c, y, x]) if 0 <= y < height and 0 <= x < width else 0.0

    for c in range(channels):
        for i in range(height):
            for j in range(width):
                y, x = float(from_y[i, j]), float(from_x[i, j])
                top, left = math.floor(y), math.floor(x)
                made[c, i, j] = sum(
                    at(c, top + a, left + b) * abs(1 - a - (y - top)) * abs(1 - b - (x - left))
                    for a in (0, 1)
                    for b in (0, 1)
                )
    return made


def test_that_pixels_are_interpolated_as_pixel_by_pixel() -> None:
    x, rng = images(), np.random.default_rng(1)
    from_y, from_x = rng.uniform(-4, 13, (5, 9, 7)), rng.uniform(-4, 11, (5, 9, 7))
    from_y[0, 0], from_x[0, 0] = [-1, 0, 8, 9, 8.5, -0.5, 4], [-1, 6, 6, 7, 6.5, -0.5, 3]

    found = resampled(x, from_y, from_x)

    for image, y, x_, made in zip(x, from_y, from_x, found, strict=True):
        np.testing.assert_allclose(made, naive(image, y, x_), rtol=0, atol=2e-6)


def test_that_a_quarter_turn_is_exactly_that() -> None:
    x = images(1, (1, 8, 8))
    draws = np.full((1, 12), 0.5)
    draws[:, 1] = 1.0
    turned = resampled(x, *sources(x.shape, Augmentation(rotate=90.0), draws, KEY, np.arange(1)))

    # Upright y points down, so a positive angle turns clockwise.
    np.testing.assert_allclose(turned[0, 0], np.rot90(x[0, 0], -1), atol=1e-6)


def test_that_a_whole_shift_moves_pixels_exactly() -> None:
    x = images(1)
    draws = np.full((1, 12), 0.5)
    draws[:, 5:7] = 1.0, 0.0
    moved = resampled(x, *sources(x.shape, Augmentation(shift=2.0), draws, KEY, np.arange(1)))

    assert (moved[:, :, 2:, :-2] == x[:, :, :-2, 2:]).all()
    assert not moved[:, :, :2].any()
    assert not moved[:, :, :, -2:].any()


def test_that_the_motion_is_the_inverse_of_rotation_shear_and_scale() -> None:
    settings, draws = Augmentation(rotate=40.0, scale=0.5, shear=30.0), np.array([0, 0.9, 0.8, 0.1, *[0.0] * 8])
    angle, size, lean = math.radians(40 * 0.8), 1 + 0.5 * 0.6, math.tan(math.radians(30 * -0.8))
    # In x and y: first scaled, then sheared along x, then turned.
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    forward = turn @ np.array([[1, lean], [0, 1]]) * size
    of_rows = np.array(inverse_of(settings, draws))[::-1, ::-1]

    np.testing.assert_allclose(of_rows @ forward, np.eye(2), atol=1e-12)


def test_that_elastic_displacement_is_smooth_and_as_strong_as_it_says() -> None:
    made = displacements(KEY, np.arange(400), 28, 28)

    assert made.shape == (2, 400, 28, 28)
    assert 0.95 < made.std() < 1.05
    assert np.abs(np.diff(made, axis=-1)).max() < 1.0
    np.testing.assert_allclose(spline(28, 7.0).sum(axis=1), 1.0)
    alone = displacements(KEY, np.array([7]), 28, 28)
    assert alone.tobytes() == made[:, 7:8].tobytes()


def test_that_a_rectangle_of_the_promised_size_is_erased() -> None:
    x = np.ones((200, 2, 28, 28), np.float32)
    which = np.arange(200) % 2 == 0
    made = erased(x, which, np.random.default_rng(0).random((200, 4)))

    assert (made[~which] == 1).all()
    for image in made[which]:
        assert (image[0] == image[1]).all()
        rows, columns = np.nonzero(image[0] == 0)
        box = image[0, rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        assert not box.any()
        assert 0.015 < box.size / 784 < 0.22


def test_that_flips_and_noise_have_their_probability_and_deviation() -> None:
    x = np.zeros((2000, 1, 3, 3), np.float32)
    x[..., 0] = 1
    rows = np.arange(2000)
    flips = augmented(x, Augmentation(flip=0.3), seed=0, step=0, rows=rows)[:, 0, 0, 2]
    noise = augmented(x, Augmentation(noise=0.2), seed=0, step=0, rows=rows) - x

    assert 0.26 < flips.mean() < 0.34
    assert 0.195 < noise.std() < 0.205
    assert abs(noise.mean()) < 0.01


def test_that_examples_are_what_the_first_passes_see() -> None:
    x = images(1)
    found = examples(x[0], ALL, 3, seed=4, row=8)

    for step, one in enumerate(found):
        assert one.tobytes() == augmented(x, ALL, seed=4, step=step, rows=np.array([8]))[0].tobytes()
    assert examples(x[0], ALL, 0).shape == (0, *x.shape[1:])


@pytest.mark.parametrize(
    ("field", "value"), [("flip", 1.1), ("shift", -1.0), ("rotate", 181.0), ("scale", 0.95), ("noise", math.nan)]
)
def test_that_amounts_out_of_range_are_refused(field: str, value: float) -> None:
    with pytest.raises(DesignError, match=field):
        checked(Design(training=Training(augmentation=Augmentation(**{field: value}))))
