"""The colours of the interface, light and dark: tokens, each named for its use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme, each ``#rrggbb``.

    Attributes
    ----------
    background, panel, line
        The window; cards, side panels and bars on it; and 1 px lines.
    past_ground
        The window while a past moment is shown.
    field, hover, pressed, tray
        Backgrounds of inputs, of hovered controls, of pressed controls, and of segmented controls.
    ink, muted, faint
        Text; secondary text; text about missing or disabled things.
    accent, accent_wash
        "Here": the cursor, the window, the current step; and the background behind it.
    accent_text
        The accent as text on a panel: dark enough to read.
    primary, primary_hover, on_primary
        The main button, and the text on it.
    danger, danger_wash, success, success_wash, warning, warning_wash
        Errors, success, warnings; and the backgrounds behind them.
    focus
        The ring that shows the keyboard focus.
    training, test, raw
        Curves: Okabe-Ito blue and vermilion, and the pale one behind a smoothed curve.
    """

    name: str
    dark: bool
    background: str
    past_ground: str
    panel: str
    line: str
    field: str
    hover: str
    pressed: str
    tray: str
    ink: str
    muted: str
    faint: str
    accent: str
    accent_wash: str
    accent_text: str
    primary: str
    primary_hover: str
    on_primary: str
    danger: str
    danger_wash: str
    success: str
    success_wash: str
    warning: str
    warning_wash: str
    focus: str
    training: str
    test: str
    raw: str

    def colour(self, token: str) -> str:
        """The colour of a token; a colour that is written out (``#rrggbb``) is returned as it is."""
        return token if token.startswith("#") else str(getattr(self, token))


LIGHT = Palette(
    name="light",
    dark=False,
    background="#f4f5f7",
    past_ground="#f8f2ea",
    panel="#ffffff",
    line="#dfe3e8",
    field="#f8f9fb",
    hover="#f0f2f5",
    pressed="#e4e7ec",
    tray="#e6e9ee",
    ink="#1c2128",
    muted="#606a75",
    faint="#a8b0ba",
    accent="#e36a00",
    accent_wash="#fff1e2",
    accent_text="#b75000",
    primary="#c05500",
    primary_hover="#a94a00",
    on_primary="#ffffff",
    danger="#c62828",
    danger_wash="#fdecec",
    success="#1a7a45",
    success_wash="#e8f5ee",
    warning="#8a5a00",
    warning_wash="#fff6dd",
    focus="#0072b2",
    training="#0072b2",
    test="#d55e00",
    raw="#c9ced5",
)

DARK = Palette(
    name="dark",
    dark=True,
    background="#15181c",
    past_ground="#211b15",
    panel="#1d2126",
    line="#31373f",
    field="#181c20",
    hover="#282d34",
    pressed="#323841",
    tray="#282d33",
    ink="#e6e9ed",
    muted="#949da8",
    faint="#5b646f",
    accent="#ff9a3d",
    accent_wash="#3a2a18",
    accent_text="#ff9a3d",
    primary="#ff9a3d",
    primary_hover="#ffad60",
    on_primary="#15181c",
    danger="#ff7b72",
    danger_wash="#3b1d1d",
    success="#56c28f",
    success_wash="#183126",
    warning="#e8b64c",
    warning_wash="#352b14",
    focus="#56b4e9",
    training="#56b4e9",
    test="#f0a050",
    raw="#4a515a",
)
