"""The chosen pass on its way: it is made and brought to its place in pieces, while the previous one is still shown."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from convviz.gui.workspaces.step.arrival import LeftPass, arrive
from convviz.gui.workspaces.step.beginning import ready
from convviz.gui.workspaces.step.debugger import Debugger
from convviz.gui.workspaces.step.offer import Offer, PassChoice
from convviz.training.pass_source import PassSource


@dataclass(frozen=True, slots=True, eq=False)
class PassThatCame:
    """A pass that is ready to be shown.

    Parameters
    ----------
    offer : Offer
        What can be stepped, less what turned out to be impossible.
    source : PassSource
    debugger : Debugger
    step : int or None
        The step still to be run to.
    """

    offer: Offer
    source: PassSource
    debugger: Debugger
    step: int | None


def come(
    offer: Offer, choice: PassChoice, before: Debugger | None, was: PassSource | None, left: LeftPass | None
) -> Generator[None, None, PassThatCame]:
    """Make the chosen pass and put its cursor where the user expects it, with a pause after every piece.

    Parameters
    ----------
    offer : Offer
    choice : PassChoice
    before, was : Debugger, PassSource or None
        Debugger and source of the previous pass.
    left : LeftPass, optional
        The place to return to.

    Raises
    ------
    ConvvizError
        Not even a pass of one image can be made.
    """
    fitting, source, run = offer.made(choice)
    yield
    yield from ready(run)
    debugger = Debugger(run)
    yield
    image = choice.image if source.split == offer.split else None  # a row of the offered images
    step = yield from arrive(debugger, source, before, was, image=image, first=choice.first, left=left)
    yield
    return PassThatCame(fitting, source, debugger, step)
