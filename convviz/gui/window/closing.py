"""Whether the window may close: a question about unsaved work, asked once."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from convviz.gui.widgets.messages.question import Answer
from convviz.gui.window.parts import WindowParts

AGAIN_MS = 10
"""Delay between cancelling a question and trying to close again."""


class Closing(QObject):
    """Asks about unsaved work, and ends the session.

    Parameters
    ----------
    window : WindowParts

    Attributes
    ----------
    is_asking : bool
        Whether closing waits for an answer.
    """

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._window = window
        self._unasked = False
        self.is_asking = False

    def unasked(self) -> None:
        """Close without asking; an open question is cancelled."""
        self._unasked = True
        question = QApplication.activeModalWidget()
        if self.is_asking:
            if question is not None:
                question.close()
            QTimer.singleShot(AGAIN_MS, self.unasked)  # after the caller of the question has returned
        else:
            self._window.close()

    def may_close(self) -> bool:
        """Ask about unsaved work once; closing again while the question is open does nothing."""
        window = self._window
        if not window.is_assembled:
            return True
        if self._unasked:
            window.last_time.remember()
            return not window.run.bridge.close() or not window.run.bridge.close(anyway=True)
        if self.is_asking:
            return False
        self.is_asking = True
        try:
            return window.stack.may_close() and self._end_session()
        finally:
            self.is_asking = False

    def _end_session(self) -> bool:
        """End the session, which keeps the trained network; if it can't, ask the user."""
        window = self._window
        window.last_time.remember()
        reason = window.run.bridge.close()
        if not reason:
            return True
        answer = window.models.ask_about_unkept(reason)
        if answer is Answer.SAVE:
            window.models.save_then(self._close_saved)
        elif answer is Answer.DISCARD:
            window.run.bridge.close(anyway=True)
        return answer is Answer.DISCARD

    def _close_saved(self) -> None:
        """The user has saved the trained network: close now."""
        self._window.models.let_it_go()
        self._window.close()
