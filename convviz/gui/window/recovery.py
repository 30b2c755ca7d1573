"""After a run became infinite: back to where it was good, with a smaller learning rate, or from the start."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace
from PySide6.QtCore import QObject

from convviz.gui.files.model_files import ModelFiles
from convviz.gui.run_model.run import RunModel
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.present.recovery import SLOWER, LastGood, last_good, sentence
from convviz.present.words import count
from convviz.run.commands import Branch, Train
from convviz.run.messages import Failed, Prepared


class Recovery(QObject):
    """Offers alternatives to Resume, which would fail again.

    Parameters
    ----------
    run : RunModel
    models : ModelFiles
        Knows where data sets lie.
    message : InlineMessage
    """

    def __init__(self, run: RunModel, models: ModelFiles, message: InlineMessage) -> None:
        super().__init__(run)
        self._run, self._models, self._message = run, models, message
        self._back_to: LastGood | None = None
        """The moment to which the run is going back."""
        run.failed.connect(self._failed)
        run.prepared.connect(self._prepared)

    def _failed(self, message: Failed) -> None:
        self._back_to = None
        if not message.diverged:
            return
        good = last_good(self._run.history)
        ways: dict[str, Callable[[], object]] = {}
        if good is not None and self._run.recording is not None:
            ways[f"Back to step {count(good.step)}, rate {self._slower:g}"] = partial(self._go_back, good)
        ways["Train anew"] = partial(self._run.bridge.send, Train())
        self._message.say(sentence(message.reason, good, message.step), "error", ways)

    def _prepared(self, message: Prepared) -> None:
        good, self._back_to = self._back_to, None
        if good is not None and message.origin is not None:
            rate = message.design.training.optimiser.lr
            says = f"Back at step {count(good.step)}, with learning rate {rate:g}: Resume goes on from here."
            self._message.say(says, "info")

    @property
    def _slower(self) -> float:
        return self._run.design.training.optimiser.lr / SLOWER

    def _go_back(self, good: LastGood) -> None:
        run = self._run
        if run.recording is None:
            return
        self._message.say("")
        self._back_to = good
        training = run.design.training
        slower = replace(training, optimiser=replace(training.optimiser, lr=self._slower))
        known = tuple(self._models.known_data.paths())
        design = replace(run.design, training=slower)
        run.bridge.send(Branch(run.recording, good.step, design, run.source, known))
