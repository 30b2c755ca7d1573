"""Map: where the network puts the images."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.labels import Caption, ElidedLabel, Note
from convviz.gui.workspaces.probe.map_colours import COLOURS, class_colours, colours_of, faded, legend
from convviz.gui.workspaces.probe.map_facts import PCA, TSNE, ImageMap, first_layer, layers_of, mapped_rows
from convviz.gui.workspaces.probe.map_panel import MapPanel
from convviz.gui.workspaces.probe.map_view import MapView
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.tile_atlas import SmallPictures

WAYS = (PCA, TSNE)
PLAY_MS = 900


class MapTab(QWidget):
    """The map, the choice of what it shows, and the chosen image.

    Parameters
    ----------
    views : sequence of (str, str)
        Titles of the workspaces that show the watched image, and the texts of their buttons.

    Attributes
    ----------
    asked : Signal(str, str, bool)
        Layer and method of another map, and whether all images are laid out although that takes long.
    followAsked, cancelAsked : Signal()
        The maps of the recording's epochs are wanted; or the current computation no longer is.
    imageChosen, imageShown : Signal(int)
        Row of an image that the user chose; of the one that is marked until then.
    """

    asked = Signal(str, str, bool)
    followAsked = Signal()
    cancelAsked = Signal()
    imageChosen = Signal(int)
    imageShown = Signal(int)

    def __init__(self, views: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._moment: Moment | None = None
        self._rows = np.zeros(0, np.int64)
        """Images that can be on the map."""
        self.shown: ImageMap | None = None
        self.epochs: dict[int, ImageMap] = {}
        """Maps of a recording, by epoch."""
        self.way = SegmentedControl(
            list(WAYS),
            small=True,
            name="How images are laid out",
            tips=[
                "The two directions in which they differ most, at once",
                "What is alike lies together; takes seconds",
            ],
        )
        self.layer = Combo(name="Layer", tip="The layer whose numbers lay the images out")
        self.colour = Combo(COLOURS, name="Colours", tip="What the colours mean")
        self.said = ElidedLabel(token="muted", size=12)
        self.cancel = Button("Cancel", small=True, tip="Stop laying out")
        self.cancel.hide()
        self.whole = Button(small=True, tip="Takes minutes: the time of t-SNE grows faster than the images")
        self.whole.hide()
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.way)
        head.addWidget(Caption("of"))
        head.addWidget(self.layer)
        head.addWidget(Caption("colour"))
        head.addWidget(self.colour)
        head.addWidget(self.said, 1)
        head.addWidget(self.whole)
        head.addWidget(self.cancel)
        self.view = MapView()
        self.panel = MapPanel(views)
        self.legend = Caption(token="danger")
        self.words = ElidedLabel(token="muted", size=12, align=Qt.AlignmentFlag.AlignRight)
        self.empty = Note()
        self.card = Card("Where the network puts the images")
        self.card.add(self.empty)
        self.empty.hide()
        self.card.add(self.view, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.legend)
        foot.addWidget(Caption("wheel zooms, drag moves, Shift+drag draws a line around many"))
        foot.addWidget(self.words, 1)
        self.card.add(foot)
        self.card.add(self._make_epochs())
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(self.card, 1)
        row.addWidget(self.panel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        column.addLayout(row, 1)
        self.way.selected.connect(self._way_selected)
        self.layer.edited.connect(lambda _: self._ask())
        self.colour.edited.connect(lambda _: self._recolour())
        self.cancel.clicked.connect(self.cancelAsked)
        self.whole.clicked.connect(lambda: self._ask(whole=True))
        self.view.chosen.connect(self.choose)
        self.view.opened.connect(self.panel.whyAsked)
        self.view.lassoed.connect(self._lassoed)
        self.view.nextAsked.connect(self._next_mistake)
        self.panel.chosen.connect(self.choose)
        self.panel.cleared.connect(self._clear)
        current_theme().changed.connect(self._recolour)

    def _make_epochs(self) -> QWidget:
        self.follow = Button(
            "Follow over the epochs", small=True, tip="Lay the same images out at the end of every epoch"
        )
        self.play = Button(icon_name="play", small=True, tip="Play the epochs")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Epoch of the map")
        self.epoch_words, self.no_epochs = Caption(), Caption()
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.follow)
        row.addWidget(self.no_epochs, 1)
        row.addWidget(self.play)
        row.addWidget(self.slider, 1)
        row.addWidget(self.epoch_words)
        self._timer = QTimer(self, interval=PLAY_MS)
        self._timer.timeout.connect(self._next_epoch)
        self.follow.clicked.connect(self.followAsked)
        self.play.clicked.connect(self._toggle_play)
        self.slider.valueChanged.connect(self._show_epoch)
        self._show_epochs()
        return made

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_moment(self, moment: Moment) -> None:
        """Show other images; their pictures come by :meth:`show_pictures`, their map by :meth:`show_map`."""
        fresh = self._moment is None or self._moment.network.design != moment.network.design
        self._moment, self.shown = moment, None
        chosen = first_layer(moment.network) if fresh else self.layer.value
        self.layer.set_choices([(name or "pixels", name) for name in layers_of(moment.network.design)])
        self.layer.set_value(chosen)
        self._rows = rows = mapped_rows(len(moment.images))
        wrong = moment.mistakes.wrong[rows]
        self.view.show_images(rows, moment.images.labels[rows], moment.names, partial(words_of, moment), wrong)
        self.whole.setText(f"All {len(rows):,}")
        self._clear()
        self.forget_epochs()
        self._recolour()

    def show_pictures(self, pictures: SmallPictures) -> None:
        """Show the pictures of the images."""
        self.view.show_pictures(pictures)

    def show_map(self, found: ImageMap, *, moving: bool = False) -> None:
        """Show a map of the images."""
        moment = self._moment
        if moment is None:
            return
        self.say("")
        self.shown = found
        self.view.show_points(found.points, found.images, moving=moving)
        numbers, count, every = f"{found.way} of {found.layer or 'the pixels'}", len(found.points), len(moment.images)
        of = "" if count == every else f" of {every:,}"
        self.card.set_caption(f"{numbers}, {count:,}{of} {moment.noun}s")
        sample = count < len(self._rows)
        self.whole.setVisible(sample)
        self.words.set_text(f"{found.words} · a sample: all take minutes" if sample else found.words)
        self._show_legend()
        if 0 <= self.view.row < every:
            self.panel.show_image(moment, found, self.view.row)

    def say(self, sentence: str) -> None:
        """Say why there is no map."""
        self.empty.setText(sentence)
        self.empty.setVisible(bool(sentence))

    def set_busy(self, busy: bool) -> None:
        """Offer to cancel."""
        self.cancel.setVisible(busy)
        if busy:
            self.whole.hide()
        else:
            self.said.set_text("")

    def choose(self, row: int) -> None:
        """The user chose an image."""
        if self.mark(row):
            self.imageChosen.emit(row)

    def mark_first(self) -> None:
        """Mark the surest mistake on the map, until the user chooses an image."""
        if self._moment is not None:
            worst = self._moment.mistakes.worst()
            inside = worst[np.isin(worst, self._rows if self.shown is None else self.shown.images)]
            row = int(inside[0]) if len(inside) else 0
            if self.mark(row):
                self.imageShown.emit(row)

    def mark(self, row: int) -> bool:
        """Show an image as the chosen one; returns whether it is on the map."""
        if self._moment is None or row not in self._rows:
            return False
        self.view.choose(row)
        self.panel.show_image(self._moment, self.shown, row)
        return True

    # --- epochs ------------------------------------------------------------------------------------------------------

    def set_recorded(self, recorded: bool) -> None:
        """Whether the run has a recording."""
        self.follow.setEnabled(recorded)
        self.no_epochs.setText("" if recorded else "Only a recorded run that was trained has epochs to follow.")

    def add_epoch(self, found: ImageMap) -> None:
        """Add the map of an epoch and show it; the last epoch comes first."""
        self.epochs[found.epoch] = found
        self._show_epochs()
        self.slider.setValue(found.epoch)

    def forget_epochs(self) -> None:
        """Another map is shown, or another network."""
        self._timer.stop()
        self.epochs = {}
        self._show_epochs()

    def _show_epochs(self) -> None:
        many = len(self.epochs) > 1
        self.follow.setVisible(not self.epochs)
        self.no_epochs.setVisible(not self.epochs)
        for one in (self.play, self.slider, self.epoch_words):
            one.setVisible(bool(self.epochs))
        self.play.setEnabled(many)
        if self.epochs:
            self.slider.blockSignals(True)
            self.slider.setRange(min(self.epochs), max(self.epochs))
            self.slider.blockSignals(False)

    def _show_epoch(self, epoch: int) -> None:
        found = self.epochs.get(epoch)
        if found is not None:
            when = f"after epoch {epoch}" if epoch else "before training"
            if self._moment is not None and found.step == self._moment.step:
                when = f"now, step {found.step:,}"
            self.epoch_words.setText(f"{when} · colours are of now")
            self.show_map(found, moving=True)

    def _toggle_play(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
        else:
            self._timer.start()
            self.slider.setValue(min(self.epochs))
        self.play.set_icon("pause" if self._timer.isActive() else "play")

    def _next_epoch(self) -> None:
        if self.slider.value() >= self.slider.maximum():
            self._timer.stop()
            self.play.set_icon("play")
        self.slider.setValue(self.slider.value() + 1)

    # --- choosing ----------------------------------------------------------------------------------------------------

    def _way_selected(self, number: int) -> None:
        self.way.set_index(number)
        self._ask()

    def _ask(self, *, whole: bool = False) -> None:
        self.asked.emit(str(self.layer.value), WAYS[self.way.index], whole)

    def _recolour(self) -> None:
        moment = self._moment
        if moment is None:
            return
        by, inside = str(self.colour.value), np.isin(self._rows, self.view.rows)
        colours = colours_of(moment, self._rows, by)
        shades = class_colours(current_theme().dark) if by in ("class", "answer") else None
        self.view.show_colours(faded(colours, np.flatnonzero(inside)) if inside.any() else colours, shades)
        self._show_legend()

    def _show_legend(self) -> None:
        if self._moment is not None:
            by = str(self.colour.value)
            rows = self._rows if self.shown is None else self.shown.images
            self.legend.set_token("danger" if by == "mistakes" else "muted")
            self.legend.setText(legend(self._moment, rows, by))

    def _lassoed(self, rows: Array) -> None:
        if self._moment is not None:
            self.panel.show_rows(self._moment, rows)
            self._recolour()

    def _clear(self) -> None:
        self.view.rows = self.view.rows[:0]
        if self._moment is not None:
            self.panel.show_rows(self._moment, self.view.rows)
            self._recolour()

    def _next_mistake(self) -> None:
        moment, shown = self._moment, self.shown
        if moment is None or shown is None:
            return
        wrong = shown.images[moment.mistakes.wrong[shown.images]]
        if len(wrong):
            after = wrong[wrong > self.view.row]
            self.choose(int(after[0] if len(after) else wrong[0]))


def words_of(moment: Moment, row: int) -> str:
    """Two lines about an image."""
    p, label = moment.mistakes.probabilities[row], int(moment.images.labels[row])
    answer = int(moment.mistakes.answers[row])
    return f"image {row:,}, label {moment.names[label]}\ntaken for {moment.names[answer]} ({float(p[answer]):.3f})"
