"""The formulas of a product and of the bias added to it, with the symbols of the step's arrays.

If a bias follows, the product has its own name: ``wx_row`` and then ``z_row``, ``xw`` and then ``z``.
"""

from __future__ import annotations

from convviz.core.program import Program, Step
from convviz.present.step.presentation import InPlace
from convviz.present.step.values import short

MADE = {"wx_row": r"(WX)_{row}", "z_row": "Z_{row}", "xw": "XW", "z": "Z"}
"""Symbols by array."""
CELL = {**MADE, "xw": "(XW)"}
"""The same symbols, as they are written before an index."""


def product_formula(right: str) -> InPlace:
    """Return a formula with ``right`` after the equals sign."""

    def formula(_program: Program, step: Step) -> str:
        symbol = MADE.get(short(step.output), "")
        return f"{symbol} = {right}" if symbol else ""

    return formula


def bias_formula(index: str, bias: str) -> InPlace:
    """Return a formula for a cell with this index and a bias with the index ``bias``."""

    def formula(_program: Program, step: Step) -> str:
        made, given = CELL.get(short(step.output), ""), CELL.get(short(step.inputs[0]), "")
        return f"{made}[{index}] = {given}[{index}] + b[{bias}]" if made and given else ""

    return formula
