"""Preprocessing of images for a network from another program, as a layer at the start of its design.

In convviz, images are in 0…1, with the channels red, green, blue. Other programs scale them before the network, and a
model's file mostly doesn't say how. So the user is asked, and the preprocessing becomes the first layer, which can be
looked at like any other and is saved with the network.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from msgspec.structs import replace

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.layers import Conv2D, Rescale, ScaleShift
from convviz.core.wiring import IMAGES, reading, reads_of
from convviz.storage.network_state import NetworkState

__all__ = ["AS_IT_IS", "PRESETS", "Preprocess", "guessed", "parsed", "preprocessed"]

LAYER = "preprocess"


@dataclass(frozen=True, slots=True)
class Preprocess:
    """How a network expects its images: ``(top·x − mean) / std`` for every channel.

    Parameters
    ----------
    mean, std : tuple of float
        One number for all channels, or one per channel, in the network's order of channels.
    top : float
        The value in that program that corresponds to 1 in convviz: 1 or 255.
    is_reversed : bool
        Whether the network's channels are blue, green, red.
    class_names : tuple of str
        Names of the network's classes; empty leaves them as they are.
    """

    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    top: float = 1.0
    is_reversed: bool = False
    class_names: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether it changes images at all."""
        return self.is_reversed or any(self.mean) or any(one != self.top for one in self.std)

    def problem(self, design: Design) -> str:
        """Why it doesn't fit a design; empty if it does."""
        channels = design.input.channels
        for name, numbers in (("mean", self.mean), ("std", self.std)):
            if len(numbers) not in (1, channels):
                wanted = "one number" if channels == 1 else f"one number, or {channels}"
                return f"{name}: expected {wanted}, got {len(numbers)}"
            if not all(math.isfinite(one) and abs(one) <= 1e6 for one in numbers):
                return f"{name}: expected finite numbers, got others"
        if not all(one >= 1e-6 for one in self.std):
            return f"std: expected numbers above 0, got {min(self.std):g}"
        if not 0 < self.top <= 1e6:
            return f"top: expected a number above 0, got {self.top:g}"
        if self.is_reversed and channels == 1:
            return "channels: expected several to exchange, got one"
        if self.class_names and len(self.class_names) != design.classes:
            return f"class names: expected {design.classes:,}, got {len(self.class_names):,}"
        odd = next((len(name) for name in self.class_names if not 0 < len(name) <= LONGEST_NAME), None)
        if odd is not None:
            return f"class names: expected 1 to {LONGEST_NAME} characters each, got {odd:,}"
        if sum(map(len, self.class_names)) > MOST_TEXT:
            return f"class names: expected at most {MOST_TEXT:,} characters together"
        return ""

    def ends(self, channels: int) -> tuple[tuple[float, float], ...]:
        """What 0 (black) and 1 (white) become, for each channel of the network."""
        mean, std = np.broadcast_to(self.mean, channels), np.broadcast_to(self.std, channels)
        return tuple((float((0 - m) / s), float((self.top - m) / s)) for m, s in zip(mean, std, strict=True))


LONGEST_NAME = 100
MOST_TEXT = 100_000
"""Most characters of all class names together, because they are stored in the design's file, whose size is limited."""
AS_IT_IS = Preprocess()
PRESETS: Mapping[str, Preprocess] = MappingProxyType(
    {
        "0..1": AS_IT_IS,
        "0..255": Preprocess(top=255.0),
        "signed": Preprocess(mean=(0.5,), std=(0.5,)),
        "imagenet": Preprocess(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
        "caffe": Preprocess(mean=(103.939, 116.779, 123.68), top=255.0, is_reversed=True),
        "mnist": Preprocess(mean=(0.1307,), std=(0.3081,)),
    }
)
"""Word on the command line → common preprocessing."""
COLOURED = frozenset({"imagenet", "caffe"})
"""Presets that need images of three channels."""


def guessed(design: Design) -> str:
    """The likely preset for a network: ImageNet's for large colour images, else the one that changes nothing."""
    image = design.input
    return "imagenet" if image.channels == 3 and min(image.height, image.width) >= 96 else "0..1"


def parsed(text: str) -> Preprocess:
    """Parse the command line's ``--preprocess``: a preset, or ``mean=0.5,0.4,0.4/std=0.2,0.2,0.2/top=255/bgr``.

    Raises
    ------
    DesignError
        The text is neither.
    """
    if text in PRESETS:
        return PRESETS[text]
    values: dict[str, tuple[float, ...]] = {}
    is_reversed = False
    for part in text.split("/"):
        name, equals, numbers = part.partition("=")
        if part == "bgr":
            is_reversed = True
            continue
        try:
            values[name] = tuple(float(one) for one in numbers.split(","))
        except ValueError:
            values[name] = ()
        if not equals or name not in ("mean", "std", "top") or not values[name]:
            known = ", ".join(PRESETS)
            raise DesignError(
                f"--preprocess: expected one of {known}, or mean=NUMBERS/std=NUMBERS/top=NUMBER/bgr, got {text!r}"
            )
    return Preprocess(values.get("mean", (0.0,)), values.get("std", (1.0,)), values.get("top", (1.0,))[0], is_reversed)


def preprocessed(state: NetworkState, wanted: Preprocess) -> NetworkState:
    """The network with this preprocessing as its first layer, and with the given names of its classes.

    Raises
    ------
    DesignError
        It doesn't fit the images.
    """
    design = state.design.named()
    problem = wanted.problem(design)
    if problem:
        raise DesignError(f"{design.name}: {problem}")
    if wanted.class_names:
        design = replace(design, class_names=wanted.class_names)
    if not wanted.changes:
        return dataclasses.replace(state, design=design) if wanted.class_names else state
    channels = design.input.channels
    taken = {layer.name for layer in design.layers}
    name = LAYER
    while name in taken:
        name += "_"
    mean, std = np.broadcast_to(wanted.mean, channels), np.broadcast_to(wanted.std, channels)
    scale = wanted.top / std
    shift = (0 - mean) / std
    first: Rescale | ScaleShift | Conv2D
    if wanted.is_reversed:
        weight = np.zeros((channels, channels, 1, 1))
        weight[np.arange(channels), np.arange(channels)[::-1], 0, 0] = scale
        first, own = Conv2D(name=name, filters=channels, kernel=1), {"weight": weight, "bias": shift}
    elif np.ptp(scale) or np.ptp(shift):
        first, own = ScaleShift(name=name), {"scale": scale, "shift": shift}
    else:
        first, own = Rescale(name=name, scale=float(scale[0]), shift=float(shift[0])), {}
    layers = tuple(
        reading(layer, [name if source == IMAGES else source for source in sources])
        if IMAGES in layer.sources
        else layer
        for layer, sources in zip(design.layers, reads_of(design.layers), strict=True)
    )
    about = f"{design.about} Its layer {name} does to images of 0…1 what was done to them in training.".strip()
    arrays = {
        **state.arrays,
        **{f"{name}.{part}": np.ascontiguousarray(array, state.precision) for part, array in own.items()},
    }
    changed = replace(design, layers=(first, *layers), about=about)
    return dataclasses.replace(state, design=changed, arrays=arrays)
