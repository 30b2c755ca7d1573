"""The steps of the zoo, each kind of them once.

Nearly all networks end in a dense layer, softmax, a loss and its updates. What is true of a step because of its op and
the arrays around it is tested in the first network that has such a step, and in depth in every one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from functools import cache, cached_property

from depth import DEPTH
from engine_zoo import CASES, ZOO, program_of

from convviz.core.network import lowered
from convviz.core.program import Program, Step

Kind = Callable[[Program, Step], Hashable]


def computed_alike(program: Program, step: Step) -> Hashable:
    """What a step computes: its op, and its arrays but for their names."""
    specs = [program.arrays[name] for name in (*step.inputs, step.output)]
    return step.op, step.phase, tuple(replace(spec, name="", layer="") for spec in specs)


def told_alike(program: Program, step: Step) -> Hashable:
    """What is said of a step, too: the names of its arrays, and which ops made its inputs and read its output."""
    specs = tuple(program.arrays[name] for name in (*step.inputs, step.output))
    makers = [program.producer(name) for name in step.inputs]
    around = [None if one is None else one.op.name for one in makers]
    around += [one.op.name for one in program.consumers(step.output)]
    return step.op, step.phase, step.layer, specs, tuple(around)


class Once:
    """The steps of each network of which there is none alike in a network before it.

    Parameters
    ----------
    names : iterable of str
        The networks, in their order.
    program_of : function of str
    kind : function of Program and Step
        Steps are alike if this is equal.
    """

    def __init__(self, names: Iterable[str], program_of: Callable[[str], Program], kind: Kind) -> None:
        self._names, self._kind = tuple(names), kind
        self.program_of = cache(program_of)

    @cached_property
    def _first(self) -> dict[Hashable, str]:
        first: dict[Hashable, str] = {}
        for name in self._names:
            program = self.program_of(name)
            for step in program.steps:
                first.setdefault(self._kind(program, step), name)
        return first

    def of(self, name: str, program: Program) -> list[Step]:
        """The steps of a network to be tested there; those of a program of another kind are all new."""
        if DEPTH > 1:
            return list(program.steps)
        return [step for step in program.steps if self._first.get(self._kind(program, step), name) == name]


COMPUTED = Once(CASES, program_of, computed_alike)
"""For what a step computes, in :func:`engine_zoo.case`."""
TOLD = Once(ZOO, lambda name: lowered(ZOO[name].named(), 2, image_gradient=True), told_alike)
"""For what is said and shown of a step, in a pass over two images."""
