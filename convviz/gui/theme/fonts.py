"""The fonts of the interface: of each list of families, the first one that is installed."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QFont, QFontDatabase

from convviz.paths import resource

SANS = ("Inter", "SF Pro Text", "Segoe UI", "Noto Sans", "DejaVu Sans")
MONO = ("JetBrains Mono", "SF Mono", "Cascadia Mono", "DejaVu Sans Mono")

# These are wider than the others at the same size; a size smaller, they match.
_WIDE = ("DejaVu Sans", "DejaVu Sans Mono", "Verdana")


@dataclass(frozen=True, slots=True)
class Fonts:
    """The families in use.

    Attributes
    ----------
    sans, mono : str
        Names of the families.
    sans_scale, mono_scale : float
        Factors for font sizes, so that wide families take no more room than the others.
    """

    sans: str
    mono: str
    sans_scale: float = 1.0
    mono_scale: float = 1.0

    def interface(self, size: float = 13, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Return the interface font, ``size`` in pixels, with digits of equal width if the family has them."""
        font = QFont(self.sans)
        font.setStyleHint(QFont.StyleHint.SansSerif)
        return _sized(font, size, self.sans_scale, weight)

    def numbers(self, size: float = 12, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Return the font of numbers and code, ``size`` in pixels; every character has the same width."""
        font = QFont(self.mono)
        font.setStyleHint(QFont.StyleHint.Monospace)
        font.setFixedPitch(True)
        return _sized(font, size, self.mono_scale, weight)


def choose_fonts(installed: set[str] | None = None) -> Fonts:
    """Choose the families, by order of preference, from what is installed or shipped in ``resources/fonts``.

    Parameters
    ----------
    installed : set of str, optional
        Names of families to choose from; default is what Qt finds.
    """
    if installed is None:
        load_shipped_fonts()
        installed = set(QFontDatabase.families())
    sans = _first(SANS, installed) or QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    mono = _first(MONO, installed) or QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    return Fonts(sans, mono, 0.93 if sans in _WIDE else 1.0, 0.96 if mono in _WIDE else 1.0)


def load_shipped_fonts() -> list[str]:
    """Make the fonts in ``resources/fonts`` known to Qt; return the names of their families."""
    try:
        folder = resource("fonts")
    except FileNotFoundError:
        return []
    found: list[str] = []
    for path in sorted((*folder.glob("*.ttf"), *folder.glob("*.otf"))):
        found += QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(path)))
    return found


def _first(wanted: tuple[str, ...], installed: set[str]) -> str | None:
    return next((name for name in wanted if name in installed), None)


def _sized(font: QFont, wanted: float, scale: float, weight: QFont.Weight) -> QFont:
    # Sizes of 11 px and more are never scaled below 11: captions must be readable from the back of a room.
    font.setPixelSize(max(min(11, round(wanted)), round(wanted * scale)))
    font.setWeight(weight)
    if hasattr(font, "setFeature"):  # Qt 6.7 and later
        font.setFeature(QFont.Tag("tnum"), 1)
    return font
