"""The whole network at one moment, and the choice of the image, of the maps and of their scale."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.gui.workspaces.watch.views.network.canvas import NetworkMap
from convviz.gui.workspaces.watch.views.network.legend import MapLegend
from convviz.present.watch.network_map.choice import MapChoice, MapScope
from convviz.present.watch.network_map.picture import MapPicture, map_picture

SPLITS = ("test", "training", "drawings")


AFTER = "Show every layer after its activation"
NO_ACTIVATION = "No layer has an activation"


class NetworkCard(WatchView):
    """A card with the network map."""

    picture_of = staticmethod(map_picture)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.card = Card("Network")
        self.card.caption.hide()
        self.legend = MapLegend()
        self.map = NetworkMap()
        self.maps = SegmentedControl(
            ("z", "f(z)"),
            small=True,
            name="Maps",
            tips=["Show every layer before its activation", AFTER],
        )
        self.scope = Combo(
            [(str(scope), scope) for scope in MapScope],
            name="Colour scale",
            tip="What the colour scales are taken over",
        )
        for scope in MapScope:
            self.scope.set_item_tip(scope, scope.about)
        self.image = FittingLabel(size=12)
        self.split = SegmentedControl(
            SPLITS,
            small=True,
            name="Images",
            tips=[
                "Show images that the network is not trained on",
                "Show images that it is trained on",
                "Show images that you have drawn",
            ],
        )
        self.show_drawings(False)
        self.earlier = Button(icon_name="left", kind="quiet", small=True, tip="The previous image", shortcut="Alt+Left")
        self.later = Button(icon_name="right", kind="quiet", small=True, tip="The next image", shortcut="Alt+Right")
        self.zoom_out = Button(
            icon_name="minus", kind="quiet", small=True, tip="Smaller maps, down to all layers at once"
        )
        self.zoom_in = Button(icon_name="plus", kind="quiet", small=True, tip="Larger maps")
        self.zoom_out.clicked.connect(lambda: self.map.zoom_by(-1))
        self.zoom_in.clicked.connect(lambda: self.map.zoom_by(1))
        zooms = (self.zoom_out, self.zoom_in)
        for zoom in zooms:
            zoom.hide()
        images = (self.image, self.split, self.earlier, self.later)
        for action in (self.legend, *zooms, self.maps, self.scope, *images):
            self.card.add_action(action)
        self.card.add(self.map, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.card)
        self.maps.selected.connect(self._choose)
        self.scope.edited.connect(self._choose)
        self.split.selected.connect(lambda index: self.imagePicked.emit(SPLITS[index], 0))
        self.earlier.clicked.connect(lambda: self._go(-1))
        self.later.clicked.connect(lambda: self._go(1))
        self.map.unitPicked.connect(self.filterPicked)
        self.map.opened.connect(self.pictureOpened)
        self.map.hovered.connect(self.hovered)
        self.map.zoomed.connect(self._show_zoom)
        self._key("[", "To the layer before", lambda: self._go_to_layer(-1))
        self._key("]", "To the next layer", lambda: self._go_to_layer(1))
        self._key(",", "The previous filter or unit", lambda: self._go_to_unit(-1))
        self._key(".", "The next filter or unit", lambda: self._go_to_unit(1))

    def _key(self, keys: str, about: str, call: Callable[[], None]) -> None:
        made = QShortcut(QKeySequence(keys), self)
        made.setWhatsThis(about)
        made.activated.connect(call)

    def show_picture(self, picture: MapPicture) -> None:
        """Show a moment of the network."""
        self.split.set_index(SPLITS.index(picture.split))
        self._name_maps(picture)
        self.maps.set_index(int(picture.activated))
        if self.scope.value is not picture.scope:
            self.scope.set_value(picture.scope)
        tip = picture.scope.about
        if self.scope.toolTip() != tip:
            self.scope.setToolTip(tip)
        self.legend.set_first(
            picture.health_words,
            picture.parameters,
            judged=picture.judged,
            has_dead=picture.has_dead,
            has_broken=picture.has_broken,
            signs=picture.signs,
        )
        self.image.set_texts((picture.image, picture.image.partition(",")[0]))
        self.map.show_picture(picture)

    def show_drawings(self, there: bool) -> None:
        """Offer the user's own images, or stop offering them if there are none."""
        self.split.button(SPLITS.index("drawings")).setVisible(there)

    def _name_maps(self, picture: MapPicture) -> None:
        """Name the activation after which the maps can be shown."""
        words, after = picture.activation or "f(z)", self.maps.button(1)
        if after.text() != words:
            after.setText(words)
            after.updateGeometry()
        which = "; ".join(f"{name}: {layers}" for name, layers in picture.activations)
        tip = f"{AFTER}: {which}" if which else NO_ACTIVATION
        if after.toolTip() != tip:
            self.maps.set_segment_enabled(1, bool(which), tip)

    def _show_zoom(self) -> None:
        can = self.map.can_zoom
        for one, possible in zip((self.zoom_out, self.zoom_in), can, strict=True):
            one.setVisible(any(can))
            one.setEnabled(possible)

    def _choose(self, *_: object) -> None:
        picture = self.map.picture
        if picture is not None:
            self.mapChosen.emit(MapChoice(self.maps.index == 1, self.scope.value))

    def _go(self, way: int) -> None:
        picture = self.map.picture
        if picture is not None:
            self.imagePicked.emit(picture.split, min(max(0, picture.sample + way), picture.last))

    def _go_to_layer(self, way: int) -> None:
        picture, plan = self.map.picture, self.map.plan
        if picture is None or plan is None:
            return
        layers = [column.layer for column in plan.columns if column.kind != "input"]
        at = layers.index(picture.layer) if picture.layer in layers else -1
        self.filterPicked.emit(layers[min(max(0, at + way), len(layers) - 1)], 0)

    def _go_to_unit(self, way: int) -> None:
        picture = self.map.picture
        if picture is not None and picture.chosen is not None:
            units = picture.columns[picture.chosen].units
            self.filterPicked.emit(picture.layer, (picture.filter + way) % units)


if __name__ == "__main__":
    run_view(NetworkCard)
