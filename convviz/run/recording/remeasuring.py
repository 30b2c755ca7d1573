"""Measures what is not recorded of a run's layers: their histograms, at some of its key points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from convviz.core.lower import PROBABILITIES
from convviz.core.network import Network
from convviz.files.cancel import Cancelled, go_on
from convviz.run.opening import OpenData
from convviz.run.recorded_run import RecordedPart
from convviz.run.recording.opening import open_recording
from convviz.run.recording.reopening import main_parameters
from convviz.run.recording.replay import Replayer
from convviz.training.layer_measures import ForwardPasses, judged_images
from convviz.training.layer_meter import judge_layers, measured_layers
from convviz.training.layers_measured import LayersMeasured

__all__ = ["chosen_points", "remeasured"]

MOST = 16
"""Moments that are measured, evenly spread: about as many as are drawn."""


def chosen_points(parts: Sequence[RecordedPart], last: int) -> dict[Path, list[int]]:
    """Some key points of a run before a step, evenly spread, by the file that has them."""
    points: list[tuple[int, Path]] = []
    for part, after in zip(parts, [*(one.begin for one in parts[1:]), last], strict=True):
        points += [(step, part.path) for step in part.key_points if step < after]
    chosen = np.unique(np.linspace(0, len(points) - 1, min(MOST, len(points))).round().astype(int)).tolist()
    found: dict[Path, list[int]] = {}
    for number in chosen:
        found.setdefault(points[number][1], []).append(points[number][0])
    return found


def remeasured(
    path: Path, steps: Sequence[int], data: OpenData, cancelled: Cancelled | None = None
) -> Iterator[LayersMeasured]:
    """Measure the layers one minibatch after key points: that far it is replayed, so gradients are there too.

    Without the data set there is nothing to measure.

    Raises
    ------
    ConvvizError
        The recording can't be read.
    LoadCancelledError
        ``cancelled`` said yes.
    """
    opened = open_recording(path, data, cancelled=cancelled)
    with opened.recording as recording:
        found = opened.data
        if found is None:
            return
        images = judged_images(found.train, found.test)
        with Replayer(recording, found.train, found.test, threads=1) as replayer:
            for step in steps:
                go_on(cancelled)
                replayer.go_to(step, cancelled=cancelled)
                before = {name: array.copy() for name, array in main_parameters(replayer.arrays).items()}
                replayer.go_to(step + 1, before=True, cancelled=cancelled)
                network = Network(replayer.design, precision=recording.head.precision, weights=dict(replayer.arrays))
                judged = judge_layers(ForwardPasses(network, keep=(PROBABILITIES,)), images)
                yield measured_layers(step + 1, network.arrays, judged, step + 1, replayer.gradients(), before)
