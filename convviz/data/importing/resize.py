"""Brings images to one size and one number of channels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convviz.data.importing.recipe import Colour, Fit

__all__ = ["colours", "fitted_box", "resized"]

Images = NDArray[np.float32]
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in a grey value: those of ITU-R BT.601, as in Pillow."""


def colours(images: Images, wanted: Colour) -> Images:
    """Images in grey or in three channels, (n, C, H, W); a fourth channel is dropped first."""
    channels = images.shape[1]
    if wanted == "grey" and channels > 1:
        if channels < 3:
            return images[:, :1]
        grey: Images = np.einsum("nchw,c->nhw", images[:, :3], LUMA)[:, np.newaxis]
        return grey.clip(0, 1)
    if wanted == "colour" and channels != 3:
        return images[:, :3] if channels > 3 else np.repeat(images[:, :1], 3, axis=1)
    return images


def fitted_box(size: tuple[int, int], target: tuple[int, int], fit: Fit) -> tuple[int, int]:
    """(H, W) that an image is scaled to before it is cropped or padded to its target.

    Parameters
    ----------
    size, target : tuple of int
        (H, W).
    fit : str
        ``stretch`` ignores proportions, ``crop`` fills the target, ``pad`` stays within it.
    """
    if fit == "stretch":
        return target
    ratios = (target[0] / size[0], target[1] / size[1])
    ratio = max(ratios) if fit == "crop" else min(ratios)
    return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))


def resized(images: Images, target: tuple[int, int], fit: Fit) -> Images:
    """Images resized by Pillow's bilinear filter, which averages when it scales down.

    Parameters
    ----------
    images : ndarray of float32, (n, C, H, W)
    target : tuple of int
        (H, W).
    fit : str
        See :func:`fitted_box`; padding is 0.
    """
    from PIL import Image

    box = fitted_box((images.shape[2], images.shape[3]), target, fit)
    out = np.zeros((*images.shape[:2], *target), np.float32)
    top, left = ((target[axis] - box[axis]) // 2 for axis in (0, 1))
    for image in range(len(images)):
        for channel in range(images.shape[1]):
            picture = Image.fromarray(np.ascontiguousarray(images[image, channel]))
            scaled = np.asarray(picture.resize(box[::-1], Image.Resampling.BILINEAR))
            inner = scaled[max(0, -top) :, max(0, -left) :][: target[0], : target[1]]
            out[image, channel, max(0, top) :, max(0, left) :][: inner.shape[0], : inner.shape[1]] = inner
    return out.clip(0, 1)
