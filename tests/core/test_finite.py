"""What is said of an array that is not finite any more."""

from __future__ import annotations

import numpy as np
import pytest

from convviz.core.errors import NonFiniteError
from convviz.core.execute import check_finite
from convviz.core.ops.loss import MeanLoss
from convviz.core.program import Phase, Step


def step(shape: tuple[int, ...]) -> Step:
    return Step(0, Phase.LOSS, "loss", MeanLoss(2), ("losses",), "loss", shape)


def test_that_the_first_bad_cell_is_named() -> None:
    bad = np.zeros((2, 3))
    bad[1, 2] = np.inf
    with pytest.raises(NonFiniteError, match=r"loss became infinity in 1 of 6 cells, first at \[1, 2\]$"):
        check_finite(step((2, 3)), bad)


def test_that_a_number_has_no_first_cell() -> None:
    with pytest.raises(NonFiniteError, match=r"^loss\.\w+: loss became NaN$"):
        check_finite(step(()), np.array(np.nan))
