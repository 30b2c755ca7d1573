"""Equations of a cell: their arithmetic, as it is written, comes to the number that is shown."""

from __future__ import annotations

import math
import re
from decimal import Decimal

import numpy as np
import pytest
from arithmetic import computed, number
from depth import cases
from told_passes import CASES, cells, stepped
from zoo_steps import TOLD

from convviz.core.equation import Combine
from convviz.core.network import Network
from convviz.present.step.explain import explain
from convviz.present.step.facts import facts
from convviz.present.step.terms import Expansion, expand, fold
from convviz.present.step.values import StepProgress
from convviz.present.step.wording import write
from convviz.storage.presets import preset
from convviz.training.make_pass import make_pass
from convviz.training.stepping import Pass


def evaluated(expansion: Expansion) -> float:
    """The value of an applied equation, from its text as it is written and nothing else."""
    text = expansion.text
    if text.startswith("first of"):
        listed = re.findall(r"(\d+): \{(\d+)\}", text)
        top = expansion.values[int(re.search(r"equals \{(\d+)\}", text)[1])]
        return float(next(k for k, place in listed if expansion.values[int(place)] == top))
    text = re.sub(r"√(\{\d+\})", r"sqrt(\1)", text).replace("√(", "sqrt(")
    text = re.sub(r"\[([^\]]*)\]", lambda found: f"holds({found[1].replace(' = ', ' == ')})", text)
    for written, meant in (
        ("−", "-"),
        ("·", "*"),
        ("½(", "0.5 * ("),
        ("½", "0.5"),
        ("²", "**2"),
        ("³", "**3"),
        ("^", "**"),
        ("Φ", "Phi"),
        ("φ", "phi"),
        ("10⁻⁶", "1e-6"),
    ):
        text = text.replace(written, meant)
    text, _, tau = text.partition(", τ = ")
    text = text.replace("τ", f"({tau})")
    if " m)" in text:
        text = text.replace(" m)", f" {float(max(expansion.values))!r})")
    numbers = [f"({value!r})" for value in expansion.values.tolist()]
    return computed(text.format(*numbers))


@pytest.mark.parametrize(("name", "passes"), CASES)
def test_that_equations_as_written_come_to_the_number_that_is_shown(name: str, passes: int) -> None:
    run = stepped(name, passes)
    for step in TOLD.of(name, run.program):
        for index in cells(step):
            expansion = expand(run, step, index)
            where = (step.where, step.op.name, index)
            assert expansion.exact == pytest.approx(expansion.value, rel=1e-9, abs=1e-12), where
            if expansion.combine is Combine.APPLY:
                # Constants in the text are rounded to a few digits: 0.797885 in GELU.
                assert evaluated(expansion) == pytest.approx(expansion.value, rel=1e-5, abs=1e-9), where
            elif expansion.combine is Combine.MAX:
                assert max(expansion.values) == expansion.value, where
            else:
                total = expansion.scale * math.fsum(expansion.values)
                assert total == pytest.approx(expansion.value, rel=1e-9, abs=1e-12), where


def last_place(written: str) -> float:
    """The value of a 1 in the last place of a number."""
    return float(Decimal(1).scaleb(int(Decimal(written.replace(",", "")).as_tuple().exponent)))


@pytest.mark.parametrize(("name", "passes"), CASES)
def test_that_the_terms_as_written_sum_to_the_result_as_written(name: str, passes: int) -> None:
    run = stepped(name, passes)
    for step in TOLD.of(name, run.program):
        for index in cells(step, cases(2)):
            expansion = expand(run, step, index)
            if expansion.combine is not Combine.SUM or not expansion.count:
                continue
            for room in (2, 100):
                pieces = write(expansion, room).pieces
                total, sign, scale, size = 0.0, 1.0, 1.0, 0.0
                equals = next(i for i, one in enumerate(pieces) if one.text in ("=", "≈"))
                singles = True
                for piece in pieces[:equals]:
                    if piece.kind == "sign":
                        sign = -1.0 if piece.text == "−" else 1.0
                    elif piece.kind == "term":
                        factors = [number(span.text) for span in piece.spans if span.text.strip() != "·"]
                        product, singles = math.prod(factors), singles and len(factors) == 1
                        total, size = total + sign * product, size + abs(product)
                    elif piece.kind == "fold":
                        rest = fold(expansion, room).rest
                        written = 0.0 if "all zero" in piece.text else number(piece.text.rpartition(": ")[2])
                        assert written == pytest.approx(rest, rel=1e-3, abs=1e-300)
                        total, size = total + written, size + abs(rest)
                    elif piece.text.endswith("· ("):
                        scale = number(piece.text.removesuffix(" · ("))
                result = pieces[equals + 1].text
                if singles and scale == 1.0 and pieces[equals].text == "=":  # nothing is left to rounding
                    assert total == pytest.approx(number(result), abs=0.51 * last_place(result)), step.where
                # Every number is written with four digits.
                assert scale * total == pytest.approx(expansion.value, abs=scale * size * 3e-3 + 1e-12), step.where


class CountingValues:
    """A pass, and the names of the arrays that were asked for in their logical shape."""

    def __init__(self, run: Pass) -> None:
        self._run = run
        self.asked: set[str] = set()

    def __getattr__(self, name: str) -> object:
        return getattr(self._run, name)

    def array(self, name: str) -> np.ndarray:
        self.asked.add(name)
        return self._run.array(name)


@pytest.mark.parametrize("name", ["course-7x7", "resnet-8"])
def test_that_a_number_is_spelled_out_without_a_copy_of_the_columns_of_all_images(name: str) -> None:
    design, draw = preset(name), np.random.default_rng(0)
    images = draw.random((3, 1, 28, 28), dtype=np.float32)
    run = make_pass(design, Network(design).arrays, images, np.arange(3))
    run.run_to_end()
    columns = {array for array, spec in run.program.arrays.items() if spec.column_blocks > 1}
    readers = [step for step in run.program.steps if columns & set(step.inputs)]
    assert len(readers) > 5
    for step in readers:
        for _ in range(5):
            index = tuple(int(draw.integers(0, n)) for n in step.shape)
            values = CountingValues(run)
            expansion = expand(values, step, index)
            assert not columns & values.asked, step.output
            plain = step.op.equation([run.array(one) for one in step.inputs], step.shape, index)
            told = [expansion.parts(number) for number in range(expansion.count)]
            assert [[(part.name, part.index, part.value) for part in parts] for parts in told] == [
                [(step.inputs[factor.position], factor.index, factor.value) for factor in term.factors]
                for term in plain.terms
            ], step.output


def test_that_what_is_said_of_a_step_copies_no_columns_of_all_images() -> None:
    design, draw = preset("course-7x7"), np.random.default_rng(0)
    images = draw.random((3, 1, 28, 28), dtype=np.float32)
    images[..., :14] = 0.0
    run = make_pass(design, Network(design).arrays, images, np.arange(3))
    run.run_to_end()
    columns = {array for array, spec in run.program.arrays.items() if spec.column_blocks > 1}
    for step in run.program.steps:
        if columns & {step.output, *step.inputs}:
            for _ in range(5):
                index = tuple(int(draw.integers(0, n)) for n in step.shape)
                values = CountingValues(run)
                told = explain(values, step, index), facts(values, step, step.output, index, StepProgress(1, 1))
                assert not columns & values.asked, step.output
                assert told == (explain(run, step, index), facts(run, step, step.output, index, StepProgress(1, 1)))
