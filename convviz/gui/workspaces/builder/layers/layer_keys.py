"""The keys of the cards: those of the input's card and those of the layers' cards."""

from __future__ import annotations

from convviz.gui.widgets.focus_keys import FocusKeys

INPUT_KEYS = FocusKeys(
    "a layer of Build",
    {
        "The layer above or below": ("Up", "Down"),
        "Go into its fields": ("Return", "Enter", "Right"),
    },
)
LAYER_KEYS = FocusKeys(
    INPUT_KEYS.on,
    {
        **INPUT_KEYS.lines,
        "Move the layer up or down": ("Alt+Up", "Alt+Down"),
        "Rename it": ("F2",),
        "Remove it": ("Del", "Backspace"),
        "Duplicate it": ("Ctrl+D",),
        "Insert a layer below it": ("Ins",),
        "Choose which layers it reads": ("I",),
        "Open its menu": ("Menu",),
        "Out of its fields, back to the layer": ("Esc",),
    },
)
