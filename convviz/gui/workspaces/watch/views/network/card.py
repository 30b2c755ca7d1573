"""The network at one moment: its pictures, and the choice of the image."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.gui.workspaces.watch.views.network.strip import NetworkStrip
from convviz.present.watch.network import NetworkPicture, network_picture

SPLITS = ("test", "training")


class NetworkCard(WatchView):
    """A card with the pictures of a pass, and buttons that choose its image."""

    picture_of = staticmethod(network_picture)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: NetworkPicture | None = None
        self.card = Card("Network")
        self.strip = NetworkStrip()
        self.split = SegmentedControl(
            SPLITS,
            small=True,
            name="Images",
            tips=["Show images that the network is not trained on", "Show images that it is trained on"],
        )
        self.earlier = Button(icon_name="left", kind="quiet", small=True, tip="The image before", shortcut="Alt+Left")
        self.later = Button(icon_name="right", kind="quiet", small=True, tip="The next image", shortcut="Alt+Right")
        for action in (self.split, self.earlier, self.later):
            self.card.add_action(action)
        self.card.add(self.strip, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.card)
        self.split.selected.connect(self._split_chosen)
        self.earlier.clicked.connect(lambda: self._go(-1))
        self.later.clicked.connect(lambda: self._go(1))
        self.strip.filterPicked.connect(self.filterPicked)
        self.strip.pictureOpened.connect(self.pictureOpened)
        self.strip.hovered.connect(self.hovered)
        self.strip.fitAsked.connect(self.fitAsked)

    def show_picture(self, picture: NetworkPicture) -> None:
        """Show a pass."""
        self._picture = picture
        watched = picture.watched
        self.split.set_index(SPLITS.index(watched.split))
        self.card.set_caption(picture.caption)
        self.strip.show_panels(picture.panels, picture.label, picture.class_names)
        self.strip.select(watched.layer, watched.filter)

    def _split_chosen(self, index: int) -> None:
        self.imagePicked.emit(SPLITS[index], 0)

    def _go(self, way: int) -> None:
        if self._picture is not None:
            watched = self._picture.watched
            self.imagePicked.emit(watched.split, min(max(0, watched.sample + way), self._picture.last))


if __name__ == "__main__":
    run_view(NetworkCard)
