"""Arrays as small images."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from convviz.present.colour import Role, colourise


def map_image(array: npt.ArrayLike, role: Role | str, *, dark: bool, vmax: float | None = None) -> QImage:
    """One map ``(H, W)``, or an image ``(C, H, W)``, one pixel a cell.

    Three channels are shown as colours; of any other number the first.
    """
    values = np.asarray(array, dtype=np.float32)
    if values.ndim == 3 and values.shape[0] == 3 and Role(role) is Role.INPUT:
        rgb = np.ascontiguousarray(np.clip(values.transpose(1, 2, 0) * 255.0, 0, 255).astype(np.uint8))
        return QImage(rgb.data, rgb.shape[1], rgb.shape[0], 3 * rgb.shape[1], QImage.Format.Format_RGB888).copy()
    if values.ndim == 3:
        values = values[0]
    rgba = np.ascontiguousarray(colourise(values, role, dark, vmax))
    return QImage(rgba.data, rgba.shape[1], rgba.shape[0], 4 * rgba.shape[1], QImage.Format.Format_RGBA8888).copy()
