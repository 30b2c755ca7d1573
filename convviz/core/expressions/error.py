"""The one error of expressions."""

from __future__ import annotations

from convviz.core.errors import ConvvizError


class ExpressionError(ConvvizError, ValueError):
    """An expression can't be read or evaluated.

    Attributes
    ----------
    column : int
        Where in the text, from 1.
    """

    def __init__(self, column: int, message: str) -> None:
        super().__init__(f"column {column}: {message}")
        self.column = column
