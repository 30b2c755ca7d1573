"""Step shows the design at hand, trained or not, and a pass as in testing."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from shared_window import step_into
from small_run import DESIGN, noise
from whole_window import BUILD, STEP, WholeWindow

from convviz.core.network import Network
from convviz.gui.workspaces.step.offer import Offer, PassChoice
from convviz.run.state import State
from convviz.training.make_pass import step_like
from convviz.training.minibatch import first_minibatch
from convviz.training.pass_source import PassKind
from convviz.training.trainer import Trainer


def stopped(qtbot, window: WholeWindow) -> None:
    """One minibatch is trained, and the run is stopped."""
    qtbot.keyClick(window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: window.run.position.step == 1 and window.run.state is State.PAUSED, timeout=10000)
    qtbot.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: window.run.state is State.IDLE, timeout=10000)


def test_that_the_toy_is_stepped_untrained_beside_a_stopped_run(qtbot, window: WholeWindow) -> None:
    stopped(qtbot, window)
    window.go_to(BUILD)
    window.build.editor.open_preset("toy-4x4")
    said = window.build.message
    assert said.text().startswith("toy-4x4 brings its own toy images: they take the place of noise once it is trained.")
    step_into(qtbot, window)
    choice = window.step.views.pass_choice
    qtbot.waitUntil(choice.networks.isVisible, timeout=5000)
    qtbot.mouseClick(choice.networks.button(1), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.step.run.program.arrays["x"].shape[-1] == 4, timeout=5000)
    assert "initial weights of the edited design" in window.status.text()
    window.step.run.run_to_end()
    [toy] = {name for name in window.step.run.program.parameters if name == "conv1.weight"}
    wanted = Network(window.edited.design).arrays[toy]
    np.testing.assert_array_equal(window.step.run.stored(toy), wanted)
    assert window.stack.made["Step"].edited_weights() == {}
    assert window.run.data_name == "noise"  # nothing of the run is gone
    qtbot.mouseClick(choice.networks.button(0), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.step.run.program.arrays["x"].shape[-1] == 10, timeout=5000)
    window.go_to(BUILD)
    [back] = said.action_buttons
    assert back.text() == "Give noise back"
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    assert not window.follower.waits
    window.go_to(STEP)
    qtbot.waitUntil(lambda: not choice.networks.isVisible(), timeout=5000)


def test_that_a_preset_says_whether_the_data_fit(qtbot, window: WholeWindow) -> None:
    window.go_to(BUILD)
    window.build.editor.open_preset("lenet-5")
    assert window.build.message.text().startswith(
        "lenet-5 is open, but can't be trained yet. The network takes 1×28×28"
    )
    window.build.undo_stack.undo()
    assert not window.build.message.isVisible()


def test_that_the_first_minibatch_of_an_untrained_network_is_the_trainers(qtbot) -> None:
    train, test = noise()
    network = Network(DESIGN)
    with Trainer(DESIGN, train, test, threads=1) as trainer:
        wanted = trainer.upcoming()
    found = first_minibatch(network, len(train))
    assert wanted is not None
    np.testing.assert_array_equal(found.rows, wanted.rows)
    assert found.position == wanted.position
    assert set(found.arrays) == set(wanted.arrays)
    for name, array in wanted.arrays.items():
        np.testing.assert_array_equal(found.arrays[name], array, err_msg=name)


def test_that_a_pass_as_in_testing_has_no_update_and_stays_at_its_step(qtbot, window: WholeWindow) -> None:
    step_into(qtbot, window)
    step = window.step
    step.choose_kind(PassKind.ONE)
    step.step_to(3)
    qtbot.waitUntil(step.is_idle)
    at = step.debugger.step.output
    box = step.views.pass_choice.testing
    qtbot.waitUntil(box.isVisible, timeout=10000)
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.rect().center() - box.rect().center() / 2)
    assert box.isChecked()
    assert step.source.as_testing
    assert step.debugger.step.output == at
    assert not step.run.program.updates
    assert "As in testing" in step.views.pass_choice.about.text()
    step.choose_kind(PassKind.NEXT)
    qtbot.waitUntil(lambda: not box.isVisible())
    assert step.run.program.updates  # a minibatch of the training is as in training
    step.choose_kind(PassKind.ONE)
    step.choose_testing(False)


def test_that_the_step_that_is_like_another_makes_the_same_or_comes_before() -> None:
    train, _ = noise()
    offer = Offer(DESIGN, Network(DESIGN).arrays, train.images, train.labels)
    learning = offer.source(PassChoice()).make().program
    testing = offer.source(PassChoice(as_testing=True)).make().program
    last = step_like(learning, len(learning.steps) - 1, testing)
    assert last < len(testing.steps)
    for one in testing.steps:
        assert step_like(testing, one.index, learning) == next(
            other.index for other in learning.steps if other.output == one.output
        )
