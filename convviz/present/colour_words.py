"""What the colours mean, in words."""

from __future__ import annotations

from typing import Final

from convviz.present.colour import ColourRole

ROLE_WORDS: Final[dict[ColourRole, tuple[str, str]]] = {
    ColourRole.INPUT: ("Images", "What goes into the network, from 0 to its largest value."),
    ColourRole.LIGHT: ("Colour images", "Each of red, green and blue by itself, from 0 in black to white."),
    ColourRole.ACTIVATION: (
        "Activations",
        "What a layer hands on, and class probabilities: 0 or more, in teal.",
    ),
    ColourRole.PREACTIVATION: (
        "Before activation",
        "What a layer computes first: below 0 brown, above 0 teal.",
    ),
    ColourRole.WEIGHT: ("Weights", "Filters, biases and what an optimiser keeps of them: below 0 blue, above 0 red."),
    ColourRole.GRADIENT: ("Gradients", "How the loss changes with a number: below 0 violet, above 0 green."),
    ColourRole.COUNT: ("Counts", "How often something happens, indices and masks, from 0 in grey."),
}
"""For each role its name, and what its colours mean."""

ZERO_WORDS: Final = "Zero always has the same colour. Where numbers go both ways, a tick below the scale marks it."
SCALE_WORDS: Final = "The numbers beside a scale belong to its two ends; what lies beyond has the colour of the end."
NOT_FINITE_WORDS: Final = ("Not a number", "NaN and infinities, in every picture.")
