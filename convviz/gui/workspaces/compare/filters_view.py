"""Filter by filter: A, B and their difference, the chosen one enlarged, and how much every filter differs."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from convviz.gui.widgets.array.scale_bar import ScaleBar
from convviz.gui.widgets.fact_table import FactTable
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.widgets.labels import Caption, ElidedLabel, Note
from convviz.gui.workspaces.compare.change_bars import ChangeBars
from convviz.gui.workspaces.compare.tiles_view import TilesView
from convviz.present.colour import ColourRole, Levels
from convviz.present.compare.pair import FilterPair
from convviz.present.numbers import format_value

NAMES = ("A", "B", "B − A")
ORDERS = ("in order", "largest first")


class FiltersView(QWidget):
    """Its parts are attributes, named after what they are.

    Attributes
    ----------
    filterChanged : Signal()
        Another filter was chosen.
    """

    filterChanged = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._pair: FilterPair | None = None
        self._said = "{}"
        self._filter = -1
        """The filter that was chosen; -1 for the one that differs most."""
        self.views = {name: TilesView(f"Filters of {name}" if name in "AB" else name) for name in NAMES}
        # Runs of one design differ in the number at the end of their names.
        middle, bold = Qt.TextElideMode.ElideMiddle, QFont.Weight.DemiBold
        self.titles = {name: ElidedLabel(token="ink", size=12, weight=bold, mode=middle) for name in NAMES}
        self.scales = {name: ScaleBar(ColourRole.WEIGHT, length=70) for name in NAMES}
        self.bars = ChangeBars()
        self.order = SegmentedControl(ORDERS, small=True, name="Order of the bars")
        self.closer = {name: TilesView(f"The chosen filter, {name}") for name in NAMES}
        self.chosen_title = FittingLabel(token="ink", size=12, weight=bold, cut=True)
        self.facts = FactTable()
        self.why = Note("")
        self.parts = QWidget()
        self._lay_out()
        for view in self.views.values():
            view.chosen.connect(self._choose)
        self.bars.chosen.connect(self._choose)
        self.order.selected.connect(lambda index: self.bars.set_sorted(index == 1))

    def _lay_out(self) -> None:
        pictures = QHBoxLayout()
        pictures.setSpacing(16)
        for name, view in self.views.items():
            view.resize_with(self.views.values())
            column = QVBoxLayout()
            column.setSpacing(5)
            column.addWidget(self.titles[name])
            column.addWidget(view, 1)
            column.addWidget(self.scales[name], 0, Qt.AlignmentFlag.AlignLeft)
            pictures.addLayout(column, 1)
        line = QHBoxLayout()
        line.addWidget(Caption("‖B−A‖ / ‖A‖ of every filter"), 1)
        line.addWidget(self.order)
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addLayout(pictures, 1)
        left.addLayout(line)
        left.addWidget(self.bars)
        side = QVBoxLayout()
        side.setSpacing(5)
        side.addWidget(self.chosen_title)
        row = QHBoxLayout()
        row.setSpacing(6)
        for name, view in self.closer.items():
            view.setFixedHeight(64)
            view.setMinimumWidth(60)
            view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            view.resize_with(self.closer.values())
            one = QVBoxLayout()
            one.setSpacing(2)
            one.addWidget(view)
            one.addWidget(Caption(name))
            row.addLayout(one, 1)
        side.addLayout(row)
        side.addWidget(self.facts)
        side.addStretch(1)
        both = QHBoxLayout(self.parts)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(16)
        both.addLayout(left, 9)
        both.addLayout(side, 4)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.why)
        whole.addWidget(self.parts, 1)
        whole.addStretch(0)
        self.why.hide()

    def show_names(self, a: str, b: str) -> None:
        """Say which runs they are."""
        for letter, name in (("A", a), ("B", b)):
            self.titles[letter].set_text(f"{letter}  {name}")
        self.titles["B − A"].set_text("B − A")

    def show_pair(self, pair: FilterPair, said: str) -> None:
        """Show a layer's filters or maps; ``said`` is the name of one, with ``{}`` for its number."""
        if self._pair is None or self._pair.layer != pair.layer:
            self._filter = -1
        self._pair, self._said = pair, said
        self.why.hide()
        self.parts.show()
        self._show()

    def show_nothing(self, why: str) -> None:
        """Say why there is nothing to be compared."""
        self._pair = None
        self.why.setText(why)
        self.why.show()
        self.parts.hide()
        self.chosen_title.set_texts(())
        self.filterChanged.emit()

    @property
    def pair(self) -> FilterPair | None:
        """The pair on show."""
        return self._pair

    def _choose(self, number: int) -> None:
        self._filter = number
        self._show()

    def _show(self) -> None:
        pair = self._pair
        if pair is None:
            return
        number = pair.most if not 0 <= self._filter < len(pair.a) else self._filter
        shown = {
            "A": (pair.a, pair.scale),
            "B": (pair.b, pair.scale),
            "B − A": (pair.difference, pair.difference_scale),
        }
        for name, (cells, scale) in shown.items():
            self.views[name].show_tiles(cells, scale, number)
            self.closer[name].show_tiles(cells[number : number + 1], scale, -1)
            self.scales[name].set_scale(ColourRole.WEIGHT, Levels(-scale, scale))
        self.bars.show_change(pair.change, number)
        named = self._said.format(number)
        most = (f"{named} · changed most", f"{named} · most") if number == pair.most else ()
        self.chosen_title.set_texts((*most, named))
        self.facts.show_facts(
            [
                ("‖B−A‖ / ‖A‖", format_value(float(pair.change[number]))),
                ("cosine", format_value(float(pair.cosine[number]))),
                (f"median of all {len(pair.a):,}", format_value(pair.median)),
            ]
        )
        self.filterChanged.emit()
