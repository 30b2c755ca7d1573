"""What a step does, in plain sentences with its own numbers in them."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Index
from convviz.core.program import Step
from convviz.present.numbers import format_value
from convviz.present.step.listing import label
from convviz.present.step.sentences.activation import ACTIVATION
from convviz.present.step.sentences.convolution import CONVOLUTION
from convviz.present.step.sentences.dense import DENSE
from convviz.present.step.sentences.loss import LOSS
from convviz.present.step.sentences.norm import NORM
from convviz.present.step.sentences.numbers import Teller
from convviz.present.step.sentences.pooling import POOLING
from convviz.present.step.sentences.update import UPDATE
from convviz.present.step.values import Values, short

_TEXTS = (*CONVOLUTION, *DENSE, *ACTIVATION, *LOSS, *NORM, *POOLING, *UPDATE)


@np.errstate(all="ignore")  # NaN and infinity are shown, not warned of
def explain(values: Values, step: Step, index: Index) -> str:
    """Sentences about cell ``index`` of a step's output, as simple HTML (``<sub>`` and ``<sup>`` only)."""
    make = teller_of(step)
    if make is None:
        return _any(values, step, index)
    try:
        return make(values, step, index)
    except (OverflowError, ValueError, ZeroDivisionError):  # arithmetic on NaN and infinity
        return _any(values, step, index)


def teller_of(step: Step) -> Teller | None:
    """What tells of a step in sentences of its own; None for an op that has none."""
    return next((make for kind, make in _TEXTS if isinstance(step.op, kind)), None)


def _any(values: Values, step: Step, index: Index) -> str:
    """For ops without sentences of their own: what the cell is computed from."""
    reads = step.op.reads(values.program.in_shapes(step), step.shape, index)
    parts = []
    for name, cells in zip(step.inputs, reads, strict=False):
        if len(cells) == 1:
            at = tuple(int(i) for i in cells[0])
            parts.append(f"{label(name, at)} = {format_value(values.value(name, at))}")
        elif len(cells):
            parts.append(f"{len(cells):,} cells of {short(name)}")
    value = format_value(values.value(step.output, index))
    origin = f" from {', '.join(parts)}" if parts else ""
    return f"{step.op.title}. {label(step.output, index)} = {value} is computed{origin}."
