"""An image as training will see it: some augmented versions in a row."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from convviz.core.arrays import Array
from convviz.core.augment.settings import OFF, Augmentation
from convviz.gui.widgets.labels import Caption
from convviz.gui.widgets.thumbnail import Thumbnail
from convviz.present.augmented import preview

COUNT = 5
SIDE = 50


class AugmentationStrip(QWidget):
    """Shows an image as training augments it the first few times; hidden while augmentation is off."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.thumbnails = [Thumbnail(SIDE, name=f"augmented version {number + 1}") for number in range(COUNT)]
        self._image: Array | None = None
        self._settings, self._seed, self._row = OFF, 0, 0
        self.says = Caption("As training sees it the first five times")
        row = QHBoxLayout()
        row.setSpacing(8)
        for one in self.thumbnails:
            row.addWidget(one)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.says)
        column.addLayout(row)
        self.hide()

    def show_image(self, image: Array | None, row: int) -> None:
        """Show versions of another training image, ``(C, H, W)``, which is number ``row``; None shows nothing."""
        if image is not self._image or row != self._row:
            self._image, self._row = image, row
            self._draw()

    def show_settings(self, settings: Augmentation, seed: int) -> None:
        """Show the image with other settings and another seed."""
        if (settings, seed) != (self._settings, self._seed):
            self._settings, self._seed = settings, seed
            self._draw()

    def _draw(self) -> None:
        shown = self._image is not None and self._settings.is_on
        if shown and self._image is not None:
            made = preview(self._image, self._settings, COUNT, seed=self._seed, row=self._row)
            for thumbnail, image in zip(self.thumbnails, made, strict=True):
                thumbnail.show_values(image)
        self.setVisible(shown)
