"""The base class of all views of Watch."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from convviz.present.watch.look import Look


class WatchView(QWidget):
    """Shows a picture of the run and signals the user's requests; a pure function in ``present`` makes the picture.

    A view gets pictures only while it is visible, and redraws only what differs from the previous picture.

    A new view is one file with a subclass of this, and one line in
    :data:`~convviz.gui.workspaces.watch.registry.VIEWS`.

    Attributes
    ----------
    is_slow : bool
        Whether the view changes slowly or is expensive to draw; it is then drawn only after every few pictures, and
        when the run holds.
    comes_unasked : bool
        Whether the view appears and disappears without an action of the user, and moves other views when it does.
    imagePicked : Signal(str, int)
        The user wants another image: its split and row.
    filterPicked : Signal(str, int)
        The user picked a layer and the number of one of its filters or units.
    pictureOpened : Signal(str)
        The user wants to enlarge an array; an empty name returns to the page.
    mapChosen : Signal(object)
        Another :class:`MapChoice`: what the network map shows.
    fitAsked : Signal(str)
        The user wants to fit the scale with this name.
    hovered : Signal(str)
        Text about the thing under the pointer; empty if there is none.
    """

    is_slow: ClassVar[bool] = False
    comes_unasked: ClassVar[bool] = False

    imagePicked = Signal(str, int)
    filterPicked = Signal(str, int)
    pictureOpened = Signal(str)
    mapChosen = Signal(object)
    fitAsked = Signal(str)
    hovered = Signal(str)

    @staticmethod
    def picture_of(look: Look) -> Any:
        """Make the picture from a look; None if there is nothing to show."""
        raise NotImplementedError

    def show_picture(self, picture: Any) -> None:
        """Show the result of :meth:`picture_of`."""
        raise NotImplementedError
