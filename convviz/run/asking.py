"""Questions about the arrays of a pass, written as expressions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.expressions.check import check
from convviz.core.expressions.error import ExpressionError
from convviz.core.expressions.evaluate import evaluate
from convviz.core.expressions.parse import parse
from convviz.core.expressions.syntax import Expression, names_in
from convviz.core.lower import LABELS, LOSS, PROBABILITIES
from convviz.present.numbers import format_full, format_value
from convviz.run.minibatch.names import RUN_NUMBERS, Names
from convviz.training.layer_measures import norm
from convviz.training.pass_source import PassSource
from convviz.training.stepping import Pass

__all__ = ["Asked", "PassAsked"]


class Asked:
    """A parsed question with the arrays that it needs, so that it can be evaluated in any thread.

    Parameters
    ----------
    expression : Expression
    find : callable
    """

    def __init__(self, expression: Expression, find: Callable[[str], Array]) -> None:
        self._expression, self._find = expression, find

    def answer(self) -> str:
        """``0.0123``, ``yes``, ``6×1×5×5 numbers, from -0.31 to 0.42, mean 0.011``."""
        found = evaluate(self._expression, self._find)
        if found.ndim == 0:
            if found.dtype == bool:
                return "yes" if bool(found) else "no"
            return format_full(float(found))
        shape = "×".join(map(str, found.shape))
        if found.dtype == bool:
            return f"{shape} times yes or no: yes {int(found.sum()):,} of {found.size:,} times"
        if not found.size:
            return f"{shape}: no numbers"
        low, high, mean = (format_value(float(one)) for one in (found.min(), found.max(), found.mean(dtype=np.float64)))
        return f"{shape} numbers, from {low} to {high}, mean {mean}"


class PassAsked:
    """The arrays of a pass by the names of expressions.

    Parameters
    ----------
    run : Pass
    source : PassSource
        What it was made from.
    only_made : bool
        Refuse arrays that the pass has not computed up to its cursor, instead of computing them.
    """

    def __init__(self, run: Pass, source: PassSource, *, only_made: bool = False) -> None:
        self._run, self._source, self._only_made = run, source, only_made
        self._design: Design = source.design.named()
        self._names = Names(self._design, len(source.rows))

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that can be asked for."""
        return (*RUN_NUMBERS, *self._run.program.arrays)

    def ask(self, text: str) -> Asked:
        """Read a question; the arrays that it needs are computed here, by the pass's own thread.

        Raises
        ------
        ExpressionError
            It can't be read, or asks for what is not there.
        """
        expression = parse(text)
        check(expression, self._shape_of)
        arrays = {name: self._find(name) for name in names_in(expression)}
        return Asked(expression, arrays.__getitem__)

    def _shape_of(self, name: str) -> tuple[int, ...]:
        found = self._names.resolve(name)
        if found not in RUN_NUMBERS and found not in self._run.program.arrays:
            raise KeyError(f"expected an array of this pass, got {name!r}, which only a pass of training has")
        return () if found in RUN_NUMBERS else self._run.program.arrays[found].shape

    def _find(self, name: str) -> Array:
        found = self._names.resolve(name)
        if found in RUN_NUMBERS:
            return np.asarray(self._number(found))
        self._need(found)
        return self._run.array(found)

    def _need(self, name: str) -> None:
        if self._only_made and not self._run.has(name):
            maker = self._run.maker(name)
            assert maker is not None
            raise ExpressionError(
                1, f"{name} is made in step {maker.index} of the pass, {maker.output}: go there first"
            )

    def _number(self, name: str) -> float:
        run, position = self._run, self._source.position
        if name == "step":
            return float(position.step)
        if name == "epoch":
            return float(position.epoch)
        if name == "loss":
            self._need(LOSS)
            return float(run.array(LOSS))
        if name == "accuracy":
            self._need(PROBABILITIES)
            return float((run.array(PROBABILITIES).argmax(axis=1) == run.array(LABELS)).mean())
        gradients = list(run.program.gradients.values())
        for gradient in gradients:
            self._need(gradient)
        return float(np.hypot.reduce([norm(np.ascontiguousarray(run.array(one))) for one in gradients]))
