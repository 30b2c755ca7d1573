"""Why?: one image, what made the network answer as it does, and how little would have to change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.widgets.array.scale_bar import ScaleBar
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.labels import Caption, ElidedLabel, Note, ThemedLabel
from convviz.gui.widgets.scrolled import scrolled
from convviz.gui.widgets.switch import Switch
from convviz.gui.widgets.thumbnail import Thumbnail
from convviz.gui.workspaces.probe.change_card import ChangeCard
from convviz.gui.workspaces.probe.change_way import Way
from convviz.gui.workspaces.probe.explaining import Explanation
from convviz.gui.workspaces.probe.ink import InkedView, InkMask, ink_of
from convviz.gui.workspaces.probe.map_tile import WIDE, MapTile
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.occlusion_bar import OcclusionBar
from convviz.gui.workspaces.probe.scores_view import MOST, ScoresView
from convviz.gui.workspaces.probe.target_choice import TargetChoice, shortened
from convviz.present.colour import ColourRole, Levels, levels

SIDE = 272
COLUMNS = 2
ROOMY = 690
"""Least height in pixels with room for everything."""
FEW = 5
"""Number of classes whose scores are shown where there is less room."""


class WhyTab(QWidget):
    """The chosen image explained.

    Parameters
    ----------
    views : sequence of (str, str)
        Titles of the workspaces that show the watched image, and the texts of their buttons.

    Attributes
    ----------
    viewAsked : Signal(str)
        Title of the workspace to go to.
    targetChosen : Signal()
        :attr:`target` has changed.
    computedAsked : Signal(object)
        The pass that made an :class:`Explanation` is to be stepped.
    cancelAsked, restAsked : Signal()
        The current computation is no longer wanted; or a cancelled one is wanted again.
    """

    KEYS = FocusKeys(
        "anything of Why?",
        {
            "Show a map large": tuple("123456789"),
            "Explain another class": ("C",),
            "Outline the ink over the maps, or not": ("O",),
        },
    )

    viewAsked = Signal(str)
    targetChosen = Signal()
    computedAsked = Signal(object)
    cancelAsked = Signal()
    restAsked = Signal()

    def __init__(self, views: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles: list[MapTile] = []
        self._ink: InkMask | None = None
        """Ink of the explained image, if it is ink on paper."""
        self._kept = ""
        """Title of the map that was chosen before."""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(self._make_left(views))
        row.addWidget(self._make_middle(), 1)

    def _make_left(self, views: Sequence[tuple[str, str]]) -> QWidget:
        self.image = Card("Image")
        self.picture = ArrayView(preferred_cell=8, numbers=False, place=(0.5, 0.0), name="Explained image")
        line, buttons = QHBoxLayout(), QVBoxLayout()
        line.setSpacing(12)
        buttons.setSpacing(8)
        self.coloured = Thumbnail(132, name="Explained image")
        self.coloured.hide()
        line.addWidget(self.picture)
        line.addWidget(self.coloured)
        line.addLayout(buttons, 1)
        self.image.add(line)
        self.buttons: dict[str, Button] = {}
        for title, words in views:
            made = Button(words, small=True, tip=f"Go to {title} with this image")
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            made.clicked.connect(partial(self.viewAsked.emit, title))
            buttons.addWidget(made)
            self.buttons[title] = made
        buttons.addStretch(1)
        self.scores = ScoresView()
        self.scores_card = scores = Card("Probabilities", "softmax of the scores")
        scores.add(self.scores)
        self.change = ChangeCard()
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for card in (self.image, scores, self.change):
            column.addWidget(card)
        column.addStretch(1)
        scroll = scrolled(inside)
        scroll.setFixedWidth(SIDE + 30)
        self._fit_height()
        return scroll

    def _make_middle(self) -> QWidget:
        self.card = Card("Why?")
        self.choice = TargetChoice()
        self.choice.chosen.connect(self._target_chosen)
        self.card.add_action(self.choice)
        self.heading = ThemedLabel(size=13)
        self.sums = ElidedLabel(token="muted", size=12)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self.heading)
        line.addWidget(self.sums, 1)
        self.large = InkedView(preferred_cell=14, numbers=False, name="Chosen map")
        self.about = Note()
        self.computed = Button("How is this computed?", small=True, tip="Step the pass that made these numbers")
        self.computed.clicked.connect(self._computed)
        self.computed.hide()
        self.occlusion = OcclusionBar()
        self.occlusion.hide()
        self.occlusion.shownChanged.connect(self._show_large)
        self.said = ElidedLabel(token="muted", size=12, align=Qt.AlignmentFlag.AlignRight)
        self.cancel = Button("Cancel", small=True, tip="Stop computing")
        self.rest = Button("Compute them", small=True, tip="Compute what was cancelled")
        for one, signal in ((self.cancel, self.cancelAsked), (self.rest, self.restAsked)):
            one.clicked.connect(signal)
            one.hide()
        self.outline = Switch("Outline of the ink over the maps")
        self.outline.setToolTip("Show over the maps where the image has ink")
        self.outline.setChecked(True)
        self.outline.toggled.connect(lambda _: self._show_outline())
        self.outline_words = Caption("outline")
        self.sides = ThemedLabel(size=12, token="muted")
        self.scale = ScaleBar(length=140)
        foot = QHBoxLayout()
        foot.addWidget(self.sides, 1)
        foot.addWidget(self.scale)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(line)
        left.addWidget(self.large, 1)
        left.addLayout(foot)
        left.addWidget(self.about)
        left.addWidget(self.occlusion)
        last = QHBoxLayout()
        last.setSpacing(10)
        last.addWidget(self.computed)
        last.addWidget(self.said, 1)
        last.addWidget(self.cancel)
        last.addWidget(self.rest)
        last.addWidget(self.outline)
        last.addWidget(self.outline_words)
        left.addLayout(last)
        inside = QWidget()
        self._tiles = QGridLayout(inside)
        self._tiles.setContentsMargins(0, 0, 0, 0)
        self._tiles.setSpacing(6)
        self._tiles.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        scroll = scrolled(inside)
        scroll.setFixedWidth(COLUMNS * (WIDE + 6) + 16)
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addLayout(left, 1)
        row.addWidget(scroll)
        self.card.add(row, 1)
        return self.card

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def handle_key(self, event: QKeyEvent) -> bool:
        """Choose a map, a class or the outline; returns whether the key was for that."""
        number = event.key() - Qt.Key.Key_1
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if 0 <= number < min(len(self.tiles), 9):
            self._choose(self.tiles[number])
            return True
        if event.key() == Qt.Key.Key_C and self.choice.other.isEnabled():
            self.choice.open_list()
            return True
        if event.key() == Qt.Key.Key_O and self._ink is not None:
            self.outline.toggle()
            return True
        return False

    def _fit_height(self) -> None:
        """Hide what is needed least where the window is low, so that nothing has to be scrolled."""
        low = self.height() < ROOMY
        side = 84 if low else 132
        self.picture.setFixedSize(side, side)
        self.coloured.set_side(side)
        self.scores.set_most(FEW if low else MOST)
        self.change.set_low(low)

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_image(self, moment: Moment, row: int, *, again: bool = False) -> None:
        """Show an image of a moment; its maps come by :meth:`add`.

        Parameters
        ----------
        moment : Moment
        row : int
        again : bool
            Whether the same image was shown before, at another moment; the choice of the score then stays.
        """
        image, label = moment.images.images[row], int(moment.images.labels[row])
        p, names = moment.mistakes.probabilities[row], moment.names
        answer = int(p.argmax())
        rival = label if label != answer else int((-p).argsort(kind="stable")[1])
        self.image.set_title(f"{moment.noun.capitalize()} {row:,}")
        self.image.set_caption(f"label {names[label]}")
        in_colours = len(image) == 3
        self.picture.setVisible(not in_colours)
        self.coloured.setVisible(in_colours)
        if in_colours:
            self.coloured.show_values(image)
        else:
            self.picture.set_picture(image, ColourRole.INPUT, 1.0, name=f"image {row}")
        self._scored = p, label, names
        self._ink = ink_of(image)
        self._show_outline()
        loss = moment.network.design.training.loss
        is_likely = loss == "cross-entropy"
        self.scores_card.set_title("Probabilities" if is_likely else "Shares")
        told = "softmax of the scores" if is_likely else "by softmax: no probabilities, the loss is of scores"
        self.scores_card.set_caption(told)
        self._names = names
        self.choice.fit(names, answer, rival, again=again)
        self._show_scores()
        self.card.set_title(self.choice.title)
        self.occlusion.fit(*image.shape[1:])
        self.change.fit(names, answer)

    def clear(self) -> None:
        """Wait for the maps of another target."""
        for tile in self.tiles:
            self._tiles.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        self._kept = next((tile.explanation.title for tile in self.tiles if tile.isChecked()), "")
        self.tiles = []
        self.change.wait("Searching …")
        self.occlusion.hide()
        self.large.set_picture(None)
        self.heading.setText("")
        self.sums.set_text("")
        self.about.setText("")
        self.computed.hide()

    def add(self, explanation: Explanation) -> None:
        """Show a map that has been computed; occlusion by another patch takes the place of the one before."""
        if explanation.covered is not None:
            old = next((tile for tile in self.tiles if tile.explanation.covered is not None), None)
            if old is not None:
                old.show_map(explanation)
                if old.isChecked():
                    self._choose(old)
                return
        tile = MapTile(explanation, self._outlined)
        tile.clicked.connect(partial(self._choose, tile))
        self._tiles.addWidget(tile, len(self.tiles) // COLUMNS, len(self.tiles) % COLUMNS)
        self.tiles.append(tile)
        if len(self.tiles) == 1 or explanation.title == self._kept:
            self._choose(tile)

    def show_progress(self, words: str) -> None:
        """Show the progress beside a button that cancels; an empty text hides both."""
        self.said.set_text(words)
        self.cancel.setVisible(bool(words))
        self.rest.hide()

    def show_stopped(self, names: Sequence[str]) -> None:
        """Say what was cancelled, beside a button that computes it."""
        self.show_progress("")
        self.said.set_text(f"not computed: {', '.join(names)}" if names else "")
        self.rest.setVisible(bool(names))

    def show_change(self, way: Way) -> None:
        """Show the smallest change that was found."""
        self.change.show_way(way, self._names)

    def say(self, sentence: str) -> None:
        """Say why there are no maps."""
        self.about.setText(sentence)

    def _choose(self, tile: MapTile) -> None:
        for other in self.tiles:
            other.setChecked(other is tile)
        shown = tile.explanation
        self.computed.show()
        self.heading.setText(f"<b>{shown.title}</b>")
        self.sums.set_text(shown.sums)
        self.about.setText(shown.about)
        self.occlusion.setVisible(shown.covered is not None)
        self._show_large()

    def _show_large(self) -> None:
        """Draw the chosen map large, or the scores that it was made from."""
        shown = self.shown
        if shown is None:
            return
        values, role, name = shown.values, shown.role, shown.title
        label, against = self.target
        speaks_for = shortened(self._names[label])
        if shown.covered is not None and self.occlusion.shows_scores:
            values, role, name = shown.covered.scores, ColourRole.PREACTIVATION, "score with the patch there"
            self.sides.setText("each cell is the score with the patch at that place")
        elif not values.any():
            self.sides.setText("0 everywhere")
        elif not role.diverging:
            self.sides.setText(f"the stronger a place, the more it speaks for {speaks_for}")
        else:
            rest = "against" if against is None else f"for {shortened(self._names[against])}"
            self.sides.setText(f"green speaks for {speaks_for}, purple {rest}")
        self.large.set_picture(values, role, name=name, known=shown.seen if values is shown.values else None)
        high = levels(role, values).high
        self.scale.set_scale(role, Levels(-high if role.diverging else 0.0, high))
        self.scale.setVisible(high > 0)

    @property
    def target(self) -> tuple[int, int | None]:
        """The class that is explained, and the class that it is compared with."""
        return self.choice.target

    @property
    def shown(self) -> Explanation | None:
        """The map that is shown large."""
        return next((tile.explanation for tile in self.tiles if tile.isChecked()), None)

    def _computed(self) -> None:
        if self.shown is not None:
            self.computedAsked.emit(self.shown)

    @property
    def _outlined(self) -> InkMask | None:
        """The outline drawn over the maps."""
        return self._ink if self.outline.isChecked() else None

    def _show_outline(self) -> None:
        """Outline the ink or not; without ink on paper there is nothing to choose."""
        for one in (self.outline, self.outline_words):
            one.setVisible(self._ink is not None)
        self.large.set_ink(self._outlined)
        for tile in self.tiles:
            tile.set_ink(self._outlined)

    def _show_scores(self) -> None:
        """Show the probabilities, including that of the chosen class."""
        self.scores.show_scores(*self._scored, self.choice.other_class)

    def _target_chosen(self) -> None:
        self.card.set_title(self.choice.title)
        self._show_scores()
        self.targetChosen.emit()
