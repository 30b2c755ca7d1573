"""The error of reading and writing models."""

from __future__ import annotations

from pathlib import Path

from convviz.core.errors import ConvvizError


class CheckpointError(ConvvizError, ValueError):
    """A model, a checkpoint or another format, cannot be read or written.

    The message is one sentence that names the file and the field, what was expected and what was found.

    Attributes
    ----------
    field : str
        The part of the file at fault (``arrays/conv1.weight``); empty when the error concerns the file as a whole.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field

    @classmethod
    def without_design(cls, path: Path, what: str) -> CheckpointError:
        """The error about a file of arrays that is to be opened as a network; ``what`` it is."""
        return cls(
            f"{path}: expected a network, got {what}, which has no design in it; open the design first, and then the "
            "weights into it"
        )
