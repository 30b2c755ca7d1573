"""How much a step of a program computes, so that what takes long is known before it is run."""

from __future__ import annotations

from convviz.core.program import Program, Step

PER_NUMBER = 10
"""Multiply-adds that take as long as reading or writing a number."""


def work(program: Program, step: Step) -> int:
    """About how many multiply-adds a step takes as long as; 100 million are some 5 ms on a core with AVX2.

    Counted, and not measured, so that it is the same on every machine, however busy.
    """
    if step.op.view:
        return 0
    numbers = sum(program.arrays[name].size for name in {*step.inputs, step.output})
    return step.op.multiply_adds(program.in_shapes(step), step.shape) + PER_NUMBER * numbers
