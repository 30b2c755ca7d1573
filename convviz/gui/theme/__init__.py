"""Colours, fonts, icons and the stylesheet. Widgets get them from :func:`current_theme`."""

from __future__ import annotations

from convviz.gui.theme.palette import DARK, LIGHT, Palette
from convviz.gui.theme.theme import Theme, ThemeMode, current_theme

__all__ = ["DARK", "LIGHT", "Palette", "Theme", "ThemeMode", "current_theme"]
