"""How much training changes its images: frozen values of the design."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Angle = Annotated[float, Meta(ge=0.0, le=180.0)]
Probability = Annotated[float, Meta(ge=0.0, le=1.0)]


class Augmentation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Random changes of the training images, drawn anew for every image of every minibatch; 0 turns one off.

    They are made in the order of the fields, except that shift, rotation, scale, shear and elastic are a single
    movement: the image is resampled once. Pixels from outside the image are 0.

    Parameters
    ----------
    flip : float
        Probability of mirroring left and right.
    shift : float
        Largest shift down or up, and right or left, in pixels.
    rotate : float
        Largest turn either way, in degrees.
    scale : float
        Largest change of size: 0.1 scales by 0.9 to 1.1.
    shear : float
        Largest slant either way, in degrees.
    elastic : float
        Standard deviation of a smooth random displacement, in pixels.
    erase : float
        Probability of setting a rectangle of 2 to 20 % of the image to 0.
    noise : float
        Standard deviation of normal noise that is added to every pixel.
    """

    flip: Probability = 0.0
    shift: Annotated[float, Meta(ge=0.0, le=512.0)] = 0.0
    rotate: Angle = 0.0
    scale: Annotated[float, Meta(ge=0.0, le=0.9)] = 0.0
    shear: Annotated[float, Meta(ge=0.0, le=60.0)] = 0.0
    elastic: Annotated[float, Meta(ge=0.0, le=64.0)] = 0.0
    erase: Probability = 0.0
    noise: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0

    @property
    def is_on(self) -> bool:
        """Whether anything is changed."""
        return self != OFF

    @property
    def moves(self) -> bool:
        """Whether pixels are moved to places between other pixels."""
        return any((self.shift, self.rotate, self.scale, self.shear, self.elastic))


OFF = Augmentation()
