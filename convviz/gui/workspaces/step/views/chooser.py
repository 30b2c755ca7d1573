"""Which part of the pass is shown: image, filter, channel, unit."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QSpinBox, QVBoxLayout, QWidget

from convviz.gui.widgets.labels import Caption, ThemedLabel
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.picture import StepPicture

WORDS = {"sample": "image", "filter": "filter", "channel": "channel", "unit": "unit"}
TIPS = {
    "sample": "Which image (Ctrl+Left, Ctrl+Right)",
    "filter": "Which filter, and so which feature map ([ and ])",
    "channel": "Which input channel",
    "unit": "Which unit of the dense layer, which class",
}


class Chooser(QWidget):
    """Numbers that choose what the panes show.

    Parameters
    ----------
    corner : QWidget, optional
        A widget for the right end of the first row.

    Attributes
    ----------
    picked : Signal(str, int)
        Axis (``sample``, ``filter``, ``channel`` or ``unit``) and the index chosen along it.
    """

    picked = Signal(str, int)

    def __init__(self, corner: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(8)
        first = QHBoxLayout()
        first.setContentsMargins(0, 0, 0, 0)
        first.setSpacing(4)
        first.addWidget(ThemedLabel("Selection", token="muted", size=11, weight=QFont.Weight.DemiBold))
        first.addStretch(1)
        if corner is not None:
            first.addWidget(corner)
        column.addLayout(first)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(4)
        column.addLayout(self._grid)
        self.spins: dict[str, QSpinBox] = {}
        self.labels: dict[str, Caption] = {}
        for place, axis in enumerate(("sample", "filter", "channel", "unit")):
            label = Caption(WORDS[axis])
            spin = QSpinBox()
            spin.setAccessibleName(WORDS[axis])
            spin.setToolTip(TIPS[axis])
            spin.setMinimumWidth(56)
            spin.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            spin.setKeyboardTracking(False)
            spin.valueChanged.connect(lambda value, axis=axis: self.picked.emit(axis, value))
            row, half = divmod(place, 2)
            self._grid.addWidget(label, row, half * 2)
            self._grid.addWidget(spin, row, half * 2 + 1)
            self.spins[axis], self.labels[axis] = spin, label
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(3, 1)

    def show_step(self, picture: StepPicture) -> None:
        """Show the numbers chosen at another step."""
        for axis, choice in picture.choices.items():
            self.set_choice(axis, choice.value, choice.size, choice.is_used)

    def set_choice(self, axis: str, value: int, size: int, used: bool) -> None:
        """Show the number chosen along an axis of ``size`` indices; ``used`` says whether it affects what is shown."""
        spin = self.spins[axis]
        was = spin.blockSignals(True)
        spin.setRange(0, max(0, size - 1))
        spin.setValue(value)
        spin.blockSignals(was)
        spin.setEnabled(used and size > 1)
        self.labels[axis].set_token("muted" if spin.isEnabled() else "faint")


if __name__ == "__main__":
    run_view(Chooser)
