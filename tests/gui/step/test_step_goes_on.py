"""Where the cursor is when another pass comes: at the same cell, of the image that belongs to the new pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from step_hands import course, go

from convviz.core.network import Network
from convviz.gui.theme import Theme
from convviz.gui.workspaces.step.cursor import Cell
from convviz.gui.workspaces.step.offer import Offer, PassChoice
from convviz.gui.workspaces.step.page import StepPage
from convviz.storage.presets import preset
from convviz.training.events import Position
from convviz.training.images import Split
from convviz.training.minibatch import Minibatch
from convviz.training.pass_source import PassKind

DESIGN = preset("course-7x7").named()
COLUMNS = 576
"""Windows of an image."""


@pytest.fixture(scope="module")
def train() -> Split:
    images = np.random.default_rng(0).random((12, 1, 28, 28), dtype=np.float32) ** 3
    return Split(images, np.arange(12) % 10)


def offered(train: Split, step: int, *rows: int) -> Offer:
    """The offer of a run after a step whose minibatch had these images."""
    at, arrays = Position(1, step, step, 1, 100), Network(DESIGN).arrays
    last = Minibatch(DESIGN, np.array(rows), at, arrays)
    test = Split(train.images[::-1], train.labels[::-1])
    return Offer(DESIGN, arrays, test.images, test.labels, "test", at, last=last, train=train)


@pytest.fixture
def stepped(workspace: StepPage, train: Split) -> Iterator[StepPage]:
    """The minibatch of images 3, 5 and 7, at its windows."""
    workspace.set_offer(offered(train, 1, 3, 5, 7), PassChoice(PassKind.LAST))
    go(workspace, "conv1.x_col")
    return workspace


def another(qtbot: QtBot, step: StepPage, offer: Offer) -> None:
    """Have the same kind of pass of another offer, and wait until the cursor is where it was."""
    output, before = step.debugger.step.output, step.run
    step.set_offer(offer)
    qtbot.waitUntil(lambda: step.run is not before and step.debugger.step.output == output and step.is_idle())


def test_that_the_next_minibatch_is_looked_at_in_the_same_cell(qtbot: QtBot, stepped: StepPage, train: Split) -> None:
    stepped.pick_cell("conv1.x_col", (0, 3))
    another(qtbot, stepped, offered(train, 2, 1, 2, 4))
    assert stepped.debugger.cell() == Cell("conv1.x_col", (0, 3))
    assert stepped.debugger.pinned == stepped.debugger.cell()


@pytest.mark.parametrize("at_once", [1.0, 0.0])
def test_that_a_chosen_cell_of_what_the_step_reads_is_kept_too(
    qtbot: QtBot, stepped: StepPage, train: Split, monkeypatch: pytest.MonkeyPatch, at_once: float
) -> None:
    """Whether the pass gets there at once or in turns."""
    monkeypatch.setattr("convviz.gui.workspaces.step.arrival.AT_ONCE", at_once)
    stepped.pick_cell("conv1.x_pad", (0, 0, 9, 11))
    another(qtbot, stepped, offered(train, 2, 1, 2, 4))
    assert stepped.debugger.cell() == Cell("conv1.x_pad", (0, 0, 9, 11))


def test_that_a_cell_of_another_image_moves_to_the_first_image_of_the_next_minibatch(
    qtbot: QtBot, stepped: StepPage, train: Split
) -> None:
    stepped.pick_cell("conv1.x_col", (24, 2 * COLUMNS + 275))
    assert stepped.debugger.selection.sample == 2
    another(qtbot, stepped, offered(train, 2, 1, 2, 4))
    assert stepped.debugger.selection.sample == 0
    assert stepped.debugger.cell() == Cell("conv1.x_col", (24, 275))


def test_that_the_same_training_image_stays_chosen_wherever_it_is_in_the_next_minibatch(
    qtbot: QtBot, stepped: StepPage, train: Split
) -> None:
    stepped.pick_cell("conv1.x_col", (24, 2 * COLUMNS + 275))
    another(qtbot, stepped, offered(train, 2, 1, 7, 4))
    assert stepped.debugger.selection.sample == 1
    assert stepped.debugger.cell() == Cell("conv1.x_col", (24, COLUMNS + 275))


def test_that_a_test_image_chooses_no_training_image_of_the_same_number(
    workspace: StepPage, theme: Theme, train: Split
) -> None:
    workspace.set_offer(offered(train, 1, 3, 5, 7), PassChoice(PassKind.LAST, image=7))
    assert workspace.source.rows == (3, 5, 7)
    assert workspace.debugger.selection.sample == 0


def test_that_the_next_image_is_looked_at_in_the_same_cell(qtbot: QtBot, workspace: StepPage) -> None:
    course(workspace)
    go(workspace, "conv1.x_col")
    workspace.pick_cell("conv1.x_col", (0, 3))
    workspace.views.chooser.spins["sample"].setValue(2)
    qtbot.waitUntil(lambda: workspace.source.rows == (2,) and workspace.is_idle())
    assert workspace.debugger.cell() == Cell("conv1.x_col", (0, 3))


def test_that_a_weight_is_not_taken_for_the_score_of_the_label(qtbot: QtBot, stepped: StepPage, train: Split) -> None:
    go(stepped, "dense1.xw")
    label = int(train.labels[3])
    stepped.pick_cell("dense1.weight", (100, label))
    another(qtbot, stepped, offered(train, 2, 1, 2, 4))
    assert stepped.debugger.cell() == Cell("dense1.weight", (100, label))
    stepped.pick_cell("dense1.xw", (0, int(train.labels[1])))
    another(qtbot, stepped, offered(train, 3, 8, 9, 10))
    assert stepped.debugger.cell() == Cell("dense1.xw", (0, int(train.labels[8])))


def test_that_a_place_that_was_not_chosen_begins_anew_with_each_image(workspace: StepPage) -> None:
    course(workspace)
    offer = workspace.choice
    go(workspace, "conv1.x_col")
    fresh = []
    for image in (0, 1):
        workspace.choose_image(image)
        fresh.append(workspace.debugger.cursor.place.cells)
        assert not workspace.debugger.place.chosen
    assert replace(offer, image=1) == workspace.choice
    assert fresh[0] != fresh[1]


def test_that_the_numbers_of_the_filter_are_readable_in_a_small_window(qtbot: QtBot, workspace: StepPage) -> None:
    course(workspace)
    workspace.resize(1100, 566)  # of a window of 1100×700 with a run's timeline
    go(workspace, "conv1.wx_row")
    qtbot.waitUntil(workspace.is_idle)
    card = next(card for card in workspace.views.panes.cards if card.title.text().startswith("weight["))
    qtbot.waitUntil(lambda: card.caption.shown_text().startswith("×10⁻"))  # of the numbers in the cells
    assert min(other.height() for other in workspace.views.panes.cards) >= 130
