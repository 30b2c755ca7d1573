"""The bar below the last layer where the next one is picked."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.flow import FlowLayout
from convviz.gui.widgets.labels import ThemedLabel
from convviz.present.design.edits import layer_kinds
from convviz.present.design.fields import title_of

COMMON = ("Conv2D", "MaxPool2D", "ReLU", "Flatten", "Dense", "Dropout", "BatchNorm2D")


class PaletteBar(QWidget):
    """Buttons for the most used kinds of layers, and one for all kinds.

    Attributes
    ----------
    layerPicked : Signal(type)
    allAsked : Signal()
    """

    layerPicked = Signal(type)
    allAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.setAccessibleName("Add a layer at the end")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        line = FlowLayout(6, 6, self)
        line.setContentsMargins(14, 10, 10, 10)
        line.addWidget(ThemedLabel("+", token="muted"))
        self.buttons: dict[str, Button] = {}
        kinds = {kind.__name__: kind for kind in layer_kinds()}
        for name in COMMON:
            if name in kinds:
                made = Button(title_of(kinds[name]), small=True, tip=kinds[name].summary)
                made.setAccessibleName(f"Add {name}")
                made.clicked.connect(lambda _checked=False, kind=kinds[name]: self.layerPicked.emit(kind))
                self.buttons[name] = made
                line.addWidget(made)
        self.all = Button(
            "all layers…", small=True, kind="quiet", tip="Every kind of layer, with what it does (Ctrl+L)"
        )
        self.all.clicked.connect(self.allAsked)
        line.addWidget(self.all)
        self._theme.changed.connect(self.update)

    def focus_stops(self) -> list[QWidget]:
        """The widgets that Tab reaches, in order."""
        return [*self.buttons.values(), self.all]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self._theme.colour("faint"), 1)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
