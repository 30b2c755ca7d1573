"""The layers of a run as the window sees them: measures, the last change of one layer, weights at the start."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from convviz.core.arrays import Array
from convviz.run.messages import WorstImages
from convviz.run.opening import RecordedEnd
from convviz.run.recording.measuring import SharedMeasures
from convviz.training.layer_measures import main_parameter
from convviz.training.layer_meter import LayerMeter, MeasuringWish
from convviz.training.layers_measured import LayersMeasured
from convviz.training.trainer import Trainer

MOST_WORST = 64
"""Number of images that are listed after an epoch."""
LARGE = 1 << 17
"""Larger weights, in cells, are copied only for steps that must be measured: copying takes noticeable time."""


SLOW = 0.02
"""For minibatches longer than this, in seconds, the copy is made in any case: it takes no noticeable time then."""


class RunLayers:
    """Follows a trainer's layers.

    Parameters
    ----------
    trainer : Trainer
    end : RecordedEnd, optional
        What is known of the last minibatch of a run that was opened.
    has_images : bool
        Whether there are images to judge units on.

    Attributes
    ----------
    starts : mapping of str to ndarray
        Main parameters at the start, read-only; empty for a run that began elsewhere.
    shared : SharedMeasures or None
        What was measured after the last minibatch, for a recording.
    """

    def __init__(self, trainer: Trainer, end: RecordedEnd | None = None, *, has_images: bool = True) -> None:
        self._trainer = trainer
        self._meter = LayerMeter(trainer)
        self._news: list[LayersMeasured | WorstImages] = []
        self._last: LayersMeasured | None = None
        self._watched = self._name = ""
        self._copied: Array | None = None
        """The watched weight before the minibatch that is trained now."""
        self._before: Array | None = None
        """The same before the last minibatch."""
        self._change: Array | None = None
        self._seconds = math.inf
        """How long the last minibatch took; infinite before the first."""
        self.shared: SharedMeasures | None = None
        self._ended: Mapping[str, Array] = {}
        """Arrays before the last minibatch of a run that was opened, until another one is trained."""
        arrays, names = trainer.network.arrays, self._meter.names
        self.starts: Mapping[str, Array] = (
            {} if trainer.position.step else {name: arrays[name].copy() for name in names}
        )
        if end is not None:
            self.starts = end.starts
            self._ended = {} if end.last is None else end.last.arrays
            step = (end.position or trainer.position).step
            self._add(self._meter.at(step, self._ended, end.gradients, judges=has_images))
        for array in self.starts.values():
            array.setflags(write=False)

    def watch(self, layer: str) -> None:
        """Set the layer whose last change is wanted."""
        if layer != self._watched:
            self._watched = layer
            self._name = main_parameter(layer, self._trainer.network.arrays)
            self._copied = self._before = self._change = None

    def before(
        self,
        *,
        must: bool,
        judges: bool = True,
        wanted: bool = False,
        wish: MeasuringWish | None = None,
        seen: bool = True,
    ) -> None:
        """Called before a minibatch is trained.

        Parameters
        ----------
        must : bool
            The run holds after it, or may hold, so everything is measured.
        judges : bool
            Everything includes units; without this they are judged once the run holds.
        wanted : bool
            A picture is wanted of the moment after it.
        wish : MeasuringWish, optional
            What a recording of the run wants measured.
        seen : bool
            The run may be on the screen.
        """
        self._meter.before(must=must, judges=judges, wish=wish, seen=seen)
        self.shared = None
        self._copied = None
        if self._name:
            weight = self._trainer.network.arrays[self._name]
            is_cheap = weight.size <= LARGE and (wanted or (seen and self._seconds > SLOW))
            if must or is_cheap:
                self._copied = weight.copy()

    def after(self, seconds: float) -> None:
        """Called after a minibatch, with its seconds."""
        found = self._meter.after(seconds)
        if found is not None:
            self._add(found)
            self.shared = SharedMeasures(found, self._meter.costs)
        self._before, self._change, self._seconds = self._copied, None, seconds
        self._ended = {}

    @property
    def awaits_change(self) -> bool:
        """Whether a picture should wait for the next minibatch, because only then the last change will be known."""
        if not self._name or self._before is not None or self._seconds > SLOW:
            return False
        return self._trainer.trains_next and self._trainer.network.arrays[self._name].size <= LARGE

    def epoch_ended(self) -> None:
        """Called after an evaluation."""
        losses = self._trainer.image_losses.get("test")
        if losses is None or not len(losses):
            return
        rows = np.argsort(-losses, kind="stable")[:MOST_WORST]
        step = self._trainer.position.step
        self._news.append(WorstImages(step, tuple(rows.tolist()), tuple(losses[rows].tolist())))

    def weights_changed(self) -> None:
        """Called after weights were edited."""
        self._copied = self._before = self._change = None
        self._last, self._ended = None, {}

    def newest(self) -> LayersMeasured:
        """The newest measurement; made now if there is none yet."""
        found = self._last
        if found is None:
            found = self._meter.now()
            self._add(found)
        return found

    def changes(self, layer: str) -> dict[str, Array]:
        """The last change of a layer's main parameter; empty if it is not known."""
        self.watch(layer)
        before = self._before if self._before is not None else self._ended.get(self._name)
        if self._change is None and before is not None:
            change = self._trainer.network.arrays[self._name] - before
            change.setflags(write=False)
            self._change = change
        return {} if self._change is None else {self._name: self._change}

    def news(self, *, holds: bool = False) -> Sequence[LayersMeasured | WorstImages]:
        """The measurement since the last call, if there is a new one.

        Where the run ``holds``, units of the last minibatch are judged if the rest was measured without them.
        """
        last = self._last
        if holds and last is not None and last.judged < last.step == self._trainer.position.step:
            self._add(self._meter.judged(last))
        if not self._news:
            return ()
        found, self._news = self._news, []
        return found

    def _add(self, found: LayersMeasured) -> None:
        self._last = found
        self._news.append(found)
