"""Scores of several images beside the one that is watched."""

from __future__ import annotations

import numpy as np

from convviz.core.lower import PROBABILITIES
from convviz.core.network import Network
from convviz.training.events import Position
from convviz.training.image_scores import ImageScorer
from convviz.training.snapshot import take_snapshot
from tests.support.session_hands import DESIGN, noise

TRAIN, TEST = noise(70)
SPLITS = {"training": TRAIN, "test": TEST, "drawings": None}


def test_that_they_are_those_of_a_snapshot_of_each_image() -> None:
    network = Network(DESIGN)
    places = (("training", 60), ("test", 2), ("drawings", 0), ("test", 500))
    found = ImageScorer(network).scores(3, places, SPLITS)
    assert found is not None
    assert found.places == places[:2], "what does not exist is left out"
    for (name, row), scores, image in zip(found.places, found.probabilities, found.images, strict=True):
        one = take_snapshot(network, SPLITS[name], name, row, Position(1, 3, 3, 1, 9))
        np.testing.assert_allclose(scores, one.logical(PROBABILITIES)[0], rtol=1e-5)
        np.testing.assert_array_equal(image, one.logical("x")[0])


def test_that_nothing_is_run_where_no_image_is_asked_for() -> None:
    assert ImageScorer(Network(DESIGN)).scores(0, (), SPLITS) is None
    assert ImageScorer(Network(DESIGN)).scores(0, (("test", 900),), SPLITS) is None


def test_that_scores_of_a_run_may_be_older_but_never_where_it_holds() -> None:
    network = Network(DESIGN)
    scorer = ImageScorer(network)
    places = (("test", 1),)
    first = scorer.scores(1, places, SPLITS, version=1)
    assert first is not None
    assert scorer.scores(2, places, SPLITS, version=2) is first, "it was asked within the least time"
    held = scorer.scores(2, places, SPLITS, version=2, must=True)
    assert held is not None
    assert held.step == 2
    assert scorer.scores(2, places, SPLITS, version=2, must=True) is held, "the same network answers the same"
    other = scorer.scores(2, (("test", 3),), SPLITS, version=2)
    assert other is not None
    assert other.places == (("test", 3),), "other images do not wait"
