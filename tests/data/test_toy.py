"""The two images that fit on the screen."""

from __future__ import annotations

import numpy as np

from convviz.data.toy import load_toy


def test_that_the_first_is_0_to_15_and_the_second_runs_backwards() -> None:
    data = load_toy()
    assert (data.image_shape, data.classes) == ((1, 4, 4), 2)
    assert data.x_train[0, 0].tolist() == np.arange(16).reshape(4, 4).tolist()
    assert data.x_train[1, 0].tolist() == np.arange(16)[::-1].reshape(4, 4).tolist()
    assert data.y_test.tolist() == [0, 1]
    assert not data.x_train.flags.writeable
