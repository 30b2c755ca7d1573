"""Sliders and numbers for the window of one kind of layer: one row per field."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QSlider, QWidget

from convviz.gui.widgets.fields.value_edit import ValueEdit
from convviz.gui.widgets.labels import ThemedLabel
from convviz.present.design.fields import FieldSpec

EDIT = 108
"""Width of an editor in pixels: enough for its longest word, “as kernel”, and the arrow."""


class WindowRows(QWidget):
    """Edits the fields of a window; the inspector keeps one of these for every kind of layer it has shown.

    Parameters
    ----------
    specs : sequence of FieldSpec

    Attributes
    ----------
    edited : Signal(str, object)
        Name of the field, and its new value.
    gestureEnded : Signal()
        An edit is finished.
    problemChanged : Signal(str)
        What is wrong with the text in a field; empty once nothing is.
    """

    edited = Signal(str, object)
    gestureEnded = Signal()
    problemChanged = Signal(str)

    def __init__(self, specs: Sequence[FieldSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sliders: dict[str, QSlider] = {}
        self.edits: dict[str, ValueEdit] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, spec in enumerate(specs):
            label = ThemedLabel(spec.label, token="muted")
            label.setToolTip(spec.tip)
            slider = QSlider(Qt.Orientation.Horizontal)
            slider.setAccessibleName(f"{spec.label} of the selected layer")
            slider.setToolTip(spec.tip)
            slider.setPageStep(1)
            slider.valueChanged.connect(lambda value, name=spec.name: self.edited.emit(name, value))
            slider.sliderReleased.connect(self.gestureEnded)
            edit = ValueEdit(spec, spec.default, width=EDIT, name=f"{spec.label} of the selected layer")
            edit.edited.connect(lambda value, name=spec.name: self.edited.emit(name, value))
            edit.finished.connect(self.gestureEnded)
            edit.problemChanged.connect(self.problemChanged)
            for column, part in enumerate((label, slider, edit)):
                grid.addWidget(part, row, column)
            self.sliders[spec.name] = slider
            self.edits[spec.name] = edit

    def stops(self) -> list[QWidget]:
        """The editors, from top to bottom."""
        return [part for name, slider in self.sliders.items() for part in (slider, self.edits[name])]
