"""The strip of images with its choices, above the confidence curve of the watched image."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.curve.view import CurveView
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.workspaces.watch.images.strip import ImageStrip
from convviz.present.watch.strip import StripPicture
from convviz.present.watch.strip_choice import StripChoice, StripKind

KINDS = tuple(StripKind)
WITH_CURVE = 190
"""Smallest height in pixels with room for the curve too."""
READING = (
    "Label and its probability, or label → wrong answer. Bar: the label's probability; in red, the wrong answer's."
)


class WatchedImages(QWidget):
    """A line of choices, the strip and a curve.

    Parameters
    ----------
    curve : CurveView
        Confidence of the watched image.

    Attributes
    ----------
    choiceMade : Signal(object)
        Another :class:`StripChoice`.
    """

    choiceMade = Signal(object)

    def __init__(self, curve: CurveView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = StripPicture()
        self._curve = curve
        self.kinds = SegmentedControl(
            [str(kind) for kind in KINDS],
            small=True,
            name="Images of the strip",
            tips=[kind.about for kind in KINDS],
        )
        self.again = Button(icon_name="dice", kind="quiet", small=True, tip="Draw other images at random")
        self.keep = Button(icon_name="pin", kind="quiet", small=True, tip="Keep the watched image here")
        self.note = FittingLabel(size=12, align=Qt.AlignmentFlag.AlignLeft)
        self.strip = ImageStrip()
        line = QHBoxLayout()
        line.setSpacing(4)
        for widget in (self.kinds, self.again, self.keep):
            line.addWidget(widget)
        line.addSpacing(4)
        line.addWidget(self.note, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(line)
        column.addWidget(self.strip)
        column.addWidget(curve, 1)
        self.kinds.selected.connect(self._kind_picked)
        self.again.clicked.connect(lambda: self.choiceMade.emit(self._picture.choice.again()))
        self.keep.clicked.connect(self._keep)
        self.strip.removed.connect(lambda *place: self.choiceMade.emit(self._picture.choice.without(place)))

    def minimumSizeHint(self) -> QSize:
        """Room for the strip alone: without more room the curve is omitted."""
        return QSize(self.strip.minimumSizeHint().width(), self.strip.sizeHint().height() + 30)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        has_room = event.size().height() >= WITH_CURVE
        if self._curve.isHidden() == has_room:
            self._curve.setVisible(has_room)

    def show_picture(self, picture: StripPicture) -> None:
        """Show the strip."""
        if picture.key == self._picture.key:
            return
        self._picture = picture
        self.kinds.set_index(KINDS.index(picture.choice.kind))
        tip = "Remove the watched image from the chosen ones" if picture.is_kept else "Keep the watched image here"
        if tip != self.keep.toolTip():
            self.keep.set_icon("trash" if picture.is_kept else "pin")
            self.keep.setToolTip(tip)
            self.keep.setAccessibleName(tip)
        texts = (picture.note, picture.note.partition(": ")[2]) if picture.tiles else ()
        self.note.set_texts(texts, READING)
        self.strip.show_picture(picture)

    def _kind_picked(self, index: int) -> None:
        choice = self._picture.choice
        self.choiceMade.emit(StripChoice(KINDS[index], choice.seed, choice.chosen))

    def _keep(self) -> None:
        choice, place = self._picture.choice, self._picture.watched
        self.choiceMade.emit(choice.without(place) if self._picture.is_kept else choice.with_place(place))
