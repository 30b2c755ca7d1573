"""A design's augmentation in the frameworks that have it: close to convviz's own, with other random numbers."""

from __future__ import annotations

import math

from convviz.core.augment.images import CELLS, ERASED, RATIO
from convviz.core.augment.settings import Augmentation
from convviz.core.design import Design
from convviz.present.code.common import number

__all__ = ["keras_augmentation", "numpy_augmentation", "torch_augmentation"]


def elastic_sigma(design: Design) -> float:
    """Standard deviation, in pixels, of a Gaussian blur that is as smooth as convviz's B-spline."""
    return round(max(design.input.height, design.input.width) / CELLS / math.sqrt(3), 2)


def elastic_alpha(design: Design) -> float:
    """The factor that gives uniform noise of −1 … 1, after that blur, the design's displacement in pixels."""
    return design.training.augmentation.elastic * math.sqrt(3) * 2 * math.sqrt(math.pi) * elastic_sigma(design)


def torch_augmentation(design: Design) -> list[str]:
    """``augment``, a function that changes one image; no lines where augmentation is off."""
    settings = design.training.augmentation
    if not settings.is_on:
        return []
    image, calls = design.input, []
    if settings.flip:
        calls.append(f"v2.RandomHorizontalFlip({number(settings.flip)}),")
    if any((settings.shift, settings.rotate, settings.scale, settings.shear)):
        parts = [number(settings.rotate)]
        if settings.shift:
            parts.append(f"translate=({share(settings.shift, image.width)}, {share(settings.shift, image.height)})")
        if settings.scale:
            parts.append(f"scale=({number(1 - settings.scale)}, {number(1 + settings.scale)})")
        if settings.shear:
            parts.append(f"shear={number(settings.shear)}")
        if settings.shift:
            calls.append("# torchvision shifts by whole pixels.")
        calls += [
            "v2.RandomAffine(",
            f"    {', '.join(parts)},",
            "    interpolation=v2.InterpolationMode.BILINEAR,",
            "),",
        ]
    if settings.elastic:
        # torchvision measures displacement in halves of the image.
        alpha, sigma = number(round(2 * elastic_alpha(design), 2)), number(elastic_sigma(design))
        calls.append(f"v2.ElasticTransform(alpha={alpha}, sigma={sigma}),")
    if settings.erase:
        low, high = ERASED
        ratio = f"({number(round(1 / RATIO, 4))}, {number(RATIO)})"
        calls.append(f"v2.RandomErasing({number(settings.erase)}, scale=({low}, {high}), ratio={ratio}),")
    if settings.noise:
        calls.append(f"v2.Lambda(lambda x: x + {number(settings.noise)} * torch.randn_like(x)),")
    return [
        "# What training does to each image: as convviz does it, but with other random numbers.",
        "augment = v2.Compose([",
        *(f"    {call}" for call in calls),
        "])",
        "",
    ]


def keras_augmentation(design: Design) -> list[str]:
    """``augment``, a model of layers that change images in training alone; no lines where augmentation is off."""
    settings = design.training.augmentation
    if not settings.is_on:
        return []
    image, calls = design.input, []
    black = 'fill_mode="constant"'
    if settings.flip:
        if settings.flip != 0.5:
            calls.append(f"# Keras flips half of the images, convviz a share of {number(settings.flip)}.")
        calls.append('layers.RandomFlip("horizontal"),')
    if settings.shift:
        sides = f"{share(settings.shift, image.height)}, {share(settings.shift, image.width)}"
        calls.append(f"layers.RandomTranslation({sides}, {black}),")
    if settings.rotate:
        calls.append(f"layers.RandomRotation({number(round(settings.rotate / 360, 6))}, {black}),")
    if settings.scale:
        calls.append(f"layers.RandomZoom({number(settings.scale)}, {black}),")
    if settings.shear:
        lean = number(round(math.tan(math.radians(settings.shear)), 6))
        calls.append(f"layers.RandomShear({lean}, 0.0, {black}),  # Keras 3.9 or later")
    if settings.elastic:
        alpha, sigma = number(round(elastic_alpha(design), 2)), number(elastic_sigma(design))
        calls.append(f"# Not here: elastic displacement (in torchvision about alpha={alpha}, sigma={sigma}).")
    if settings.erase:
        low, high = ERASED
        calls.append(f"layers.RandomErasing({number(settings.erase)}, scale=({low}, {high}), fill_value=0.0),")
        calls[-1] += "  # Keras 3.10 or later"
    if settings.noise:
        calls.append(f"layers.GaussianNoise({number(settings.noise)}),")
    return [
        "# What training does to each image: as convviz does it, but with other random numbers.",
        "augment = keras.Sequential([",
        f"    keras.Input(({image.height}, {image.width}, {image.channels})),",
        *(f"    {call}" for call in calls),
        "])",
        "",
    ]


def numpy_augmentation(design: Design) -> list[str]:
    """A comment that says what the script leaves out; no lines where augmentation is off."""
    settings = design.training.augmentation
    if not settings.is_on:
        return []
    return [f"# Not here: convviz trained on augmented images ({amounts(settings)}); this trains on them as they are."]


def amounts(settings: Augmentation) -> str:
    """``shift 2, rotate 10``"""
    names = settings.__struct_fields__
    return ", ".join(f"{name} {getattr(settings, name):g}" for name in names if getattr(settings, name))


def share(pixels: float, side: int) -> str:
    """Pixels as a share of an image's side, at most 1."""
    return number(round(min(pixels / side, 1.0), 6))
