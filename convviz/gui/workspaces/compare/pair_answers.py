"""What the two networks of a moment answer to the test images."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from convviz.core.arrays import Array
from convviz.core.errors import ConvvizError
from convviz.files.cancel import Cancelled
from convviz.gui.workspaces.compare.pair_moments import PairMoment
from convviz.probe.mistakes import measure_mistakes
from convviz.probe.progress import ProbeCancelledError
from convviz.run.opening import OpenData
from convviz.run.recording.opening import recorded_data
from convviz.storage.recording.read import Recording
from convviz.training.images import Split

__all__ = ["Answers", "answers_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """The answers of two networks to the test images.

    Parameters
    ----------
    moment : PairMoment
        The networks that answered.
    images : Split
        The test images.
    names : tuple of str
        Of the classes.
    only_a, only_b : ndarray of int
        Rows of the images that only A, or only B, gets right.
    answers : ndarray (2, N)
    both, neither : int
    problem : str
    """

    moment: PairMoment
    images: Split | None = None
    names: tuple[str, ...] = ()
    only_a: Array = field(default_factory=lambda: np.empty(0, np.int64))
    only_b: Array = field(default_factory=lambda: np.empty(0, np.int64))
    answers: Array = field(default_factory=lambda: np.empty((2, 0), np.int64))
    both: int = 0
    neither: int = 0
    problem: str = ""

    @property
    def titles(self) -> tuple[str, ...]:
        """Which networks answered, the longest first: ``Test images after step 18``."""
        (a, b), there = self.moment.step, self.images is not None
        if not there:
            return ("Test images",)
        if a == b:
            return f"Test images after step {a:,}", f"after step {a:,}"
        both = f"A at step {a:,}, B at {b:,}"
        return f"Test images after step {a:,} in A and {b:,} in B", f"Test images: {both}", both


def answers_of(
    moment: PairMoment,
    current: OpenData | None,
    known: tuple[Path, ...],
    before: Answers | None,
    cancelled: Cancelled,
) -> Answers | None:
    """What the two networks of a moment answer to the test images that A was tested on; None if it is cancelled.

    Parameters
    ----------
    moment : PairMoment
    current : OpenData or None
        The data set that is open: it is tried first.
    known : tuple of Path
        Data files that may be A's.
    before : Answers or None
        Answers to the images of the same run, which are not read again.
    cancelled : callable
    """
    try:
        images, names = (None, ()) if before is None else (before.images, before.names)
        if images is None:
            with Recording(moment.a) as run:
                data, missing = recorded_data(run, current, known, cancelled)
                if data is None:
                    return Answers(moment, problem=missing)
                images = data.test.first(run.head.data.test_images)
                names = data.names_for(run.last_design.classes)
        found = [
            measure_mistakes(network, images, progress=lambda done, total: not cancelled(), threads=1)
            for network in moment.networks()
        ]
    except ProbeCancelledError:
        return None
    except ConvvizError as error:
        return Answers(moment, problem=str(error))
    right = [one.answers == images.labels for one in found]
    return Answers(
        moment,
        images,
        names,
        np.flatnonzero(right[0] & ~right[1]),
        np.flatnonzero(right[1] & ~right[0]),
        np.array([one.answers for one in found]),
        int((right[0] & right[1]).sum()),
        int((~right[0] & ~right[1]).sum()),
    )
