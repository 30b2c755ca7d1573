"""One picture over the whole page: zoom in until the numbers stand in the cells."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from convviz.gui.widgets.array.held_scale import HeldScale
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.labels import Caption
from convviz.present.scales import HeldScales
from convviz.present.watch import Panel


class EnlargedPicture(QWidget):
    """A card with one large picture.

    Attributes
    ----------
    closed : Signal()
        Esc or the button: back to the page.
    """

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ""
        self._card = Card("")
        self.view = ArrayView(preferred_cell=28)
        self.scale = HeldScale(length=220)
        self._note = Caption("Wheel zooms, dragging pans, 0 shows all, Esc goes back")
        close = Button("Back", icon_name="close", small=True, tip="Back to all pictures (Esc)")
        close.clicked.connect(self.closed)
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
        escape.activated.connect(self.closed)

    def show_panel(self, panel: Panel, scales: HeldScales) -> None:
        """Show a picture of the strip."""
        self.name = panel.name
        self._card.set_title(panel.name)
        self._card.set_caption(f"{panel.caption} · {panel.about}")
        end = panel.fixed if panel.fixed is not None else scales.end(panel.name, panel.array)
        self.view.set_picture(panel.array, panel.role, end, name=panel.name, gap=1 if panel.form == "maps" else None)
        self.scale.show_end(panel.role, end, panel.name, scales if panel.fixed is None else None)
