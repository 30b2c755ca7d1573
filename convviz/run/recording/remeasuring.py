"""Measures what is not recorded of a run's layers: their histograms, at some of its steps."""

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

__all__ = ["chosen_steps", "remeasured"]

MOST = 12
"""Most moments that are measured, evenly spread: about as many as are drawn. Each takes as long as a jump to it."""


def chosen_steps(parts: Sequence[RecordedPart], last: int) -> dict[Path, list[int]]:
    """Some steps of a run before its last one, evenly spread, grouped by the recording that has them."""
    first = parts[0].begin + 1 if parts else last
    steps = np.unique(np.linspace(first, last, MOST + 1).round().astype(int)).tolist()[:-1] if first < last else []
    found: dict[Path, list[int]] = {}
    for step in steps:
        path = next((one.path for one in reversed(parts) if one.begin < step), parts[0].path)
        found.setdefault(path, []).append(step)
    return found


def remeasured(
    path: Path, steps: Sequence[int], data: OpenData, cancelled: Cancelled | None = None
) -> Iterator[LayersMeasured]:
    """Measure the layers after some steps, as they were measured while the run trained.

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
                replayer.go_to(step - 1, cancelled=cancelled)
                before = main_parameters({name: array.copy() for name, array in replayer.arrays.items()})
                replayer.go_to(step, before=True, cancelled=cancelled)
                network = Network(replayer.design, precision=recording.head.precision, weights=dict(replayer.arrays))
                judged = judge_layers(ForwardPasses(network, keep=(PROBABILITIES,)), images)
                yield measured_layers(step, network.arrays, judged, step, replayer.gradients(), before)
