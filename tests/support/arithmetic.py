"""Arithmetic that is written in a sentence or an equation, and what it comes to."""

from __future__ import annotations

import ast
import math
import operator


def iverson(condition: bool) -> float:
    return 1.0 if condition else 0.0


NAMES = {
    "max": max,
    "min": min,
    "sqrt": math.sqrt,
    "e": math.e,
    "log": math.log,
    "ln": math.log,
    "σ": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
    "holds": iverson,
    "Phi": lambda z: 0.5 * math.erfc(-z / math.sqrt(2)),
    "phi": lambda z: math.exp(-z * z / 2) / math.sqrt(2 * math.pi),
}


OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Gt: operator.gt,
    ast.Eq: operator.eq,
    ast.USub: operator.neg,
}


def computed(text: str) -> float:
    """What arithmetic comes to."""

    def value(node: ast.expr) -> float:
        match node:
            case ast.BinOp(left, op, right):
                return OPERATORS[type(op)](value(left), value(right))
            case ast.Compare(left, [op], [right]):
                return OPERATORS[type(op)](value(left), value(right))
            case ast.UnaryOp(op, operand):
                return OPERATORS[type(op)](value(operand))
            case ast.Call(ast.Name(name), arguments):
                return NAMES[name](*map(value, arguments))
            case ast.Name(name):
                return NAMES[name]
            case ast.Constant(number):
                return float(number)
        raise AssertionError(f"no arithmetic: {text}")

    return float(value(ast.parse(text.strip(), mode="eval").body))


def number(text: str) -> float:
    return float(text.replace(",", ""))
