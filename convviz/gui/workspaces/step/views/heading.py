"""The heading of a step: one line, in a smaller font if it would be cut off."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.labels import ElidedLabel
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.picture import StepPicture

SIZES = (16, 15, 14, 13)
"""Font sizes in pixels, largest first."""


class FittedHeading(ElidedLabel):
    """A semibold line in the largest font size that fits; if even the smallest doesn't, it ends in "…"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, size=SIZES[0], weight=QFont.Weight.DemiBold)
        self._theme = current_theme()
        # Always as high as the largest size, so that nothing below it moves.
        self.setMinimumHeight(self.fontMetrics().height())

    def show_step(self, picture: StepPicture) -> None:
        """Show what another step does."""
        self.set_text(picture.title)

    def set_text(self, text: str) -> None:
        """Show another text."""
        super().set_text(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def _fit(self) -> None:
        fonts = [self._theme.font(size, QFont.Weight.DemiBold) for size in SIZES]
        fitting = (font for font in fonts if QFontMetrics(font).horizontalAdvance(self.text()) + 2 <= self.width())
        font = next(fitting, fonts[-1])
        if font.pixelSize() != self.font().pixelSize() or font.pointSizeF() != self.font().pointSizeF():
            self.setFont(font)
            self._retip()
            self.update()


if __name__ == "__main__":
    run_view(FittedHeading)
