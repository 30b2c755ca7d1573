"""The strip above Watch about a minibatch that is held, or was hit in the past."""

from __future__ import annotations

from convviz.present.watch.breakpoints import HeldPicture, HitLine
from convviz.present.watch.look import Look
from convviz.present.words import counted


def held_picture(look: Look) -> tuple[HeldPicture, bool] | None:
    """The hit that holds the run, or the past hit on show, and whether its minibatch is shown; None for neither."""
    hold, is_past = look.hold, look.past is not None and look.past.step is not None
    is_open = hold is not None and hold.is_open
    if hold is not None and hold.is_past:
        headline, _, why = hold.sentence.partition(": ")
        line = HitLine(hold.step, headline.rstrip("."), why)
        behind = 0 if look.past is None else look.past.live - hold.step + 1
        ago = f", {counted(behind, 'step')} before the live network" if behind else ""
        place = f"the past: before the update of step {hold.step:,}{ago}"
        return HeldPicture(None, line, place, hold.can_step), is_open
    held = None if look.breakpoints is None else look.breakpoints.held
    return None if held is None or is_past else (held, is_open)
