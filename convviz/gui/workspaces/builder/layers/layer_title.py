"""The title of a layer's card."""

from __future__ import annotations

from PySide6.QtGui import QFont

from convviz.gui.widgets.labels import ThemedLabel
from convviz.gui.workspaces.builder.layers.columns import NAME

TITLE, LEAST = 13.0, 10.0
"""Sizes of a title: the usual one, and that of the longest."""


def titled(text: str) -> ThemedLabel:
    """A title, a little smaller where it is long, so that all of it fits beside the fields."""
    label = ThemedLabel(text, size=TITLE, weight=QFont.Weight.DemiBold)
    wide = label.fontMetrics().horizontalAdvance(text)
    if wide <= NAME:
        return label
    return ThemedLabel(text, size=max(TITLE * (NAME - 1) / wide, LEAST), weight=QFont.Weight.DemiBold)
