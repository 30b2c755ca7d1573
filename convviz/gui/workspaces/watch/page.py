"""Watch: what happens while the network learns."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from convviz.gui.run_model.watched import WatchedModel
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.workspaces.watch.settings_card import SettingsCard
from convviz.gui.workspaces.watch.views.enlarged import EnlargedPicture
from convviz.gui.workspaces.watch.views.filter_detail import FilterDetailView
from convviz.gui.workspaces.watch.views.network_strip import NetworkStrip
from convviz.gui.workspaces.watch.views.run_curves import RunCurves
from convviz.present.history import History
from convviz.present.watch import convolution_layers, filter_detail, network_panels
from convviz.training.snapshot import Snapshot

SPLITS = ("test", "training")
CURVES_EVERY = 4
"""Curves are drawn after every fourth picture: they change slowly and cost the most."""
CURVES_AFTER_MS = 14
"""They come between two pictures, so that the window answers in between: about half of what lies between those."""


class WatchPage(QWidget):
    """Network strip, curves, settings, and one filter closely.

    Attributes
    ----------
    statusChanged : Signal(str)
        What the pointer is on.
    """

    statusChanged = Signal(str)

    def __init__(self, selection: WatchedModel, history: History, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self._history = history
        self._snapshot: Snapshot | None = None
        self._names: tuple[str, ...] = ()
        self._counts: dict[str, int] = {}
        """Images of each split that the run uses."""
        self._frame = 0
        self._curves_due = QTimer(self)
        self._curves_due.setSingleShot(True)
        self._curves_due.setInterval(CURVES_AFTER_MS)
        self._curves_due.timeout.connect(self.show_curves)
        self.network = Card("Network", "")
        self.strip = NetworkStrip()
        self.network.add(self.strip, 1)
        self.earlier = Button(icon_name="left", kind="quiet", small=True, tip="The image before", shortcut="Alt+Left")
        self.later = Button(icon_name="right", kind="quiet", small=True, tip="The next image", shortcut="Alt+Right")
        self.earlier.clicked.connect(self._earlier)
        self.later.clicked.connect(self._later)
        self.split = SegmentedControl(
            ["test", "training"],
            small=True,
            name="Images",
            tips=["Show images that the network is not trained on", "Show images that it is trained on"],
        )
        self.split.selected.connect(self._split_chosen)
        self.network.add_action(self.split)
        self.network.add_action(self.earlier)
        self.network.add_action(self.later)
        self.curves = RunCurves()
        self.settings = SettingsCard()
        self.detail = FilterDetailView(self.strip.scales)
        self.enlarged = EnlargedPicture()
        self.enlarged.closed.connect(self._close_enlarged)
        lower = QHBoxLayout()
        lower.setSpacing(12)
        lower.addWidget(self.curves, 2)
        lower.addWidget(self.settings, 1)
        page = QWidget()
        left = QVBoxLayout(page)
        left.setContentsMargins(14, 14, 14, 14)
        left.setSpacing(12)
        left.addWidget(self.network)
        left.addLayout(lower, 1)
        self._stack = QStackedLayout()
        self._stack.addWidget(page)
        self._stack.addWidget(self.enlarged)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(self._stack, 1)
        row.addWidget(self.detail)
        self.strip.filterPicked.connect(self._filter_picked)
        self.strip.pictureOpened.connect(self.open_picture)
        self.strip.hovered.connect(self.statusChanged)
        self.detail.filterPicked.connect(self._filter_picked)
        self.strip.fitted.connect(self._draw)
        self.detail.fitted.connect(self._draw)
        self.enlarged.scale.fitted.connect(self._draw)
        self.frames = 0
        """Pictures drawn so far: for measuring."""

    # --- showing -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show a moment of the network."""
        self._snapshot = snapshot
        self.strip.scales.step = snapshot.position.step
        layers = convolution_layers(snapshot)
        if self._selection.value.layer not in layers:
            self._selection.select(layer=layers[0] if layers else "", filter=0, channel=0)
        self._draw()
        self._frame += 1
        if self._frame % CURVES_EVERY == 0:
            self._curves_due.start()
        self.frames += 1

    def show_curves(self) -> None:
        """Draw the curves now: the run holds or has ended."""
        self._curves_due.stop()
        self.curves.show_history(self._history)

    def set_class_names(self, names: tuple[str, ...]) -> None:
        """Names of the classes, for the scores."""
        self._names = names

    def rest(self) -> None:
        """The page is hidden: draw nothing that was still to be drawn."""
        self._curves_due.stop()

    def reset_scales(self) -> None:
        """A new network: scales start anew."""
        self.strip.scales.reset()

    def set_images(self, n_test: int, n_train: int) -> None:
        """Say how many images there are to look at."""
        self._counts = {"test": n_test, "training": n_train}

    def show_watched(self) -> None:
        """Another image, filter or channel is watched."""
        self.split.set_index(SPLITS.index(self._selection.value.split))
        self._draw()

    def _draw(self) -> None:
        snapshot = self._snapshot
        if snapshot is None:
            return
        chosen = self._selection.value
        panels = network_panels(snapshot)
        self.network.set_caption(
            f"image {snapshot.sample}, label {self._name(snapshot.label)} · click a filter to look at it closely, "
            "double-click a picture to enlarge it"
        )
        self.strip.show_panels(panels, snapshot.label, self._names)
        self.strip.select(chosen.layer, chosen.filter)
        self.detail.show_detail(filter_detail(snapshot, chosen.layer, chosen.filter, chosen.channel))
        if self._stack.currentWidget() is self.enlarged:
            panel = next((panel for panel in panels if panel.name == self.enlarged.name), None)
            if panel is not None:
                self.enlarged.show_panel(panel, self.strip.scales)

    def _name(self, label: int) -> str:
        return self._names[label] if label < len(self._names) else str(label)

    # --- selecting ---------------------------------------------------------------------------------------------

    def open_picture(self, name: str) -> None:
        """Show one picture over the whole page, with its numbers; Esc goes back."""
        pane = self.strip.pane(name)
        if pane is None or pane.panel is None or pane.panel.form == "scores":
            return
        self.enlarged.show_panel(pane.panel, self.strip.scales)
        self._stack.setCurrentWidget(self.enlarged)
        self.enlarged.view.setFocus()

    def _close_enlarged(self) -> None:
        self._stack.setCurrentIndex(0)
        self.strip.setFocus()

    def _filter_picked(self, layer: str, number: int) -> None:
        self._selection.select(layer=layer, filter=number)

    def _split_chosen(self, index: int) -> None:
        self._selection.select(split=SPLITS[index], sample=0)

    def _earlier(self) -> None:
        self._selection.select(sample=max(0, self._selection.value.sample - 1))

    def _later(self) -> None:
        chosen = self._selection.value
        self._selection.select(sample=min(chosen.sample + 1, self._counts.get(chosen.split, 1) - 1))
