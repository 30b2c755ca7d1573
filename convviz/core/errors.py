"""The errors of the engine. Each message is one sentence: what it is about, what was expected, what was given."""

from __future__ import annotations


class ConvvizError(Exception):
    """Base of every error that convviz raises on purpose; its text may be shown to the user as it is."""


class DesignError(ConvvizError, ValueError):
    """A network or its settings are impossible.

    Attributes
    ----------
    layer : str
        Name of the layer (or settings group) at fault, ``""`` when it concerns the whole design.
    field : str
        Name of the field at fault, ``""`` when no single field is.
    """

    def __init__(self, message: str, *, layer: str = "", field: str = "") -> None:
        super().__init__(message)
        self.layer = layer
        self.field = field


class ShapeError(DesignError):
    """A shape rule refuses its inputs."""


class UnfinishedError(ShapeError):
    """All layers fit together, but the last one gives no scores yet: the network is still being built."""


class UnreadError(ShapeError):
    """All layers fit, but the scores don't depend on some of them: no layer reads what they make."""


class NonFiniteError(ConvvizError, ArithmeticError):
    """NaN or infinity arose while a pass ran.

    Attributes
    ----------
    step : str
        ``layer.op`` of the first step whose output is not finite.
    output : str
        Name of that output array.
    """

    def __init__(self, message: str, *, step: str, output: str) -> None:
        super().__init__(message)
        self.step = step
        self.output = output
