"""Classes, pixels and the grid of a data set that is looked at."""

from __future__ import annotations

import numpy as np
import pytest

from convviz.present.data_set import ImageRows, class_facts, image_facts, pixels

RNG = np.random.default_rng(0)


def test_that_every_class_is_counted_and_averaged_also_one_without_images() -> None:
    images = RNG.random((4, 1, 2, 3), np.float32)
    facts = class_facts(images, np.array([0, 2, 2, 0]), np.array([3, 0]), ("cat", "dog"))
    assert [(one.label, one.name) for one in facts] == [(0, "cat"), (1, "dog"), (2, "2"), (3, "3")]
    assert [(one.training, one.test) for one in facts] == [(2, 1), (0, 0), (2, 0), (0, 1)]
    np.testing.assert_allclose(facts[2].mean, (images[1] + images[2]) / 2)
    assert not facts[1].mean.any()


def test_that_three_channels_are_colours_and_others_grey() -> None:
    red = np.zeros((1, 3, 1, 1), np.float32)
    red[0, 0] = 1
    assert pixels(red, dark=False).tolist() == [[[0xFFFF0000]]]
    ends = pixels(np.array([0, 1], np.float32).reshape(2, 1, 1, 1), dark=False).ravel()
    assert ends.tolist() == [0xFFFFFFFF, 0xFF181C22], "white paper, and the ink of inputs"
    two = np.array([[[[0.0]], [[1.0]]]], np.float32)
    np.testing.assert_array_equal(pixels(two, dark=False), pixels(np.full((1, 1, 1, 1), 0.5, np.float32), dark=False))


def test_that_an_image_is_told_in_numbers() -> None:
    image = np.array([[[0, 0.5], [1, 0.5]]], np.float32)
    assert dict(image_facts(image))["ink"] == "75.0 %"
    assert dict(image_facts(image))["mean"] == "0.5000"


@pytest.mark.parametrize("room", [100, 500, 799])
@pytest.mark.parametrize(("height", "width"), [(28, 28), (4, 4), (10, 60), (100, 100)])
def test_that_every_image_is_found_where_it_lies(height: int, width: int, room: int) -> None:
    grid = ImageRows(101, height, width, room)
    places = [grid.place(number) for number in range(grid.count)]
    assert len(set(places)) == grid.count
    for number, (x, y) in enumerate(places):
        assert grid.at(x, y) == number
        assert grid.at(x + width * grid.scale - 1, y + height * grid.scale - 1) == number
        assert y + height * grid.scale + grid.below <= grid.total
        if grid.columns > 1:
            assert x + width * grid.scale <= room
    assert grid.at(grid.gutter - 1, 20) is None
    assert grid.at(grid.gutter, grid.total + grid.pitch[1]) is None


def test_that_images_of_which_a_pixel_is_seen_are_visible_and_no_others() -> None:
    grid = ImageRows(1000, 28, 28, 700)
    for top in (0, 5, 120, 4000, grid.total - 300):
        seen = {
            number
            for number in range(grid.count)
            if grid.place(number)[1] < top + 300 and grid.place(number)[1] + grid.pitch[1] > top
        }
        assert set(grid.visible(top, 300)) == seen
    assert len(ImageRows(0, 28, 28, 700).visible(0, 300)) == 0
