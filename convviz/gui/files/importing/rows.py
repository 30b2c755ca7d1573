"""One choice of an import: the question, the answer, and the evidence."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from convviz.data.importing.choices import Choice
from convviz.gui.theme import current_theme
from convviz.gui.theme.icon import icon_pixmap
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.labels import Caption, ThemedLabel

ANSWER = 208
"""Pixels of a choice's width."""


class ChoiceRows(QWidget):
    """Choices one below the other.

    Attributes
    ----------
    chosen : Signal(str, object)
        Key of a choice, and what the user chose.
    """

    chosen = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.combos: dict[str, Combo] = {}
        self.evidence: dict[str, Caption] = {}
        self._signs: dict[str, QLabel] = {}
        self._labels: dict[str, ThemedLabel] = {}
        self._choices: tuple[Choice, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(7)
        self._grid.setColumnMinimumWidth(0, 84)
        self._grid.setColumnStretch(3, 1)
        self._theme.changed.connect(self._resign)

    def show_choices(self, choices: tuple[Choice, ...]) -> None:
        """Show choices; those that are no longer there disappear."""
        self._choices = choices
        for key in [key for key in self.combos if key not in {one.key for one in choices}]:
            for gone in (self.combos.pop(key), self.evidence.pop(key), self._signs.pop(key), self._labels.pop(key)):
                gone.hide()
                gone.deleteLater()
        for number, choice in enumerate(choices):
            if choice.key not in self.combos:
                self._make(choice)
            combo = self.combos[choice.key]
            if combo.values != [value for _, value in choice.options]:
                combo.set_choices(choice.options)
            combo.set_value(choice.value)
            combo.setEnabled(len(choice.options) > 1)
            self.evidence[choice.key].setText(choice.words)
            middle = Qt.AlignmentFlag.AlignVCenter
            self._grid.addWidget(self._labels[choice.key], number, 0, middle)
            self._grid.addWidget(combo, number, 1, middle)
            self._grid.addWidget(self._signs[choice.key], number, 2, middle)
            self._grid.addWidget(self.evidence[choice.key], number, 3)
        self._resign()

    def focus_first_guess(self) -> None:
        """Give the focus to the first choice that was guessed, or to the first."""
        guessed = [one.key for one in self._choices if not one.sure]
        usable = [one.key for one in self._choices if len(one.options) > 1]
        for key in (*guessed, *usable):
            if self.combos[key].isEnabled():
                self.combos[key].setFocus()
                return

    def _make(self, choice: Choice) -> None:
        combo = Combo(choice.options, name=choice.title)
        combo.setFixedWidth(ANSWER)
        combo.edited.connect(lambda value, key=choice.key: self.chosen.emit(key, value))
        label = ThemedLabel(choice.title, token="muted")
        label.setBuddy(combo)
        sign = QLabel()
        sign.setFixedSize(14, 14)
        self.combos[choice.key], self._labels[choice.key], self._signs[choice.key] = combo, label, sign
        self.evidence[choice.key] = Caption(wrap=True)

    def _resign(self) -> None:
        colours = self._theme.palette
        for choice in self._choices:
            sign = self._signs[choice.key]
            name, colour, tip = "check", colours.success, "nothing else fits"
            if not choice.sure:
                name, colour, tip = "guess", colours.warning, "guessed: please look"
            elif choice.changes:
                name, colour, tip = "warning", colours.warning, "changes the values of the file"
            sign.setPixmap(icon_pixmap(name, colour, 14, self.devicePixelRatioF()))
            sign.setToolTip(tip)
            sign.setVisible(bool(choice.words))
            self.evidence[choice.key].set_token("muted" if choice.sure else "warning")
