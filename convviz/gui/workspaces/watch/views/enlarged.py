"""One picture over the whole page: zoom in until numbers appear in the cells."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from convviz.gui.widgets.array.held_scale import HeldScale
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.labels import Caption
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.watch.enlarged import EnlargedArray, enlarged_picture


class EnlargedPicture(WatchView):
    """A card with one large picture; Esc or its button return to the page."""

    picture_of = staticmethod(enlarged_picture)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card = Card("")
        self.view = ArrayView(preferred_cell=28, tile_numbers=True)
        self.scale = HeldScale(length=220)
        self._note = Caption("Wheel zooms, dragging pans, 0 shows all, Esc goes back")
        close = Button("Back", icon_name="close", small=True, tip="Back to all pictures (Esc)")
        close.clicked.connect(self.close_picture)
        self._card.add_action(close)
        self._card.add(self.view, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.scale)
        foot.addStretch()
        foot.addWidget(self._note)
        self._card.add(foot)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 14, 14, 14)
        layout.addWidget(self._card)
        escape = QShortcut(QKeySequence("Esc"), self)
        escape.setWhatsThis("From an enlarged picture back to all pictures")
        escape.activated.connect(self.close_picture)
        self.scale.fitAsked.connect(self.fitAsked)

    def close_picture(self) -> None:
        """Ask to return to the page."""
        self.pictureOpened.emit("")

    def show_picture(self, picture: EnlargedArray) -> None:
        """Show an array."""
        self._card.set_title(picture.name)
        self._card.set_caption(picture.caption)
        gap = 1 if picture.form == "maps" else None
        self.view.set_picture(picture.array, picture.role, picture.end.value, name=picture.name, gap=gap)
        self.scale.show_end(picture.role, picture.end)


if __name__ == "__main__":
    run_view(EnlargedPicture)
