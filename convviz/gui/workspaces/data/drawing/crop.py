"""Choosing a piece of a picture as a sample."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from convviz.core.arrays import Array
from convviz.data.drawing.pictures import sample_of
from convviz.data.errors import DataError
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Caption, ElidedLabel, Heading, Note
from convviz.gui.widgets.pixels import image_of_pixels
from convviz.gui.widgets.thumbnail import Thumbnail
from convviz.gui.workspaces.data.drawing.crop_view import CropView

SEEN = 168
MOST = 512
"""Most pixels of a piece's longer side; larger pieces are reduced first."""
LARGEST = 2048


class CropDialog(QDialog):
    """A picture, the piece of it that is chosen, and what the network would see. Enter takes it, Esc does not.

    Parameters
    ----------
    name : str
        Where the picture is from.
    picture : QImage
    shape : tuple of int
        (C, H, W) of the network's images.
    parent : QWidget

    Attributes
    ----------
    taken : Signal(object)
        The piece as a sample, ``(C, H, W)``.
    """

    taken = Signal(object)

    def __init__(self, name: str, picture: QImage, shape: tuple[int, int, int], parent: QWidget) -> None:
        super().__init__(parent)
        self._name, self._shape = name, shape
        self.sample: Array | None = None
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Choose a piece")
        self.view = CropView(picture)
        self.size_words = ElidedLabel(token="muted", size=12)
        self.seen = Thumbnail(SEEN, name="what the network would see")
        self.turned = QCheckBox("Exchange black and white")
        self.turned.setToolTip("Ink is large and paper 0: paper is told from the edge of the piece")
        self.note = Note()
        self.whole = Button("Whole picture", tip="Take all of it")
        self.cancel = Button("Cancel", tip="Leave the pad as it is (Esc)")
        self.take = Button("Take this piece", kind="primary", tip="Put it on the pad (Enter)")
        self.take.setDefault(True)
        self._lay_out()
        width, height = parent.width() - 80, parent.height() - 80
        self.resize(min(1100, max(720, width)), min(760, max(480, height)))
        self.view.pieceChanged.connect(self._show_piece)
        self.turned.toggled.connect(self._show_piece)
        self.whole.clicked.connect(lambda: self.view.set_piece(self.view.picture.rect()))
        self.cancel.clicked.connect(self.reject)
        self.take.clicked.connect(self._take)
        self._show_piece()
        self.view.setFocus()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(Heading(f"Drag over a piece of {self._name}", level=2))
        left.addWidget(self.view, 1)
        left.addWidget(self.size_words)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(Caption("What the network would see"))
        right.addWidget(self.seen)
        right.addWidget(self.turned)
        right.addWidget(self.note)
        right.addStretch(1)
        right.addWidget(Caption("Arrows move the piece,\nShift+arrows its corner"))
        both = QHBoxLayout()
        both.setSpacing(18)
        both.addLayout(left, 1)
        both.addLayout(right)
        foot = QHBoxLayout()
        foot.addWidget(self.whole)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.take)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(18, 14, 18, 14)
        whole.setSpacing(12)
        whole.addLayout(both, 1)
        whole.addLayout(foot)

    def _show_piece(self, *_: object) -> None:
        self.size_words.set_text(self.view.words)
        try:
            sample = sample_of(self._name, values_of(self.view.picture, self.view.piece), self._shape)
            self.sample = 1 - sample if self.turned.isChecked() else sample
            self.note.setText("")
        except DataError as error:
            self.sample = None
            self.note.setText(str(error))
        self.seen.show_values(self.sample)
        self.take.setEnabled(self.sample is not None)

    def _take(self) -> None:
        if self.sample is not None:
            self.taken.emit(self.sample)
            self.accept()


def reduced(picture: QImage) -> QImage:
    """A picture of at most 2,048 pixels a side."""
    if max(picture.width(), picture.height()) <= LARGEST:
        return picture
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return picture.scaled(LARGEST, LARGEST, keep, smooth)


def values_of(picture: QImage, piece: object = None) -> Array:
    """A piece of Qt's image as values ``(3, H, W)`` in 0…1; transparent pixels become paper."""
    cut = picture if piece is None else picture.copy(piece)  # type: ignore[call-overload]
    if max(cut.width(), cut.height()) > MOST:
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        cut = cut.scaled(MOST, MOST, keep, smooth)
    cut = cut.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(cut.constBits(), np.uint8).reshape(cut.height(), cut.bytesPerLine())
    pixels = rows[:, : 4 * cut.width()].reshape(cut.height(), cut.width(), 4).astype(np.float32) / np.float32(255)
    opaque = pixels[..., 3:]
    return np.ascontiguousarray((pixels[..., :3] * opaque + (1 - opaque)).transpose(2, 0, 1))


def image_from(values: Array) -> QImage:
    """Values ``(C, H, W)`` in 0…1, C of 1 or 3, as Qt's image."""
    shown = np.repeat(values, 3, axis=0) if len(values) == 1 else values[:3]
    pixels = (shown.clip(0, 1) * 255 + 0.5).astype(np.uint8).transpose(1, 2, 0)
    return image_of_pixels(pixels, QImage.Format.Format_RGB888)
