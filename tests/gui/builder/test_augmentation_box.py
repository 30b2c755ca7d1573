"""Augmentation in Build: edited, undone, and previewed on an image of the data set."""

from __future__ import annotations

import numpy as np
from building import type_into

from convviz.core.augment.images import examples
from convviz.core.augment.settings import OFF, Augmentation
from convviz.gui.workspaces.builder.page import BuildPage
from convviz.present.augmented import preview
from convviz.present.design.data_facts import DataFacts


def test_that_an_edit_changes_the_design_and_is_undone(build: BuildPage) -> None:
    rows = build.augmentation.rows
    assert set(rows) == set(Augmentation.__struct_fields__)
    assert {row.badge.text() for row in rows.values() if row.badge is not None} == {"live"}
    type_into(rows["rotate"].editor, "12")

    assert build.design().training.augmentation == Augmentation(rotate=12.0)
    build.undo_stack.undo()
    assert build.design().training.augmentation == OFF
    assert build.augmentation.rows["rotate"].editor.value == 0.0


def test_that_an_amount_out_of_range_is_refused_with_a_sentence(build: BuildPage) -> None:
    row = build.augmentation.rows["scale"]
    said: list[str] = []
    row.editor.problemChanged.connect(said.append)
    type_into(row.editor, "3")

    assert build.design().training.augmentation == OFF
    assert said
    assert said[0].startswith("scale: expected a number from 0 to 0.9")


def test_that_the_strip_shows_what_training_will_see(build: BuildPage) -> None:
    sample = np.random.default_rng(0).random((1, 28, 28), np.float32)
    build.edited.set_data(DataFacts("noise", 60, 10, (1, 28, 28), 10, sample))
    strip = build.augmentation.strip
    assert strip.isHidden()
    settings = Augmentation(shift=2.0, noise=0.1)
    build.editor.set_setting(("training", "augmentation"), settings)

    assert not build.augmentation.strip.isHidden()
    wanted = examples(sample, settings, len(strip.thumbnails))
    for thumbnail, image in zip(strip.thumbnails, wanted, strict=True):
        assert thumbnail.values is not None
        assert np.array_equal(thumbnail.values, image)
    build.editor.set_setting(("training", "augmentation"), OFF)
    assert build.augmentation.strip.isHidden()


def test_that_large_images_are_thinned_out_for_the_preview() -> None:
    image = np.zeros((3, 400, 300), np.float32)

    assert preview(image, Augmentation(rotate=10.0), 2).shape == (2, 3, 80, 60)
