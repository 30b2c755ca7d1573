"""The images that the network takes, as the first card of the list."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.core.design import Design, Input
from convviz.core.memory import BYTES
from convviz.gui.theme import current_theme
from convviz.gui.widgets.flow import FlowLayout
from convviz.gui.widgets.focus_frame import paint_focus_frame
from convviz.gui.widgets.labels import ThemedLabel
from convviz.gui.workspaces.builder.fields.editors import FieldChip
from convviz.gui.workspaces.builder.layers.columns import GRIP, MARGIN, MORE, NAME, CostColumns
from convviz.gui.workspaces.builder.layers.layer_keys import INPUT_KEYS
from convviz.present.design.build_text import short_bytes
from convviz.present.design.fields import fields_of


class InputCard(QWidget):
    """Channels, height and width of the images, and the number of classes.

    Attributes
    ----------
    chosen : Signal()
    edited : Signal(str, object)
        ``channels``, ``height``, ``width`` or ``classes``.
    finished : Signal()
    focusMoveAsked : Signal(int)
    """

    KEYS = INPUT_KEYS

    chosen = Signal()
    edited = Signal(str, object)
    finished = Signal()
    focusMoveAsked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._selected = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Input")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setMinimumHeight(42)
        title = ThemedLabel("Input", weight=QFont.Weight.DemiBold)
        title.setFixedWidth(NAME)
        self.chips: dict[str, FieldChip] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN + GRIP, 4, MARGIN - 6, 4)
        row.setSpacing(6)
        row.addWidget(title)
        fields = FlowLayout(8, 4)
        middle = QVBoxLayout()
        middle.addStretch(1)
        middle.addLayout(fields)
        middle.addStretch(1)
        row.addLayout(middle, 1)
        specs = [*fields_of(Input), next(spec for spec in fields_of(Design) if spec.name == "classes")]
        for spec in specs:
            chip = FieldChip(spec, spec.default, "the input")
            chip.edited.connect(self.edited)
            chip.finished.connect(self.finished)
            chip.left.connect(self.setFocus)
            self.chips[spec.name] = chip
            fields.addWidget(chip)
        self.costs = CostColumns()
        row.addWidget(self.costs, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addSpacing(MORE)
        self._theme.changed.connect(self.update)

    def show_input(self, design: Design) -> None:
        """Show the input of a design."""
        image = design.input
        values: dict[str, Any] = {
            "channels": image.channels,
            "height": image.height,
            "width": image.width,
            "classes": design.classes,
        }
        for name, value in values.items():
            self.chips[name].editor.set_value(value)
        shape = (image.channels, image.height, image.width)
        self.costs.show_shape(shape, short_bytes(BYTES * math.prod(shape) * design.training.batch_size))

    def set_selected(self, selected: bool) -> None:
        """Set whether the card is outlined."""
        if selected != self._selected:
            self._selected = selected
            self.update()

    def focus_stops(self) -> list[QWidget]:
        """The card and its fields, in order."""
        return [self, *(chip.editor for chip in self.chips.values())]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.hasFocus() and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.focusMoveAsked.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif self.hasFocus() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Right):
            self.chips["channels"].begin()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        event.accept()

    def focusInEvent(self, event) -> None:
        super().focusInEvent(event)
        self.chosen.emit()
        self.update()

    def focusOutEvent(self, event) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 1.5 if self._selected else 1.0
        painter.setBrush(self._theme.colour("panel"))
        painter.setPen(QPen(self._theme.colour("accent" if self._selected else "line"), width))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 8, 8)
        paint_focus_frame(painter, self, inset=3, radius=6, thick=2)
