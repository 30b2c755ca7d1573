"""How the window of the selected layer moves: a live picture, the size formula with its numbers, and sliders."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QSizePolicy, QSlider, QVBoxLayout, QWidget

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.layers import ConvTranspose2D, pair
from convviz.core.layers.base import margins
from convviz.core.ops.window import Window
from convviz.gui.theme import current_theme
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fields.value_edit import ValueEdit
from convviz.gui.widgets.labels import Caption, Note, ThemedLabel
from convviz.gui.workspaces.builder.alone import run_view
from convviz.gui.workspaces.builder.inspector.receptive_picture import ReceptivePicture
from convviz.gui.workspaces.builder.inspector.window_picture import WindowPicture
from convviz.gui.workspaces.builder.inspector.window_rows import WindowRows
from convviz.gui.workspaces.builder.view import BuildLook, BuildView
from convviz.present.design.build_text import size_formula, transposed_formula
from convviz.present.design.costs import Costs
from convviz.present.design.fields import fields_of
from convviz.present.design.layer_costs import LayerCosts
from convviz.present.design.preview import preview
from convviz.present.design.reach import reaches
from convviz.present.design.receptive import field_of_cell, receptive_sentence
from convviz.present.window_words import missed_words

Sizes = tuple[tuple[int, int], Window, tuple[int, int, int, int]]
"""Height and width of the input, the window on it, and the padding around it."""
SLIDERS = ("kernel", "stride", "padding", "output_padding", "dilation")


def backwards(costs: LayerCosts, layer: ConvTranspose2D) -> LayerCosts:
    """The costs of a transposed convolution as those of the convolution it reverses: input and output are swapped."""
    top, left = pair(layer.padding)
    return replace(costs, inputs=costs.output, output=costs.inputs, window=layer.window, margins=(top, top, left, left))


class LayerInspector(BuildView):
    """Two cards about the selected layer: its window, and its receptive field."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._number = -1
        self._kind: type | None = None
        self._shown: tuple[Design, int, int] | None = None
        self._costs: LayerCosts | None = None
        self._until: tuple[LayerCosts, ...] = ()
        self._sizes: Sizes | None = None
        self._more = (0, 0)
        self._image = (28, 28)
        self._sample: npt.NDArray[np.float32] | None = None
        self.window_card = Card("", "")
        self.picture = WindowPicture()
        self.picture.moved.connect(self._moved)
        self.formula = ThemedLabel(mono=True, size=12)
        self.formula.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.formula.setTextFormat(Qt.TextFormat.RichText)
        self.note = Note()
        self._rows_holder = QWidget()
        self._rows_column = QVBoxLayout(self._rows_holder)
        self._rows_column.setContentsMargins(0, 0, 0, 0)
        self._rows: dict[type | None, WindowRows] = {}
        """The rows of every kind of layer selected so far, kept because making them takes long."""
        self.problem = Note(token="danger")
        self.problem.hide()
        # Notes come and go as sliders move, so they are below the sliders and nothing moves under the pointer.
        parts = ((self.picture, 1), (self.formula, 0), (self._rows_holder, 0), (self.problem, 0), (self.note, 0))
        for part, stretch in parts:
            self.window_card.add(part, stretch)
        self.field_card = Card("Receptive field", "")
        self.field = ReceptivePicture()
        self.field_words = Note()
        self.field_card.add(self.field, 1)
        self.field_card.add(self.field_words)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.window_card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        column.addWidget(self.window_card)
        self.field_card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        column.addWidget(self.field_card, 1)
        column.addStretch(0)
        self._empty = Caption(wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.window_card.add(self._empty, 1)
        self._theme.changed.connect(self._write_formula)

    def show_look(self, look: BuildLook) -> None:
        self.show_layer(look.design, look.costs, look.number, None if look.data is None else look.data.sample)

    def show_layer(self, design: Design, costs: Costs, number: int, sample: npt.NDArray[np.float32] | None) -> None:
        """Show the layer with this number (-1 is the input), on a sample image ``(C, H, W)`` if there is one."""
        now = (design, number, id(sample))
        if now == self._shown:
            return
        self._shown = now
        self._number, self._sample = number, sample
        self._image = (design.input.height, design.input.width)
        here = costs.layers[number] if 0 <= number < len(costs.layers) else None
        layer: Any = design.layers[number] if 0 <= number < len(design.layers) else None
        self._costs, self._until = here, costs.layers[: number + 1]
        self._show_edit_fielders(design, costs, layer)
        windowed = here is not None and here.window is not None
        if here is not None and windowed:
            made = None if sample is None else preview(design, costs, number, sample)
            self.picture.show_window(here, made)
            self._write_note(here, made is not None, design.training.seed)
            assert here.window is not None
            self._sizes = ((here.inputs[1], here.inputs[2]), here.window, here.margins)
        elif here is not None and isinstance(layer, ConvTranspose2D):
            # Show the convolution that it reverses: the window lies on this layer's output, and makes its input.
            made = None if sample is None else preview(design, costs, number, sample)
            turned = backwards(here, layer)
            self.picture.show_window(turned, None if made is None else made.backwards)
            self.note.setText("Left its output, right its input: a cell adds its filter to the marked cells.")
            self._sizes = ((here.inputs[1], here.inputs[2]), layer.window, turned.margins)
            self._more = pair(layer.output_padding)
        else:
            self._sizes = self._misfit(design, costs, number, layer)
            if self._sizes is None:
                self.picture.show_window(None, None)
            else:
                self.picture.show_misfit(*self._sizes)
                self.note.setText("The window is larger than its padded input.")
        for part in (self.picture, self.formula, self.note):
            part.setVisible(self._sizes is not None)
        self._write_formula()
        words = "how its filters lie" if isinstance(layer, ConvTranspose2D) else "how the window moves"
        self.window_card.set_title(f"{layer.name}: {words}" if self.sliders else "How the window moves")
        self.window_card.setVisible(here is None or bool(self.sliders))
        self.field_card.setVisible(here is not None)
        self._empty.setVisible(self._sizes is None)
        self._empty.setText(
            "Select a convolution or a pooling layer."
            if layer is None
            else "Nothing can be drawn until this layer and all layers before it fit their inputs."
        )
        self._show_field()

    def _misfit(self, design: Design, costs: Costs, number: int, layer: Any) -> Sizes | None:
        """The input sizes of a layer whose window is too large for them; None if something else is wrong."""
        if costs.fault != number or not hasattr(layer, "window") or number > len(costs.layers):
            return None
        if isinstance(layer, ConvTranspose2D):  # its window lies on the output, which can have any size
            return None
        image = design.input
        came = costs.layers[number - 1].output if number else (image.channels, image.height, image.width)
        if len(came) != 3:
            return None
        try:
            around = margins(layer.padding, layer.window, came[1], came[2])
            layer.window.places(came[1] + around[0] + around[1], came[2] + around[2] + around[3], layer.name)
        except DesignError:
            return (came[1], came[2]), layer.window, around
        return None

    # --- the window --------------------------------------------------------------------------------------------

    def _show_edit_fielders(self, design: Design, costs: Costs, layer: Any) -> None:
        kind: type | None = type(layer) if hasattr(layer, "window") else None
        if kind is not self._kind:
            if self._kind in self._rows:
                self._put_away(self._kind)
            self._kind = kind
            rows = self._rows.get(kind) or self._made_rows(kind)
            rows.show()
            self.problem.hide()
        if layer is None:
            return
        reach = reaches(design, costs)[self._number]
        for name, slider in self.sliders.items():
            value = getattr(layer, name)
            self.edits[name].set_value(value)
            low, high = reach.get(name, (1, 1))
            self.edits[name].set_reach(low, high)
            number = self._number_of(layer, name, value)
            slider.blockSignals(True)
            slider.setRange(min(low, number), max(high, number))
            slider.setValue(number)
            slider.blockSignals(False)
            slider.setEnabled(high > low)

    def _put_away(self, kind: type | None) -> None:
        """Hide the rows of a kind, and forget them if one of them holds an invalid text."""
        rows = self._rows[kind]
        rows.hide()
        if any(edit.problem for edit in rows.edits.values()):
            self._rows_column.removeWidget(rows)
            del self._rows[kind]
            rows.deleteLater()

    def _made_rows(self, kind: type | None) -> WindowRows:
        specs = [spec for spec in fields_of(kind) if spec.name in SLIDERS] if kind is not None else []
        rows = self._rows[kind] = WindowRows(specs, self._rows_holder)
        rows.edited.connect(self._edit_field)
        rows.gestureEnded.connect(self.gestureEnded)
        rows.problemChanged.connect(self._say_problem)
        self._rows_column.addWidget(rows)
        stops = [self.picture, *(stop for one in self._rows.values() for stop in one.stops())]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)
        return rows

    @property
    def sliders(self) -> dict[str, QSlider]:
        """The sliders of the selected layer, by field."""
        rows = self._rows.get(self._kind)
        return {} if rows is None else rows.sliders

    @property
    def edits(self) -> dict[str, ValueEdit]:
        """The numbers beside them."""
        rows = self._rows.get(self._kind)
        return {} if rows is None else rows.edits

    def _number_of(self, layer: Any, name: str, value: Any) -> int:
        """The slider's position for a value, which need not be one number."""
        if value is None:  # a pooling window that moves by its own size
            return int(max(pair(layer.kernel)))
        if isinstance(value, str):
            return max(self._costs.margins) if self._costs is not None and value == "same" else 0
        return int(max(pair(value)))

    @Slot(str)
    def _say_problem(self, _: str) -> None:
        """Show what is wrong with the text in one of the fields, if anything is."""
        sentence = next((edit.problem for edit in self.edits.values() if edit.problem), "")
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        self.note.setVisible(not sentence and bool(self.note.text()) and self._sizes is not None)

    def _edit_field(self, name: str, value: object) -> None:
        self.edited.emit(("layers", self._number, name), value)

    @Slot()
    def _write_formula(self) -> None:
        if self._sizes is None:
            self.formula.setText("")
            return
        (height, width), window, (top, bottom, left, right) = self._sizes
        if self._kind is ConvTranspose2D:
            more = self._more
            rows, columns = (
                transposed_formula(size, window, cut, more[axis], axis)
                for axis, (size, cut) in enumerate(((height, top), (width, left)))
            )
        else:
            rows = size_formula(height, window, top, bottom, 0)
            columns = size_formula(width, window, left, right, 1)
        fits = rows[1] > 0 and columns[1] > 0
        colour = self._theme.palette.accent_text if fits else self._theme.palette.danger
        lines = [rows] if rows == columns else [rows, columns]
        words = ("",) if len(lines) == 1 else ("rows&nbsp; ", "columns&nbsp; ")
        self.formula.setText(
            "<br>".join(
                f"{word}{text} = <span style='color:{colour}; font-weight:600'>{str(found).replace('-', '−')}</span>"
                for word, (text, found) in zip(words, lines, strict=True)
            )
        )
        plain = "; ".join(f"{text} = {found}" for text, found in lines)
        self.formula.setAccessibleName(f"output size {plain}")

    def _write_note(self, costs: LayerCosts, previewed: bool, seed: int) -> None:
        assert costs.window is not None
        top, bottom, left, right = costs.margins
        missed = missed_words(costs.window, costs.inputs[1] + top + bottom, costs.inputs[2] + left + right)
        notes = []
        if costs.window.dilation != (1, 1):
            (kh, kw), (rh, rw) = costs.window.kernel, costs.window.reach
            notes.append(f"With its dilation the {kh}×{kw} kernel reaches over {rh}×{rw} cells.")
        if missed:
            notes.append(f"No window covers {missed} (red).")
        if previewed:
            notes.append(f"Output: map 0 of {costs.output[0]}, with untrained weights, drawn from seed {seed}.")
        self.note.setText(" ".join(notes))
        self.note.setVisible(bool(notes))

    # --- the receptive field -----------------------------------------------------------------------------------

    @Slot(int, int)
    def _moved(self, _row: int, _column: int) -> None:
        self._show_field()

    def _show_field(self) -> None:
        costs = self._costs
        at = (0, 0)
        if costs is not None and len(costs.output) == 3:
            rows, columns = costs.output[1:]
            at = self.picture.position if costs.window is not None else (rows // 3, columns // 3)
        elif costs is not None and costs.field.maps is not None:
            at = (costs.field.maps[0] // 3, costs.field.maps[1] // 3)
        box = (0, 0, 1, 1) if costs is None or costs.field.whole else field_of_cell(self._until, self._image, at)
        self.field.show_field(costs, self._image, at, box, self._sample)
        self.field_card.set_caption("" if costs is None else f"of one {costs.name} cell")
        if costs is None:
            self.field_words.setText("What one cell of a layer sees of the image, layer by layer.")
        else:
            self.field_words.setText(receptive_sentence(self._until, self._image))


if __name__ == "__main__":
    run_view(LayerInspector)
