"""Texts about updates are written for a weight; these functions rewrite them for a bias, scale or shift."""

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
"""By the beginning of an array's name: singular, plural and symbol of the parameter."""


def parameter_of(step: Step) -> str:
    """``weight``, ``bias``, ``scale`` or ``shift``; ``bias`` for ``bias_velocity_new`` and ``d_bias_clipped``."""
    return short(step.output).removeprefix("d_").partition("_")[0]


def in_words(step: Step, text: str) -> str:
    """Rewrite a text about a weight for the parameter of a step; weight decay keeps its name."""
    if parameter_of(step) not in WORDS:
        return text
    one, several, _ = WORDS[parameter_of(step)]
    return re.sub(r"\bweights\b", several, re.sub(r"\bweight\b(?! decay)", one, text))


def in_symbols(step: Step, formula: str) -> str:
    """Put the symbol of a step's parameter in place of W in a formula."""
    if parameter_of(step) not in WORDS:
        return formula
    symbol = WORDS[parameter_of(step)][2]
    return re.sub(r"(?<![A-Za-z\\])(d?)W(?![A-Za-z])", lambda found: f"{found[1]}{symbol}", formula)


def of_its_parameter(found: Presentation) -> Presentation:
    """Turn a presentation written for a weight into one that uses the words and symbols of the step's parameter."""

    def title(program: Program, step: Step) -> str:
        said = found.title(program, step) or step.op.title
        return in_words(step, said)

    def formula(program: Program, step: Step) -> str:
        return in_symbols(step, found.formula(program, step) or step.op.formula)

    def sentence(cell: OutputCell[Any]) -> str:
        return in_words(cell.step, found.sentence(cell))

    return replace(found, title=title, formula=formula, sentence=sentence)
