"""A small computation with its actual numbers: two arrays, their product, and the sum."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Caption, Heading, Note
from convviz.gui.workspaces.probe.worked import Worked
from convviz.present.colour import ColourRole, levels

SIDE = 232


class WorkedDialog(QDialog):
    """Shows how a number is computed.

    Parameters
    ----------
    worked : Worked
    """

    def __init__(self, worked: Worked, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("How is this computed?")
        self.worked = worked
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(12)
        column.addWidget(Heading(worked.title, level=2))
        row = QHBoxLayout()
        row.setSpacing(10)
        self.views: list[ArrayView] = []
        for sign, (words, values) in zip(("", "×", "="), worked.arrays, strict=True):
            if sign:
                row.addWidget(Heading(sign, level=2))
            view = ArrayView(name=words)
            view.setFixedSize(SIDE, SIDE)
            view.set_picture(values, ColourRole.WEIGHT, levels(ColourRole.WEIGHT, values).high, name=words)
            self.views.append(view)
            part = QVBoxLayout()
            part.setSpacing(4)
            part.addWidget(Caption(words, token="ink"))
            part.addWidget(view)
            part.addStretch(1)
            row.addLayout(part)
        column.addLayout(row)
        self.lines = [Note(line, token="ink") for line in worked.lines]
        for line in self.lines:
            line.setFont(current_theme().font(13))
            column.addWidget(line)
        column.addStretch(1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        close = Button("Close")
        close.clicked.connect(self.accept)
        foot.addWidget(close)
        column.addLayout(foot)
