"""The pictures beside the pointer show the very cells that the text and the equation name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import numpy as np
import pytest

from convviz.core.design import Design, Input
from convviz.core.layers import Conv2D, Dense, Flatten, ReLU
from convviz.core.network import Network
from convviz.gui.workspaces.step.cursor import Cell
from convviz.gui.workspaces.step.debugger import Debugger
from convviz.gui.workspaces.step.offer import Offer, PassChoice
from convviz.gui.workspaces.step.picture import CellPicture
from convviz.gui.workspaces.step.pictures import Pictures
from convviz.present.step.scale import StepScales

DESIGN = Design(
    input=Input(channels=1, height=5, width=5),
    layers=(
        Conv2D(filters=3, kernel=2, padding=1),
        ReLU(),
        Conv2D(filters=4, kernel=2, padding=1),
        ReLU(),
        Flatten(),
        Dense(units=10),
    ),
).named()


@pytest.fixture(scope="module")
def debugger() -> Debugger:
    images = np.random.default_rng(0).random((1, 1, 5, 5), dtype=np.float32)
    source = offer_of(images).source(PassChoice())
    made = Debugger(source.make())
    made.to(made.run.last)
    return made


def offer_of(images: np.ndarray) -> Offer:
    return Offer(DESIGN, Network(DESIGN).arrays, images, np.array([3]), "noise")


def pictures_of(debugger: Debugger) -> Pictures:
    images = np.zeros((1, 1, 5, 5), np.float32)
    return Pictures(debugger, StepScales(), offer_of(images).source(PassChoice()))


def hovering(debugger: Debugger, output: str, array: str) -> Iterator[tuple[tuple[int, ...], CellPicture]]:
    """Rest with the pointer on every cell of an array, at the step of an output whose last cell is chosen."""
    step = next(one for one in debugger.run.program.steps if one.output == output)
    debugger.to(step.index)
    debugger.select(step.output, tuple(n - 1 for n in step.shape))
    pictures = pictures_of(debugger)
    for index in np.ndindex(*debugger.run.program.arrays[array].shape):
        debugger.hovered = Cell(array, tuple(index))
        yield tuple(index), pictures.of_cell(debugger.scene())
    debugger.hovered = None


@pytest.mark.parametrize(
    ("output", "array"),
    [
        ("conv2.d_x_pad", "conv2.d_x_col"),
        ("conv2.d_x_col", "conv2.w_row"),
        ("conv2.d_x_col", "conv2.d_z_row"),
        ("conv2.wx_row", "conv2.x_col"),
        ("conv2.wx_row", "conv2.w_row"),
        ("conv2.z", "conv2.z_row"),
    ],
)
def test_that_the_cell_named_for_a_hovered_one_is_in_a_picture(debugger: Debugger, output: str, array: str) -> None:
    seen = 0
    for index, picture in hovering(debugger, output, array):
        for name, written in re.findall(r"For (\w+)(\[[\d, ]+\]):", picture.explanation):
            at = tuple(ast.literal_eval(written))
            shown = [one.pane for one in picture.panes if one.pane.array.rpartition(".")[2] == name]
            assert any(pane.view.holds(at) for pane in shown), f"{array}{list(index)}: {picture.explanation}"
            seen += 1
    assert seen


def test_that_the_filter_beside_a_hovered_gradient_is_the_one_that_adds_most(debugger: Debugger) -> None:
    run, filters = debugger.run, set()
    weight, gradient = run.array("conv2.w_row").astype(float), run.array("conv2.d_z_row").astype(float)
    for (row, column), picture in hovering(debugger, "conv2.d_x_col", "conv2.d_x_col"):
        most = int(np.abs(weight[:, row] * gradient[:, column]).argmax())
        folded = next(one.pane for one in picture.panes if one.pane.caption == "folded")
        assert folded.title.endswith(f"d_z_row[{most}]")
        assert folded.view.holds((most, column))
        filters.add(most)
    assert len(filters) > 1


def test_that_what_has_not_run_says_what_it_will_come_from(debugger: Debugger) -> None:
    fresh = Debugger(offer_of(np.zeros((1, 1, 5, 5), np.float32)).source(PassChoice()).make())
    assert fresh.step.output == "conv1.x_pad"
    way = pictures_of(fresh).of_way()
    assert way.first == "x_pad ← pad2d, from x, once it has run"
    assert not way.branches
