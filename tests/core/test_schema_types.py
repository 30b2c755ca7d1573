"""What the library behind the schema does with the types that it is given."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from convviz.core.design import Design
from convviz.core.layers import Conv2D


def test_that_a_pair_of_sizes_is_read_as_a_pair() -> None:
    found = msgspec.convert({"type": "conv2d", "kernel": [3, 5], "padding": [0, 2]}, Conv2D)

    assert (found.kernel, found.padding) == ((3, 5), (0, 2))


@pytest.mark.parametrize("given", [[3], [3, 3, 3], [0, 3], [3, 2000]])
def test_that_a_pair_of_sizes_has_two_sizes(given: list[int]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"type": "conv2d", "kernel": given}, Conv2D)


def test_that_collecting_garbage_after_reading_a_design_does_not_end_the_process() -> None:
    code = f"""
import gc, msgspec
from convviz.core.design import Design
msgspec.convert({{"layers": [{{"type": "conv2d", "kernel": [3, 5]}}]}}, {Design.__name__})
gc.collect()
"""
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0
