"""The pages of Help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from textwrap import wrap

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.widgets.array.scale_bar import ScaleBar
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.labels import Note, ThemedLabel
from convviz.gui.widgets.turns import Turns, paint_later
from convviz.gui.window.help.keys import Groups, find_key_groups
from convviz.present.colour import NOT_FINITE_COLOUR, Levels
from convviz.present.colour_words import NOT_FINITE_WORDS, ROLE_WORDS, SCALE_WORDS, ZERO_WORDS

SCALE_WIDTH = 210
KEYS_WIDTH = 150
KEYS_LETTERS = 20
FINDING = 0.004
"""Processor seconds of a turn that looks for keys: the window itself is shown and painted meanwhile."""


class Page(QScrollArea):
    """A page that scrolls, with the arrow keys too."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 120)


class ShortcutsPage(Page):
    """Every key and what it does, a card for each workspace. The cards are made in several turns, then shown."""

    def __init__(self) -> None:
        super().__init__("Shortcuts")
        self.groups: Groups = {}
        self.turns = Turns(self, FINDING)

    def find_keys(self, window: QWidget, pages: Mapping[str, QWidget]) -> None:
        """Find the keys of a window and its workspaces, and show them, in two columns of about the same length.

        What is shown of an earlier time stays if they are the same.
        """
        self.turns.start(self._find(window, pages))

    def _find(self, window: QWidget, pages: Mapping[str, QWidget]) -> Iterator[None]:
        groups: Groups = {}
        yield from find_key_groups(window, pages, groups)
        if groups == self.groups:
            return
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, 6, 0)
        row.setSpacing(12)
        columns = [QVBoxLayout(), QVBoxLayout()]
        for column in columns:
            column.setSpacing(12)
            row.addLayout(column, 1)
        self.groups = {}  # until all are there: other turns may replace these
        self.setWidget(inside)  # at once, so that every card is laid out in the turn that makes it
        inside.setUpdatesEnabled(False)
        places = _columns({title: len(lines) for title, lines in groups.items()})
        for title, lines in groups.items():
            if lines:
                columns[places[title]].addWidget(_key_card(title, lines))
                yield
        for column in columns:
            column.addStretch()
        paint_later(self)
        inside.setUpdatesEnabled(True)
        self.groups = groups


class ColoursPage(Page):
    """What the colours of each kind of number mean."""

    def __init__(self) -> None:
        super().__init__("Colours")
        card = Card()
        card.caption.hide()
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(2, 1)
        for line, (role, (name, about)) in enumerate(ROLE_WORDS.items()):
            scale = ScaleBar(role, Levels(-1.0 if role.diverging else 0.0, 1.0))
            scale.setFixedWidth(SCALE_WIDTH)
            _add_line(grid, line, scale, name, about)
        _add_line(grid, len(ROLE_WORDS), _Swatch(NOT_FINITE_COLOUR), *NOT_FINITE_WORDS)
        card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        card.add(grid)
        card.body.addSpacing(6)
        for text in (ZERO_WORDS, SCALE_WORDS):
            card.add(Note(text))
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 6, 0)
        column.addWidget(card)
        column.addStretch()
        self.setWidget(inside)


class WordsPage(Page):
    """A name and a sentence on each line: words and their meanings, or facts."""

    def __init__(self, name: str, lines: Mapping[str, str]) -> None:
        super().__init__(name)
        card = self.card = Card()
        card.caption.hide()
        card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(9)
        grid.setColumnMinimumWidth(0, KEYS_WIDTH)
        grid.setColumnStretch(1, 1)
        for number, (word, about) in enumerate(lines.items()):
            grid.addWidget(ThemedLabel(word, size=12), number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(Note(about), number, 1, Qt.AlignmentFlag.AlignTop)
        card.add(grid)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 6, 0)
        column.addWidget(card)
        column.addStretch()
        self.setWidget(inside)


class AboutPage(WordsPage):
    """What convviz is, with buttons that open addresses in the browser.

    Parameters
    ----------
    lines : mapping of str to str
        As for :class:`WordsPage`.
    links : mapping of str to str
        Addresses by the text of their buttons.
    """

    def __init__(self, lines: Mapping[str, str], links: Mapping[str, str]) -> None:
        super().__init__("About", lines)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.links = [
            Button(word, tip=address, small=True, on_click=partial(QDesktopServices.openUrl, QUrl(address)))
            for word, address in links.items()
        ]
        for one in self.links:
            row.addWidget(one)
        row.addStretch()
        self.card.body.addSpacing(6)
        self.card.add(row)


class _Swatch(QWidget):
    """A swatch of one colour, centred in the width of a scale."""

    def __init__(self, colour: str) -> None:
        super().__init__()
        self._colour = QColor(colour)
        self.setFixedSize(SCALE_WIDTH, 14)
        self.setAccessibleName(colour)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        painter.drawRoundedRect((self.width() - 28) // 2, 1, 28, 12, 3, 3)


def _columns(lengths: Mapping[str, int]) -> dict[str, int]:
    """Return the column, 0 or 1, of each group: the first goes left, then the longest first to the shorter column."""
    first = next(iter(lengths), None)
    filled, places = [0, 0], {}
    for title in sorted(lengths, key=lambda one: (one != first, -lengths[one])):
        places[title] = filled.index(min(filled))
        filled[places[title]] += lengths[title] + 2
    return places


def _key_card(title: str, lines: Mapping[str, list[str]]) -> Card:
    card = Card(title)
    card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(5)
    grid.setColumnMinimumWidth(0, KEYS_WIDTH)
    grid.setColumnStretch(1, 1)
    for number, (about, keys) in enumerate(lines.items()):
        shown = ThemedLabel("\n".join(wrap(", ".join(keys), KEYS_LETTERS)), mono=True, size=12)
        shown.setAccessibleName(" or ".join(keys))
        grid.addWidget(shown, number, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(Note(about), number, 1, Qt.AlignmentFlag.AlignTop)
    card.add(grid)
    return card


def _add_line(grid: QGridLayout, line: int, colours: QWidget, name: str, about: str) -> None:
    middle = Qt.AlignmentFlag.AlignVCenter
    grid.addWidget(colours, line, 0, middle)
    grid.addWidget(ThemedLabel(name), line, 1, middle)
    grid.addWidget(Note(about), line, 2, middle)
