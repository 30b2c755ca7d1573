"""The conditions of breakpoints, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from convviz.core.expressions.parse import parse
from convviz.core.expressions.syntax import Expression

RECENT = 50
"""Minibatches that recent values are taken from."""
CHECKS = 10
"""How often, at equal distances, a filter is checked before it counts as dead for the given minibatches."""


@dataclass(frozen=True, slots=True)
class NotFinite:
    """The loss or a gradient is NaN or infinite."""


@dataclass(frozen=True, slots=True)
class LossAbove:
    """The loss of a minibatch is above a limit."""

    limit: float = 5.0


@dataclass(frozen=True, slots=True)
class LossJumps:
    """The loss is above the mean of the last 50 by this many of their standard deviations."""

    times: float = 8.0


@dataclass(frozen=True, slots=True)
class GradientAbove:
    """The norm of the gradient of all parameters is above a limit, before it is clipped."""

    limit: float = 20.0


@dataclass(frozen=True, slots=True)
class RatioAbove:
    """The update would change the weights of a layer by more than this share of their norm: ‖ΔW‖ / ‖W‖."""

    limit: float = 0.1


@dataclass(frozen=True, slots=True)
class FilterDead:
    """A filter has been 0 for all judged images for this many minibatches; it is checked ten times in that time."""

    steps: int = 200

    @property
    def every(self) -> int:
        """Minibatches from one check to the next."""
        return max(1, self.steps // CHECKS)


@dataclass(frozen=True, slots=True)
class AccuracyReaches:
    """The accuracy on the test images, after an epoch, has reached a share."""

    share: float = 0.97


@dataclass(frozen=True, slots=True)
class ClassFlips:
    """The class that the network gives an image is another one than a minibatch before.

    Parameters
    ----------
    image : int, optional
        Row of the test image; unless given, the image that is watched.
    """

    image: int | None = None


@dataclass(frozen=True, slots=True)
class AtStep:
    """The minibatch with this number, counted from 1."""

    step: int = 1000


@dataclass(frozen=True, slots=True)
class IsTrue:
    """An expression over the arrays of the pass is true."""

    text: str

    @property
    def expression(self) -> Expression:
        """The expression that was read.

        Raises
        ------
        ExpressionError
        """
        return parse(self.text)


@dataclass(frozen=True, slots=True)
class SignChanges:
    """A number has another sign than in the last earlier minibatch in which it was not 0.

    Parameters
    ----------
    text : str
        An expression that gives one number.
    """

    text: str

    @property
    def expression(self) -> Expression:
        """The expression that was read.

        Raises
        ------
        ExpressionError
        """
        return parse(self.text)


Condition = (
    NotFinite
    | LossAbove
    | LossJumps
    | GradientAbove
    | RatioAbove
    | FilterDead
    | AccuracyReaches
    | ClassFlips
    | AtStep
    | IsTrue
    | SignChanges
)


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """A condition that training is watched for.

    Parameters
    ----------
    number : int
        Which one; stays its own when others are added or removed.
    condition : Condition
    holds : bool
        Hold training before the update; otherwise only mark the step.
    is_on : bool
    """

    number: int
    condition: Condition
    holds: bool = True
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    """The condition of a breakpoint has come true.

    Parameters
    ----------
    breakpoint : Breakpoint
    step : int
        Number of the minibatch, from 1.
    headline : str
        The condition with its number: ``Loss 2.542 is above 2``.
    why : str
        One sentence with the numbers around it; may be empty.
    """

    breakpoint: Breakpoint
    step: int
    headline: str
    why: str = ""

    @property
    def at(self) -> int:
        """Minibatches whose updates were made when it was hit: its own is not, unless an epoch had ended."""
        return self.step if isinstance(self.breakpoint.condition, AccuracyReaches) else self.step - 1

    @property
    def sentence(self) -> str:
        """``Loss 2.542 is above 2: 5.5 times the mean of the last 50 …``."""
        return f"{self.headline}: {self.why}" if self.why else f"{self.headline}."
