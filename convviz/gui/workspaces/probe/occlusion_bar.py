"""Controls of occlusion: the patch, its stride, and whether scores or the pixels' losses are shown."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.labels import Caption, ElidedLabel
from convviz.gui.workspaces.probe.explaining import usual_patch
from convviz.present.words import counted, duration

PATCHES, STRIDES = (1, 2, 3, 4, 5, 6, 7, 9, 11, 14), (1, 2, 3, 4, 5, 7)
SOON = 1.0
"""Shorter times, in seconds, are not mentioned."""


class OcclusionBar(QWidget):
    """Patch, stride, what they cost, and what is shown.

    Attributes
    ----------
    changed : Signal()
        Another patch or stride was chosen.
    shownChanged : Signal()
        Scores are to be shown instead of losses, or losses instead of scores.
    """

    changed = Signal()
    shownChanged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = (0, 0)
        self._pace = 0.0
        self.patch = Combo(name="Patch", tip="Side of the patch that covers the image, in pixels")
        self.stride = Combo(name="Stride", tip="Pixels that the patch moves by")
        self.shown = SegmentedControl(
            ["loss", "scores"],
            small=True,
            name="What is shown of occlusion",
            tips=[
                "What the score loses on average over the patches that cover a pixel",
                "The score itself, with the patch at each of its places",
            ],
        )
        self.cost = ElidedLabel(token="muted", size=12)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for word, combo, wide in (("patch", self.patch, 92), ("stride", self.stride, 64)):
            row.addWidget(Caption(word))
            row.addWidget(combo)
            combo.setFixedWidth(wide)
            combo.edited.connect(lambda _: self._edited())
        row.addWidget(self.cost, 1)
        row.addWidget(self.shown)
        self.shown.selected.connect(self._shown_selected)

    @property
    def chosen(self) -> tuple[int, int]:
        """Patch and stride."""
        return int(self.patch.value), int(self.stride.value)

    @property
    def shows_scores(self) -> bool:
        """Whether the scores are to be shown."""
        return self.shown.index == 1

    def fit(self, height: int, width: int) -> None:
        """Offer what fits images of a size; the choice stays if the size is the same."""
        if (height, width) == self._size:
            return
        self._size, self._pace = (height, width), 0.0
        patch, stride = usual_patch(height, width)
        sides = sorted({one for one in (*PATCHES, patch, min(height, width) // 2) if 0 < one <= min(height, width)})
        self.patch.set_choices([(f"{side}×{side}", side) for side in sides])
        self.stride.set_choices([(str(one), one) for one in sorted({*STRIDES, stride})])
        self.patch.set_value(patch)
        self.stride.set_value(stride)
        self._say()

    def set_pace(self, seconds: float) -> None:
        """How long a pass took."""
        self._pace = seconds
        self._say()

    @property
    def places(self) -> int:
        """Number of places of the patch."""
        patch, stride = self.chosen
        height, width = self._size
        return ((height - patch) // stride + 1) * ((width - patch) // stride + 1)

    def _say(self) -> None:
        seconds = self.places * self._pace
        self.cost.set_text(
            counted(self.places, "pass", "passes") + (f", {duration(seconds)}" if seconds >= SOON else "")
        )

    def _edited(self) -> None:
        self._say()
        self.changed.emit()

    def _shown_selected(self, number: int) -> None:
        self.shown.set_index(number)
        self.shownChanged.emit()
