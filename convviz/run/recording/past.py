"""The past of a run, for a window: it asks for moments, and a separate thread answers.

The run itself may go on meanwhile: the past has its own trainer and its own network.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.core.lower import PROBABILITIES
from convviz.core.network import Network
from convviz.data.errors import LoadCancelledError
from convviz.run.recording.key_points import KeyPointsOnly, Moments
from convviz.run.recording.reopening import main_parameters
from convviz.run.recording.replay import Agreement, Replayer
from convviz.run.recording.stepped import SteppedDifference, stepped_difference
from convviz.run.recording.waiting import await_step
from convviz.storage.recording.read import Recording
from convviz.training.events import MinibatchDone, Position
from convviz.training.image_scores import ImagePlace, score_images
from convviz.training.images import Split
from convviz.training.layer_measures import (
    ForwardPasses,
    LayerMeasures,
    judged_arrays,
    judged_images,
    main_parameter,
)
from convviz.training.layer_meter import JudgedPass, judge_layers, measured_layers
from convviz.training.layers_measured import LayersMeasured
from convviz.training.pass_source import PassKind, PassSource
from convviz.training.snapshot import Snapshot, take_snapshot

__all__ = ["Past", "PastAnswer", "PastCompared", "PastFailed", "PastMoment", "PastPass"]

BEHIND = 16
"""How many steps before a moment are remembered on the way to it, in case the user steps back."""
MOST_MEASURED = 256
MOST_BYTES = 128 << 20
"""Most bytes of all remembered moments together."""


@dataclass(frozen=True, slots=True)
class PastMoment:
    """The answer to :meth:`Past.ask`.

    Parameters
    ----------
    step : int
    snapshot : Snapshot
        Of the same kind as those of the live run.
    agreement : Agreement
        How the replay compares with what was recorded.
    """

    step: int
    snapshot: Snapshot
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class PastPass:
    """The answer to :meth:`Past.ask_pass`.

    Parameters
    ----------
    step : int
        The minibatch led to it.
    source : PassSource
    agreement : Agreement
        How the replay compares with what was recorded.
    first : int
        Row of the training image to step first: the one with the largest loss, unless another was asked for.
    is_worst : bool
        Whether it is the one with the largest loss, and not one that was asked for.
    """

    step: int
    source: PassSource
    agreement: Agreement
    first: int
    is_worst: bool = True


@dataclass(frozen=True, slots=True)
class PastFailed:
    """A moment can't be shown; says why."""

    step: int
    reason: str


@dataclass(frozen=True, slots=True)
class PastCompared:
    """Follows a :class:`PastPass`, unless another question came: how much stepping differs from training."""

    step: int
    difference: SteppedDifference


PastAnswer = PastMoment | PastPass | PastCompared | PastFailed


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the window asks for; ``split`` is empty for a pass. ``drawn`` are the images of the split ``drawings``."""

    step: int
    split: str = ""
    sample: int = 0
    layer: str = ""
    drawn: Split | None = None
    others: tuple[ImagePlace, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class KeptMoment:
    """A remembered moment; ``before`` has the main parameters before its update, if they are known."""

    design: Design
    arrays: Mapping[str, Array]
    before: Mapping[str, Array]
    gradients: Mapping[str, Array]
    position: Position
    agreement: Agreement

    @property
    def nbytes(self) -> int:
        return sum(one.nbytes for one in (*self.arrays.values(), *self.gradients.values()))


class Past:
    """Answers for the moments of a recording.

    Only the newest question counts: an unanswered one is dropped for the next, so that a cursor may be dragged over the
    whole run.

    Parameters
    ----------
    recording : Recording
        May still be written; it is not closed by :meth:`close`.
    train, test : Split
        The images that the run was trained on.
    answer : callable
        Takes a :class:`PastAnswer`, in the thread of the past.
    threads : int
        Threads of its trainer.
    class_names : tuple of str
    missing : str
        Why the run can't be replayed: then ``train`` and ``test`` are images of another data set, and only key points
        can be shown.
    judges : bool
        Whether there are images to judge units on.
    """

    def __init__(
        self,
        recording: Recording,
        train: Split,
        test: Split,
        answer: Callable[[PastAnswer], object],
        *,
        threads: int = 2,
        class_names: tuple[str, ...] = (),
        missing: str = "",
        judges: bool = True,
    ) -> None:
        self._recording = recording
        self._splits = {"training": train, "test": test}
        self._answer = answer
        self._threads = threads
        self._names = class_names
        self._missing, self._judges = missing, judges
        self._asked = threading.Condition()
        self._wanted: Wanted | None = None
        self._closing = False
        self._kept: OrderedDict[int, KeptMoment] = OrderedDict()
        self._measured: OrderedDict[int, LayersMeasured] = OrderedDict()
        self._scratch: tuple[Network, ForwardPasses] | None = None
        self._starts: Mapping[str, Array] | None = None
        self._thread = threading.Thread(target=self._run, name="convviz-past", daemon=True)
        self._thread.start()

    # --- called from any thread ------------------------------------------------------------------------------------

    def ask(
        self,
        step: int,
        split: str = "test",
        sample: int = 0,
        layer: str = "",
        drawn: Split | None = None,
        others: tuple[ImagePlace, ...] = (),
    ) -> None:
        """Ask for the network after ``step`` minibatches, on one image, and the last change of one layer.

        ``drawn`` are the images of the split ``drawings``; of ``others`` only the answers are wanted.
        """
        self._want(Wanted(step, split, sample, layer, drawn, others))

    def ask_pass(self, step: int) -> None:
        """Ask for the pass of the minibatch that led to ``step``, from 1, to step through it."""
        self._want(Wanted(step))

    def cancel(self) -> None:
        """Drop the question that is open."""
        self._want(None)

    def close(self) -> None:
        """End the thread."""
        with self._asked:
            self._closing, self._wanted = True, None
            self._asked.notify_all()
        self._thread.join()

    def _want(self, wanted: Wanted | None) -> None:
        with self._asked:
            self._wanted = wanted
            self._asked.notify_all()

    # --- the thread ------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        with self._opened() as replayer:
            while True:
                with self._asked:
                    self._asked.wait_for(lambda: self._closing or self._wanted is not None)
                    if self._closing:
                        return
                    wanted = self._wanted
                assert wanted is not None
                answer = self._answer_to(wanted, replayer)
                with self._asked:
                    is_current = self._wanted is wanted
                    if is_current:
                        self._wanted = None
                if answer is not None and is_current:
                    self._answer(answer)
                    if isinstance(answer, PastPass):
                        self._compare(answer)

    def _compare(self, answer: PastPass) -> None:
        """Report how much stepping differs from training, unless another question comes before that is known."""
        with contextlib.suppress(ConvvizError, ValueError, MemoryError):  # nothing depends on the answer
            found = stepped_difference(answer.source, lambda: self._wanted is not None or self._closing)
            if found is not None:
                self._answer(PastCompared(answer.step, found))

    def _opened(self) -> Replayer | KeyPointsOnly:
        if self._missing:
            return KeyPointsOnly(self._recording, self._missing)
        return Replayer(self._recording, self._splits["training"], self._splits["test"], threads=self._threads)

    def _answer_to(self, wanted: Wanted, replayer: Replayer | KeyPointsOnly) -> PastAnswer | None:
        """The answer; None if it is no longer wanted."""
        try:
            return self._moment(wanted, replayer) if wanted.split else self._pass(wanted, replayer)
        except LoadCancelledError:
            return None
        except (ConvvizError, ValueError, OSError, MemoryError, sqlite3.Error) as error:
            return PastFailed(wanted.step, str(error) or "there is not enough memory for this moment")

    def _moment(self, wanted: Wanted, replayer: Moments) -> PastMoment:
        step = wanted.step
        if step not in self._kept:
            self._await(wanted)
            self._go(wanted, replayer)
        kept = self._kept[step]
        network, passes = self._network(kept)
        layers = self._layers(step, kept, passes)
        splits = {**self._splits, "drawings": wanted.drawn}
        split = splits[wanted.split] or self._splits["test"]
        snapshot = take_snapshot(network, split, wanted.split, wanted.sample, kept.position, dict(kept.gradients))
        scores = score_images(passes, step, wanted.others, splits)
        changes, starts = change_of(wanted.layer, kept), self._at_start()
        snapshot = replace(snapshot, layers=layers, changes=changes, starts=starts, scores=scores)
        if step >= self._recording.last_step and not self._missing:
            # The user may still edit the weights of the newest moment.
            self._kept.pop(step)
            self._measured.pop(step)
        else:
            self._kept.move_to_end(step)
        return PastMoment(step, snapshot, kept.agreement)

    def _go(self, wanted: Wanted, replayer: Moments) -> None:
        """Replay to a step, and remember it and a few before it."""
        step = wanted.step

        def passed(done: MinibatchDone) -> None:
            if done.position.step > step - BEHIND:
                self._keep(replayer)

        if not self._missing and step - 1 not in self._kept and step > self._recording.head.begin:
            replayer.go_to(step - 1, before=True, cancelled=lambda: self._wanted is not wanted, passed=passed)
            self._keep(replayer)
        replayer.go_to(step, before=True, cancelled=lambda: self._wanted is not wanted, passed=passed)
        self._keep(replayer)

    def _layers(self, step: int, kept: KeptMoment, passes: ForwardPasses) -> LayersMeasured:
        """Measures of a moment, whose arrays are in the network of the passes."""
        if step not in self._measured:
            judged = JudgedPass(tuple(map(LayerMeasures, judged_arrays(passes.program))))
            if self._judges:
                judged = judge_layers(passes, judged_images(self._splits["training"], self._splits["test"]))
            self._measured[step] = measured_layers(step, kept.arrays, judged, step, kept.gradients, kept.before)
            if len(self._measured) > MOST_MEASURED:
                self._measured.popitem(last=False)
        return self._measured[step]

    def _at_start(self) -> Mapping[str, Array]:
        """Main parameters when the run began; empty if recording began later."""
        if self._starts is None:
            self._starts = {}
            if self._recording.head.begin == 0:
                first = self._recording.key_points()[0]
                self._starts = main_parameters(self._recording.state(first).arrays)
        return self._starts

    def _await(self, wanted: Wanted) -> None:
        """Wait for a step of a run in training that is not in the file yet."""
        await_step(self._recording, wanted.step, lambda: self._wanted is wanted)

    def _pass(self, wanted: Wanted, replayer: Replayer | KeyPointsOnly) -> PastPass:
        self._await(wanted)
        minibatch = replayer.minibatch(wanted.step, cancelled=lambda: self._wanted is not wanted)
        assert isinstance(replayer, Replayer)  # nothing else makes minibatches
        trainer = replayer.trainer
        source = PassSource.of_minibatch(PassKind.PAST, minibatch, trainer.train, self._names)
        # The plan still has the probabilities of the pass that was replayed last: that of this minibatch.
        known = trainer.plan(len(source.rows), train=True)[PROBABILITIES]
        own = np.nan_to_num(known[np.arange(len(known)), source.labels], nan=-1.0)
        return PastPass(wanted.step, source, replace(replayer.agreement), source.rows[int(own.argmin())])

    def _keep(self, replayer: Moments) -> None:
        """Remember the replayer's moment."""
        step, arrays = replayer.step, {name: array.copy() for name, array in replayer.arrays.items()}
        gradients, earlier = replayer.gradients(), self._kept.get(step - 1)
        before = main_parameters(earlier.arrays) if earlier is not None and gradients else {}
        self._kept[step] = KeptMoment(replayer.design, arrays, before, gradients, replayer.position, replayer.agreement)
        self._measured.pop(step, None)
        self._kept.move_to_end(step)
        total = sum(one.nbytes for one in self._kept.values())
        while total > MOST_BYTES and len(self._kept) > 2:
            total -= self._kept.popitem(last=False)[1].nbytes

    def _network(self, kept: KeptMoment) -> tuple[Network, ForwardPasses]:
        """A network with the arrays of a moment, and its passes."""
        if self._scratch is None or self._scratch[0].design != kept.design:
            network = Network(kept.design, precision=next(iter(kept.arrays.values())).dtype)
            self._scratch = network, ForwardPasses(network, keep=(PROBABILITIES,))
        for name, array in kept.arrays.items():
            self._scratch[0].set_weight(name, array)
        return self._scratch


def change_of(layer: str, kept: KeptMoment) -> dict[str, Array]:
    """The last change of a layer's main parameter; empty if it is not known."""
    name = main_parameter(layer, kept.arrays)
    if not name or name not in kept.before:
        return {}
    change: Array = kept.arrays[name] - kept.before[name]
    change.setflags(write=False)
    return {name: change}
