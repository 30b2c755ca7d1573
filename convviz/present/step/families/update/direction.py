"""The direction that a step of an update uses: the gradient or a quantity derived from it, in words and symbols."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from convviz.core.ops.base import Op
from convviz.core.ops.update import AdadeltaMove, AddDecay, ByRoot, Clip, LookAhead, Velocity
from convviz.core.program import Program, Step
from convviz.present.step.presentation import InPlace

KINDS: Mapping[type[Op], tuple[str, str]] = MappingProxyType(
    {
        Velocity: ("velocity", "v"),
        LookAhead: ("look-ahead gradient", "g'"),
        ByRoot: ("scaled gradient", r"\Delta"),
        AdadeltaMove: ("move", r"\Delta"),
        AddDecay: ("gradient with weight decay", "g'"),
        Clip: ("clipped gradient", "g'"),
    }
)
"""Ops whose output replaces the gradient: its name and its symbol."""


def going_by(program: Program, name: str) -> str:
    """Name of the direction that a step of an update uses: ``gradient``, ``velocity``, ``clipped gradient`` …"""
    maker = program.producer(name)
    return "gradient" if maker is None else KINDS.get(type(maker.op), ("gradient", ""))[0]


def titled(position: int) -> InPlace:
    """The op's title, with the name of an input in place of the gradient."""

    def title(program: Program, step: Step) -> str:
        what = going_by(program, step.inputs[position])
        if what == "gradient":
            return ""
        if what == "move":
            return "Every weight makes its move, times the learning rate"
        own = step.op.title.replace("all squared gradients", f"all squares of the {what}")
        return own.replace("gradient", what, 1)

    return title


def square_title(program: Program, step: Step) -> str:
    """The title of a running mean of squares: of gradients or of moves."""
    moves = going_by(program, step.inputs[1]) == "move"
    return "The running mean of the squared moves goes a little towards the new square" if moves else ""


def written(position: int, formula: str) -> InPlace:
    """A formula with the symbol of an input in place of ``@``."""

    def with_symbol(program: Program, step: Step) -> str:
        maker = program.producer(step.inputs[position])
        symbol = "" if maker is None else KINDS.get(type(maker.op), ("", ""))[1]
        return formula.replace("@", symbol) if symbol else ""

    return with_symbol


def square_formula(program: Program, step: Step) -> str:
    """The formula of a running mean of squares: u for Adadelta's squared moves, s for squared gradients."""
    s = "u" if going_by(program, step.inputs[1]) == "move" else "s"
    for symbol, square in ((r"\Delta", "@^2"), ("'", "(@)^2")):
        found = written(1, rf"{s} \leftarrow \beta \, {s} + (1 - \beta) \, {square}")(program, step)
        if symbol in found:
            return found
    return written(1, rf"{s} \leftarrow \beta \, {s} + (1 - \beta) \, @^2")(program, step)
