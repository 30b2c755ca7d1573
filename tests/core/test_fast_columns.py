"""The compiled col2im adds what NumPy's adds, in the same order."""

from __future__ import annotations

import numpy as np
import pytest
from depth import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from convviz.core.ops.conv import Col2Im
from convviz.core.ops.window import Window

pytest.importorskip("numba", reason="compiled kernels need numba")

from convviz.core.fast import columns, fused

pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))


def scratch(_: str, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    return np.full(shape, np.nan, dtype)


@settings(max_examples=cases(80), deadline=None, derandomize=True)
@given(
    kernel=pairs,
    stride=st.tuples(st.integers(1, 3), st.integers(1, 2)),
    dilation=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    places=st.tuples(st.integers(1, 6), st.integers(1, 40)),
    rest=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    maps=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    precision=st.sampled_from([np.float32, np.float64]),
)
def test_that_it_has_the_bits_of_numpys(
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    places: tuple[int, int],
    rest: tuple[int, int],
    maps: tuple[int, int],
    precision: type,
) -> None:
    window = Window(kernel, stride, dilation)
    # Cells that are left over below and to the right, fewer than would make another place.
    height, width = (
        stride[axis] * (places[axis] - 1) + window.reach[axis] + min(rest[axis], stride[axis] - 1) for axis in (0, 1)
    )
    n, channels = maps
    rng = np.random.default_rng(kernel[0] + 7 * width)
    values = rng.standard_normal((n, channels * kernel[0] * kernel[1], places[0] * places[1])).astype(precision)
    values[rng.random(values.shape) < 0.1] = -0.0
    made, expected = (np.full((n, channels, height, width), np.nan, precision) for _ in range(2))
    ours, theirs = fused.Col2Im(window), Col2Im(window, (channels, height, width))
    columns.col2im(*ours.prepare((values,), made, scratch))
    Col2Im.kernel(*theirs.prepare((values,), expected, scratch))
    if window.slides:  # sums of sums there, which are not compiled
        np.testing.assert_allclose(made, expected, rtol=0, atol=1e-5)
    else:
        assert made.tobytes() == expected.tobytes()
