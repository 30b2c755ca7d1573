"""What the window says while kernels are compiled."""

from __future__ import annotations

from convviz.gui.window.main_window import MainWindow
from convviz.run.messages import CompilingAhead, StateChanged
from convviz.run.state import State


def test_that_the_status_line_says_how_far_the_compiling_of_kernels_is(window: MainWindow) -> None:
    run, words = window.run, "compiling kernels, first time only: 5 of 18"
    assert "compiling" not in window.status.text()

    run.bridge.messagesArrived.emit([CompilingAhead(5, 18)])
    assert words in window.status.text()
    assert words not in run.facts()  # it is no matter of the run's yet

    before = run.state
    run.bridge.messagesArrived.emit([StateChanged(State.RUNNING)])
    assert run.facts() == (words, "5 of 18")

    run.bridge.messagesArrived.emit([StateChanged(before), CompilingAhead(0, 0)])
    assert "compiling" not in window.status.text()
