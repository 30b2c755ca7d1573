"""Texts beside the pictures: titles, the explanation, the button that leads back from a jump."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import ThemedLabel
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.picture import CellPicture, StepPicture


class Title(ThemedLabel):
    """The heading of a section."""

    def __init__(self, text: str) -> None:
        super().__init__(text, token="muted", size=11, weight=QFont.Weight.DemiBold)


class CellTitle(Title):
    """Names the explained cell."""

    def __init__(self) -> None:
        super().__init__("Cell")

    def show_cell(self, picture: CellPicture) -> None:
        """Name another cell."""
        self.setText(picture.title)


class AwaitedNote(ThemedLabel):
    """Says what the pass waits for; hidden until it is awaited."""

    def __init__(self) -> None:
        super().__init__(token="muted", size=15)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.hide()


class ExplanationText(ThemedLabel):
    """What the step does, in sentences with the numbers of the cell."""

    def __init__(self) -> None:
        super().__init__(token="muted", size=13)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)

    def show_cell(self, picture: CellPicture) -> None:
        """Explain another cell."""
        self.setText(picture.explanation)


class BackLink(Button):
    """Leads back to the cell where the last jump began; hidden without one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent, small=True)
        self.setVisible(False)

    def show_step(self, picture: StepPicture) -> None:
        """Offer to return to another cell."""
        cell, step = picture.jumped_from
        self.setText(f"← back to {cell}")
        self.setToolTip(f"Back to {step}, where this jump began (Alt+Left)")
        self.setVisible(bool(cell))


if __name__ == "__main__":
    run_view(ExplanationText)
