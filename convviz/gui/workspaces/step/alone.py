"""Run one view of Step alone, showing a toy pass: ``python -m convviz.gui.workspaces.step.views.equation``."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convviz.core.network import Network
from convviz.data.toy import toy_images
from convviz.gui.alone import arguments, run_alone
from convviz.gui.workspaces.step.debugger import Debugger
from convviz.gui.workspaces.step.offer import Offer, PassChoice
from convviz.gui.workspaces.step.picture import CellView, StepView, WayView
from convviz.gui.workspaces.step.pictures import Pictures
from convviz.present.step.scale import StepScales
from convviz.storage.presets import preset, preset_names


def show_toy(view: QWidget, name: str = "toy-4x4", output: str = "conv1.wx_row") -> None:
    """Show a step of a pass in a view, as the workspace would.

    Parameters
    ----------
    view : QWidget
    name : str
        Name of a preset.
    output : str
        Name of the array that the step to show makes.
    """
    design = preset(name).named()
    images, labels = toy_images()
    if images.shape[2:] != (design.input.height, design.input.width):
        shape = (1, design.input.channels, design.input.height, design.input.width)
        images, labels = np.random.default_rng(0).random(shape, dtype=np.float32) ** 3, np.zeros(1, dtype=np.int64)
    offer = Offer(design, Network(design).arrays, images, labels, name)
    source = offer.source(PassChoice())
    debugger = Debugger(source.make())
    debugger.to(next(step.index for step in debugger.run.program.steps if step.output == output))
    pictures = Pictures(debugger, StepScales(), source)
    step = pictures.of_step(offer)
    if isinstance(view, StepView):
        view.show_step(step)
    if isinstance(view, CellView):
        view.show_cell(pictures.of_cell(step.scene))
    if isinstance(view, WayView):
        view.show_way(pictures.of_way())


def run_view(make: Callable[[], QWidget]) -> None:
    """Show the view that ``make`` returns in a window, at the matrix product of a convolution."""
    parser = arguments(run_view.__doc__)
    parser.set_defaults(size="640x480")
    parser.add_argument("--preset", default="toy-4x4", choices=preset_names())
    parser.add_argument("--output", default="conv1.wx_row", help="the array that the step makes")
    given = parser.parse_args()

    def window() -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        view = make()
        column.addWidget(view)
        show_toy(view, given.preset, given.output)
        return made

    raise SystemExit(run_alone(window, given))
