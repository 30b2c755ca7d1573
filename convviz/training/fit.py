"""Whether images fit a design, and how many of them it takes."""

from __future__ import annotations

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.plurals import counted
from convviz.training.images import Split


def sized(field: str, wanted: int | None, there: int) -> int:
    """The numbers of training and test images that the design takes.

    Raises
    ------
    DesignError
        More are wanted than there are.
    """
    if wanted is not None and wanted > there:
        raise DesignError(
            f"{field}: expected at most the {counted(there, 'image')} of the data set, got {wanted:,}", field=field
        )
    return there if wanted is None else wanted


def check_fit(design: Design, name: str, split: Split) -> None:
    """Refuse images that the design does not take.

    Raises
    ------
    DesignError
    """
    image = design.input
    expected, got = (image.channels, image.height, image.width), split.images.shape[1:]
    if len(split) == 0:
        raise DesignError(f"{name} images: expected at least one, got none")
    if got != expected:
        raise DesignError(
            f"{name} images: the network expects {'×'.join(map(str, expected))} (channels × height × width), "
            f"got {'×'.join(map(str, got))}",
            field="input",
        )
    low, high = int(split.labels.min()), int(split.labels.max())
    if low < 0 or high >= design.classes:
        raise DesignError(
            f"{name} labels: the network expects 0 to {design.classes - 1}, got {low if low < 0 else high}",
            field="classes",
        )


def fits(design: Design, split: Split) -> bool:
    """Whether the design takes images."""
    try:
        check_fit(design, "given", split)
    except DesignError:
        return False
    return True
