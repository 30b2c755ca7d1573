"""Arrays and what stands beside them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convviz.gui.widgets.array.held_scale import HeldScale
from convviz.gui.widgets.array.overview_strip import OverviewStrip
from convviz.gui.widgets.array.scale_bar import ScaleBar
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.widgets.marks import Mark
from convviz.present.colour import ColourRole, Levels
from convviz.present.scales import HeldScales


def x_col() -> npt.NDArray[np.float32]:
    """Return the 7×7 windows of a drawn stroke, (49, 576), for demonstrations."""
    y, x = np.mgrid[0:30, 0:30]
    ring = np.abs(np.hypot((x - 15) * 1.3, y - 15) - 9)
    image = np.clip(1.6 - ring * 0.7, 0, 1).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(image, (7, 7))
    return windows.transpose(2, 3, 0, 1).reshape(49, 576)


def array_view() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    draw = np.random.default_rng(0)
    one = ArrayView(name="conv1.weight[12]")
    one.set_picture(draw.normal(0, 0.3, (7, 7)).astype(np.float32), ColourRole.WEIGHT)
    one.set_marks([Mark.cell(3, 3)])
    wide = ArrayView(aspect="free", name="conv1.x_col")
    wide.set_picture(draw.random((49, 36_864), dtype=np.float32) ** 4, ColourRole.INPUT, 1.0)
    maps = ArrayView(name="conv1.z")
    maps.set_picture(draw.normal(0, 1, (32, 24, 24)).astype(np.float32), ColourRole.PREACTIVATION)
    for view in (one, wide, maps):
        layout.addWidget(view, 1)
    return page


def held_scale() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    scales = HeldScales()
    scales.end("z", [5.0])
    for _ in range(30):
        end = scales.held("z", [0.04])
    for below in (False, True):
        made = HeldScale(below=below)
        made.show_end(ColourRole.PREACTIVATION, end)
        layout.addWidget(made)
    layout.addStretch()
    return page


def scale_bar() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    for role in ColourRole:
        layout.addWidget(ScaleBar(role, Levels(-0.6 if role.diverging else 0.0, 0.6)))
    layout.addStretch()
    return page


def overview_strip() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    view = ArrayView(aspect="free", name="conv1.x_col")
    view.set_picture(x_col(), "input", 1.0)
    layout.addWidget(view, 1)
    layout.addWidget(OverviewStrip(view))
    view.resize(600, 260)
    view.show_cells((0, 258, -1, 84))
    return page
