"""Updates are written of a weight; of a bias, a scale or a shift they are told with its own word and symbol."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from convviz.core.program import Program, Step
from convviz.present.step.presentation import Presentation
from convviz.present.step.sentence import OutputCell
from convviz.present.step.values import short

WORDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {"bias": ("bias", "biases", "b"), "scale": ("scale", "scales", r"\gamma"), "shift": ("shift", "shifts", r"\beta")}
)
"""By the beginning of the array's name: one, several, and the symbol."""


def parameter_of(step: Step) -> str:
    """``weight``, ``bias``, ``scale`` or ``shift``: what ``bias_velocity_new`` and ``d_bias_clipped`` belong to."""
    return short(step.output).removeprefix("d_").partition("_")[0]


def in_words(step: Step, text: str) -> str:
    """A text about a weight as one about the parameter that a step works on; weight decay keeps its name."""
    if parameter_of(step) not in WORDS:
        return text
    one, several, _ = WORDS[parameter_of(step)]
    return re.sub(r"\bweights\b", several, re.sub(r"\bweight\b(?! decay)", one, text))


def in_symbols(step: Step, formula: str) -> str:
    """A formula for W as one for the parameter that a step works on."""
    if parameter_of(step) not in WORDS:
        return formula
    symbol = WORDS[parameter_of(step)][2]
    return re.sub(r"(?<![A-Za-z\\])(d?)W(?![A-Za-z])", lambda found: f"{found[1]}{symbol}", formula)


def of_its_parameter(found: Presentation) -> Presentation:
    """A presentation of an update in the words and symbols of the parameter at hand."""

    def title(program: Program, step: Step) -> str:
        said = found.title(program, step) or step.op.title
        return in_words(step, said)

    def formula(program: Program, step: Step) -> str:
        return in_symbols(step, found.formula(program, step) or step.op.formula)

    def sentence(cell: OutputCell[Any]) -> str:
        return in_words(cell.step, found.sentence(cell))

    return replace(found, title=title, formula=formula, sentence=sentence)
