"""Of a sum over channels or filters the one that adds most is looked at first, and another one can be chosen."""

from __future__ import annotations

import numpy as np
import pytest

from convviz.core.design import Design, Input
from convviz.core.layers import Conv2D, Dense, Flatten, ReLU
from convviz.core.network import Network
from convviz.gui.workspaces.step.debugger import Debugger
from convviz.present.step.explain import explain
from convviz.training.make_pass import make_pass


@pytest.fixture
def debugger() -> Debugger:
    layers = (Conv2D(filters=6), ReLU(), Conv2D(filters=4, kernel=2), Flatten(), Dense(units=3))
    design = Design(input=Input(channels=1, height=9, width=8), classes=3, layers=layers).named()
    images = np.random.default_rng(5).random((2, 1, 9, 8), dtype=np.float32)
    return Debugger(make_pass(design, Network(design).arrays, images, np.arange(2)))


def go(debugger: Debugger, output: str) -> None:
    debugger.to(next(step.index for step in debugger.run.program.steps if step.output == output))


def title(debugger: Debugger, array: str) -> str:
    return next(pane.title for pane in debugger.scene().panes if pane.array == array)


def added(debugger: Debugger) -> np.ndarray:
    """What every channel adds to the cell in question, by hand."""
    f, column = debugger.focus()
    weight = debugger.run.array("conv2.w_row")[f].astype(np.float64)
    window = debugger.run.array("conv2.x_col")[:, column].astype(np.float64)
    return (weight * window).reshape(6, 4).sum(axis=1)


def test_that_a_product_opens_on_the_channel_that_adds_most_and_says_so(debugger: Debugger) -> None:
    go(debugger, "conv2.wx_row")
    for index in ((2, 30), (0, 11), (3, 41)):
        debugger.select("conv2.wx_row", index)
        strongest = int(np.abs(added(debugger)).argmax())
        assert debugger.selection.channel == strongest
        assert title(debugger, "relu1.a") == f"a[{strongest}]"
        assert f"Of its 6 channels number {strongest} adds most" in explain(debugger.run, debugger.step, index)


def test_that_another_channel_can_be_chosen_and_stays_as_long_as_the_cell_does(debugger: Debugger) -> None:
    go(debugger, "conv2.wx_row")
    debugger.select("conv2.wx_row", (2, 30))
    assert debugger.size("channel") == 6
    assert "channel" in debugger.scene().choices
    other = (debugger.selection.channel + 1) % 6
    debugger.choose("channel", other)
    assert title(debugger, "relu1.a") == f"a[{other}]"
    assert debugger.focus() == (2, 30)
    debugger.choose("channel", (other + 1) % 6)
    assert debugger.selection.channel == (other + 1) % 6
    debugger.select("conv2.wx_row", (0, 11))
    assert debugger.selection.channel == int(np.abs(added(debugger)).argmax())


def test_that_a_pinned_cell_of_a_channel_keeps_its_channel_in_sight(debugger: Debugger) -> None:
    go(debugger, "conv2.wx_row")
    debugger.select("relu1.a", (0, 3, 2, 2))
    assert title(debugger, "relu1.a") == "a[3]"


def test_that_the_channel_stands_still_while_cells_are_walked(debugger: Debugger) -> None:
    go(debugger, "conv2.wx_row")
    debugger.select("conv2.wx_row", (2, 5))
    held = debugger.selection.channel
    debugger.move("into")
    for _ in range(6):
        debugger.move("into")
        assert debugger.selection.channel == held


def test_that_a_weights_gradient_shows_the_channel_that_the_weight_meets(debugger: Debugger) -> None:
    go(debugger, "conv2.d_w_row")
    debugger.select("conv2.d_w_row", (1, 4 * 4 + 2))
    assert title(debugger, "relu1.a") == "a[4]"


def test_that_a_windows_gradient_shows_the_filter_that_adds_most(debugger: Debugger) -> None:
    go(debugger, "conv2.d_x_col")
    debugger.select("conv2.d_x_col", (9, 17))
    terms = debugger.run.array("conv2.w_row")[:, 9] * debugger.run.array("conv2.d_z_row")[:, 17]
    strongest = int(np.abs(terms).argmax())
    assert f"d_z_row[{strongest}]" in [pane.title for pane in debugger.scene().panes]
