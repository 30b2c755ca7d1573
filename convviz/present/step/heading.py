"""What a step is called and how it is written where its place in the pass decides that, and not its op alone."""

from __future__ import annotations

from convviz.core.arrays import Role
from convviz.core.ops.loss import CrossEntropy, SoftmaxGrad
from convviz.core.ops.norm import ChannelMean, Normalise, RunningStatistic
from convviz.core.ops.reshape import Reshape
from convviz.core.ops.update import (
    AddDecay,
    AddSquare,
    ByRoot,
    LookAhead,
    RunningMean,
    RunningSquare,
    SgdUpdate,
    Velocity,
)
from convviz.core.program import Program, Step
from convviz.present.step.sentences.update import going_by

SYMBOLS = {
    "velocity": "v",
    "look-ahead gradient": "g'",
    "scaled gradient": r"\Delta",
    "move": r"\Delta",
    "gradient with weight decay": "g'",
    "clipped gradient": "g'",
}
"""How what an update goes by is written; a plain gradient is written as the op writes it."""


def title_of(program: Program, step: Step) -> str:
    """One plain sentence: what the step does here."""
    op, title = step.op, step.op.title
    backwards = program.arrays[step.output].role is Role.GRADIENT
    if isinstance(op, ChannelMean) and backwards:
        return "The mean gradient of every channel: the part that would only move it"
    if isinstance(op, Normalise) and backwards:
        return "The gradient is divided by what divided the channel"
    if isinstance(op, Reshape) and len(step.shape) == 4:
        spec = program.arrays[step.output]
        return "The features' gradient becomes maps again" if spec.batched else "Every row becomes a filter again"
    if isinstance(op, RunningSquare) and _goes_by(program, step) == "move":
        return "The running mean of the squared moves goes a little towards the new square"
    if isinstance(op, SgdUpdate | Velocity | LookAhead | ByRoot | AddSquare | RunningMean):
        what = _goes_by(program, step)
        if what == "move":
            return "Every weight makes its move, times the learning rate"
        if what != "gradient":
            return title.replace("all squared gradients", f"all squares of the {what}").replace("gradient", what, 1)
    return title


def formula_of(program: Program, step: Step) -> str:
    """The step's formula, as LaTeX."""
    op, formula = step.op, step.op.formula
    backwards = program.arrays[step.output].role is Role.GRADIENT
    if isinstance(op, ChannelMean) and backwards:
        return r"\overline{d\hat{X}}[c] = \frac{1}{M} \sum_{n, y, x} d\hat{X}[n, c, y, x]"
    if isinstance(op, Normalise) and backwards:
        return r"dX[n, c] = \frac{d\hat{X}[n, c]}{\sqrt{v[c] + \varepsilon}}"
    if isinstance(op, RunningStatistic):
        if op.correction == 1.0:
            return r"r \leftarrow (1 - \rho) \, r + \rho \, \mu"
        return r"r \leftarrow (1 - \rho) \, r + \rho \, \frac{M}{M - 1} \, v"
    if isinstance(op, CrossEntropy) and op.smoothing:
        return r"\ell_n = -(1 - \varepsilon) \log p_{n,\, y_n} - \frac{\varepsilon}{K} \sum_k \log p_{n, k}"
    if isinstance(op, SoftmaxGrad) and op.smoothing:
        return r"dz_{n,k} = \left(p_{n,k} - (1 - \varepsilon) \, [k = y_n] - \frac{\varepsilon}{K}\right) \cdot d\ell_n"
    if isinstance(op, SgdUpdate | Velocity | LookAhead | RunningMean | RunningSquare | AddSquare | ByRoot | AddDecay):
        symbol = SYMBOLS.get(_goes_by(program, step))
        if symbol is not None:
            return _with(op, symbol)
    return formula


def _goes_by(program: Program, step: Step) -> str:
    first = isinstance(step.op, LookAhead | ByRoot | AddDecay)
    return going_by(program, step.inputs[0 if first else 1])


def _with(op: object, symbol: str) -> str:
    """The formula of an update with another symbol than that of the gradient."""
    if isinstance(op, SgdUpdate):
        return rf"W \leftarrow W - \eta \, {symbol}"
    if isinstance(op, Velocity):
        return rf"v \leftarrow \mu \, v + {symbol}"
    if isinstance(op, LookAhead):
        return rf"g'' = {symbol} + \mu \, v"
    if isinstance(op, RunningMean):
        return rf"m \leftarrow \beta \, m + (1 - \beta) \, {symbol}"
    if isinstance(op, RunningSquare):
        # The squares of the moves, which Adadelta remembers besides those of the gradients, are called u.
        s = "u" if symbol == r"\Delta" else "s"
        return (
            rf"{s} \leftarrow \beta \, {s} + (1 - \beta) \, {symbol}^2"
            if "'" not in symbol
            else (rf"{s} \leftarrow \beta \, {s} + (1 - \beta) \, ({symbol})^2")
        )
    if isinstance(op, AddSquare):
        return rf"s \leftarrow s + ({symbol})^2"
    if isinstance(op, ByRoot):
        return rf"\Delta = \frac{{{symbol}}}{{\sqrt{{s}} + \varepsilon}}"
    return rf"g'' = {symbol} + \lambda W"
