"""The image chosen on the map with its neighbours there, or the images that a line was drawn around."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.core.arrays import Array
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fact_table import FactTable
from convviz.gui.widgets.labels import Caption, Note
from convviz.gui.widgets.thumbnail import Thumbnail
from convviz.gui.workspaces.probe.answers_grid import AnswersGrid
from convviz.gui.workspaces.probe.map_facts import ImageMap, nearest
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.patch_grid import PatchGrid
from convviz.present.words import counted

NEAR = 9
FOREIGN = (
    "It lies among another class: either the network has no feature that tells them apart, or the label is wrong. Its "
    "neighbours say which."
)


class MapPanel(QWidget):
    """At the right of the map.

    Parameters
    ----------
    views : sequence of (str, str)
        Titles of the workspaces that show the watched image, and the texts of their buttons.

    Attributes
    ----------
    chosen, whyAsked : Signal(int)
        Row of an image.
    viewAsked : Signal(str)
        Title of the workspace to go to.
    cleared : Signal()
        The images in the line are no longer wanted.
    """

    chosen = Signal(int)
    whyAsked = Signal(int)
    viewAsked = Signal(str)
    cleared = Signal()

    def __init__(self, views: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = -1
        self.card = Card("Nothing chosen")
        self.picture = Thumbnail(126, name="Chosen image")
        self.facts = FactTable()
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.picture)
        side = QVBoxLayout()
        side.addWidget(self.facts)
        self.how = Button(
            "How is this computed?", small=True, tip="Step the pass of this image, whose numbers lay it out"
        )
        side.addWidget(self.how)
        side.addStretch(1)
        top.addLayout(side, 1)
        self.card.add(top)
        self.near_words = Caption("Nearest on the map", token="ink")
        self.near = PatchGrid("Nearest on the map")
        self.said = Note()
        for one in (self.near_words, self.near, self.said):
            self.card.add(one)
        self.card.body.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.why = Button("Why?", small=True, tip="Explain this image")
        self.why.clicked.connect(lambda: self.whyAsked.emit(self._row))
        self.buttons: dict[str, Button] = {}
        for title, _ in views:
            made = self.buttons[title] = Button(title, small=True, tip=f"Go to {title} with this image")
            made.clicked.connect(partial(self.viewAsked.emit, title))
        for made in (self.why, *self.buttons.values()):
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            row.addWidget(made)
        self.card.add(row)
        self.lasso = Card("Images in the line")
        self.clear = Button("Clear", small=True, tip="Forget the line")
        self.clear.clicked.connect(self.cleared)
        self.lasso.add_action(self.clear)
        self.lasso_words = Note()
        self.grid = AnswersGrid()
        self.lasso.add(self.lasso_words)
        self.lasso.add(self.grid, 1)
        self.lasso.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.card)
        column.addWidget(self.lasso, 1)
        self.setFixedWidth(312)
        self.near.chosen.connect(self.chosen)
        self.near.opened.connect(self.whyAsked)
        self.grid.chosen.connect(self.chosen)
        self.grid.opened.connect(self.whyAsked)

    def show_image(self, moment: Moment, found: ImageMap | None, row: int) -> None:
        """Show an image, and its neighbours on a map."""
        self._row = row
        label, answer = int(moment.images.labels[row]), int(moment.mistakes.answers[row])
        p, names = moment.mistakes.probabilities[row], moment.names
        self.card.set_title(f"{moment.noun.capitalize()} {row:,}")
        self.picture.show_values(moment.images.images[row])
        lines = [
            ("label", names[label]),
            ("taken for", names[answer]),
            (f"p({names[answer]})", f"{float(p[answer]):.3f}"),
        ]
        if answer != label:
            lines.append((f"p({names[label]})", f"{float(p[label]):.3f}"))
        self.facts.show_facts(lines)
        place = -1 if found is None else found.place(row)
        self._show_near(place >= 0 and self.lasso.isHidden())
        if found is None or place < 0:
            count = 0 if found is None else len(found.points)
            self.said.setText(f"It is not among the {count:,} images of this map." if count else "")
            return
        near = [int(found.images[one]) for one in nearest(found.points, place, NEAR)]
        texts = [names[int(moment.images.labels[one])] for one in near]
        self.near.show_patches(moment.images.images[near], near, texts, -1)
        other = sum(int(moment.images.labels[one]) != label for one in near)
        self.near_words.setText(f"Nearest on the map: {len(near) - other} of its class, {other} of others")
        self.said.setText(FOREIGN if 2 * other > len(near) else "")

    def _show_near(self, shown: bool) -> None:
        for one in (self.near_words, self.near):
            one.setVisible(shown)

    def show_rows(self, moment: Moment, rows: Array) -> None:
        """Show the images in a line; none hides them."""
        self.lasso.setVisible(bool(len(rows)))
        self._show_near(not len(rows))
        self.said.setVisible(not len(rows))
        if not len(rows):
            return
        labels = moment.images.labels[rows]
        counts = np.bincount(labels, minlength=len(moment.names))
        wrong = int(moment.mistakes.wrong[rows].sum())
        order = [int(k) for k in np.argsort(-counts, kind="stable") if counts[k]][:4]
        self.lasso.set_title(f"{counted(len(rows), 'image')} in the line")
        named = ", ".join(f"{counts[k]} × {moment.names[k]}" for k in order)
        more = " …" if (counts > 0).sum() > len(order) else ""
        self.lasso_words.setText(f"{named}{more}; {wrong:,} taken for another class, which come first.")
        wrong_first = np.argsort(~moment.mistakes.wrong[rows], kind="stable")
        self.grid.show_rows(moment, rows[wrong_first])
