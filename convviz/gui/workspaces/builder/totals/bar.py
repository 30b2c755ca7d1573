"""One line below the layers: whether the design can be trained, and its total costs."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.widgets.card import Card
from convviz.gui.widgets.labels import ElidedLabel, ThemedLabel

Tone = Literal["ready", "hint", "fault"]


class _Figure(QWidget):
    """A small muted word above or beside a number."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word = ThemedLabel(word, token="muted", size=11)
        self.number = ThemedLabel("–", mono=True, size=12)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        for part in (self.word, self.number):
            part.setAlignment(Qt.AlignmentFlag.AlignRight)
            column.addWidget(part)

    def show_figure(self, number: str, tip: str, token: str = "ink", word: str = "") -> None:
        """Show a number with a tooltip."""
        self.number.setText(number)
        self.number.set_token(token)
        if word:
            self.word.setText(word)
        self.setToolTip(tip)
        self.setAccessibleName(f"{self.word.text()}: {number}")


class TotalsBar(Card):
    """Says whether the design can be trained, and its totals.

    Attributes
    ----------
    faultAsked : Signal()
        The sentence was clicked: the layer at fault should be shown.
    """

    faultAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, margin=10)
        self.title.hide()
        self.caption.hide()
        self._lead = ThemedLabel(weight=QFont.Weight.DemiBold)
        self._says = ElidedLabel(token="muted")
        self.faulty = False
        self.parameters = _Figure("parameters")
        self.mult_adds = _Figure("mult-adds")
        self.epoch = _Figure("one epoch here")
        self.memory = _Figure("memory")
        row = QHBoxLayout()
        row.setSpacing(8)
        self._said = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._said.addWidget(self._lead)
        self._said.addWidget(self._says, 1)
        row.addLayout(self._said, 1)
        figures = QHBoxLayout()
        figures.setSpacing(16)
        figures.setContentsMargins(8, 0, 0, 0)
        for figure in (self.parameters, self.mult_adds, self.epoch, self.memory):
            figures.addWidget(figure)
        row.addLayout(figures)
        self.add(row)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(48)

    def text(self) -> str:
        """Return the sentence."""
        return f"{self._lead.text()} {self._says.text()}".strip()

    def say(self, lead: str, sentence: str, tone: Tone) -> None:
        """Say whether the design can be trained: ``ready``, ``hint`` if something is still missing, or ``fault``."""
        faulty = self.faulty = tone == "fault"
        self._lead.setText(lead)
        self._lead.set_token({"ready": "success", "hint": "ink", "fault": "danger"}[tone])
        self._says.set_text(sentence)
        self._says.set_token("danger" if faulty else "muted")
        self._said.setDirection(QBoxLayout.Direction.LeftToRight)
        self._said.setSpacing(8)
        self._says.show()
        for figure in (self.parameters, self.mult_adds):
            figure.setVisible(not faulty)
        for figure in (self.epoch, self.memory):
            figure.setVisible(tone == "ready")
        self.setCursor(Qt.CursorShape.PointingHandCursor if faulty else Qt.CursorShape.ArrowCursor)
        self.setAccessibleName(self.text())

    def say_run(self, lead: str, sentence: str, *, running: bool) -> None:
        """Show the state of the run; the sentence says how it differs from the design."""
        self._lead.setText(lead)
        self._lead.set_token("accent_text" if running else "ink")
        self._says.set_text(sentence)
        self._says.setVisible(bool(sentence))
        self._said.setDirection(QBoxLayout.Direction.TopToBottom)
        self._said.setSpacing(0)
        self.setAccessibleName(self.text())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.faulty:
            self.faultAsked.emit()
