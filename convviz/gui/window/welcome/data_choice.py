"""Which digits to learn at a first start: the built-in ones, or MNIST, fetched by one click."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from convviz.data.sources import BuiltinDigits
from convviz.gui.files.downloads import Downloads
from convviz.gui.files.known_row import KnownRow
from convviz.gui.files.source_row import SourceRow
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.labels import ElidedLabel

MNIST = "mnist"
LEAD = "Learn from"
BUILTIN = "{:,} + {:,} · drawn by convviz".format(*BuiltinDigits.counts)


class DataChoice(Card):
    """The digits to learn from, side by side; the one in use is marked.

    Parameters
    ----------
    downloads : Downloads

    Attributes
    ----------
    builtinAsked : Signal()
    pathAsked : Signal(object)
        Use what is at a path.
    mnist : KnownRow or None
        None if it is not offered.
    """

    builtinAsked = Signal()
    pathAsked = Signal(object)

    def __init__(self, downloads: Downloads, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName("Digits to learn")
        self.caption.hide()
        self.builtin = SourceRow("Built-in digits", BUILTIN)
        self.builtin.asked.connect(self.builtinAsked)
        known = next((one for one in downloads.known if one.key == MNIST), None)
        self.mnist = None if known is None else KnownRow(known, downloads, fetch="Fetch")
        row = QHBoxLayout()
        row.setSpacing(12)
        self.lead = ElidedLabel(LEAD, token="muted")
        row.addWidget(self.lead)
        row.addWidget(self.builtin, 1)
        if self.mnist is not None:
            self.mnist.title.set_text("MNIST, real handwriting")
            self.mnist.pathAsked.connect(self.pathAsked)
            row.addWidget(self.mnist, 1)
        self.add(row)
        self.show_used(None, builtin=True)

    def show_used(self, path: Path | None, *, builtin: bool) -> None:
        """Mark what is in use: a path, or the built-in digits."""
        self.builtin.set_chosen(builtin)
        self.builtin.about.set_text(f"{BUILTIN} · in use" if builtin else BUILTIN)
        self.builtin.offer("" if builtin else "Use", tip="" if builtin else "Use the digits that convviz draws itself")
        if self.mnist is not None:
            self.mnist.set_in_use(path is not None and path == self.mnist.path)
        is_other = path is not None and not builtin and (self.mnist is None or path != self.mnist.path)
        self.lead.set_text(f"{path.name} is in use, or learn from" if is_other and path is not None else LEAD)
