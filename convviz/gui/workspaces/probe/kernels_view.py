"""The kernels of a convolution compared: the frequencies that each passes, and which of them are alike."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from convviz.gui.widgets.array.scale_bar import ScaleBar
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.labels import Note
from convviz.gui.workspaces.probe.filter_facts import FilterFacts
from convviz.gui.workspaces.probe.worked import Worked, frequency, likeness
from convviz.gui.workspaces.probe.worked_dialog import WorkedDialog
from convviz.present.colour import ColourRole, Levels, levels
from convviz.probe.kernels import TWINS

MOST = 6
"""Twins that are named."""


class KernelsView(QWidget):
    """Spectra at the left, correlations at the right.

    Attributes
    ----------
    chosen : Signal(int)
        A filter that the user chose.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spectra = ArrayView(numbers=False, by_tile=True, tile_numbers=True, name="Fourier magnitude")
        self.spectrum_scale = ScaleBar(ColourRole.ACTIVATION, length=110)
        self.spectrum = Card("Fourier magnitude")
        self.spectrum.add(self.spectra, 1)
        self.spectrum.add(
            noted(
                "Which frequencies each filter passes: the middle of a square is the mean, its rim the finest pattern "
                "that pixels can hold. Strong on both sides of the middle: it finds edges across that direction.",
                self.spectrum_scale,
            )
        )
        self.matrix = ArrayView(numbers=True, name="Correlation of filters")
        self.matrix_scale = ScaleBar(ColourRole.WEIGHT, Levels(-1.0, 1.0), length=110)
        self.alike = Card("Which filters are alike")
        self.said = Note()
        self.alike.add(self.matrix, 1)
        self.alike.add(self.said)
        self.alike.add(
            noted("Correlation of the weights of every two filters: 1 is the same pattern.", self.matrix_scale)
        )
        self._facts: FilterFacts | None = None
        self._cell: tuple[int, int, int] | None = None
        self._pair: tuple[int, int] | None = None
        self.how_frequency = Button(
            "How is this computed?", small=True, tip="The chosen square's number, worked out from the weights"
        )
        self.how_alike = Button(
            "How is this computed?", small=True, tip="The correlation of two filters, worked out from their weights"
        )
        for card, how, show in (
            (self.spectrum, self.how_frequency, self._show_frequency),
            (self.alike, self.how_alike, self._show_likeness),
        ):
            card.add_action(how)
            how.clicked.connect(show)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(self.spectrum, 1)
        row.addWidget(self.alike, 1)
        self.spectra.tilePicked.connect(self.chosen)
        self.spectra.cellPicked.connect(self._frequency_picked)
        self.matrix.cellPicked.connect(self._pair_picked)

    def show_facts(self, facts: FilterFacts) -> None:
        """Show a convolution."""
        kernels = facts.kernels
        if self._facts is None or self._facts.kernels is not kernels:
            self._cell = self._pair = None
        self._facts = facts
        self.how_alike.setEnabled(facts.count > 1)
        self.spectra.set_picture(kernels.spectrum, ColourRole.ACTIVATION, name=f"|DFT({facts.maps.name}.weight)|")
        self.spectrum_scale.set_scale(ColourRole.ACTIVATION, levels(ColourRole.ACTIVATION, kernels.spectrum))
        self.matrix.set_picture(
            kernels.correlation, ColourRole.WEIGHT, 1.0, name=f"correlation of {facts.maps.name}.weight"
        )
        self.matrix_scale.set_scale(ColourRole.WEIGHT, Levels(-1.0, 1.0))
        twins = kernels.twins()
        if not twins:
            self.said.setText(f"No two filters are twins: none are correlated with {TWINS} or more.")
            return
        named = ", ".join(f"{one} and {other} ({r:+.2f})" for one, other, r in twins[:MOST])
        more = f" and {len(twins) - MOST} more" if len(twins) > MOST else ""
        self.said.setText(
            f"Twins: {named}{more}. The network could do with one of each pair; a negative one is mirrored."
        )

    def worked_frequency(self) -> Worked | None:
        """The chosen square's number, that of the strongest frequency unless one is chosen."""
        if self._facts is None:
            return None
        spectrum = self._facts.kernels.spectrum
        cell = self._cell or tuple(int(k) for k in np.unravel_index(spectrum.argmax(), spectrum.shape))
        return frequency(self._facts.kernels, *cell)

    def worked_likeness(self) -> Worked | None:
        """The chosen pair's correlation, that of the most alike unless one is chosen."""
        if self._facts is None or self._facts.count < 2:
            return None
        pair = self._pair or self._facts.kernels.twins(0.0)[0][:2]
        return likeness(self._facts.kernels, *pair)

    def _frequency_picked(self, cell: tuple[int, ...]) -> None:
        self._cell = (cell[0], cell[1], cell[2])

    def _pair_picked(self, cell: tuple[int, ...]) -> None:
        self._pair = (cell[0], cell[1])
        self.chosen.emit(cell[0])

    def _show_frequency(self) -> None:
        self._show(self.worked_frequency())

    def _show_likeness(self) -> None:
        self._show(self.worked_likeness())

    def _show(self, worked: Worked | None) -> None:
        if worked is not None:
            WorkedDialog(worked, self).show()


def noted(text: str, scale: ScaleBar) -> QHBoxLayout:
    """A line of explanation with a scale at its right."""
    row = QHBoxLayout()
    row.addWidget(Note(text), 1)
    row.addWidget(scale)
    return row
