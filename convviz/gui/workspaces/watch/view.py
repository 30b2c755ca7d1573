"""What every view of Watch is for its page."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from convviz.present.watch.look import Look


class WatchView(QWidget):
    """Shows a picture that a pure function of ``present`` makes of a look at the run, and says what the user wants.

    It is shown a picture while it is in sight only, and changes no more than what differs from the one before.

    A new view is one file with a subclass of this, and one line in
    :data:`~convviz.gui.workspaces.watch.registry.VIEWS`.

    Attributes
    ----------
    is_slow : bool
        It changes slowly or costs much: it is drawn after every few pictures only, and when the run holds.
    imagePicked : Signal(str, int)
        Another image is wanted: its split and row.
    filterPicked : Signal(str, int)
        A filter was picked: its layer and number.
    pictureOpened : Signal(str)
        An array is to be shown large; with an empty name none.
    fitAsked : Signal(str)
        The scale held under a name is to be fitted.
    hovered : Signal(str)
        What is under the pointer, in words; empty when nothing is.
    """

    is_slow: ClassVar[bool] = False

    imagePicked = Signal(str, int)
    filterPicked = Signal(str, int)
    pictureOpened = Signal(str)
    fitAsked = Signal(str)
    hovered = Signal(str)

    @staticmethod
    def picture_of(look: Look) -> Any:
        """What is shown of a look; None where there is nothing."""
        raise NotImplementedError

    def show_picture(self, picture: Any) -> None:
        """Show what :meth:`picture_of` made."""
        raise NotImplementedError
