"""What a step does, in plain sentences that contain its own numbers."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Index
from convviz.core.ops.base import Op
from convviz.core.program import Step
from convviz.present.step.families import presentation_of
from convviz.present.step.sentence import OutputCell, plain_sentence
from convviz.present.step.values import Values


@np.errstate(all="ignore")  # NaN and infinity are shown, not warned of
def explain(values: Values, step: Step, index: Index) -> str:
    """Explain cell ``index`` of a step's output in sentences, as simple HTML (``<sub>`` and ``<sup>`` only)."""
    cell: OutputCell[Op] = OutputCell(values, step, index)
    try:
        return presentation_of(step.op).sentence(cell)
    except (OverflowError, ValueError, ZeroDivisionError):  # arithmetic on NaN and infinity
        return plain_sentence(cell)
