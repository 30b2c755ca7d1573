"""The colours of images on a map: by mistake, class, answer or confidence; names are written beside them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from convviz.gui.theme import current_theme
from convviz.gui.workspaces.probe.moment import Moment
from convviz.present.colour import ColourRole, argb_table

COLOURS = (("class", "class"), ("mistakes", "mistakes"), ("answer", "answer"), ("confidence", "confidence"))
LIGHT = ["#0072b2", "#d55e00", "#008463", "#b8468b", "#8a6d00", "#56606a", "#7a4fb5", "#2a8fbd", "#9c4a1a", "#3f7d20"]
DARK = ["#56b4e9", "#ff9d5c", "#35c79c", "#ee8cc4", "#e6c84a", "#b4bdc7", "#b99af0", "#8fd3f2", "#d9a27e", "#9bd06f"]
"""Okabe and Ito's colours and some between them, dark or light enough for thin strokes; used again for more classes."""


def colours_of(moment: Moment, rows: npt.NDArray[np.int64], by: str) -> npt.NDArray[np.uint32]:
    """A colour ``0xffrrggbb`` for each of some images.

    Parameters
    ----------
    moment : Moment
    rows : ndarray of int
    by : str
        ``mistakes``, ``class``, ``answer`` or ``confidence``.
    """
    theme, found = current_theme(), moment.mistakes
    labels, answers = moment.images.labels[rows], found.answers[rows]
    if by == "confidence":
        table = argb_table(ColourRole.ACTIVATION, theme.dark)
        # From a third of the table on, so that unsure answers are visible, too.
        return np.asarray(table[np.clip(85 + found.confidence[rows] * 170, 0, 255).astype(np.int64)], np.uint32)
    if by == "mistakes":
        ink, wrong = theme.colour("ink").rgba(), theme.colour("danger").rgba()
        return np.where(found.wrong[rows], np.uint32(wrong), np.uint32(ink)).astype(np.uint32)
    return class_colours(theme.dark)[(labels if by == "class" else answers) % len(LIGHT)]


def class_colours(dark: bool) -> npt.NDArray[np.uint32]:
    """A colour for each of the first ten classes."""
    return np.array([0xFF000000 | int(one[1:], 16) for one in (DARK if dark else LIGHT)], np.uint32)


def faded(colours: npt.NDArray[np.uint32], places: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    """The colours, with those of all images except some mixed with the background."""
    ground = current_theme().colour("panel").rgba()
    made = np.full_like(colours, 0xFF000000)
    for shift in (16, 8, 0):
        part = (colours >> np.uint32(shift)) & np.uint32(255)
        under = np.uint32((ground >> shift) & 255)
        made |= ((part + np.uint32(3) * under) // np.uint32(4)) << np.uint32(shift)
    made[places] = colours[places]
    return made


def legend(moment: Moment, rows: npt.NDArray[np.int64], by: str) -> str:
    """What the colours mean, in a few words."""
    wrong = int(moment.mistakes.wrong[rows].sum())
    return {
        "mistakes": f"red: taken for another class ({wrong:,})",
        "class": "coloured by label",
        "answer": "coloured by the network's answer",
        "confidence": "the darker the surer" if not current_theme().dark else "the brighter the surer",
    }[by]
