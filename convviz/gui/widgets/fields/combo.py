"""A drop-down choice of values that ignores the mouse wheel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from convviz.gui.theme import current_theme


class Combo(QComboBox):
    """One of several values.

    Parameters
    ----------
    choices : sequence of (str, object) or of str
        Label and value of each choice; a single string is both.
    name : str
        For screen readers.

    Attributes
    ----------
    edited : Signal(object)
        The user chose another value. :meth:`set_value` doesn't emit it.
    """

    edited = Signal(object)

    def __init__(
        self,
        choices: Sequence[tuple[str, object] | str] = (),
        parent: QWidget | None = None,
        *,
        name: str = "",
        tip: str = "",
    ) -> None:
        super().__init__(parent)
        self.values: list[object] = []
        self._shown = -1
        self.setFont(current_theme().font(13))
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.set_choices(choices)
        self.activated.connect(self._activated)

    def set_choices(self, choices: Sequence[tuple[str, object] | str]) -> None:
        """Replace the choices; keeps the chosen value if it is among them."""
        pairs = [(one, one) if isinstance(one, str) else one for one in choices]
        kept = self.values[self.currentIndex()] if self.count() else None
        self.clear()
        self.values = [value for _, value in pairs]
        for text, _ in pairs:
            self.addItem(text)
        if kept in self.values:
            self.setCurrentIndex(self.values.index(kept))
        self._shown = self.currentIndex()

    @property
    def value(self) -> Any:
        """The chosen value; ``None`` if there is none."""
        return self.values[self.currentIndex()] if self.currentIndex() >= 0 else None

    def set_value(self, value: object) -> None:
        """Choose a value, without a signal.

        Raises
        ------
        ValueError
            It is none of the choices.
        """
        if value not in self.values:
            offered = ", ".join(map(str, self.values))
            raise ValueError(f"{self.accessibleName() or 'choice'}: expected one of {offered}, got {value}")
        self._shown = self.values.index(value)
        self.setCurrentIndex(self._shown)

    def set_item_tip(self, value: object, tip: str) -> None:
        """Explain one of the values in a tooltip."""
        self.setItemData(self.values.index(value), tip, Qt.ItemDataRole.ToolTipRole)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # The wheel over a form scrolls the form, and must not change settings.
        event.ignore()

    def _activated(self, index: int) -> None:
        if index != self._shown:
            self._shown = index
            self.edited.emit(self.values[index])
