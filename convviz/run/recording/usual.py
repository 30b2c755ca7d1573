"""What is usual for a run: the gradients of its layers in the minibatches before a given one, which are replayed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from convviz.files.cancel import Cancelled
from convviz.run.recording.lineage import lineage
from convviz.run.recording.replay import Replayer
from convviz.storage.recording.read import Recording
from convviz.training.images import Split
from convviz.training.layer_measures import main_parameter, norm
from convviz.training.pass_done import PassDone

__all__ = ["Usual", "usual_updates"]


@dataclass(frozen=True, slots=True)
class Usual:
    """Means over the minibatches before a given one.

    Parameters
    ----------
    count : int
        Number of minibatches averaged.
    gradients : dict of str to float
        Layer → mean norm of the gradient of its main parameter.
    """

    count: int
    gradients: dict[str, float]


def usual_updates(
    recording: Recording,
    train: Split,
    test: Split,
    step: int,
    *,
    count: int = 50,
    threads: int = 2,
    known: Sequence[Path] = (),
    cancelled: Cancelled | None = None,
) -> Usual:
    """Gradients of the layers in the ``count`` minibatches before number ``step``; fewer at the beginning.

    Those of a branch are followed into the recordings of the runs that it branched from, as far as they are found.

    Parameters
    ----------
    recording : Recording
    train, test : Split
        The images that the run was trained on.
    step, count : int
    threads : int
        Of the trainers that replay.
    known : sequence of Path
        Recordings that may be of the runs that it branched from, beside those in the same folder.
    cancelled : callable, optional

    Raises
    ------
    RecordingError
        They are not in the recording.
    LoadCancelledError
    """
    norms: dict[str, list[float]] = defaultdict(list)
    begin, last = max(step - 1 - count, 0), step - 1
    if begin >= recording.head.begin:
        add_norms(norms, recording, train, test, begin, last, threads, cancelled)
        return usual_of(norms, last - begin)
    with lineage(recording, last, known) as generations:
        first = max(begin, generations[0].recording.head.begin)
        for one in generations:
            here = max(first, one.recording.head.begin)
            if here < one.until:
                add_norms(norms, one.recording, train, test, here, one.until, threads, cancelled)
    return usual_of(norms, last - first)


def add_norms(
    norms: dict[str, list[float]],
    recording: Recording,
    train: Split,
    test: Split,
    first: int,
    last: int,
    threads: int,
    cancelled: Cancelled | None,
) -> None:
    """Replay a recording from step ``first`` to ``last``, and add the norms of the gradients."""
    with Replayer(recording, train, test, threads=threads) as replayer:

        def looked(done: PassDone) -> None:
            gradients = done.gradients()
            for layer in replayer.trainer.design.layers:
                name = main_parameter(layer.name, gradients)
                if name:
                    norms[layer.name].append(norm(gradients[name]))

        replayer.go_to(first, cancelled=cancelled)
        replayer.looks = looked
        replayer.walk_to(last, cancelled=cancelled)


def usual_of(norms: dict[str, list[float]], count: int) -> Usual:
    """Their means."""
    return Usual(count, {layer: mean(values) for layer, values in norms.items()})


def mean(values: list[float]) -> float:
    """Mean of the finite numbers; NaN if there are none."""
    finite = [value for value in values if math.isfinite(value)]
    return math.fsum(finite) / len(finite) if finite else math.nan
