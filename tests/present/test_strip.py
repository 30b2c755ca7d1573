"""The strip of watched images: which they are, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convviz.core.network import Network
from convviz.present.history import EPOCH_NUMBERS, History
from convviz.present.watch.look import Look
from convviz.present.watch.strip import EMPTY, LATER, strip_picture, strip_places
from convviz.present.watch.strip_choice import MOST, StripChoice, StripKind
from convviz.present.watched import Watched
from convviz.training.events import Position
from convviz.training.image_scores import ImageScores
from convviz.training.images import Split
from convviz.training.snapshot import Snapshot, take_snapshot
from tests.support.session_hands import DESIGN

COUNTS = {"test": 9, "training": 100}
AT = Position(1, 2, 2, 3, 4)


def moment(scores: ImageScores | None) -> Snapshot:
    images = np.random.default_rng(0).random((4, 1, 8, 8), np.float32)
    taken = take_snapshot(Network(DESIGN), Split(images, np.arange(4)), "test", 1, AT)
    return replace(taken, scores=scores)


def test_that_the_worst_come_in_their_order_and_those_that_do_not_exist_are_left_out() -> None:
    assert StripChoice().places((7, 2, 40, 0), "training", COUNTS) == (("test", 7), ("test", 2), ("test", 0))
    assert len(StripChoice().places(range(50), "test", {"test": 50})) == MOST


def test_that_random_images_stay_until_others_are_drawn() -> None:
    choice = StripChoice(StripKind.RANDOM)
    first = choice.places((), "training", COUNTS)
    assert first == choice.places((), "training", COUNTS)
    assert len({*first}) == MOST
    assert choice.again().places((), "training", COUNTS) != first
    assert {split for split, _ in first} == {"training"}


def test_that_the_oldest_chosen_image_gives_way() -> None:
    choice = StripChoice()
    for row in range(MOST + 2):
        choice = choice.with_place(("training", row))
    assert choice.kind is StripKind.CHOSEN
    assert choice.chosen[0] == ("training", 2)
    assert choice.with_place(("training", 5)) == choice, "an image is there once"
    assert ("training", 5) not in choice.without(("training", 5)).chosen


def test_that_a_tile_says_label_answer_and_both_probabilities() -> None:
    probabilities = np.full((2, 10), 0.05)
    probabilities[0, 4], probabilities[1, 9] = 0.55, 0.55
    images = np.zeros((2, 1, 8, 8), np.float32)
    scores = ImageScores(2, (("test", 3), ("test", 1)), images, np.array([4, 4]), probabilities)
    history = History()
    history.worst = (3, 1)
    look = Look(moment(scores), history, watched=Watched(sample=1), images=COUNTS)
    right, wrong = strip_picture(look).tiles
    assert right.is_right
    assert right.says == "test image 3, label 4: right, with probability 0.550"
    assert wrong.says == "test image 1, label 4: taken for 9 (0.550), 4 has 0.050"
    assert strip_picture(look).note == "worst test images of epoch 0: 1 of 2 wrong"
    older = replace(look, moment=moment(replace(scores, step=1)))
    assert strip_picture(older).note.endswith("at step 1"), "scores of an earlier step say so"


def test_that_an_empty_strip_says_why() -> None:
    look = Look(moment(None), images=COUNTS)
    assert strip_places(look) == ()
    assert strip_picture(look).note == EMPTY[StripKind.WORST]
    assert strip_picture(replace(look, strip=StripChoice(StripKind.RANDOM))).note == "", "answers are on their way"


def test_that_a_run_that_was_opened_knows_its_worst_after_the_next_epoch() -> None:
    look = Look(moment(None), images=COUNTS)
    assert strip_picture(look).note == EMPTY[StripKind.WORST]
    look.history.epochs.add(6, *[0.5] * len(EPOCH_NUMBERS))
    assert strip_picture(look).note == LATER
