"""A recording stays within its bound, however long the run is, and no jump in it is long."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from convviz.run.recording.recorder import Bounds
from convviz.storage.recording.thinning import RECENT, Thinning
from tests.support.long_recording import MINIBATCHES, record_long

BOUND = 200_000_000
"""Bytes of a recording of a network of the course's size."""


def test_that_ten_epochs_of_the_courses_network_stay_within_the_bound(tmp_path: Path) -> None:
    found = record_long(tmp_path / "run.cvz", 10, scale=128)
    assert found.points > 100
    assert found.largest < BOUND


def test_that_a_thousand_epochs_stay_within_the_bound(tmp_path: Path) -> None:
    # Key points have their bound, and pictures of filters theirs; what grows are the curves of every minibatch.
    short, long = (record_long(tmp_path / f"{epochs}.cvz", epochs, scale=512, fine=512) for epochs in (20, 40))
    assert long.rest - short.rest < 2 * (long.curves - short.curves) + 100_000
    assert long.rest + 2 * 960 / 40 * long.curves + Bounds().key_bytes < BOUND


@pytest.mark.parametrize("most", [48, 228])
def test_that_key_points_of_a_thousand_epochs_are_few_and_even(most: int) -> None:
    thinning, kept = Thinning(256, most), [0]
    steps = 1000 * MINIBATCHES
    for step in range(256, steps + 1, 256):
        kept.append(step)
        gone = set(thinning.dropped(kept, essential=(0,)))
        kept = [one for one in kept if one not in gone]
        assert len(kept) <= most + 2
    gaps = [after - before for before, after in itertools.pairwise(kept)]
    even = most - most // RECENT
    assert max(gaps) <= 2 * steps / even + 256
    assert min(gaps[-2:]) == 256, "the newest stay close together"
