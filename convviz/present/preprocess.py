"""Words for what is done to images before a network of another program takes them."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from convviz.core.design import Design
from convviz.storage.preprocess import COLOURED, PRESETS, Preprocess

OWN = "own"
TITLES = MappingProxyType(
    {
        "0..1": ("0 … 1", "Nothing is done: pixels of 0…1 are what it was trained on."),
        "0..255": ("0 … 255", "Times 255. Keras networks that begin with a Rescaling of their own, and EfficientNet."),
        "signed": ("−1 … 1", "Minus a half, divided by a half: MobileNet, Xception and Inception of Keras."),
        "imagenet": (
            "ImageNet",
            "Minus the mean of ImageNet's colours, divided by their deviation: those of PyTorch.",
        ),
        "caffe": (
            "ImageNet, Caffe",
            "Blue, green, red; 0…255, minus the mean of ImageNet: VGG and ResNet of Keras, and old networks of Caffe.",
        ),
        "mnist": ("MNIST", "Minus the mean of MNIST, divided by its deviation: PyTorch's examples."),
        OWN: ("Other numbers", "Mean and deviation of your own, one number or one a channel."),
    }
)
"""Name and sentence of every choice."""


def choices(design: Design) -> tuple[str, ...]:
    """The presets that fit the images of a design, and numbers of one's own."""
    channels = design.input.channels
    fit = [name for name in PRESETS if (name not in COLOURED or channels == 3) and (name != "mnist" or channels == 1)]
    return (*fit, OWN)


def outcome(design: Design, wanted: Preprocess) -> str:
    """What comes of it, channel by channel: ``red: black −2.118, white 2.249``."""
    channels = design.input.channels
    ends = wanted.ends(channels)
    names = ("red", "green", "blue") if channels == 3 else tuple(str(number) for number in range(channels))
    names = names[::-1] if wanted.is_reversed else names
    if len(set(ends)) == 1:
        return f"Black becomes {ends[0][0]:.4g}, and white {ends[0][1]:.4g}.".replace("-", "−")
    said = [f"{name} {low:.4g} … {high:.4g}" for name, (low, high) in zip(names, ends, strict=True)]
    return f"From black to white: {', '.join(said[:4])}{' …' if len(said) > 4 else ''}.".replace("-", "−")


def numbers_of(text: str) -> tuple[float, ...]:
    """Numbers with commas between them.

    Raises
    ------
    ValueError
        They are none.
    """
    return tuple(float(part.replace("−", "-")) for part in text.split(","))


def text_of(numbers: Sequence[float]) -> str:
    """The opposite of :func:`numbers_of`."""
    return ", ".join(f"{one:g}" for one in numbers)
