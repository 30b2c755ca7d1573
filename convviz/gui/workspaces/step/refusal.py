"""Why a key of Step has no effect. No Qt."""

from __future__ import annotations

from convviz.gui.workspaces.step.debugger import Debugger

NO_PASS = "There is no pass to step yet: it needs a network and images"
AT_START = "This is the beginning of the pass"
AT_END = "This is the end of the pass: Ctrl+Home goes back to its beginning"
NOT_INSIDE = "This step is done, and you are not inside its micro-steps: F10 runs the next step"
NO_JUMP = "There was no jump to go back from"
NO_JUMP_AGAIN = "No jump was undone: there is none to make again"
NOTHING_TO_LEAVE = "There is nothing to leave here: no cell is pinned, and you are not inside micro-steps"


def why_not_moved(word: str, debugger: Debugger) -> str:
    """Return why a move would change nothing; an empty text if it would change something."""
    cursor = debugger.cursor
    at = cursor.place.position
    if word in ("start", "back", "back_over"):
        return AT_START if getattr(cursor, word)().place.position == at else ""
    if word == "into":
        return AT_END if at.inside and cursor.at_end else ""
    if word == "out" and cursor.out().place.position == at:
        return AT_END if cursor.at_end else NOT_INSIDE
    if word in ("over", "end", "play"):
        return AT_END if cursor.at_end and not at.inside else ""
    return ""


def why_not_turned(axis: str, by: int, debugger: Debugger | None, *, usable: bool, moved: bool) -> str:
    """Return why no other image, filter, channel or unit was chosen; an empty text if one was."""
    if debugger is None:
        return NO_PASS
    if not usable:
        return f"There is no other {axis} to choose at this step"
    return "" if moved else f"This is the {'last' if by > 0 else 'first'} {axis}"
