"""The errors of the data layer."""

from __future__ import annotations

from convviz.core.errors import ConvvizError
from convviz.files.cancel import LoadCancelledError

__all__ = ["DataError", "LoadCancelledError"]


class DataError(ConvvizError, ValueError):
    """A data file or a setting about data cannot be used.

    The message is one sentence that names the file or field, what was expected and what was found.

    Attributes
    ----------
    field : str
        Name of the data set in the file (``x_train``) or of the setting (``train_size``) at fault, ``""`` when
        it concerns the file as a whole.
    fits : tuple of int or None
        (C, H, W) of the file's images, if they can't be used because of their size alone.
    classes : int or None
        How many classes the file has, if these are more than wanted.
    own_form : bool
        Whether, apart from this fault, the file is in the format's own well-known form.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str = "",
        fits: tuple[int, int, int] | None = None,
        classes: int | None = None,
        own_form: bool = True,
    ) -> None:
        super().__init__(message)
        self.field = field
        self.fits = fits
        self.classes = classes
        self.own_form = own_form
