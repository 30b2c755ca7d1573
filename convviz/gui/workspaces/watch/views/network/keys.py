"""Keys of the network map: they go to other layers and units, zoom, and enlarge."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.present.watch.network_map.layout import MapLayout
from convviz.present.watch.network_map.picture import MapPicture

MAP_KEYS = FocusKeys(
    "the network map",
    {
        "The previous or the next layer": ("Left", "Right"),
        "The first or the last layer": ("Home", "End"),
        "The previous or the next map or unit": ("Up", "Down"),
        "Show the layer's maps large": ("Return", "Enter"),
        "Zoom in or out, if not all layers fit": ("+", "=", "-"),
    },
)


class Move(Enum):
    """What a key asks for."""

    LEFT = Qt.Key.Key_Left
    RIGHT = Qt.Key.Key_Right
    FIRST = Qt.Key.Key_Home
    LAST = Qt.Key.Key_End
    UP = Qt.Key.Key_Up
    DOWN = Qt.Key.Key_Down
    OPEN = Qt.Key.Key_Return
    ZOOM_IN = Qt.Key.Key_Plus
    ZOOM_OUT = Qt.Key.Key_Minus

    def picks(self, picture: MapPicture, layout: MapLayout) -> tuple[str, int] | None:
        """The layer and unit that a move leads to; None for a move to another unit if no column is chosen."""
        layers = [column.layer for column in layout.columns if column.kind != "input"]
        if self in (Move.UP, Move.DOWN):
            if picture.chosen is None:
                return None
            units = picture.columns[picture.chosen].units
            return picture.layer, (picture.filter + (1 if self is Move.DOWN else -1)) % units
        at = layout.chosen - 1 if layout.chosen is not None else -1
        to = {Move.LEFT: max(at - 1, 0), Move.RIGHT: min(at + 1, len(layers) - 1), Move.LAST: len(layers) - 1}
        return layers[to.get(self, 0)], 0


ALIKE: dict[int, Move] = {
    Qt.Key.Key_Enter: Move.OPEN,
    Qt.Key.Key_Equal: Move.ZOOM_IN,
}
"""Further keys for moves; ``=`` is ``+`` without Shift."""


def move_of(event: QKeyEvent) -> Move | None:
    """The move that a key asks for; None if it isn't a key of the map."""
    if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
        return None
    key = event.key()
    return next((move for move in Move if move.value == key), None) or ALIKE.get(key)
