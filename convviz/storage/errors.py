"""The errors of convviz's own files."""

from __future__ import annotations

from convviz.core.errors import ConvvizError


class CheckpointError(ConvvizError, ValueError):
    """A checkpoint cannot be read or written.

    The message is one sentence that names the file and the field, what was expected and what was found.

    Attributes
    ----------
    field : str
        The part of the file at fault (``arrays/conv1.weight``), ``""`` when it concerns the file as a whole.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field
