"""Weights of evidence: what each place of the maps says for each class."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from convviz.core.errors import ConvvizError
from convviz.gui.widgets.array.scale_bar import ScaleBar
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.labels import Caption, Note
from convviz.gui.workspaces.probe.kernels_view import noted
from convviz.gui.workspaces.probe.moment import Moment
from convviz.present.colour import ColourRole, levels
from convviz.present.numbers import format_value
from convviz.present.words import all_of
from convviz.probe.evidence import Evidence, weights_of_evidence


class EvidenceView(QWidget):
    """For a class the weights of every map; for a map the weights of every class."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._moment: Moment | None = None
        self.evidence: Evidence | None = None
        self.label = Combo(name="Class")
        self.label.edited.connect(lambda _: self._show_class())
        self.number = Combo(name="Map")
        self.number.edited.connect(lambda _: self._show_map())
        self.of_class, self.of_map = Card("What speaks for a class"), Card("What a map says")
        self.class_view = ArrayView(numbers=False, by_tile=True, tile_numbers=True, name="Weights of a class")
        self.map_view = ArrayView(numbers=False, by_tile=True, tile_numbers=True, name="Weights of a map")
        self.scale = ScaleBar(ColourRole.WEIGHT, length=110)
        self.about, self.said = Note(), Note()
        for card, word, combo, view in (
            (self.of_class, "class", self.label, self.class_view),
            (self.of_map, "map", self.number, self.map_view),
        ):
            card.add_action(Caption(word))
            card.add_action(combo)
            card.add(view, 1)
        self.how = Button("How is this computed?", small=True, tip="Step the score of this class for the chosen image")
        foot = QHBoxLayout()
        foot.addWidget(self.about, 1)
        foot.addWidget(self.how)
        self.of_class.add(foot)
        self.of_map.add(
            noted("Red speaks for the class, blue against it. The number in a corner is the class.", self.scale)
        )
        self.class_view.tilePicked.connect(self.choose_map)
        self.map_view.tilePicked.connect(self.choose_class)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(self.said)
        row.addWidget(self.of_class, 1)
        row.addWidget(self.of_map, 1)

    def show_moment(self, moment: Moment) -> None:
        """Show the evidence of a network, or a sentence if it has none."""
        if moment is self._moment:
            return
        self._moment = moment
        try:
            self.evidence = weights_of_evidence(moment.network)
        except ConvvizError as error:
            self.evidence = None
            self.said.setText(str(error))
        for one in (self.of_class, self.of_map):
            one.setVisible(self.evidence is not None)
        self.said.setVisible(self.evidence is None)
        if self.evidence is None:
            return
        label, number = self.label.value, self.number.value
        maps = self.evidence.weights.shape[1]
        self.label.set_choices([(name, at) for at, name in enumerate(moment.names)])
        self.number.set_choices([(str(at), at) for at in range(maps)])
        self.scale.set_scale(ColourRole.WEIGHT, levels(ColourRole.WEIGHT, self.evidence.weights))
        self.choose_class(min(label or 0, len(moment.names) - 1))
        self.choose_map(min(number or 0, maps - 1))

    def choose_class(self, label: int) -> None:
        """Show what speaks for a class."""
        self.label.set_value(label)
        self._show_class()

    def choose_map(self, number: int) -> None:
        """Show what a map says."""
        self.number.set_value(number)
        self._show_map()

    def _show_class(self) -> None:
        evidence, moment = self.evidence, self._moment
        label = self.label.value
        if evidence is None or moment is None or label is None:
            return
        high = levels(ColourRole.WEIGHT, evidence.weights).high
        self.class_view.set_picture(
            evidence.weights[label], ColourRole.WEIGHT, high, name=f"evidence for {moment.names[label]}"
        )
        self.of_class.set_title(f"What speaks for {moment.names[label]}")
        maps = evidence.weights.shape[1]
        sums = (
            f"Score = Σ weight · {evidence.array} over {all_of(maps, 'map')} + "
            f"{format_value(float(evidence.bias[label]))}."
        )
        if not evidence.is_exact:
            sums = f"The weights of {' and '.join(evidence.layers)} multiplied, activations between them left out."
        self.about.setText(f"{sums} A square is a map, the number in its corner which.")

    def _show_map(self) -> None:
        evidence, number = self.evidence, self.number.value
        if evidence is None or number is None:
            return
        high = levels(ColourRole.WEIGHT, evidence.weights).high
        name = f"evidence of {evidence.array}[{number}]"
        self.map_view.set_picture(evidence.weights[:, number], ColourRole.WEIGHT, high, name=name)
        self.of_map.set_title(f"What {evidence.array}[{number}] says for each class")
