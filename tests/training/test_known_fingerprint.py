"""One fingerprint of the same images serves all who want it."""

from __future__ import annotations

import numpy as np

from convviz.storage.fingerprint import fingerprint
from convviz.training import known_fingerprint
from convviz.training.images import Split
from convviz.training.known_fingerprint import KnownFingerprint

RNG = np.random.default_rng(0)
TRAIN, TEST = (Split(RNG.random((n, 1, 4, 4), np.float32), RNG.integers(0, 10, n)) for n in (20, 8))


def test_that_the_same_images_are_read_once(monkeypatch) -> None:
    read = []

    def counted(name: str, train: tuple, test: tuple, cancelled: object = None) -> object:
        read.append(name)
        return fingerprint(name, train, test)

    monkeypatch.setattr(known_fingerprint, "fingerprint", counted)
    prints = KnownFingerprint()
    found = prints.of("digits", TRAIN, TEST)
    assert found == fingerprint("digits", (TRAIN.images, TRAIN.labels), (TEST.images, TEST.labels))
    assert prints.of("digits", TRAIN.first(None), TEST.first(20)) is found  # cut out anew
    assert read == ["digits"]


def test_that_other_images_are_not_taken_for_those() -> None:
    prints = KnownFingerprint()
    prints.of("digits", TRAIN, TEST)
    assert prints.known("others", TRAIN, TEST) is None
    assert prints.known("digits", TRAIN.first(10), TEST) is None
    assert prints.known("digits", Split(TRAIN.images.copy(), TRAIN.labels), TEST) is None
    first = prints.of("digits", TRAIN.first(10), TEST)
    assert first.train_images == 10


def test_that_what_somebody_else_has_read_is_known() -> None:
    prints = KnownFingerprint()
    found = fingerprint("digits", (TRAIN.images, TRAIN.labels), (TEST.images, TEST.labels))
    prints.remember(TRAIN, TEST, found)
    assert prints.of("digits", TRAIN, TEST) is found
