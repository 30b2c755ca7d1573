"""Numbers in what is said of layers that resize maps, against the links, whatever the layers' settings."""

from __future__ import annotations

import math
import re

import numpy as np
from depth import cases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_windows import resized, stepped

from convviz.core.arrays import Index
from convviz.core.design import Design, Input
from convviz.core.layers import Conv2D, ConvTranspose2D, Dense, Flatten, Upsample
from convviz.core.ops.adaptive import AdaptiveAverage, AdaptiveAverageGrad
from convviz.core.ops.adaptive_max import RegionMax, RegionMaxGrad
from convviz.core.ops.conv import Col2Im
from convviz.core.ops.filter_product import ColumnGradient, FilterGradient, FilterProduct
from convviz.core.ops.reflect import ReflectPad, ReflectPadGrad
from convviz.core.ops.response_norm import ResponseScale, ResponseScaleGrad
from convviz.core.ops.upsample import UpsampleBilinear, UpsampleBilinearGrad, UpsampleNearest, UpsampleNearestGrad
from convviz.core.program import Step
from convviz.present.step.explain import explain
from convviz.present.words import lines
from convviz.training.stepping import Pass

many = settings(
    max_examples=cases(12), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
NOUNS = "row|column|cell|window|region|number|weight|channel|image|map"
MISCOUNTED = re.compile(rf"(?<![\d.,×/(])(?:\b(?:1|one) (?:{NOUNS})s\b|\ball 1\b|\b(?!1 )(?:\d+,)*\d+ (?:{NOUNS})\b)")


def some_cells(step: Step) -> list[Index]:
    size = math.prod(step.shape)
    numbers = np.random.default_rng(step.index).permutation(size)[:5].tolist()
    return [tuple(int(i) for i in np.unravel_index(n, step.shape)) for n in numbers]


def number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    assert found is not None, f"{pattern} is not in: {text}"
    return 1 if found[1] == "one" else int(found[1].replace(",", ""))


def reads(run: Pass, step: Step, index: Index) -> list[tuple[int, ...]]:
    """The cells of the first input that a cell is made of."""
    return [tuple(row) for row in step.op.reads(run.program.in_shapes(step), step.shape, index)[0].tolist()]


def where(cells: list[tuple[int, ...]]) -> str:
    return " and ".join(
        lines(sorted({cell[axis] for cell in cells}), noun) for axis, noun in ((2, "row"), (3, "column"))
    )


@many
@given(resized(), st.integers(1, 2))
def test_that_what_is_counted_is_what_is_linked(design: Design, batch: int) -> None:
    run = stepped(design, batch)
    for step in (one for one in run.program.steps if one.layer == design.layers[0].name):
        for index in some_cells(step):
            text, read, op = explain(run, step, index), reads(run, step, index), step.op
            assert MISCOUNTED.search(text) is None, text
            if isinstance(op, UpsampleNearest):
                assert f"is a copy of ({read[0][2]}, {read[0][3]})" in text
            if isinstance(op, UpsampleNearestGrad):
                down, across = op.scale
                assert down * across == len(read)
                assert f"a block of {down}×{across}, {where(read)}." in text
            if isinstance(op, UpsampleBilinear) and len(read) > 1:
                assert number(r"between (\d+) cells, ", text) == len(read)
                assert where(read) in text
            if isinstance(op, UpsampleBilinearGrad):
                assert number(r"had a part in ([\d,]+) numbers?, ", text) == len(read)
                assert where(read) in text
            if isinstance(op, AdaptiveAverage):
                assert number(r"has ([\d,]+) cells?, ", text) == len(read)
                assert number(r"divided by ([\d,]+)", text) == len(read)
                assert where(read) in text
            if isinstance(op, AdaptiveAverageGrad):
                assert number(r"is in (\d+) regions? of", text) == len(read)
                forward = next(s for s in run.program.steps if isinstance(s.op, AdaptiveAverage))
                sizes = {len(reads(run, forward, cell)) for cell in read}
                said = re.search(r"of ([\d, or]+) cells?, (?:each|which)", text)
                assert said is not None
                assert {int(n) for n in re.findall(r"\d+", said[1])} == sizes
            if isinstance(op, RegionMax):
                assert number(r"Of the ([\d,]+|one) cells? in ", text) == len(read)
                assert where(read) in text
            if isinstance(op, RegionMaxGrad) and len(read) > 1:
                assert number(r"is in ([\d,]+) (?:regions|windows)", text) == len(read)
            if isinstance(op, ReflectPad):
                assert f"({read[0][2]}, {read[0][3]})" in text
            if isinstance(op, ReflectPadGrad):
                assert (number(r"had (\d+) mirror images?", text) if len(read) > 1 else 0) == len(read) - 1
            if isinstance(op, ResponseScale):
                assert number(r"squares of (\d+) channels?", text) == len(read)
            if isinstance(op, ResponseScaleGrad):
                assert number(r"squared in (\d+) windows?", text) == len(read)


@many
@given(resized(), st.integers(1, 2))
def test_that_what_is_said_of_a_transposed_convolution_is_what_is_linked(design: Design, batch: int) -> None:
    if not isinstance(design.layers[0], ConvTranspose2D):
        return
    run = stepped(design, batch)
    for step in (one for one in run.program.steps if one.layer == design.layers[0].name):
        for index in some_cells(step):
            text, read, op = explain(run, step, index), reads(run, step, index), step.op
            if isinstance(op, Col2Im):
                assert (number(r"([\d,]+) columns? lands? on", text.lower()) if read else 0) == len(read)
                everywhere = [len(reads(run, step, (0, 0, *at))) for at in np.ndindex(*step.shape[2:])]
                assert (number(r"up to ([\d,]+) on a cell", text) if "They overlap" in text else 1) == max(everywhere)
            if isinstance(op, ColumnGradient):
                assert number(r": ([\d,]+) input maps?, ", text) == len(read)
            if isinstance(op, FilterProduct):
                assert number(r"multiplied (?:all |the )([\d,]+|one) weights? ", text) == len(read)
            if isinstance(op, FilterGradient):
                assert number(r"summed over (?:all |the )([\d,]+|one) cells?", text) == len(read)


def test_that_cells_at_the_same_distance_count_alike() -> None:
    # With the corners aligned 2 rows become 3 where the scale is 3 of 2; here 3 become 9: row 2 lies halfway.
    up = Upsample(scale=(3, 1), mode="bilinear", align_corners=True)
    layers = (up, Conv2D(filters=1, kernel=1), Flatten(), Dense(units=2))
    run = stepped(Design(input=Input(channels=1, height=3, width=1), classes=2, layers=layers).named(), 1)
    step = next(one for one in run.program.steps if isinstance(one.op, UpsampleBilinear))
    texts = [explain(run, step, (0, 0, row, 0)) for row in range(9)]
    assert "lies on one cell" in texts[0]
    assert "and the nearer one counts more: 0.75 · " in texts[1]
    assert "equally near to each, so that they count alike: 0.5 · " in texts[2]
