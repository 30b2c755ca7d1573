"""The kernels of a convolution compared: the frequencies that each passes, and which of them are alike."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from convviz.gui.widgets.array.scale_bar import ScaleBar
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.labels import Note
from convviz.gui.workspaces.probe.filter_facts import FilterFacts
from convviz.present.colour import Levels, Role, levels
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
        self.spectrum_scale = ScaleBar(Role.ACTIVATION, length=110)
        self.spectrum = Card("Fourier magnitude")
        self.spectrum.add(self.spectra, 1)
        self.spectrum.add(
            noted(
                "Which frequencies each filter passes: the middle of a square is the mean, its rim the finest pattern "
                "that pixels can hold. Dark on both sides of the middle: it finds edges across that direction.",
                self.spectrum_scale,
            )
        )
        self.matrix = ArrayView(numbers=True, name="Correlation of filters")
        self.matrix_scale = ScaleBar(Role.WEIGHT, Levels(-1.0, 1.0), length=110)
        self.alike = Card("Which filters are alike")
        self.said = Note()
        self.alike.add(self.matrix, 1)
        self.alike.add(self.said)
        self.alike.add(
            noted("Correlation of the weights of every two filters: 1 is the same pattern.", self.matrix_scale)
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(self.spectrum, 1)
        row.addWidget(self.alike, 1)
        self.spectra.tilePicked.connect(self.chosen)
        self.matrix.cellPicked.connect(lambda cell: self.chosen.emit(cell[0]))

    def show_facts(self, facts: FilterFacts) -> None:
        """Show a convolution."""
        kernels = facts.kernels
        self.spectra.set_picture(kernels.spectrum, Role.ACTIVATION, name=f"|DFT({facts.maps.name}.weight)|")
        self.spectrum_scale.set_scale(Role.ACTIVATION, levels(Role.ACTIVATION, kernels.spectrum))
        self.matrix.set_picture(kernels.correlation, Role.WEIGHT, 1.0, name=f"correlation of {facts.maps.name}.weight")
        self.matrix_scale.set_scale(Role.WEIGHT, Levels(-1.0, 1.0))
        twins = kernels.twins()
        if not twins:
            self.said.setText(f"No two filters are twins: none are correlated with {TWINS} or more.")
            return
        named = ", ".join(f"{one} and {other} ({r:+.2f})" for one, other, r in twins[:MOST])
        more = f" and {len(twins) - MOST} more" if len(twins) > MOST else ""
        self.said.setText(
            f"Twins: {named}{more}. The network could do with one of each pair; a negative one is mirrored."
        )


def noted(text: str, scale: ScaleBar) -> QHBoxLayout:
    """A line of explanation with a scale at its right."""
    row = QHBoxLayout()
    row.addWidget(Note(text), 1)
    row.addWidget(scale)
    return row
