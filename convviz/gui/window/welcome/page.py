"""The front page: what convviz is, and three ways in. It lies over the workspaces until it is dismissed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFont, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.files.downloads import Downloads
from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.labels import Note, ThemedLabel
from convviz.gui.window.welcome.data_choice import DataChoice
from convviz.gui.window.welcome.sketches import LayersSketch, LossSketch, Sketch, WindowSketch

TITLE = "A debugger for convolutions"
ABOUT = (
    "A small network learns to read digits, in plain NumPy. Every array of its training can be watched, stepped "
    "through and recomputed here, down to single numbers."
)
LATER = "This page is in the menu under Help."
WIDEST = 940
WAYS = {
    "watch": (
        LossSketch,
        "Watch it learn",
        "Train on handwritten digits: filters, feature maps and loss change while you look.",
        "Start training",
    ),
    "step": (
        WindowSketch,
        "Step one pass by hand",
        "A 4×4 image and a 2×2 filter: padding, im2col, product, loss, gradients, update, one number at a time.",
        "Open the toy",
    ),
    "build": (
        LayersSketch,
        "Build your own",
        "Choose layers, settings and data; see at once what each layer costs and what it sees.",
        "Go to Build",
    ),
}


class Welcome(QWidget):
    """The front page.

    Parameters
    ----------
    over : QWidget
        The widget that it covers; it gets the same place in the same parent.
    downloads : Downloads
        MNIST is offered from there.

    Attributes
    ----------
    chosen : Signal(str)
        ``watch``, ``step`` or ``build``.
    opened : Signal()
        The page is shown.
    dismissed : Signal()
        The page is gone, with or without a choice.
    """

    chosen = Signal(str)
    opened = Signal()
    dismissed = Signal()

    def __init__(self, over: QWidget, downloads: Downloads) -> None:
        super().__init__(over.parentWidget())
        self._over, self._theme = over, current_theme()
        self.setAccessibleName("Welcome")
        self.buttons: dict[str, Button] = {}
        row = QHBoxLayout()
        row.setSpacing(16)
        for way, (sketch, title, about, word) in WAYS.items():
            row.addWidget(self._card(way, sketch(), title, about, word), 1)
        inside = QWidget()
        inside.setMaximumWidth(WIDEST)
        inside.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(ThemedLabel(TITLE, size=26, weight=QFont.Weight.Bold))
        lead = ThemedLabel(ABOUT, token="muted", size=14)
        lead.setWordWrap(True)
        lead.setMaximumWidth(660)
        column.addWidget(lead)
        column.addSpacing(16)
        column.addLayout(row)
        self.data = DataChoice(downloads)
        column.addSpacing(6)
        column.addWidget(self.data)
        column.addSpacing(10)
        self.skip = Button("Look around first", kind="quiet", tip="Close this page (Esc)", on_click=self.dismiss)
        foot = QHBoxLayout()
        foot.addWidget(ThemedLabel(LATER, token="muted", size=12))
        foot.addStretch()
        foot.addWidget(self.skip)
        column.addLayout(foot)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(32, 24, 32, 24)
        outer.addStretch(2)
        middle = QHBoxLayout()
        middle.addStretch()
        middle.addWidget(inside, 100)
        middle.addStretch()
        outer.addLayout(middle)
        outer.addStretch(3)
        leave = QShortcut(QKeySequence("Esc"), self)
        leave.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        leave.setWhatsThis("Close the front page")
        leave.activated.connect(self.dismiss)
        over.installEventFilter(self)
        self._theme.changed.connect(self.update)
        self.hide()

    def open(self) -> None:
        """Show it, with the first way in the focus."""
        self.setGeometry(self._over.geometry())
        self.show()
        self.raise_()
        self.buttons["watch"].setFocus()
        self.opened.emit()

    def dismiss(self) -> None:
        """Close the page, and show the workspaces."""
        if not self.isHidden():
            self.hide()
            self.dismissed.emit()

    def _card(self, way: str, sketch: Sketch, title: str, about: str, word: str) -> Card:
        card = Card(margin=14)
        card.setAccessibleName(title)
        card.caption.hide()
        made = Button(
            word, kind="primary" if way == "watch" else "secondary", tip=about, on_click=lambda: self._choose(way)
        )
        self.buttons[way] = made
        card.add(sketch)
        card.add(ThemedLabel(title, size=16, weight=QFont.Weight.DemiBold))
        card.add(Note(about))
        card.body.addStretch()
        card.body.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _choose(self, way: str) -> None:
        self.dismiss()
        self.chosen.emit(way)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self.setGeometry(self._over.geometry())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.colour("background"))
