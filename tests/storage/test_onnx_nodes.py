"""ONNX's own tests of its operators: what layers express gives ONNX's numbers, and the rest is named."""

from __future__ import annotations

import pytest

pytest.importorskip("onnx", reason="ONNX models are read with the package onnx, and it is not installed")

from onnx_node_cases import MODULES, results

NEVER = frozenset(
    {
        "DepthToSpace",  # maps stay as large as they are
        "Reshape",  # its tests have other axes than images
        "Transpose",
        "ReduceMax",
        "ReduceMean",
        "Squeeze",
        "Div",  # of two values, or of numbers that differ from place to place
        "Sub",
        "PRelu",
        "Slice",
        "Mish",  # its one test is a row of 10,000
        "Pad",  # with zeros, reflected: its tests are of whole numbers, or of other constants
    }
)
"""Operators none of whose tests need pass: they are about what no image is, or no layer does."""


@pytest.mark.parametrize("op", list(MODULES))
def test_that_a_test_of_onnx_passes_or_is_named(op: str) -> None:
    found = list(results([op]))
    assert found
    assert not [f"{one.name}: {one.words}" for one in found if one.outcome == "differs"]
    assert all(one.words for one in found if one.outcome == "named")
    if op not in NEVER:
        assert any(one.outcome == "passed" for one in found)
