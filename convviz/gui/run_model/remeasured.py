"""Adds histograms of layers, which a recording lacks, to an opened run; they are measured while it is paused."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from convviz.files.cancel import Cancelled
from convviz.gui.run_model.background import Background
from convviz.gui.run_model.run import RunModel
from convviz.gui.widgets.posted import posted
from convviz.run.messages import Prepared
from convviz.run.opening import OpenData
from convviz.run.recording.remeasuring import chosen_steps, remeasured
from convviz.run.state import State
from convviz.training.layers_measured import LayersMeasured


class RemeasuredModel(QObject):
    """Measures some moments of a run in a thread and adds them to its history, until training begins.

    Parameters
    ----------
    run : RunModel

    Attributes
    ----------
    added : Signal()
        The history has another moment.
    """

    added = Signal()

    def __init__(self, run: RunModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._work = Background("convviz-remeasuring", self)
        self._measured = posted(self._add)
        run.prepared.connect(self._prepared)
        run.stateChanged.connect(self._state_changed)

    def close(self) -> None:
        """Stop measuring, because the window closes."""
        self._work.cancel()

    def _prepared(self, message: Prepared) -> None:
        self._work.cancel()
        recorded = None if message.origin is None else message.origin.recorded
        if recorded is None or recorded.missing or self._run.state is State.RUNNING:
            return
        steps_of, run = chosen_steps(recorded.parts, self._run.position.step), self._run.history.runs
        add, data = self._measured, OpenData(message.data_name, message.train, message.test, message.class_names)

        def work(cancelled: Cancelled) -> object:
            for path, steps in steps_of.items():
                for found in remeasured(path, steps, data, cancelled):
                    add(run, found)
            return None

        self._work.start(work)

    def _state_changed(self, state: State) -> None:
        if state is State.RUNNING:
            self._work.cancel()

    def _add(self, run: int, found: LayersMeasured) -> None:
        history = self._run.history
        if run == history.runs:
            history.layers.fill_in(found)
            self.added.emit()
