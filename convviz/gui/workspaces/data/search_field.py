"""The field that finds images by words."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.theme.icon import icon
from convviz.gui.theme.style_property import set_style_property
from convviz.present.data_query import WORDS


class SearchField(QLineEdit):
    """A line for a query, with a magnifying glass that follows the theme."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.setPlaceholderText("index, or label:4 wrong")
        self.setAccessibleName("Search images")
        self.setToolTip(f"{WORDS}  ( / )")
        self.setClearButtonEnabled(True)
        self.setFixedWidth(210)
        glass = icon("search", self._theme.palette.muted)
        self._glass = self.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        self._theme.changed.connect(self._recolour)

    def mark(self, wrong: bool) -> None:
        """Mark the query as one that was not understood."""
        set_style_property(self, "invalid", wrong)

    def _recolour(self) -> None:
        self._glass.setIcon(icon("search", self._theme.palette.muted))
