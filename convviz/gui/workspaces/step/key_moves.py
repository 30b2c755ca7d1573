"""Moves of Step that have keys but no buttons; a key without effect says why."""

from __future__ import annotations

from typing import Any, Protocol

from convviz.gui.workspaces.step.debugger import Debugger
from convviz.gui.workspaces.step.refusal import (
    NO_JUMP,
    NO_JUMP_AGAIN,
    NO_PASS,
    NOTHING_TO_LEAVE,
    why_not_moved,
    why_not_turned,
)
from convviz.gui.workspaces.step.shortcuts import press_focused
from convviz.gui.workspaces.step.views.chooser import WORDS


class Moved(Protocol):
    """The part of Step's page that the moves need."""

    refused: Any
    player: Any

    @property
    def debugger(self) -> Debugger | None: ...

    @property
    def views(self) -> Any: ...

    def command(self, word: str) -> None: ...

    def show_move(self) -> None: ...

    def refresh(self) -> None: ...


class KeyMoves:
    """Moves the cursor, or says why it can't.

    Parameters
    ----------
    page : Moved
    """

    def __init__(self, page: Moved) -> None:
        self._page = page

    def is_refused(self, word: str) -> bool:
        """Whether a command of the debugger would change nothing here; if so, say why."""
        page, debugger = self._page, self._page.debugger
        reason = NO_PASS if debugger is None else why_not_moved(word, debugger)
        if reason and (debugger is None or not page.player.busy):
            page.refused.emit(reason)
            return True
        return False

    def return_from_jump(self) -> None:
        """Go back to where the last jump to a cell began."""
        debugger = self._page.debugger
        if debugger is None or not debugger.cursor.past:
            self._page.refused.emit(NO_JUMP)
            return
        debugger.back_from_jump()
        self._page.show_move()

    def jump_again(self) -> None:
        """Go where the last undone jump led."""
        debugger = self._page.debugger
        if debugger is None or not debugger.cursor.future:
            self._page.refused.emit(NO_JUMP_AGAIN)
            return
        debugger.jump_again()
        self._page.show_move()

    def up(self) -> None:
        """Go one level up: fold the equation, else unpin the cell, else leave the micro-steps."""
        page, debugger = self._page, self._page.debugger
        if debugger is None or page.views.equation.fold():
            return
        if debugger.pinned is not None:
            debugger.unpin()
            page.refresh()
        elif debugger.progress.inside:
            page.command("out")
        else:
            page.refused.emit(NOTHING_TO_LEAVE)

    def turn(self, axis: str, by: int) -> None:
        """Move the selection along an axis by a number of indices: to the next filter, for instance."""
        spin, debugger = self._page.views.chooser.spins[axis], self._page.debugger
        before = spin.value()
        if spin.isEnabled():
            spin.setValue(before + by)
        usable, moved = spin.isEnabled() or spin.value() != before, spin.value() != before
        reason = why_not_turned(WORDS[axis], by, debugger, usable=usable, moved=moved)
        if reason:
            self._page.refused.emit(reason)

    def press_or_play(self) -> None:
        """Press the focused button; without one, play or pause. Space does this."""
        if not press_focused():
            self._page.command("play")
