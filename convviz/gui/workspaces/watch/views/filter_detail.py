"""One filter in detail: its weights as numbers, its gradient, its map, and a few facts."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.core.arrays import Array
from convviz.gui.widgets.array.held_scale import HeldScale
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fact_table import FactTable
from convviz.gui.widgets.ground import Ground
from convviz.gui.widgets.labels import Caption, ElidedLabel, Heading
from convviz.gui.widgets.laying_out import lay_out, lay_out_around
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.colour import ColourRole
from convviz.present.scales import ScaleEnd
from convviz.present.watch.filters import FilterDetail, FilterPicture, filter_picture


class SquareView(ArrayView):
    """An array view whose height fits its picture at the given width."""

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        picture = self.picture
        if picture is None:
            return width
        _, h, w = picture.shape
        return min(max(round(width * h / max(w, 1)), 24), round(width * 1.5))

    def sizeHint(self) -> QSize:
        return QSize(220, self.heightForWidth(220))


class Figure(QWidget):
    """An array with a small heading and its colour scale."""

    def __init__(self, heading: str, *, numbers: bool, width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = Caption(heading)
        self.view = SquareView(interactive=False, place=(0.0, 0.0), numbers=numbers, grid=numbers)
        Ground(self.view)
        self.view.setFixedWidth(width)
        policy = QSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.view.setSizePolicy(policy)
        self.scale = HeldScale(length=120 if width > 150 else 44, below=True)
        self.scale.setMaximumWidth(width)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        if heading:
            layout.addWidget(self.heading)
        layout.addWidget(self.view)
        layout.addWidget(self.scale)

    def show_array(self, array: Array, role: ColourRole, name: str, end: ScaleEnd) -> None:
        """Show a matrix, coloured up to the end of a scale."""
        before = self.view.picture.shape if self.view.picture is not None else None
        self.view.set_picture(array, role, end.value, name=name)
        if self.view.picture is not None and self.view.picture.shape != before:
            self.view.setFixedHeight(self.view.heightForWidth(self.view.width()))
        self.scale.show_end(role, end)


class FilterDetailView(WatchView):
    """The panel at the right of Watch; its arrows go to the neighbouring filters."""

    is_slow = True  # nobody reads numbers that change ten times a second
    picture_of = staticmethod(filter_picture)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._detail: FilterDetail | None = None
        self._needed: tuple[int, ...] = ()
        """Heights that the parts need; where they change, the panel is laid out at once."""
        self.title = Heading(level=2)
        self.layer = ElidedLabel(token="muted", size=13)
        self.earlier = Button(icon_name="left", kind="quiet", small=True, tip="The previous filter", shortcut="Ctrl+[")
        self.later = Button(icon_name="right", kind="quiet", small=True, tip="The next filter", shortcut="Ctrl+]")
        self.earlier.clicked.connect(lambda: self._go(-1))
        self.later.clicked.connect(lambda: self._go(1))
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.title)
        head.addWidget(self.layer, 1)
        head.addWidget(self.earlier)
        head.addWidget(self.later)
        self.weight = Figure("Weights", numbers=True, width=232)
        self.gradient = Figure("Gradient dW", numbers=False, width=110)
        self.gradient.setToolTip("Gradient of the loss by these weights, in the last minibatch")
        self.map = Figure("Its map", numbers=False, width=110)
        for figure in (self.weight, self.gradient, self.map):
            figure.scale.fitAsked.connect(self.fitAsked)
        self.facts = FactTable()
        Ground(self.facts)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.weight)
        pair = QHBoxLayout()
        pair.setSpacing(12)
        pair.addWidget(self.gradient, 0, Qt.AlignmentFlag.AlignTop)  # below the weights that it belongs to
        pair.addWidget(self.map, 0, Qt.AlignmentFlag.AlignTop)
        pair.addStretch()
        column.addLayout(pair)
        column.addWidget(self.facts)

    def show_picture(self, picture: FilterPicture) -> None:
        """Show a filter."""
        detail = self._detail = picture.detail
        self.title.setText(f"Filter {detail.filter}")
        self.layer.set_text(f"of {detail.layer}")
        about = f"{detail.layer}.weight[{detail.filter}], one of {detail.filters}"
        if about != self.title.toolTip():
            self.title.setToolTip(about)
        name = f"{detail.layer}.weight[{detail.filter}, {detail.channel}]"
        self.weight.show_array(detail.weight, ColourRole.WEIGHT, name, picture.weight)
        if self.gradient.isHidden() != (picture.gradient is None):
            self.gradient.setVisible(picture.gradient is not None)
        if detail.gradient is not None and picture.gradient is not None:
            named = name.replace("weight", "d_weight")
            self.gradient.show_array(detail.gradient, ColourRole.GRADIENT, named, picture.gradient)
        self.map.heading.setText(f"Map in {detail.map_name}")
        self.map.show_array(detail.map, detail.map_role, detail.map_name, picture.map)
        self.facts.show_facts(detail.facts)
        needed = tuple(one.minimumSizeHint().height() for one in (self.weight, self.gradient, self.map, self.facts))
        if needed != self._needed:
            self._needed = needed
            for figure in (self.weight, self.gradient, self.map):
                lay_out(figure)
            lay_out_around(self)

    def _go(self, way: int) -> None:
        if self._detail is not None:
            self.filterPicked.emit(self._detail.layer, (self._detail.filter + way) % self._detail.filters)


if __name__ == "__main__":
    run_view(FilterDetailView)
