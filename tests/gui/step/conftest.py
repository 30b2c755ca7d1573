"""One Step workspace for all tests of a module: making its widgets takes longer than most tests do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from convviz.core.arrays import Array
from convviz.core.design import Design, Input
from convviz.core.layers import Dense, Flatten
from convviz.data.toy import toy_images
from convviz.gui.theme import Theme, current_theme
from convviz.gui.widgets.array.view import ArrayView
from convviz.gui.workspaces.step.offer import Offer, PassChoice
from convviz.gui.workspaces.step.page import StepPage
from convviz.present.colour import Scope
from convviz.storage.presets import preset

Begin = Callable[[Design, Mapping[str, Array], np.ndarray, np.ndarray, str], StepPage]

OTHER = Design(input=Input(height=1, width=1), classes=2, layers=(Flatten(), Dense(units=2)))


@pytest.fixture(scope="module")
def shared_step(qapp: QApplication) -> Iterator[StepPage]:
    """The workspace of the module, shown."""
    step = StepPage(current_theme())
    step.show()
    yield step
    step.close()
    step.deleteLater()


@pytest.fixture
def begin(theme: Theme, shared_step: StepPage) -> Begin:
    """Begin to step a network in the module's workspace, as if no test had used it before."""

    def begun(
        design: Design, parameters: Mapping[str, Array], images: np.ndarray, labels: np.ndarray, title: str
    ) -> StepPage:
        step, scale = shared_step, shared_step.views.scale
        step.resize(1440, 850)
        step.show()
        scale.choose(Scope.LAYER)
        if scale.scales.locked:
            scale.toggle_lock()
        step.views.transport.pace.setValue(3)
        step.views.equation.order.set_index(0)
        for view in step.findChildren(ArrayView):  # the keyboard's cell of an earlier test
            view.set_cursor_cell(None)
        if step.source is not None:  # the pass of a network of other layers begins at its first step
            step.set_offer(
                Offer(OTHER, {}, np.zeros((1, 1, 1, 1), np.float32), np.zeros(1, int), "other"), PassChoice()
            )
            step.finish()
        step.set_offer(Offer(design, parameters, images, labels, title), PassChoice())
        step.activateWindow()
        step.setFocus()
        return step

    return begun


@pytest.fixture
def workspace(begin: Begin) -> StepPage:
    """The toy network over its image."""
    return begin(preset("toy-4x4"), {}, *toy_images(), "toy-4x4")
